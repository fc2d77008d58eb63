// 32 at once from another process against the real program, over and over: of a second factor exactly one wins what is there once;
// and of many wrong codes at once five are judged (issue 4, acceptance 3).
//
//   RACE_ROUNDS=50 bun test --timeout 600000 test/factor-races.test.ts
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { makeAuthenticator } from "./support/authenticator.ts";
import { type Hit, type Volley, volley } from "./support/hammer.ts";
import { ADMIN, BASE, totpCode } from "./support/key-group.ts";
import { type Mailbox, openMailbox } from "./support/mailbox.ts";
import { type RunningProgram, startProgram } from "./support/process.ts";
import { mailedCode, otherThan } from "./support/second-factors.ts";
import { type Answer, send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const AT_ONCE = 32;
const ROUNDS = Number(process.env["RACE_ROUNDS"] ?? 5);
const ADA = "ada@example.com";
const PASSWORD = "correct horse battery";
const ME = "/api/v1/me";
const clock = { now: Date.now, advance: () => {} };

/** Figures that hold nobody up: what is measured is who wins. */
const UNLIMITED = {
  OSTIARY_LIMIT_FREE_FAILURES: "100",
  OSTIARY_LIMIT_ADDRESS_FAILURES: "1000000",
  OSTIARY_LIMIT_INSTANCE_FAILURES: "100000000",
  OSTIARY_LIMIT_MAIL_GAP: "0",
  OSTIARY_LIMIT_MAILS_HOUR: "10000",
  OSTIARY_LIMIT_MAILS_DAY: "10000",
  OSTIARY_LIMIT_ADDRESS_MAILS: "1000000",
  OSTIARY_PASSWORD_QUEUE: "1000",
};

interface Scene {
  program: RunningProgram;
  mailbox: Mailbox;
  secret: string;
  backupCodes: string[];
  userId: string;
}
let scene: Scene;

const call = (
  { program }: Scene,
  method: string,
  path: string,
  body?: unknown,
  key?: string,
): Promise<Answer> =>
  send(program.origin, method, path, {
    ...(body === undefined ? {} : { body }),
    ...(key === undefined ? {} : { key }),
  });

async function good(answer: Promise<Answer>): Promise<Answer["body"]> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** The program with Ada, who has an authenticator app, email and backup codes, all enrolled over HTTP. */
beforeAll(async () => {
  const mailbox = await openMailbox();
  const mail = { OSTIARY_SMTP_URL: mailbox.url, OSTIARY_MAIL_FROM: "no-reply@ostiary.test" };
  const program = await startProgram({ env: { ...UNLIMITED, ...mail } });
  scene = { program, mailbox, secret: "", backupCodes: [], userId: "" };
  const { key: root } = await good(call(scene, "POST", `${BASE}/setup/`, ADMIN));
  const member = { email: ADA, password: PASSWORD, role: "member" };
  await good(call(scene, "POST", "/api/v1/admin/tenants/default/members", member, root));
  const signedIn = await good(call(scene, "POST", `${BASE}/login`, { email: ADA, password: PASSWORD }));
  const { access_token: key, user } = signedIn;
  await good(call(scene, "POST", `${ME}/mfa/email/enable`, undefined, key));
  const code = await mailedCode(scene);
  await good(call(scene, "POST", `${ME}/mfa/email/confirm`, { code }, key));
  const { secret } = await good(call(scene, "POST", `${ME}/mfa/totp/enable`, undefined, key));
  const confirmed = await good(
    call(scene, "POST", `${ME}/mfa/totp/confirm`, { code: totpCode(clock, secret) }, key),
  );
  Object.assign(scene, { secret, backupCodes: confirmed.backup_codes, userId: user.id });
});

afterAll(async () => {
  await scene.program[Symbol.asyncDispose]();
  await scene.mailbox[Symbol.asyncDispose]();
});

/** Reads and writes beside the running program: a step of 30 s and a new set of codes for each round would take hours. */
function beside<Result>(work: (database: Database) => Result): Result {
  const database = openBeside(join(scene.program.directory, "data/ostiary.db"));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** As if nothing had been spent or guessed yet. */
const unspend = () =>
  beside((database) => {
    for (const sql of [
      "update totp_devices set last_step = 0, failures = 0",
      "update backup_codes set used_at = null",
      "delete from factor_failures",
      "delete from trusted_devices",
      "delete from sessions",
      "delete from api_keys where user_id in (select id from users where email is not null)",
    ])
      database.run(sql);
  });

const count = (sql: string): number =>
  beside((database) => (database.query(`select count(*) as n from ${sql}`).get() as { n: number }).n);

const begin = async (): Promise<string> => {
  const { body } = await call(scene, "POST", `${BASE}/tenants/default/login`, {
    email: ADA,
    password: PASSWORD,
  });
  return body.data.mfa_token;
};
const manyBegun = (): Promise<string[]> => Promise.all(Array.from({ length: AT_ONCE }, begin));

const shows = (mfa_token: string, method: string, code: string, more: object = {}) => ({
  method: "POST",
  path: `${BASE}/tenants/default/mfa/verify`,
  body: { mfa_token, method, code, ...more },
});
const showsAtPortal = (mfa_token: string, method: string, code: string) => ({
  method: "POST",
  path: `${BASE}/mfa/verify`,
  body: { mfa_token, user_id: scene.userId, method, code },
});

const fire = (requests: Volley["requests"]): Promise<Hit[]> =>
  volley({ origin: scene.program.origin, requests });

const tally = (hits: Hit[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of hits) {
    const name = status === 200 ? "200" : `${status} ${(body as { code: string }).code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** Half at the tenant, half at the portal: one factor, whichever group asks. */
const alternately = (tokens: string[], method: string, code: string) =>
  tokens.map((token, i) => (i % 2 ? showsAtPortal(token, method, code) : shows(token, method, code)));

describe(`of 32 at once, ${ROUNDS} times over,`, () => {
  const rounds = (name: string, round: () => Promise<void>) =>
    test(name, async () => {
      for (let i = 0; i < ROUNDS; i++) {
        unspend();
        await round();
      }
    });

  rounds("one of 32 sign-ins takes a TOTP code", async () => {
    const requests = alternately(await manyBegun(), "totp", totpCode(clock, scene.secret, 1));
    expect(tally(await fire(requests))).toEqual({ 200: 1, "401 INVALID_MFA_CODE": 31 });
    expect(count("sessions")).toBe(1);
  });

  rounds("one of 32 sign-ins takes a backup code", async () => {
    const [code = ""] = scene.backupCodes;
    expect(tally(await fire(alternately(await manyBegun(), "backup_code", code)))).toEqual({
      200: 1,
      "401 INVALID_MFA_CODE": 31,
    });
    expect(count("sessions")).toBe(1);
    expect(count("backup_codes where used_at is not null")).toBe(1);
  });

  rounds("one takes the mailed code of its sign-in", async () => {
    const token = await begin();
    const query = new URLSearchParams({ mfa_token: token, user_id: scene.userId }).toString();
    await good(call(scene, "POST", `${BASE}/tenants/default/mfa/email/send?${query}`));
    const code = await mailedCode(scene);
    const tokens = Array.from({ length: AT_ONCE }, () => token);
    expect(tally(await fire(alternately(tokens, "email", code)))).toEqual({
      200: 1,
      "401 INVALID_MFA_TOKEN": 31,
    });
    expect(count("sessions")).toBe(1);
  });

  rounds("one takes the mailed code of the key group", async () => {
    await good(call(scene, "POST", `${BASE}/token/`, { username: ADA, password: PASSWORD }));
    const code = await mailedCode(scene);
    const path = `${BASE}/mfa/login-verify/`;
    const request = { method: "POST", path, body: { username: ADA, code } };
    const hits = await fire(Array.from({ length: AT_ONCE }, () => request));
    expect(tally(hits)).toEqual({ 200: 1, "401 INVALID_CREDENTIALS": 31 });
  });

  rounds(
    "one makes a passkey with one challenge, and of 32 assertions for one challenge one signs in",
    async () => {
      beside((database) => database.run("delete from passkeys"));
      const { origin } = scene.program;
      const first = shows(await begin(), "totp", totpCode(clock, scene.secret, 1));
      const { access_token } = await good(
        call(scene, "POST", `${BASE}/mfa/verify`, { ...first.body, user_id: scene.userId }),
      );
      const register = `${ME}/mfa/webauthn/register`;
      const { options, ...begun } = await good(call(scene, "POST", `${register}/begin`, {}, access_token));
      const headers = { authorization: `Bearer ${access_token}` };
      const authenticators = Array.from({ length: AT_ONCE }, () => makeAuthenticator({ origin }));
      const made = await fire(
        authenticators.map((authenticator) => ({
          method: "POST",
          path: `${register}/complete`,
          headers,
          body: { ...begun, credential: authenticator.create(options) },
        })),
      );
      expect(tally(made)).toEqual({ 200: 1, "400 INVALID_CREDENTIAL": 31 });
      expect(count("passkeys")).toBe(1);
      const authenticator = authenticators[made.findIndex(({ status }) => status === 200)];

      const token = await begin();
      const query = new URLSearchParams({ mfa_token: token, user_id: scene.userId }).toString();
      const asked = await good(call(scene, "POST", `${BASE}/tenants/default/mfa/webauthn/begin?${query}`));
      const opened = count("sessions");
      const { challenge_id } = asked.data;
      // Each signed by itself, with a counter of its own: they differ in nothing but who comes first.
      const requests = Array.from({ length: AT_ONCE }, () =>
        shows(token, "webauthn", "", { challenge_id, credential: authenticator?.get(asked.data.options) }),
      );
      const hits = tally(await fire(requests));
      const { 200: taken, "401 INVALID_MFA_CODE": wrong = 0, "401 INVALID_MFA_TOKEN": spent = 0 } = hits;
      expect([taken, wrong + spent]).toEqual([1, 31]);
      expect(count("sessions") - opened).toBe(1);
    },
  );

  rounds("one device is trusted by one sign-in", async () => {
    const token = await begin();
    const code = totpCode(clock, scene.secret, 1);
    const request = shows(token, "totp", code, { trust_device: true });
    const hits = await fire(Array.from({ length: AT_ONCE }, () => request));
    expect(tally(hits)).toEqual({ 200: 1, "401 INVALID_MFA_TOKEN": 31 });
    expect(count("trusted_devices")).toBe(1);
  });

  rounds("one takes the trust in a device back, and from then on nobody skips the factor", async () => {
    const code = totpCode(clock, scene.secret, 1);
    const trusting = shows(await begin(), "totp", code, { trust_device: true });
    const { data } = await good(call(scene, "POST", trusting.path, trusting.body));
    const trusted_device_token: string = data.trusted_device_token;
    const login = {
      method: "POST",
      path: `${BASE}/tenants/default/login`,
      body: { email: ADA, password: PASSWORD, trusted_device_token },
    };
    const portal = {
      method: "POST",
      path: `${BASE}/login`,
      body: { email: ADA, password: PASSWORD },
      headers: { cookie: `ostiary_trusted=${trusted_device_token}` },
    };
    const { access_token } = await good(
      send(scene.program.origin, "POST", portal.path, { body: portal.body, headers: portal.headers }),
    );
    const { data: devices } = await good(call(scene, "GET", `${ME}/devices`, undefined, access_token));
    const revoke = {
      method: "DELETE",
      path: `${ME}/devices/${devices[0].id}`,
      headers: { authorization: `Bearer ${access_token}` },
    };
    const opened = count("sessions");
    const hits = await fire(Array.from({ length: AT_ONCE }, (_, i) => (i % 2 ? revoke : login)));
    const revoked = hits.filter((_, i) => i % 2);
    expect(revoked.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(revoked.filter(({ status }) => status === 404)).toHaveLength(AT_ONCE / 2 - 1);
    // Whoever came before it is in, whoever came later is asked; nobody is both.
    const said = hits.filter((_, i) => i % 2 === 0).map(({ body }) => (body as typeof data).data.status);
    expect(said.every((status) => status === "SUCCESS" || status === "MFA_REQUIRED")).toBe(true);
    expect(count("sessions") - opened).toBe(said.filter((status) => status === "SUCCESS").length);
    const late = await fire([login, portal, login, portal]);
    expect(
      late.map(({ body }) => (body as typeof data).data?.status ?? (body as { code: string }).code),
    ).toEqual(["MFA_REQUIRED", "MFA_REQUIRED", "MFA_REQUIRED", "MFA_REQUIRED"]);
  });
});

describe("of 200 wrong codes at once and the right one last", () => {
  interface Case {
    method: string;
    /** The right code of a sign-in. */
    right: (token: string) => Promise<string>;
    failures: string;
  }
  const cases: Case[] = [
    {
      method: "totp",
      right: async () => totpCode(clock, scene.secret, 1),
      failures: "select failures from totp_devices",
    },
    {
      method: "backup_code",
      right: async () => scene.backupCodes[0] ?? "",
      failures: "select failures from factor_failures where method = 'backup_code'",
    },
    {
      method: "email",
      right: async (token) => {
        const query = new URLSearchParams({ mfa_token: token, user_id: scene.userId }).toString();
        await good(call(scene, "POST", `${BASE}/tenants/default/mfa/email/send?${query}`));
        return mailedCode(scene);
      },
      failures: "select failures from factor_failures where method = 'email'",
    },
  ];
  for (const { method, right, failures } of cases) {
    test(`five are judged by ${method}`, async () => {
      unspend();
      const token = await begin();
      const code = await right(token);
      const apart = [-1, 0, 1, 2].map((step) => totpCode(clock, scene.secret, step));
      const wrong = otherThan(code, ...apart);
      const tokens = Array.from({ length: 200 }, () => token);
      expect(tally(await fire(alternately(tokens, method, wrong)))).toEqual({
        "401 INVALID_MFA_CODE": 5,
        "401 INVALID_MFA_TOKEN": 195,
      });
      expect(tally(await fire([shows(token, method, code)]))).toEqual({ "401 INVALID_MFA_TOKEN": 1 });
      expect(beside((database) => database.query(failures).all())).toEqual([{ failures: 5 }]);
      expect(count("sessions")).toBe(0);
    });
  }
});
