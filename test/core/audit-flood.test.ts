// A flood of refusals does not fill the disk: of each source so many a minute are written down, the others are counted and told.
import { describe, expect, test } from "bun:test";
import * as audit from "../../src/core/audit.ts";
import type { UserId } from "../../src/core/ids.ts";
import { logOf, someClient } from "../support/audit-log.ts";
import { ADMIN, setUpAdmin, signIn } from "../support/key-group.ts";
import { startProgram } from "../support/process.ts";
import { rejection } from "../support/rejected.ts";
import { send } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const rowsOf = (w: Awaited<ReturnType<typeof logOf>>, event: string) =>
  w.copyOf(`event = '${event}' order by seq`).map(({ reason }) => reason);

test("of one network so many a minute are written down, and how many were not is told once", async () => {
  await using w = await logOf(0, { AUDIT_REFUSALS: "3" });
  const ask = (count: number) =>
    Promise.all(Array.from({ length: count }, () => w.send("GET", "/api/v1/me", { key: "nobody" })));
  await ask(10);
  expect(rowsOf(w, "request.refused").length).toBe(3);
  await audit.tellSuppressed(w.ctx);
  await audit.tellSuppressed(w.ctx);
  expect(rowsOf(w, "audit.suppressed")).toEqual(["7 refusals from 1 sources, 7 of them from 127.0.0.1"]);
  await ask(2);
  expect(rowsOf(w, "request.refused").length).toBe(3);
  w.clock.advance(MINUTE);
  await ask(2);
  expect(rowsOf(w, "request.refused").length).toBe(5);
  await audit.tellSuppressed(w.ctx);
  expect(rowsOf(w, "audit.suppressed")[1]).toBe("2 refusals from 1 sources, 2 of them from 127.0.0.1");
});

