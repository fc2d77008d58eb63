// 32 at once from another process against the real program: exactly one wins what is there once.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { makeAuthenticator } from "./support/authenticator.ts";
import { type Volley, volley } from "./support/hammer.ts";
import { ADMIN, BASE, totpCode, wrongCode } from "./support/key-group.ts";
import { type RunningProgram, startProgram } from "./support/process.ts";
import { send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const AT_ONCE = 32;
const clock = { now: Date.now, advance: () => {} };

const many = (path: string, body: unknown, key?: string): Volley["requests"] => {
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  return Array.from({ length: AT_ONCE }, () => ({ method: "POST", path: BASE + path, body, headers }));
};

const tally = (hits: { status: number }[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of hits) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const query = <Row>({ directory }: RunningProgram, sql: string): Row[] => {
  const database = openBeside(join(directory, "data/ostiary.db"), { readonly: true });
  const rows = database.query(sql).all() as Row[];
  database.close();
  return rows;
};

/** The program with an admin, and a TOTP secret whose code of the next step is unused. */
async function withTotp(env: Record<string, string> = {}) {
  const program = await startProgram({ env });
  const call = async (path: string, body: unknown, key = "") =>
    (await send(program.origin, "POST", BASE + path, { body, key })).body;
  const { key } = await call("/setup/", ADMIN);
  const { secret } = await call("/mfa/setup/", {}, key);
  await call("/mfa/verify/", { code: totpCode(clock, secret) }, key);
  return { program, call, key, secret };
}

describe("of 32 at once", () => {
  test("one sets up, 31 hear 409, and there is one user", async () => {
    await using program = await startProgram();
    const hits = await volley({ origin: program.origin, requests: many("/setup/", ADMIN) });
    expect(tally(hits)).toEqual({ 200: 1, 409: 31 });
    expect(query(program, "select count(*) as users from users")).toEqual([{ users: 1 }]);
    expect(query(program, "select count(*) as owners from memberships where role = 'owner'")).toEqual([
      { owners: 1 },
    ]);
  });

  test("one signs in with a TOTP code", async () => {
    const { program, call, secret } = await withTotp();
    await using _ = program;
    await call("/token/", ADMIN);
    const hits = await volley({
      origin: program.origin,
      requests: many("/mfa/login-verify/", { username: "admin", code: totpCode(clock, secret, 1) }),
    });
    expect(tally(hits)).toEqual({ 200: 1, 401: 31 });
  });

  test("one turns TOTP off with a code", async () => {
    const { program, key, secret } = await withTotp();
    await using _ = program;
    const hits = await volley({
      origin: program.origin,
      requests: many("/mfa/disable/", { code: totpCode(clock, secret, 1) }, key),
    });
    expect(tally(hits)).toEqual({ 200: 1, 400: 31 });
  });

  test("one signs in with a passkey's answer to one challenge, and there is one session", async () => {
    await using program = await startProgram();
    const call = async (path: string, body: unknown, key = "") =>
      (await send(program.origin, "POST", path, { body, key })).body;
    const { key } = await call(`${BASE}/setup/`, ADMIN);
    const register = "/api/v1/me/mfa/webauthn/register";
    const { options, ...begun } = await call(`${register}/begin`, {}, key);
    const authenticator = makeAuthenticator({ origin: program.origin });
    // Without a counter, which would refuse the others too.
    authenticator.countsUp = false;
    await call(`${register}/complete`, { ...begun, credential: authenticator.create(options) }, key);
    const asked = await call(`${BASE}/passkey/begin`, {});
    const credential = authenticator.get(asked.options);
    const requests = many("/passkey/complete", { challenge_id: asked.challenge_id, credential });
    const hits = await volley({ origin: program.origin, requests });
    expect(tally(hits)).toEqual({ 200: 1, 401: 31 });
    expect(query(program, "select amr from sessions")).toEqual([{ amr: "hwk mfa" }]);
  });

  test("one confirms TOTP", async () => {
    await using program = await startProgram();
    const { key } = (await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body;
    const { secret } = (await send(program.origin, "POST", `${BASE}/mfa/setup/`, { key })).body;
    const hits = await volley({
      origin: program.origin,
      requests: many("/mfa/verify/", { code: totpCode(clock, secret) }, key),
    });
    expect(tally(hits)).toEqual({ 200: 1, 400: 31 });
  });
});

test("of 200 wrong codes at once five are judged, and then not even the right one gets in", async () => {
  const { program, call, secret } = await withTotp({ OSTIARY_LIMIT_ADDRESS_FAILURES: "1000" });
  await using _ = program;
  await call("/token/", ADMIN);
  const request = (code: string) => ({
    method: "POST",
    path: `${BASE}/mfa/login-verify/`,
    body: { username: "admin", code },
  });
  const wrong = Array.from({ length: 200 }, () => request(wrongCode(clock, secret)));
  const hits = await volley({ origin: program.origin, requests: wrong });
  expect(tally(hits)).toEqual({ 401: 200 });
  expect(hits.filter(({ body }) => JSON.stringify(body).includes("Invalid TOTP code."))).toHaveLength(5);
  expect(query(program, "select failures from totp_devices")).toEqual([{ failures: 5 }]);
  const [right] = await volley({ origin: program.origin, requests: [request(totpCode(clock, secret, 1))] });
  expect(right).toEqual({
    status: 401,
    body: { detail: "Invalid credentials.", code: "INVALID_CREDENTIALS" },
  });
});

describe("of 20 at once with one refresh token", () => {
  async function withTokens() {
    const program = await startProgram();
    const call = async (path: string, body: unknown, key = "") =>
      (await send(program.origin, "POST", path, { body, key })).body;
    const { key } = await call(`${BASE}/setup/`, ADMIN);
    await call(
      "/api/v1/admin/tenants/default/members",
      { email: "ada@example.com", password: "correct horse battery", role: "member" },
      key,
    );
    const { refresh_token } = await call(`${BASE}/login`, {
      email: "ada@example.com",
      password: "correct horse battery",
    });
    return { program, call, refresh_token: String(refresh_token) };
  }

  const twenty = (refresh_token: string, agentOf: (i: number) => string): Volley["requests"] =>
    Array.from({ length: 20 }, (_, i) => ({
      method: "POST",
      path: `${BASE}/refresh`,
      body: { refresh_token },
      headers: { "user-agent": agentOf(i) },
    }));

  test("from one browser all get the same successor: one live lineage", async () => {
    const { program, call, refresh_token } = await withTokens();
    await using _ = program;
    const hits = await volley({
      origin: program.origin,
      requests: twenty(refresh_token, () => "one tab of many"),
    });
    expect(tally(hits)).toEqual({ 200: 20 });
    const successors = new Set(hits.map(({ body }) => (body as { refresh_token: string }).refresh_token));
    expect(successors.size).toBe(1);
    const [successor = ""] = successors;
    expect((await call(`${BASE}/refresh`, { refresh_token: successor })).refresh_token).toBeString();
    expect(query(program, "select count(*) as live from refresh_tokens where rotated_at is null")).toEqual([
      { live: 1 },
    ]);
  });

  test("from twenty browsers one at most wins, and nothing stays alive", async () => {
    const { program, call, refresh_token } = await withTokens();
    await using _ = program;
    const hits = await volley({
      origin: program.origin,
      requests: twenty(refresh_token, (i) => `browser ${i}`),
    });
    expect(tally(hits)[200] ?? 0).toBeLessThanOrEqual(1);
    for (const { body, status } of hits) {
      if (status !== 200) continue;
      const { code } = await call(`${BASE}/refresh`, body);
      expect(code).toBe("INVALID_REFRESH_TOKEN");
    }
    expect(query(program, "select count(*) as sessions from sessions")).toEqual([{ sessions: 0 }]);
  });
});
