// What only a raw socket can send: odd Hosts, targets, framing and methods (decisions §1, §6 OSTIARY_URL; RFC 9112).
import { describe, expect, test } from "bun:test";
import { ADMIN, BASE } from "./support/key-group.ts";
import { exchange, openSocket } from "./support/raw-socket.ts";
import { type World, world } from "./support/world.ts";

const STATUS = `${BASE}/setup-status/`;
const HEALTH = ["/healthz", "/readyz"];

const statusOf = (answer: string): number | undefined => {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
};

/** A request by its first line and headers; the server closes after it. */
async function ask(w: World, line: string, headers: string[] = [], body = "") {
  const head = [`${line} HTTP/1.1`, ...headers, "Connection: close"].join("\r\n");
  const answer = await exchange(w.origin, `${head}\r\n\r\n${body}`);
  return { status: statusOf(answer), answer };
}

/** Setup is the handler that shows best that it ran. */
const BODY = JSON.stringify(ADMIN);
const trySetup = (w: World, hosts: string[], target = `${BASE}/setup/`) =>
  ask(
    w,
    `POST ${target}`,
    [...hosts, "Content-Type: application/json", `Content-Length: ${BODY.length}`],
    BODY,
  );
const users = async ({ ctx }: World) => (await ctx.db.all`select id from users`).length;

describe("a Host that is not ours", () => {
  const refused: [what: string, hosts: string[], expected: number][] = [
    ["none", [], 400],
    ["an empty one", ["Host:"], 400],
    ["a blank one", ["Host:   "], 400],
    ["the same twice", ["Host: localhost", "Host: localhost"], 400],
    ["ours and a foreign one", ["Host: localhost", "Host: example.com"], 400],
    ["a foreign one and ours", ["Host: example.com", "host: localhost"], 400],
    ["a list", ["Host: localhost, localhost"], 400],
    ["one with a space", ["Host: local host"], 400],
    ["one with a path", ["Host: localhost/x"], 400],
    ["one that moves the path", [`Host: localhost${BASE}/setup/?`], 400],
    ["one that pretends a health check", ["Host: localhost/healthz?"], 400],
    ["one with a fragment", ["Host: localhost#"], 400],
    ["one with credentials", ["Host: localhost@example.com"], 400],
    ["ours as credentials", ["Host: user:password@localhost"], 400],
    ["a half bracket", ["Host: [::1"], 400],
    ["a port that is none", ["Host: localhost:http"], 400],
    ["a port that no URL has", ["Host: localhost:65536"], 400],
    ["letters beyond ASCII", ["Host: l\u00f6calhost"], 400],
    ["percent signs", ["Host: %6cocalhost"], 400],
    ["a letter", ["Host: a"], 421],
    ["a foreign name", ["Host: example.com"], 421],
    ["a name that begins like ours", ["Host: localhost.example.com"], 421],
    ["ours with a dot after it", ["Host: localhost."], 421],
    ["an address of another machine", ["Host: 10.0.0.1"], 421],
    ["any address of this one", ["Host: 0.0.0.0"], 421],
  ];
  for (const [what, hosts, expected] of refused) {
    test(`${what}: ${expected}, and no handler runs`, async () => {
      await using w = await world();
      const { status, answer } = await trySetup(w, hosts);
      expect(status).toBe(expected);
      expect(answer).not.toContain("ost_key_");
      for (const target of [STATUS, "/nope", `${BASE}/token`, "/swagger"]) {
        const { status, answer } = await ask(w, `GET ${target}`, hosts);
        expect([target, status]).toEqual([target, expected]);
        expect(answer).not.toMatch(/^location:/im);
      }
      expect(await users(w)).toBe(0);
      expect(w.log.join("")).not.toContain('"fault"');
    });
  }

  test("is no reason to fail a health check, unless it is no Host at all", async () => {
    await using w = await world({ URL: "https://auth.example.com" });
    for (const path of HEALTH) {
      for (const host of [
        "example.com",
        "a",
        "10.0.0.1:8080",
        "[2001:db8::1]:80",
        "my_service",
        "localhost.",
      ]) {
        expect([host, (await ask(w, `GET ${path}`, [`Host: ${host}`])).status]).toEqual([host, 200]);
      }
      for (const hosts of [[], ["Host:"], ["Host: a", "Host: b"], ["Host: a b"]]) {
        expect([hosts, (await ask(w, `GET ${path}`, hosts)).status]).toEqual([hosts, 400]);
      }
    }
  });

  test("cannot be talked away by the target, and lends no name to a redirect", async () => {
    await using w = await world();
    const foreign = ["Host: example.com"];
    expect((await trySetup(w, foreign, `http://localhost${BASE}/setup/`)).status).toBe(421);
    expect((await trySetup(w, [], `http://localhost${BASE}/setup/`)).status).toBe(400);
    expect((await ask(w, "GET http://localhost/healthz/", foreign)).status).toBe(421);
    const { status, answer } = await ask(w, "GET http://example.com/healthz/", ["Host: localhost"]);
    expect([status, /^location: (.*)$/im.exec(answer)?.[1]?.trim()]).toEqual([307, "/healthz"]);
    expect(await users(w)).toBe(0);
  });
});

