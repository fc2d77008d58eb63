// One line per event, whatever it is about: for readers of the log that are programs, and for terminals.
import { describe, expect, test } from "bun:test";
import { createLog } from "../src/log.ts";
import { BASE, setUpAdmin } from "./support/key-group.ts";
import { send, world } from "./support/world.ts";

/** What forges a line, clears a screen, or ends a JSON string, where it is not escaped. */
const FORGED = 'x\n{"level":"info","event":"forged"}\r\u001b[2J\u2028",\u0000"';

/** One line, in which nothing but text stands. */
const isPlain = (line: string): boolean =>
  line.endsWith("\n") && Array.from(line.slice(0, -1)).every((char) => char >= " " && char !== "\u007f");

const written = (pretty: boolean, level: "debug" | "warn" = "debug"): string[] => {
  const lines: string[] = [];
  const now = () => Date.UTC(2026, 0, 31, 8, 0, 0, 7);
  const log = createLog({ level, pretty, now, write: (line) => void lines.push(line) });
  log.info("request", { agent: FORGED, status: 200 });
  log.error("fault", { error: FORGED });
  return lines;
};

describe("an event", () => {
  test("is one JSON object a line, with its time in UTC, whatever stands in it", () => {
    const lines = written(false);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect([line, isPlain(line)]).toEqual([line, true]);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: "2026-01-31T08:00:00.007Z",
      level: "info",
      event: "request",
      agent: FORGED,
      status: 200,
    });
  });

  test("for people is one line too, and steers no terminal", () => {
    for (const line of written(true)) expect([line, isPlain(line)]).toEqual([line, true]);
  });

  test("below the level is not written", () => {
    expect(written(false, "warn").map((line) => JSON.parse(line).event)).toEqual(["fault"]);
  });
});

test("a request is logged with when, what, how it ended and from where, by the id that the answer carries, and without its query", async () => {
  await using w = await world();
  const key = await setUpAdmin(w);
  const { headers } = await send(w.origin, "GET", `${BASE}/me/?secret=ost_key_abc`, { key });
  const line = JSON.parse(w.log.at(-1) ?? "{}");
  expect(line).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: "debug",
    event: "request",
    requestId: headers.get("x-request-id"),
    method: "GET",
    route: `${BASE}/me/`,
    status: 200,
    ms: expect.any(Number),
    address: "127.0.0.1",
  });
  expect(w.log.join("")).not.toContain("ost_key_abc");
});
