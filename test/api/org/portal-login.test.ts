// Passwords at portals and at none, and the codes that finish what they begin.
import { describe, expect, test } from "bun:test";
import { totpCode, wrongCode } from "../../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD, suspend } from "../../support/people.ts";
import { claimsOf, portals, sendForm, TOKEN, WRONG_CODE } from "../../support/portals.ts";
import {
  ADA,
  codesMailed,
  enrolEmail,
  enrolTotp,
  mailedCode,
  makeBackupCodes,
  otherThan,
  signedInWith,
  town,
} from "../../support/second-factors.ts";
import { portal } from "../../support/portal-group.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

const DUE = {
  detail: "2FA Required",
  two_fa_required: true,
  email: ADA,
  login_session_id: expect.stringMatching(/^ost_lrq_[\w-]{72}$/),
  match_number: expect.stringMatching(/^\d\d$/),
  mfa_token: expect.any(String),
};

describe("a portal login", () => {
  test("gives tokens for that tenant, by its id or its slug", async () => {
    await using w = await town();
    for (const portalId of ["acme", w.acme.id]) {
      const { status, body } = await portals(w).login(portalId);
      expect([status, body]).toEqual([200, TOKEN]);
      expect(claimsOf(body.access_token)).toMatchObject({ sub: w.userId, tid: w.acme.id, amr: ["pwd"] });
    }
  });

  test("at an isolated tenant means the account that lives there", async () => {
    await using w = await town();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    expect((await portals(w).login("iso")).status).toBe(401);
    const userId = await makePerson(w, iso, { email: ADA, password: "another good password" });
    expect((await portals(w).login("iso")).status).toBe(401);
    const { body } = await portals(w).login("iso", ADA, "another good password");
    expect(claimsOf(body.access_token)).toMatchObject({ sub: userId, tid: iso.id });
  });

  test("is 401 for a wrong password, a stranger and a foreigner alike, and 404 at a portal that is none", async () => {
    await using w = await town();
    const gamma = await makeTenant(w, "gamma");
    const wrong = await portals(w).login("acme", ADA, "wrong password");
    expect(wrong).toMatchObject({ status: 401, body: { detail: "Invalid credentials" } });
    expect((await portals(w).login("acme", "nobody@example.com")).body).toEqual(wrong.body);
    expect((await portals(w).login("gamma")).body).toEqual(wrong.body);
    const none = { status: 404, body: { detail: "Portal not found", code: "TENANT_NOT_FOUND" } };
    expect(await portals(w).login("nowhere")).toMatchObject(none);
    await w.ctx.db.run`update tenants set disabled_at = 1 where id = ${gamma.id}`;
    expect(await portals(w).login("gamma")).toMatchObject(none);
  });

  test("with a second factor due answers 200 and says all that its clients need", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { status, body } = await portals(w).login();
    expect([status, body]).toEqual([200, { ...DUE, available_methods: ["totp"] }]);
    expect(await codesMailed(w)).toBe(0);
    expect(JSON.stringify(dump(w))).not.toContain(body.login_session_id);
    const done = await portals(w).verify(totpCode(w.clock, secret));
    expect([done.status, done.body]).toEqual([200, TOKEN]);
    expect(claimsOf(done.body.access_token)).toMatchObject({ tid: w.acme.id, amr: ["pwd", "otp", "mfa"] });
  });

  test("mails a code where email is a factor, enrolled or implied, also beside others", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    const gated = await makeTenant(w, "gated", { mfa_policy: "required" });
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${gated.id}, ${w.userId}, 'member', 'active', 1)`;
    expect((await portals(w).login("gated")).body.available_methods).toEqual(["email"]);
    const implied = await portals(w).verify(await mailedCode(w));
    expect(claimsOf(implied.body.access_token)).toMatchObject({ tid: gated.id, amr: ["pwd", "mca", "mfa"] });
    await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    expect((await portals(w).login()).body.available_methods).toEqual(["totp", "email"]);
    expect((await portals(w).verify(await mailedCode(w))).status).toBe(200);
  });

  test("takes a backup code, once", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    const [code = ""] = await makeBackupCodes(w, w.userId);
    await portals(w).login();
    expect((await portals(w).verify(code)).status).toBe(200);
    await portals(w).login();
    expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
  });

  test("is finished under both paths alike", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    await portals(w).login();
    expect(await portals(w).verifyElsewhere(wrongCode(w.clock, secret))).toMatchObject(WRONG_CODE);
    expect((await portals(w).verifyElsewhere(totpCode(w.clock, secret))).body).toEqual(TOKEN);
  });

  test("can be finished by its mfa_token at the tenant and in the portal group, once in all", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { mfa_token, login_session_id } = (await portals(w).login()).body;
    const code = totpCode(w.clock, secret);
    const finished = await tenantOf(w, "acme").verifyMfa({ mfa_token, method: "totp", code });
    expect(finished.status).toBe(200);
    const next = totpCode(w.clock, secret, 1);
    expect(await portals(w).verify(next, { login_session_id })).toMatchObject(WRONG_CODE);
    expect(await portals(w).verify(next)).toMatchObject(WRONG_CODE);
    expect((await portals(w).status(login_session_id)).body).toEqual({ status: "expired" });
    const user_id = w.userId;
    expect((await portal(w).verify({ mfa_token, user_id, method: "totp", code: next })).status).toBe(401);
  });

  test("sets the cookie by which the device is known", async () => {
    await using w = await town();
    const { headers } = await portals(w).login();
    expect(headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(["ostiary_device"]);
  });

  test("of an unverified account is 403, and the mail goes out again", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: "new@example.com", isVerified: false, isActive: false });
    expect(await portals(w).login("acme", "new@example.com")).toMatchObject({
      status: 403,
      body: { code: "EMAIL_NOT_VERIFIED" },
    });
    await w.mailbox.waitFor("new@example.com");
  });
});

describe("a code without a login_session_id", () => {
  async function fromElsewhere() {
    const w = await town({ TRUSTED_PROXIES: "127.0.0.0/8" });
    const secret = await enrolTotp(w, w.userId);
    const at = (address: string) => portals(w, { headers: { "x-forwarded-for": address } });
    return Object.assign(w, { secret, here: at("198.51.100.1"), there: at("203.0.113.9") });
  }

  test("finishes what was begun at the same address, and at no other", async () => {
    await using w = await fromElsewhere();
    const { login_session_id } = (await w.here.login()).body;
    const code = totpCode(w.clock, w.secret);
    expect(await w.there.verify(code)).toMatchObject(WRONG_CODE);
    expect((await w.there.verify(code, { login_session_id })).status).toBe(200);
  });

  test("finishes the newest, at the portal that is named if one is", async () => {
    await using w = await fromElsewhere();
    await w.here.login("acme");
    await w.here.login("beta");
    const code = totpCode(w.clock, w.secret);
    expect(await w.here.verify(code, { portal_id: "nowhere" })).toMatchObject(WRONG_CODE);
    const { body } = await w.here.verify(code, { portal_id: "acme" });
    expect(claimsOf(body.access_token).tid).toBe(w.acme.id);
    const other = await w.here.verify(totpCode(w.clock, w.secret, 1));
    expect(claimsOf(other.body.access_token).tid).toBe(w.beta.id);
  });

  test("is still good when a second login came too soon for another mail", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await portals(w).login();
    const code = await mailedCode(w);
    await portals(w).login();
    expect(await codesMailed(w)).toBe(1);
    expect((await portals(w).verify(code)).body).toEqual(TOKEN);
  });
});

describe("a code", () => {
  test("of one login is none of another's", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    await enrolEmail(w, w.userId);
    const first = (await portals(w).login()).body.login_session_id;
    const code = await mailedCode(w);
    const second = (await portals(w).login()).body.login_session_id;
    await mailedCode(w);
    expect(await portals(w).verify(code, { login_session_id: second })).toMatchObject(WRONG_CODE);
    expect((await portals(w).verify(code, { login_session_id: first })).status).toBe(200);
  });

  const others: [string, object][] = [
    ["for another portal", { portal_id: "beta" }],
    ["for another email", { email: "bob@example.com" }],
    ["for an id that is none", { login_session_id: "ost_lrq_x" }],
    ["for the public id", { login_session_id: "lrq_" }],
  ];
  for (const [what, more] of others) {
    test(`shown ${what} is refused, and spends nothing`, async () => {
      await using w = await town();
      const secret = await enrolTotp(w, w.userId);
      await makePerson(w, w.acme, { email: "bob@example.com" });
      const { login_session_id } = (await portals(w).login()).body;
      const code = totpCode(w.clock, secret);
      expect(await portals(w).verify(code, { login_session_id, ...more })).toMatchObject(WRONG_CODE);
      expect((await portals(w).verify(code, { login_session_id })).status).toBe(200);
    });
  }

  test("has five tries, however it is shown", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { login_session_id, mfa_token } = (await portals(w).login()).body;
    const wrong = wrongCode(w.clock, secret);
    for (let i = 0; i < 3; i++) await portals(w).verify(wrong, { login_session_id });
    for (let i = 0; i < 2; i++)
      await tenantOf(w, "acme").verifyMfa({ mfa_token, method: "totp", code: wrong });
    expect(await portals(w).verify(totpCode(w.clock, secret), { login_session_id })).toMatchObject(
      WRONG_CODE,
    );
  });

  const ends: [string, (w: Awaited<ReturnType<typeof town>>) => unknown][] = [
    ["five minutes have passed", (w) => w.clock.advance(5 * 60_000)],
    ["the account is disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    ["the tenant is disabled", (w) => w.ctx.db.run`update tenants set disabled_at = 1`],
    ["the membership is suspended", (w) => suspend(w, w.userId, w.acme.id)],
    [
      "the account has signed out",
      (w) => w.ctx.db.run`update users set signed_out_at = ${w.clock.now() + 1}`,
    ],
  ];
  for (const [when, end] of ends) {
    test(`is worth nothing when ${when}`, async () => {
      await using w = await town();
      const secret = await enrolTotp(w, w.userId);
      const { login_session_id } = (await portals(w).login()).body;
      await end(w);
      const code = totpCode(w.clock, secret);
      expect(await portals(w).verify(code, { login_session_id })).toMatchObject(WRONG_CODE);
      expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
      expect(await signedInWith(w, w.userId)).toEqual([]);
    });
  }
});

describe("the form", () => {
  test("signs a shared account in by email or username, and takes nothing but a form", async () => {
    await using w = await town();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    await makePerson(w, iso, { email: "eve@example.com", username: "eve" });
    for (const username of [ADA, "ada", " ADA@Example.com "]) {
      const answer = await sendForm(w, { username, password: PASSWORD, client_id: "cli" });
      expect([answer.status, answer.body]).toEqual([200, TOKEN]);
      expect(claimsOf(answer.body.access_token)).toMatchObject({ sub: w.userId, tid: w.acme.id });
    }
    expect((await sendForm(w, { username: "eve", password: PASSWORD })).status).toBe(401);
    expect((await sendForm(w, { username: ADA, password: "wrong password" })).status).toBe(401);
    const json = await w.send("POST", "/v1/oauth2/login", { body: { username: ADA, password: PASSWORD } });
    expect(json).toMatchObject({ status: 415, body: { code: "UNSUPPORTED_MEDIA_TYPE" } });
    const elsewhere = await fetch(`${w.origin}/v1/oauth2/verify-2fa`, {
      method: "POST",
      body: new URLSearchParams({ email: ADA, code: "123456" }),
    });
    expect(elsewhere.status).toBe(415);
  });

  const unusable: [string, string, object][] = [
    ["nothing", "", { loc: ["body", "username"], type: "missing" }],
    ["a field twice", "username=a&username=b&password=c", { loc: ["body"], type: "value_error" }],
    ["no password", "username=ada", { loc: ["body", "password"], type: "missing" }],
    ["an empty password", "username=ada&password=", { loc: ["body", "password"], type: "string_too_short" }],
  ];
  for (const [what, fields, entry] of unusable) {
    test(`with ${what} is a 422`, async () => {
      await using w = await town();
      const { status, body } = await sendForm(w, fields);
      expect([status, body.detail[0]]).toEqual([422, { ...entry, msg: expect.any(String) }]);
    });
  }

  test("keeps plus signs, percent signs and letters of all kinds as a form writes them", async () => {
    await using w = await town();
    const password = "a+b 100% & größer = 日本";
    await makePerson(w, w.acme, { email: "odd+one@example.com", password });
    expect((await sendForm(w, { username: "odd+one@example.com", password })).status).toBe(200);
  });

  test("of another site is refused", async () => {
    await using w = await town();
    const fields = { username: ADA, password: PASSWORD };
    const answer = await sendForm(w, fields, { origin: "https://evil.example" });
    expect(answer).toMatchObject({ status: 403, body: { code: "CROSS_SITE" } });
    expect(dump(w)["sessions"]).toEqual([]);
  });

  test("with a second factor due names the email to come back with; the username will do as well", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { status, body } = await sendForm(w, { username: "Ada", password: PASSWORD });
    expect([status, body]).toEqual([200, { ...DUE, available_methods: ["totp"] }]);
    const code = totpCode(w.clock, secret);
    expect((await portals(w).verifyElsewhere(code, { email: "ada" })).body).toEqual(TOKEN);
  });

  test("of an account without an email names the username", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { username: "bot" });
    const secret = await enrolTotp(w, userId);
    const { body } = await sendForm(w, { username: "bot", password: PASSWORD });
    expect(body.email).toBe("bot");
    expect((await portals(w).status(body.login_session_id, { email: "bot" })).body).toEqual({
      status: "pending",
    });
    expect((await portals(w).verify(totpCode(w.clock, secret), { email: "bot" })).body).toEqual(TOKEN);
  });
});

test("wrong codes without a login that waits are held up after five, and then even a right magic code", async () => {
  await using w = await town();
  const { login_session_id } = (await portals(w).magic("acme")).body;
  const code = await mailedCode(w);
  for (let i = 0; i < 5; i++) expect(await portals(w).verify(otherThan(code))).toMatchObject(WRONG_CODE);
  const held = await portals(w).verify(code, { login_session_id });
  expect([held.status, held.headers.get("retry-after")]).toEqual([429, "30"]);
  expect(await audited(w)).toContain("login.limited: for 30 s");
});
