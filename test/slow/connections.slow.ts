// What a client can hold without asking for anything: connections, and memory (A72). Raw sockets against the real program; its memory
// is what the kernel says of the process. Slow because the deadlines are waited for.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type RunningProgram, startProgram } from "../support/process.ts";
import { type Drip, HEAD, hold, hostile, POST } from "../support/slow-clients.ts";

const IDLE = 1000;
const HOSTILE = 200;
/** Beyond what the program has at rest. */
const MOST_MORE_MIB = 96;
/** Seconds, and what timers of 4 s steps add (Bun's). */
const HEADERS_WITHIN_S = 16;
const BODY_WITHIN_S = 12;
const IDLE_WITHIN_S = 38;

let program: RunningProgram;
beforeAll(async () => void (program = await startProgram({ env: { OSTIARY_TRUSTED_PROXIES: "127.0.0.1" } })));
afterAll(async () => program[Symbol.asyncDispose]());

const memoryMib = (): number => {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${program.pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
};

const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(program.origin + path, { headers })).status;

describe("a client that is slow is cut off", () => {
  const drip = { everyMs: 1000, text: " " };
  const cases: [what: string, first: string, more: Drip | undefined, withinS: number, told: RegExp][] = [
    ["without a byte", "", undefined, HEADERS_WITHIN_S, /^$/],
    ["in the middle of its first line", "GET /hea", undefined, HEADERS_WITHIN_S, /^$/],
    [
      "with a byte of a header a second",
      "GET /healthz HTTP/1.1\r\nX: ",
      { ...drip, text: "x" },
      HEADERS_WITHIN_S,
      /^$/,
    ],
    [
      "in the middle of its body",
      `${POST}Content-Length: 60000\r\n\r\n{`,
      undefined,
      BODY_WITHIN_S,
      /^HTTP\/1.1 408 /,
    ],
    [
      "with a byte of its body a second",
      `${POST}Content-Length: 60000\r\n\r\n{`,
      drip,
      BODY_WITHIN_S,
      /^HTTP\/1.1 408 /,
    ],
    [
      "with a chunk of a byte a second",
      `${POST}Transfer-Encoding: chunked\r\n\r\n`,
      { ...drip, text: "1\r\n \r\n" },
      BODY_WITHIN_S,
      /^HTTP\/1.1 408 /,
    ],
    ["after an answer", `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`, undefined, IDLE_WITHIN_S, /^HTTP\/1.1 200 /],
    [
      "after a refusal that did not wait for its body",
      `POST /nope HTTP/1.1\r\n${HEAD}Content-Length: 60000\r\n\r\n{`,
      drip,
      IDLE_WITHIN_S,
      /^HTTP\/1.1 404 /,
    ],
    [
      "with a body that never ends",
      `${POST}Transfer-Encoding: chunked\r\n\r\n`,
      { everyMs: 50, text: `ffff\r\n${" ".repeat(0xffff)}\r\n` },
      IDLE_WITHIN_S,
      /^HTTP\/1.1 413 /,
    ],
  ];
  test.concurrent.each(cases)("%s", async (_, first, more, withinS, told) => {
    const held = hold(program.origin, first, more);
    const endedS = await held.ended;
    expect(held.told).toMatch(told);
    expect(held.told.match(/^HTTP/gm)?.length ?? 0).toBeLessThanOrEqual(1);
    // The bound is the promise; how much sooner it comes is the runtime's.
    expect(endedS).toBeLessThan(withinS);
  });
});

test(`memory is bounded under ${IDLE} idle and ${HOSTILE} hostile connections, and everybody else is served`, async () => {
  await Promise.all(Array.from({ length: 200 }, () => status("/healthz")));
  const before = memoryMib();
  const all = [
    ...Array.from({ length: IDLE }, () => hold(program.origin, `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`)),
    ...Array.from({ length: HOSTILE }, (_, i) => hostile(program.origin, i)),
  ];
  let most = 0;
  const over = performance.now() + 9_000;
  while (performance.now() < over) {
    expect(await status("/healthz")).toBe(200);
    expect(await status("/api/v1/auth/setup-status/")).toBe(200);
    most = Math.max(most, memoryMib());
    await Bun.sleep(50);
  }
  for (const { socket } of all) socket.destroy();
  await Bun.sleep(3000);
  const after = memoryMib();
  console.log(
    `memory in MiB: ${before.toFixed(0)} before, ${most.toFixed(0)} at most, ${after.toFixed(0)} after`,
  );
  expect(most - before).toBeLessThan(MOST_MORE_MIB);
  expect(after - before).toBeLessThan(MOST_MORE_MIB);
  expect(await status("/readyz")).toBe(200);
});

test("bodies of 64 KiB that drip from one address leave room for other senders, and all of it comes back", async () => {
  const held = Array.from({ length: 400 }, () =>
    hold(
      program.origin,
      `${POST}X-Forwarded-For: 203.0.113.1\r\nContent-Length: 65536\r\n\r\n${" ".repeat(65_000)}`,
    ),
  );
  // 250 wait; the others were told at once.
  while (held.filter(({ told }) => told.startsWith("HTTP/1.1 503 ")).length < 150) await Bun.sleep(20);
  expect(held.find(({ told }) => told !== "")?.told).toMatch(/^retry-after: 1\r$/im);
  const body = JSON.stringify({ username: "nobody", password: "wrong password" });
  const signIn = async (more: Record<string, string> = {}) => {
    const headers = { "content-type": "application/json", ...more };
    return (await fetch(`${program.origin}/api/v1/auth/token/`, { method: "POST", headers, body })).status;
  };
  expect(await signIn()).toBe(401);
  while (held.filter(({ told }) => told.startsWith("HTTP/1.1 408 ")).length < 250) await Bun.sleep(20);
  expect(await signIn({ "x-forwarded-for": "203.0.113.1" })).toBe(401);
});