test("an IPv6 network counts as a whole, and another has its own share", async () => {
  await using w = await logOf(0, { AUDIT_REFUSALS: "2", TRUSTED_PROXIES: "127.0.0.1" });
  for (const address of ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"])
    await w.send("GET", "/api/v1/me", { headers: { "x-forwarded-for": address } });
  expect(w.copyOf("event = 'request.refused'").map(({ address }) => address)).toEqual([
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8:0:1::1",
  ]);
});

test("many networks are one flood: of all there are a hundred shares an hour", async () => {
  await using w = await logOf(0, { AUDIT_REFUSALS: "1" });
  const refuse = (network: string) =>
    audit.append(w.ctx, someClient(w.ctx, { network, address: network }), { event: "request.refused" });
  for (let i = 0; i < 150; i++) await refuse(`198.51.100.${i}`);
  expect(rowsOf(w, "request.refused").length).toBe(100);
  await audit.tellSuppressed(w.ctx);
  expect(rowsOf(w, "audit.suppressed")).toEqual([
    expect.stringMatching(/^50 refusals from 50 sources, 1 of them from 198\.51\.100\.\d+$/),
  ]);
  w.clock.advance(HOUR);
  await refuse("198.51.100.1");
  expect(rowsOf(w, "request.refused").length).toBe(101);
});

test("two networks that go on for an hour do not use up what a third one is told by", async () => {
  await using w = await logOf(0, { AUDIT_REFUSALS: "2" });
  const refuse = (network: string) =>
    audit.append(w.ctx, someClient(w.ctx, { network, address: network }), { event: "login.failed" });
  for (let minute = 0; minute < 55; minute++) {
    for (const network of ["198.51.100.1", "198.51.100.2"]) for (let i = 0; i < 2; i++) await refuse(network);
    w.clock.advance(MINUTE);
  }
  await refuse("203.0.113.99");
  const addresses = w.copyOf("event = 'login.failed'").map(({ address }) => address);
  expect(Object.groupBy(addresses, String)).toMatchObject({
    "198.51.100.1": { length: 10 },
    "203.0.113.99": { length: 1 },
  });
});

test("what was counted is not forgotten while it cannot be told", async () => {
  await using w = await logOf(0, { AUDIT_REFUSALS: "1" });
  for (let i = 0; i < 4; i++) await audit.append(w.ctx, someClient(w.ctx), { event: "login.failed" });
  const failing = { ...w.ctx, db: { ...w.ctx.db, tx: () => Promise.reject(new Error("disk full")) } };
  expect(await rejection(audit.tellSuppressed(failing))).toBe("disk full");
  await audit.tellSuppressed(w.ctx);
  expect(rowsOf(w, "audit.suppressed")).toEqual(["3 refusals from 1 sources, 3 of them from 203.0.113.7"]);
});

describe("a flood of requests that show nothing hides neither", () => {
  test("sign-ins that fail", async () => {
    await using w = await logOf(0, { AUDIT_REFUSALS: "2" });
    await setUpAdmin(w);
    for (let i = 0; i < 5; i++) await w.send("GET", "/api/v1/me");
    await signIn(w, { ...ADMIN, password: "wrong" });
    expect(rowsOf(w, "login.failed")).toEqual(["wrong password"]);
  });

  test("nor what signed-in users are refused, each of whom has a share too", async () => {
    await using w = await logOf(0, { AUDIT_REFUSALS: "2" });
    const refuse = (actorId: string) =>
      audit.append(w.ctx, someClient(w.ctx), { event: "request.refused", actorId: actorId as UserId });
    for (let i = 0; i < 5; i++) await w.send("GET", "/api/v1/me");
    for (const actor of ["usr_a", "usr_a", "usr_a", "usr_b"]) await refuse(actor);
    expect(w.copyOf("actor_id is not null order by seq").map(({ actor_id }) => actor_id)).toEqual([
      "usr_a",
      "usr_a",
      "usr_b",
    ]);
    await audit.tellSuppressed(w.ctx);
    expect(rowsOf(w, "audit.suppressed")).toEqual(["4 refusals from 2 sources, 3 of them from 127.0.0.1"]);
  });

  test("nor anything that is no refusal", async () => {
    await using w = await logOf(0, { AUDIT_REFUSALS: "1" });
    for (let i = 0; i < 5; i++) await audit.append(w.ctx, someClient(w.ctx), { event: "login.succeeded" });
    expect(rowsOf(w, "login.succeeded").length).toBe(5);
  });
});

test("tries that have to wait are told by the first of each wait, and counted", async () => {
  await using w = await logOf(0);
  await setUpAdmin(w);
  for (let i = 0; i < 12; i++) await signIn(w, { ...ADMIN, password: "wrong" });
  expect(rowsOf(w, "login.failed").length).toBe(5);
  expect(rowsOf(w, "login.limited")).toEqual(["for 30 s"]);
  expect(rowsOf(w, "request.refused")).toEqual([]);
  await audit.tellSuppressed(w.ctx);
  expect(rowsOf(w, "audit.suppressed")).toEqual(["6 refusals from 1 sources, 6 of them from 127.0.0.1"]);
});

test("a refusal stands while the database cannot be written, and the program's log has it", async () => {
  await using w = await logOf(0);
  w.ctx.db.tx = () => Promise.reject(new Error("disk full"));
  const answer = await w.send("GET", "/api/v1/me", { key: "nobody" });
  expect([answer.status, answer.body.code]).toEqual([401, "INVALID_BEARER"]);
  const line = w.log.map((line) => JSON.parse(line)).find(({ event }) => event === "refusal not audited");
  expect(line).toMatchObject({
    level: "warn",
    requestId: answer.headers.get("x-request-id"),
    refusal: "GET /api/v1/me: INVALID_BEARER (no Bearer of ours)",
  });
});

test("a server that stops tells first what it has counted", async () => {
  const program = await startProgram({ env: { OSTIARY_AUDIT_REFUSALS: "1" } });
  for (let i = 0; i < 4; i++) await send(program.origin, "GET", "/api/v1/me");
  expect(await program.end("SIGTERM")).toBe(0);
  const again = await startProgram({ directory: program.directory });
  await again.end("SIGTERM");
  using database = openBeside(`${program.directory}/data/ostiary.db`);
  expect(database.query("select reason from audit where event = 'audit.suppressed'").all()).toEqual([
    { reason: "3 refusals from 1 sources, 3 of them from 127.0.0.1" },
  ]);
});
