// Asking how a waiting login fares: at once, or held open until there is news.
import { describe, expect, test } from "bun:test";
import { createWaitingRoom } from "../../../src/api/http/waiting-room.ts";
import { approverOf, portals, TOKEN } from "../../support/portals.ts";
import { until } from "../../support/outbox.ts";
import { ADA, enrolTotp, signedInWith, town } from "../../support/second-factors.ts";

async function waiting() {
  const w = await town();
  await enrolTotp(w, w.userId);
  const approver = await approverOf(w);
  const { login_session_id: poll, match_number: number } = (await portals(w).login()).body;
  const approve = () => portals(w).approve(approver, poll, number);
  const url = `${w.origin}/v1/auth/login-status?${new URLSearchParams({ email: ADA, session_id: poll }).toString()}`;
  return Object.assign(w, { poll: String(poll), approve, url });
}

describe("held open,", () => {
  test("the answer comes with the approval, and carries the tokens", async () => {
    await using w = await waiting();
    const started = performance.now();
    const answer = portals(w).status(w.poll, { wait: "25" });
    await Bun.sleep(700);
    await w.approve();
    expect((await answer).body).toEqual({ status: "approved", ...TOKEN });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("it ends as pending after the time, and holds nobody else up meanwhile", async () => {
    await using w = await waiting();
    const started = performance.now();
    const answers = Array.from({ length: 5 }, () => portals(w).status(w.poll, { wait: "2" }));
    const health = await w.send("GET", "/healthz");
    expect([health.status, performance.now() - started < 1_000]).toEqual([200, true]);
    for (const { body } of await Promise.all(answers)) expect(body).toEqual({ status: "pending" });
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(6_000);
  });

  test("whoever has gone is handed nothing: the tokens wait for the next who asks", async () => {
    await using w = await waiting();
    const gone = new AbortController();
    const answer = fetch(`${w.url}&wait=25`, { signal: gone.signal }).catch(() => "gone" as const);
    await Bun.sleep(300);
    gone.abort();
    expect(await answer).toBe("gone");
    await w.approve();
    await Bun.sleep(1_500);
    expect(await signedInWith(w, w.userId)).toHaveLength(1);
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "approved", ...TOKEN });
  });

  test("an id for an email without an account is held just as long", async () => {
    await using w = await town();
    const email = "nobody@example.com";
    const { login_session_id } = (await portals(w).magic("acme", email)).body;
    const started = performance.now();
    const { body } = await portals(w).status(login_session_id, { email, wait: "1" });
    expect([body, performance.now() - started > 900]).toEqual([{ status: "pending" }, true]);
  });

  test("what is over is answered at once", async () => {
    await using w = await waiting();
    const started = performance.now();
    expect((await portals(w).status("ost_lrq_x", { wait: "25" })).body).toEqual({ status: "expired" });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("twenty from one address wait; more are answered at once, and seats are given back", async () => {
    await using w = await waiting();
    const started = performance.now();
    let done = 0;
    const answers = Array.from({ length: 25 }, async () => {
      const { body } = await portals(w).status(w.poll, { wait: "2" });
      if (performance.now() - started < 1_500) done += 1;
      return body;
    });
    await until(() => done === 5);
    expect(await Promise.all(answers)).toEqual(answers.map(() => ({ status: "pending" })));
    expect(done).toBe(5);
    const again = performance.now();
    await portals(w).status(w.poll, { wait: "1" });
    expect(performance.now() - again).toBeGreaterThan(900);
  });
});

test("a server that stops keeps nobody: whoever waits is answered at once", async () => {
  const w = await waiting();
  const answer = portals(w).status(w.poll, { wait: "25" });
  await Bun.sleep(300);
  const started = performance.now();
  await w[Symbol.asyncDispose]();
  expect((await answer).body).toEqual({ status: "pending" });
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("a room has so many seats, of which one network takes some", () => {
  const room = createWaitingRoom({ most: 3, mostFromOne: 2 });
  const [first, second, third] = [room.enter("a"), room.enter("a"), room.enter("a")];
  expect([first !== undefined, second !== undefined, third]).toEqual([true, true, undefined]);
  const other = room.enter("b");
  expect([other !== undefined, room.enter("c")]).toEqual([true, undefined]);
  first?.[Symbol.dispose]();
  expect(room.enter("a")).toBeDefined();
  expect(room.enter("c")).toBeUndefined();
});

test("HEAD looks, and takes nothing", async () => {
  await using w = await waiting();
  await w.approve();
  expect((await fetch(w.url, { method: "HEAD" })).status).toBe(200);
  expect((await portals(w).status(w.poll)).body).toEqual({ status: "approved", ...TOKEN });
});

const queries: [string, string, string][] = [
  ["no email", "session_id=x", "email"],
  ["no session_id", "email=ada@example.com", "session_id"],
  ["26 seconds", "email=a&session_id=x&wait=26", "wait"],
  ["a negative wait", "email=a&session_id=x&wait=-1", "wait"],
  ["half a second", "email=a&session_id=x&wait=0.5", "wait"],
];
for (const [what, query, field] of queries) {
  test(`with ${what} it is a 422`, async () => {
    await using w = await town();
    const { status, body } = await w.send("GET", `/v1/auth/login-status?${query}`);
    expect([status, body.detail[0].loc]).toEqual([422, ["query", field]]);
  });
}

const strangers: [string, { email?: string }, (poll: string, id: string) => string][] = [
  ["of another email", { email: "bob@example.com" }, (poll) => poll],
  ["of what is no email", { email: "@" }, (poll) => poll],
  ["with the public id", {}, (_, id) => id],
  ["with half of the secret", {}, (poll) => poll.slice(0, 40)],
  ["with nothing", {}, () => ""],
];
for (const [what, more, change] of strangers) {
  test(`${what} it polls as expired, and takes nothing`, async () => {
    await using w = await waiting();
    const [row] = await w.ctx.db.all<{ id: string }>`select id from login_requests`;
    await w.approve();
    const { body } = await portals(w).status(change(w.poll, row?.id ?? ""), more);
    expect(body).toEqual({ status: "expired" });
    expect((await portals(w).status(w.poll)).body.access_token).toBeString();
  });
}
