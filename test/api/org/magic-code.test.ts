// Signing in with a mailed code instead of a password.
import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import * as emailCodes from "../../../src/core/email-codes.ts";
import { totpCode } from "../../support/key-group.ts";
import { tokenIn } from "../../support/mailbox.ts";
import { org } from "../../support/org-group.ts";
import { makePerson, makeTenant, PASSWORD, suspend } from "../../support/people.ts";
import { approverOf, claimsOf, portals, TOKEN, WRONG_CODE } from "../../support/portals.ts";
import { portal } from "../../support/portal-group.ts";
import {
  ADA,
  codesMailed,
  enrolEmail,
  enrolPasskey,
  enrolTotp,
  mailedCode,
  makeBackupCodes,
  otherThan,
  signedInWith,
  type Town,
  town,
} from "../../support/second-factors.ts";
import { signInForTokens } from "../../support/sessions.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

const SENT = {
  detail: expect.any(String),
  login_session_id: expect.stringMatching(/^ost_lrq_[\w-]{72}$/),
};

const mailsSent = async ({ ctx }: Town): Promise<number> =>
  (await ctx.db.all`select id from outbox where kind = 'magic_code'`).length;

describe("a magic code", () => {
  test("signs in at its portal, once, as a first factor that is no password", async () => {
    await using w = await town();
    const { status, body } = await portals(w).magic("acme");
    expect([status, body]).toEqual([200, SENT]);
    const code = await mailedCode(w);
    expect(JSON.stringify(dump(w))).not.toContain(code);
    const done = await portals(w).verify(code, { portal_id: "acme" });
    expect([done.status, done.body]).toEqual([200, TOKEN]);
    expect(claimsOf(done.body.access_token)).toMatchObject({ sub: w.userId, tid: w.acme.id, amr: ["mca"] });
    expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
    expect(await audited(w)).toContain("login.succeeded: mca");
  });

  test("is finished under both paths, with its login_session_id from any address", async () => {
    await using w = await town({ TRUSTED_PROXIES: "127.0.0.0/8" });
    const there = portals(w, { headers: { "x-forwarded-for": "203.0.113.9" } });
    const { login_session_id } = (await portals(w).magic("acme")).body;
    const code = await mailedCode(w);
    expect(await there.verifyElsewhere(code)).toMatchObject(WRONG_CODE);
    expect((await there.verifyElsewhere(code, { login_session_id })).body).toEqual(TOKEN);
  });

  test("of an isolated tenant is for the account that lives there", async () => {
    await using w = await town();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    await portals(w).magic("iso");
    expect(await mailsSent(w)).toBe(0);
    const userId = await makePerson(w, iso, { email: "eve@example.com" });
    await portals(w).magic(undefined, "eve@example.com");
    expect(await mailsSent(w)).toBe(0);
    await portals(w).magic(iso.id, "eve@example.com");
    const code = await mailedCode(w, "eve@example.com");
    const { body } = await portals(w).verify(code, { email: "eve@example.com" });
    expect(claimsOf(body.access_token)).toMatchObject({ sub: userId, tid: iso.id });
  });

  test("replaces every older one", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    const first = (await portals(w).magic("acme")).body.login_session_id;
    const older = await mailedCode(w);
    const second = (await portals(w).magic("beta")).body.login_session_id;
    const newer = await mailedCode(w);
    for (const login_session_id of [first, second, undefined]) {
      if (older !== newer)
        expect(await portals(w).verify(older, { login_session_id })).toMatchObject(WRONG_CODE);
    }
    expect(await portals(w).verify(newer, { login_session_id: first })).toMatchObject(WRONG_CODE);
    expect((await portals(w).verify(newer, { login_session_id: second })).status).toBe(200);
  });

  test("stays good when limits forbid the next one", async () => {
    await using w = await town();
    const first = (await portals(w).magic("acme")).body;
    const code = await mailedCode(w);
    const second = await portals(w).magic("acme");
    expect([second.status, second.body]).toEqual([200, SENT]);
    expect(await mailsSent(w)).toBe(1);
    const { login_session_id } = second.body;
    expect(await portals(w).verify(code, { login_session_id })).toMatchObject(WRONG_CODE);
    expect((await portals(w).verify(code, first)).status).toBe(200);
  });

  const others: [string, object][] = [
    ["for another portal", { portal_id: "beta" }],
    ["for another email", { email: "bob@example.com" }],
    ["with another id", { login_session_id: "ost_lrq_x" }],
  ];
  for (const [what, more] of others) {
    test(`shown ${what} is refused, and spends nothing`, async () => {
      await using w = await town();
      await makePerson(w, w.acme, { email: "bob@example.com" });
      const { login_session_id } = (await portals(w).magic("acme")).body;
      const code = await mailedCode(w);
      expect(await portals(w).verify(code, { login_session_id, ...more })).toMatchObject(WRONG_CODE);
      expect((await portals(w).verify(code, { login_session_id })).status).toBe(200);
    });
  }

  test("has five tries", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "100" });
    const { login_session_id } = (await portals(w).magic("acme")).body;
    const code = await mailedCode(w);
    for (let i = 0; i < 5; i++) await portals(w).verify(otherThan(code), { login_session_id });
    expect(await portals(w).verify(code, { login_session_id })).toMatchObject(WRONG_CODE);
  });

  const ends: [string, (w: Town) => unknown][] = [
    ["ten minutes have passed", (w) => w.clock.advance(10 * 60_000)],
    ["the account is disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    ["the tenant is disabled", (w) => w.ctx.db.run`update tenants set disabled_at = 1`],
    ["the membership is suspended", (w) => suspend(w, w.userId, w.acme.id)],
    [
      "the account has signed out",
      (w) => w.ctx.db.run`update users set signed_out_at = ${w.clock.now() + 1}`,
    ],
    [
      "the password was reset",
      async (w) => {
        await portals(w).forgot();
        const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
        await portals(w).reset({ token, password: "another good password" });
      },
    ],
  ];
  for (const [when, end] of ends) {
    test(`is worth nothing when ${when}`, async () => {
      await using w = await town();
      const { login_session_id } = (await portals(w).magic("acme")).body;
      const code = await mailedCode(w);
      await end(w);
      expect(await portals(w).verify(code, { login_session_id })).toMatchObject(WRONG_CODE);
      expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
      expect(await signedInWith(w, w.userId)).toEqual([]);
    });
  }

  const strangers: [string, (w: Town) => Promise<unknown>][] = [
    ["who is unknown", (w) => w.ctx.db.run`delete from users`],
    ["who is disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    ["whose email is not verified", (w) => w.ctx.db.run`update users set email_verified_at = null`],
    ["who has not been verified at all", (w) => w.ctx.db.run`update users set active_at = null`],
    ["who is suspended", (w) => w.ctx.db.run`update memberships set status = 'suspended'`],
    ["who is only invited", (w) => w.ctx.db.run`update memberships set status = 'invited'`],
  ];
  for (const [who, make] of strangers) {
    test(`of somebody ${who} is not mailed, and leaves nothing behind but the count`, async () => {
      await using w = await town({ LIMIT_MAIL_GAP: "0" });
      await makePerson(w, w.beta, { email: "resident@example.com" });
      await make(w);
      // Verified or not is the tenant's affair with passwords; a code goes to shown emails only.
      await w.ctx.db.run`update tenants set settings = '{"email_verification":false}'`;
      const before = dump(w);
      for (const place of ["acme", undefined, "nowhere"]) {
        const { status, body } = await portals(w).magic(place);
        expect([status, body]).toEqual([200, SENT]);
      }
      const { limits: _, audit: __, ...after } = dump(w);
      const { limits: ___, audit: ____, ...earlier } = before;
      expect(after).toEqual(earlier);
    });
  }
});