describe("our Host", () => {
  test("is every name that can only mean this machine, from this machine", async () => {
    await using w = await world({ URL: "https://auth.example.com" });
    for (const host of [
      "localhost",
      "LocalHost",
      "localhost:3000",
      "127.0.0.1",
      "127.0.0.1:1",
      "[::1]",
      "[::1]:65535",
    ]) {
      expect([host, (await ask(w, `GET ${STATUS}`, [`Host: ${host}`])).status]).toEqual([host, 200]);
    }
  });

  const configured: [url: string, ours: string[], foreign: string[]][] = [
    [
      "https://auth.example.com",
      ["auth.example.com", "AUTH.Example.COM", "auth.example.com:443"],
      [
        "auth.example.com:80",
        "auth.example.com:8443",
        "auth.example.com.",
        "example.com",
        "xauth.example.com",
      ],
    ],
    [
      "http://auth.example.com",
      ["auth.example.com", "Auth.example.com:80"],
      ["auth.example.com:443", "auth.example.com:3000"],
    ],
    [
      "https://auth.example.com:8443",
      ["auth.example.com:8443", "AUTH.EXAMPLE.COM:8443"],
      ["auth.example.com", "auth.example.com:443"],
    ],
    ["http://[2001:db8::1]:8080", ["[2001:db8::1]:8080", "[2001:DB8::1]:8080"], ["[2001:db8::2]:8080"]],
  ];
  for (const [url, ours, foreign] of configured) {
    test(`is that of ${url}, in any case, with its port`, async () => {
      await using w = await world({ URL: url });
      for (const host of ours) {
        expect([host, (await ask(w, `GET ${STATUS}`, [`Host: ${host}`])).status]).toEqual([host, 200]);
      }
      for (const host of foreign) {
        expect([host, (await ask(w, `GET ${STATUS}`, [`Host: ${host}`])).status]).toEqual([host, 421]);
      }
    });
  }
});

describe("framing", () => {
  const local = ["Host: localhost", "Content-Type: application/json"];
  const chunked = (...chunks: string[]) =>
    [...chunks, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
  const SETUP = `POST ${BASE}/setup/`;

  test("a body in chunks is read like any other", async () => {
    await using w = await world();
    const chunks = chunked(...BODY);
    const { status } = await ask(w, SETUP, [...local, "Transfer-Encoding: chunked"], chunks);
    expect([status, await users(w)]).toEqual([200, 1]);
  });

  const smuggled: [what: string, headers: string[], body: string][] = [
    ["a length and chunks", [`Content-Length: ${BODY.length}`, "Transfer-Encoding: chunked"], chunked(BODY)],
    ["chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 4"], chunked(BODY)],
    ["two lengths", [`Content-Length: ${BODY.length}`, "Content-Length: 1"], BODY],
    ["a list of lengths", [`Content-Length: ${BODY.length}, 1`], BODY],
    ["a negative length", ["Content-Length: -1"], BODY],
    ["a signed length", [`Content-Length: +${BODY.length}`], BODY],
    ["a length in hex", [`Content-Length: 0x${BODY.length.toString(16)}`], BODY],
    ["an unknown encoding", ["Transfer-Encoding: xchunked"], chunked(BODY)],
    ["an encoding of ours that is not the last", ["Transfer-Encoding: chunked, identity"], chunked(BODY)],
    ["a chunk without a size", ["Transfer-Encoding: chunked"], `zz\r\n${BODY}\r\n0\r\n\r\n`],
    ["a space before the colon", [`Content-Length : ${BODY.length}`], BODY],
  ];
  for (const [what, headers, body] of smuggled) {
    test(`${what} is a 400, runs no handler and is nobody's fault but the sender's`, async () => {
      await using w = await world();
      const { status, answer } = await ask(w, SETUP, [...local, ...headers], body);
      expect(status).toBe(400);
      expect(answer.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
      expect(await users(w)).toBe(0);
      expect(w.log.join("")).not.toContain('"fault"');
    });
  }

  test("a caller who leaves in the middle of a body is no fault", async () => {
    await using w = await world();
    const socket = openSocket(w.origin);
    const head = [`${SETUP} HTTP/1.1`, ...local, "Content-Length: 100", "Expect: 100-continue"];
    socket.write(`${head.join("\r\n")}\r\n\r\n{`);
    // The server waits for the rest.
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    while (!w.log.some((line) => line.includes(`"${BASE}/setup/"`))) await Bun.sleep(5);
    expect(w.log.join("")).not.toContain('"fault"');
    expect(await users(w)).toBe(0);
  });
});

describe("methods", () => {
  for (const method of ["TRACE", "CONNECT", "PROPFIND", "QUERY", "FROBNICATE", "get", "post", "G", "PRI"]) {
    test(`${JSON.stringify(method)} is refused, and echoes nothing`, async () => {
      await using w = await world();
      for (const target of [STATUS, `${BASE}/setup/`, "*", "localhost:443", "/nope"]) {
        const headers = ["Host: localhost", "Cookie: marker=7f3a9c"];
        const { status, answer } = await ask(w, `${method} ${target}`, headers);
        // Without an answer the runtime closed the connection, as it does for what is not HTTP.
        expect([400, 404, 405, undefined]).toContain(status);
        expect(answer).not.toContain("7f3a9c");
      }
      expect(w.log.join("")).not.toContain('"fault"');
    });
  }
});
