// Reading a body: within its time, within its size, and within the room that all who are still sending share (decisions §1; A72).
import { describe, expect, test } from "bun:test";
import { readFormBody, readJsonBody, type Sending } from "../../../src/api/http/json-body.ts";
import { createWaitingRoom } from "../../../src/api/http/waiting-room.ts";

const KIB = 1024;
const sending = (more: Partial<Sending> = {}): Sending => ({
  room: createWaitingRoom({ most: 3, mostFromOne: 2 }),
  network: "203.0.113.1",
  ...more,
});

/** Sends these, and then nothing more; `cancelled` once nobody reads any longer. */
function endless(...texts: string[]) {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const pending = texts.map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pending.shift();
      if (next) controller.enqueue(next);
      // Else it stays silent, and open.
      return next ? undefined : new Promise<void>(() => {});
    },
    cancel: () => resolve(),
  });
  const headers = { "content-type": "application/json" };
  return { request: new Request("http://localhost/", { method: "POST", body, headers }), cancelled };
}

const whole = (body: string, type = "application/json") =>
  new Request("http://localhost/", { method: "POST", body, headers: { "content-type": type } });

const statusOf = (read: object) => (read instanceof Response ? read.status : read);

describe("a body that does not arrive", () => {
  test("in its time is a 408 that closes the connection, and is read no further", async () => {
    for (const texts of [[], ["{"], ['{"a":', " ", " "]]) {
      const { request, cancelled } = endless(...texts);
      const read = await readJsonBody(request, sending({ withinMs: 20 }));
      if (!(read instanceof Response)) throw new Error(`read ${JSON.stringify(read)}`);
      expect([read.status, read.headers.get("connection")]).toEqual([408, "close"]);
      expect(await read.json()).toEqual({
        detail: "Request body should arrive within 0.02 s",
        code: "REQUEST_TIMEOUT",
      });
      await cancelled;
    }
  });

  test("and is too large already is a 413, and is read no further", async () => {
    const { request, cancelled } = endless(" ".repeat(64 * KIB), " ");
    expect(statusOf(await readJsonBody(request, sending()))).toBe(413);
    await cancelled;
  });

  test("takes a seat, of which one network has some and all have no more than there are", async () => {
    const room = createWaitingRoom({ most: 3, mostFromOne: 2 });
    const held = Array.from({ length: 2 }, () => {
      const { request } = endless("{");
      return readJsonBody(request, sending({ room, withinMs: 50 }));
    });
    const refused = await readJsonBody(whole("{}"), sending({ room }));
    if (!(refused instanceof Response)) throw new Error(`read ${JSON.stringify(refused)}`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    const other = { room, network: "203.0.113.2" };
    expect(await readJsonBody(whole("{}"), sending(other))).toEqual({});
    held.push(readJsonBody(endless("{").request, sending({ ...other, withinMs: 50 })));
    expect(statusOf(await readFormBody(whole("a=1", FORM), sending({ room, network: "203.0.113.3" })))).toBe(
      503,
    );
    expect((await Promise.all(held)).map(statusOf)).toEqual([408, 408, 408]);
    expect(await readJsonBody(whole("{}"), sending({ room }))).toEqual({});
    expect(await readFormBody(whole("a=1", FORM), sending({ room }))).toEqual({ a: "1" });
  });
});

const FORM = "application/x-www-form-urlencoded";

describe("a body nests at most 32 deep", () => {
  const nested = (depth: number, [open, close] = ["[", "]"]) =>
    `{"a":${open.repeat(depth - 1)}${close.repeat(depth - 1)}}`;
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const good = [
    nested(32),
    objects(32),
    `{"a":[${"[],".repeat(21_000)}[]]}`,
    `{"a":"${"[{".repeat(1000)}"}`,
    `{"${"[".repeat(1000)}":1}`,
    `{"a":"\\"${"[".repeat(1000)}"}`,
    `{"a":"\\\\","b":"${"[".repeat(1000)}"}`,
    `{"a":"\\u0022${"[".repeat(1000)}"}`,
    `{"ä":"${"€".repeat(1000)}"}`,
  ];
  const deep = [
    nested(33),
    objects(33),
    `{"a":"\\\\",${nested(33).slice(1)}`,
    `{"a":"\\"",${nested(33).slice(1)}`,
    "[".repeat(65_000),
    '{"a":'.repeat(10_000),
  ];
  for (const text of good) {
    test(`${text.slice(0, 30)}… (${text.length}) is read`, async () => {
      expect(await readJsonBody(whole(text), sending())).toEqual(JSON.parse(text));
    });
  }
  for (const text of deep) {
    test(`${text.slice(0, 30)}… (${text.length}) is a 422`, async () => {
      expect(statusOf(await readJsonBody(whole(text), sending()))).toBe(422);
    });
  }
});