describe("a magic code at no portal", () => {
  test("opens the tenant used last, by session or by login, and else the oldest membership", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    const gamma = await makeTenant(w, "gamma");
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${gamma.id}, ${w.userId}, 'member', 'active', ${w.clock.now() + 1000})`;
    const opens = async () => {
      await portals(w).magic();
      const { body } = await portals(w).verify(await mailedCode(w));
      return claimsOf(body.access_token).tid;
    };
    const forget = async () => {
      await w.ctx.db.run`delete from sessions`;
      await w.ctx.db.run`update memberships set last_login_at = null`;
    };
    expect(await opens()).toBe(w.acme.id);
    await forget();
    w.clock.advance(1000);
    await signInForTokens(w.ctx, { userId: w.userId, tenantId: w.beta.id });
    expect(await opens()).toBe(w.beta.id);
    await forget();
    w.clock.advance(1000);
    const { access_token } = (await portal(w).login(ADA, PASSWORD, gamma.id)).body;
    await portal(w).logout({ key: access_token });
    expect(await opens()).toBe(gamma.id);
    await suspend(w, w.userId, gamma.id);
    expect(await opens()).toBe(w.acme.id);
  });

  test("is asked for with a client_id or without", async () => {
    await using w = await town();
    for (const client_id of ["app", null]) {
      const body = { email: "nobody@example.com", client_id };
      expect((await w.send("POST", "/v1/auth/request-magic-code", { body })).body).toEqual(SENT);
    }
  });
});

describe("where a second factor is enrolled, a magic code", () => {
  test("leads to it and no further, and what comes of both says so", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    await portals(w).magic("acme");
    const code = await mailedCode(w);
    const due = await portals(w).verify(code);
    expect(due.status).toBe(403);
    expect(due.body).toEqual({
      detail: {
        code: "MFA_REQUIRED",
        message: expect.any(String),
        mfa_token: expect.any(String),
        user_id: w.userId,
        available_methods: ["totp"],
      },
      code: "MFA_REQUIRED",
    });
    expect(await signedInWith(w, w.userId)).toEqual([]);
    expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
    const { mfa_token, user_id } = due.body.detail;
    const shown = { mfa_token, user_id, method: "totp", code: totpCode(w.clock, secret) };
    const { body } = await portal(w).verify(shown);
    expect(claimsOf(body.access_token)).toMatchObject({ tid: w.acme.id, amr: ["mca", "otp", "mfa"] });
  });

  test("and a second code to the same mailbox are not two factors", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await portals(w).magic("acme");
    const { detail } = (await portals(w).verify(await mailedCode(w))).body;
    expect(detail.available_methods).toEqual(["email"]);
    const { mfa_token, user_id } = detail;
    const { body } = await portal(w).verify({
      mfa_token,
      user_id,
      method: "email",
      code: await mailedCode(w),
    });
    expect(claimsOf(body.access_token).amr).toEqual(["mca"]);
  });

  for (const [what, enrol, others] of [
    ["an authenticator app", enrolTotp, ["totp"]],
    ["a passkey", enrolPasskey, ["webauthn"]],
  ] as const) {
    test(`beside ${what} takes no second code to the same mailbox, however it is asked for`, async () => {
      await using w = await town();
      await enrolEmail(w, w.userId);
      await enrol(w, w.userId);
      await makeBackupCodes(w, w.userId);
      await portals(w).magic("acme");
      const { detail } = (await portals(w).verify(await mailedCode(w))).body;
      expect(detail.available_methods).toEqual([...others, "backup_code"]);
      const { mfa_token, user_id } = detail;
      const acme = tenantOf(w, "acme");
      expect((await acme.sendCode(mfa_token, user_id)).status).toBe(401);
      expect(await codesMailed(w)).toBe(0);
      // As if one had been mailed all the same.
      const { jti } = decodeJwt(mfa_token);
      const login = { userId: w.userId, purpose: "login", binding: jti ?? "" } as const;
      const code = await emailCodes.create(w.ctx, login);
      for (const verify of [portal(w).verify, acme.verifyMfa]) {
        const answer = await verify({ mfa_token, user_id, method: "email", code });
        expect([answer.status, answer.body.code]).toEqual([401, "INVALID_MFA_CODE"]);
      }
      expect(await signedInWith(w, w.userId)).toEqual([]);
    });
  }

  test("opens a session that cannot switch by another code to the same mailbox", async () => {
    await using w = await town();
    await portals(w).magic("acme");
    const { access_token } = (await portals(w).verify(await mailedCode(w))).body;
    await enrolEmail(w, w.userId);
    await enrolTotp(w, w.userId);
    const { status, body } = await org(w, access_token).switchTo({ id: w.beta.id });
    expect([status, body.detail.available_methods]).toEqual([403, ["totp"]]);
    const { mfa_token, user_id } = body.detail;
    expect((await tenantOf(w, "beta").sendCode(mfa_token, user_id)).status).toBe(401);
    expect(await codesMailed(w)).toBe(0);
  });
});

test("after a password, a mailed code stays a second factor beside an authenticator app", async () => {
  await using w = await town();
  await enrolEmail(w, w.userId);
  await enrolTotp(w, w.userId);
  const { detail } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body;
  expect(detail.available_methods).toEqual(["totp", "email"]);
  const { mfa_token, user_id } = detail;
  expect((await tenantOf(w, "acme").sendCode(mfa_token, user_id)).status).toBe(200);
  const shown = { mfa_token, user_id, method: "email", code: await mailedCode(w) };
  expect(claimsOf((await portal(w).verify(shown)).body.access_token).amr).toEqual(["pwd", "mca", "mfa"]);
  // A password and an approval.
  const { accessToken } = await signInForTokens(w.ctx, {
    userId: w.userId,
    tenantId: w.acme.id,
    amr: ["pwd", "mca"],
  });
  const due = (await org(w, accessToken).switchTo({ id: w.beta.id })).body.detail;
  expect(due.available_methods).toEqual(["totp", "email"]);
});

describe("the login_session_id of a magic code", () => {
  test("polls as pending for ten minutes, then as expired, whether there is such a user or not", async () => {
    await using w = await town();
    const real = (await portals(w).magic("acme")).body.login_session_id;
    const email = "nobody@example.com";
    const decoy = (await portals(w).magic("acme", email)).body.login_session_id;
    const both = async () => [
      (await portals(w).status(real)).body,
      (await portals(w).status(decoy, { email })).body,
    ];
    const pending = { status: "pending" };
    expect(await both()).toEqual([pending, pending]);
    await portals(w).verify(await mailedCode(w), { login_session_id: real });
    w.clock.advance(10 * 60_000 - 5_000);
    expect(await both()).toEqual([pending, pending]);
    w.clock.advance(5_000);
    expect(await both()).toEqual([{ status: "expired" }, { status: "expired" }]);
  });

  test("is worth nothing for another email, in another spelling, or for approving", async () => {
    await using w = await town();
    const { login_session_id: id } = (await portals(w).magic("acme")).body;
    expect((await portals(w).status(id, { email: "bob@example.com" })).body.status).toBe("expired");
    expect((await portals(w).status(id, { email: " ADA@example.com" })).body.status).toBe("pending");
    for (const other of [`${id}=`, `${id}A`, id.slice(0, -1), id.toUpperCase(), "ost_lrq_", ""])
      expect((await portals(w).status(other)).body.status).toBe("expired");
    const key = await approverOf(w);
    const rows = await w.ctx.db.all<{ id: string }>`select id from login_requests`;
    for (const one of [id, rows[0]?.id ?? ""]) {
      expect((await portals(w).approve(key, one, "00")).status).toBe(404);
      expect((await portals(w).reject(key, one)).status).toBe(404);
    }
    expect((await portals(w).load(key)).body.pending_logins).toEqual([]);
    expect((await portals(w).verify(await mailedCode(w))).status).toBe(200);
  });
});

test("how often codes can be tried tells nothing of the accounts that an email has, however portals are mixed", async () => {
  const kinds: Record<string, ("acme" | "iso")[]> = {
    none: [],
    shared: ["acme"],
    isolated: ["iso"],
    both: ["acme", "iso"],
  };
  const answers: unknown[] = [];
  for (const places of Object.values(kinds)) {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    const email = "someone@example.com";
    for (const place of places) await makePerson(w, place === "iso" ? iso : w.acme, { email });
    const statuses: number[] = [];
    for (const portal_id of ["iso", "acme", undefined, "nowhere", "iso", "acme", undefined]) {
      const { login_session_id } = (await portals(w).magic(portal_id, email)).body;
      const { status } = await portals(w).verify("12345x", { email, login_session_id, portal_id });
      statuses.push(status);
    }
    answers.push(statuses);
  }
  expect(answers).toEqual(answers.map(() => [401, 401, 401, 401, 401, 429, 429]));
});

test("mail for one mailbox is bounded, whoever asks from wherever", async () => {
  await using w = await town({ LIMIT_MAIL_GAP: "0", TRUSTED_PROXIES: "127.0.0.0/8" });
  for (let i = 0; i < 8; i++) {
    const from = portals(w, { headers: { "x-forwarded-for": `198.51.100.${i}` } });
    expect((await from.magic(i % 2 ? "acme" : undefined)).body).toEqual(SENT);
  }
  expect(await mailsSent(w)).toBe(5);
});
