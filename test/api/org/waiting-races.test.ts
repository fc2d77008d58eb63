// 32 at once from another process against the real program: a login that waits has one outcome, and its tokens come once.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Hit, volley, type Volley } from "../../support/hammer.ts";
import { ADMIN, BASE, totpCode } from "../../support/key-group.ts";
import { openMailbox } from "../../support/mailbox.ts";
import { PASSWORD } from "../../support/people.ts";
import { portals } from "../../support/portals.ts";
import { startProgram } from "../../support/process.ts";
import { ADA, mailedCode } from "../../support/second-factors.ts";
import { MAIL_FROM, send, type SendOptions } from "../../support/world.ts";
import { openBeside } from "../../support/beside.ts";

const AT_ONCE = 32;
const clock = { now: Date.now, advance: () => {} };
type Request = Volley["requests"][number];

const times = (count: number, request: Request): Request[] => Array.from({ length: count }, () => request);

const tally = (hits: Hit[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of hits) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const withTokens = (hits: Hit[]): Hit[] =>
  hits.filter(({ body }) => JSON.stringify(body).includes("ost_rt_"));

/** The program, and Ada in its tenant `default`, with a mailbox. */
async function start() {
  const mailbox = await openMailbox();
  const env = { OSTIARY_SMTP_URL: mailbox.url, OSTIARY_MAIL_FROM: MAIL_FROM };
  const program = await startProgram({ env: { ...env, OSTIARY_LIMIT_ADDRESS_FAILURES: "1000" } });
  const w = {
    origin: program.origin,
    mailbox,
    send: (method: string, path: string, options?: SendOptions) =>
      send(program.origin, method, path, options),
  };
  const { key } = (await w.send("POST", `${BASE}/setup/`, { body: ADMIN })).body;
  const body = { email: ADA, password: PASSWORD, role: "member" };
  await w.send("POST", "/api/v1/admin/tenants/default/members", { body, key });
  const sessions = (): { amr: string }[] => {
    using database = openBeside(join(program.directory, "data/ostiary.db"), { readonly: true });
    return database.query<{ amr: string }, []>("select amr from sessions").all();
  };
  return Object.assign(w, {
    sessions,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await mailbox[Symbol.asyncDispose]();
    },
  });
}

/** Ada has TOTP, a session that showed it, and a login that waits. A code of the next step is unspent. */
async function waiting() {
  const w = await start();
  const org = portals(w);
  const { access_token } = (await org.login("default")).body;
  const { secret } = (await w.send("POST", `${BASE}/mfa/setup/`, { key: access_token })).body;
  const confirmation = { code: totpCode(clock, secret, -1) };
  await w.send("POST", `${BASE}/mfa/verify/`, { key: access_token, body: confirmation });
  await org.login("default");
  const approver = (await org.verify(totpCode(clock, secret))).body.access_token;
  const { login_session_id: poll, match_number: number } = (await org.login("default")).body;
  const authorization = { authorization: `Bearer ${approver}` };
  const query = new URLSearchParams({ email: ADA, session_id: poll }).toString();
  const decision = (path: string): Request => ({
    method: "POST",
    path: `/v1/auth/${path}`,
    headers: authorization,
    body: { session_id: poll, number },
  });
  const requests = {
    poll: { method: "GET", path: `/v1/auth/login-status?${query}` },
    approve: decision("approve-2fa"),
    reject: decision("reject-2fa"),
    code: {
      method: "POST",
      path: "/v1/auth/portal/verify-2fa",
      body: { email: ADA, code: totpCode(clock, secret, 1), login_session_id: poll },
    },
  };
  const shoot = (...requests: Request[]) => volley({ origin: w.origin, requests });
  return Object.assign(w, { requests, shoot, approve: () => org.approve(approver, poll, number) });
}

/** One of each, in turn. */
const mixed = (...kinds: Request[]): Request[] =>
  times(AT_ONCE, { method: "", path: "" }).flatMap(() => kinds);

describe("of 32 at once", () => {
  test("one poller of an approved login gets its tokens, and all hear that it was approved", async () => {
    await using w = await waiting();
    expect((await w.approve()).status).toBe(200);
    const hits = await w.shoot(...times(AT_ONCE, w.requests.poll));
    expect(tally(hits)).toEqual({ 200: AT_ONCE });
    expect(withTokens(hits)).toHaveLength(1);
    for (const { body } of hits) expect(body).toMatchObject({ status: "approved" });
    expect(w.sessions().filter(({ amr }) => amr === "pwd mca mfa")).toHaveLength(1);
  });

  test("one magic code signs in once", async () => {
    await using w = await start();
    await portals(w).magic("default");
    const code = await mailedCode(w);
    const request = { method: "POST", path: "/v1/auth/portal/verify-2fa", body: { email: ADA, code } };
    const hits = await volley({ origin: w.origin, requests: times(AT_ONCE, request) });
    expect(withTokens(hits)).toHaveLength(1);
    expect(tally(hits)[200]).toBe(1);
    expect(hits.every(({ status }) => [200, 401, 429].includes(status))).toBe(true);
    expect(w.sessions()).toEqual([{ amr: "mca" }]);
  });
});

describe("of 32 and 32 at once", () => {
  test("approvals and rejections, one kind wins and the other hears 409; the login fares accordingly", async () => {
    await using w = await waiting();
    const hits = await w.shoot(...mixed(w.requests.approve, w.requests.reject));
    const approvals = tally(hits.filter((_, i) => i % 2 === 0));
    const rejections = tally(hits.filter((_, i) => i % 2 === 1));
    const [won, lost] = [{ 200: AT_ONCE }, { 409: AT_ONCE }];
    const isApproved = approvals[200] !== undefined;
    expect([approvals, rejections]).toEqual(isApproved ? [won, lost] : [lost, won]);
    const [fares] = await w.shoot(w.requests.poll);
    expect(fares?.body).toMatchObject({ status: isApproved ? "approved" : "rejected" });
  });

  test("pollers of an approved login and codes for it, one gets tokens", async () => {
    await using w = await waiting();
    await w.approve();
    const before = w.sessions().length;
    const hits = await w.shoot(...mixed(w.requests.poll, w.requests.code));
    expect(withTokens(hits)).toHaveLength(1);
    expect(w.sessions()).toHaveLength(before + 1);
  });

  test("approvals, rejections, codes and pollers, at most one gets tokens", async () => {
    await using w = await waiting();
    const before = w.sessions().length;
    const { approve, reject, code, poll } = w.requests;
    const hits = await w.shoot(...mixed(approve, reject, code, poll));
    hits.push(...(await w.shoot(poll, poll)));
    const won = withTokens(hits).length;
    expect(won).toBeLessThanOrEqual(1);
    expect(w.sessions()).toHaveLength(before + won);
  });

  test("a magic code and approvals of it, the code wins and nothing can be approved", async () => {
    await using w = await waiting();
    const { login_session_id: session_id } = (await portals(w).magic("default")).body;
    const code = await mailedCode(w);
    const body = { email: ADA, code, login_session_id: session_id };
    const redeem = { method: "POST", path: "/v1/oauth2/verify-2fa", body };
    const approve = { ...w.requests.approve, body: { session_id, number: "00" } };
    const hits = await w.shoot(...mixed(redeem, approve));
    expect(tally(hits.filter((_, i) => i % 2 === 1))).toEqual({ 404: AT_ONCE });
    const due = hits.filter(({ body }) => JSON.stringify(body).includes("mfa_token"));
    expect(due.map(({ status }) => status)).toEqual([403]);
    expect(withTokens(hits)).toEqual([]);
  });
});
