// Going on in another organization: a new session, as old and as strong as the one that asks, and never younger or stronger
// (decisions §1, §2 org; A06).
import { describe, expect, test } from "bun:test";
import * as tenants from "../../../src/core/tenants.ts";
import { totpCode } from "../../support/key-group.ts";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import { portal } from "../../support/portal-group.ts";
import { enrolTotp, mailedCode, type Town, town } from "../../support/second-factors.ts";
import { DAY, HOUR, makeKey, MINUTE, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

const TOKEN = { access_token: expect.any(String), refresh_token: expect.any(String), token_type: "bearer" };

/** Ada, signed in at acme an hour ago. */
const signedIn = async (w: Town, amr = ["pwd"]) => {
  const authTime = w.clock.now() - HOUR;
  const { accessToken } = await signInForTokens(w.ctx, {
    userId: w.userId,
    tenantId: w.acme.id,
    amr,
    authTime,
  });
  return accessToken;
};

const require = async (w: Town, settings: Partial<tenants.Tenant["settings"]>) =>
  tenants.update(w.ctx, w.beta, { settings });

const sessionsOf = ({ ctx }: Town) =>
  ctx.db.all<{ tenant: string; restricted: number | null; ends: number }>`
    select tenant_id as tenant, restricted_at as restricted, expires_at - auth_time as ends from sessions order by id`;

describe("switching", () => {
  test("opens a session there with the time and the means of the login, and leaves the old one where it is", async () => {
    await using w = await town();
    const here = await signedIn(w, ["pwd", "otp", "mfa"]);
    const { status, body } = await org(w, here).switchTo({ id: w.beta.id });
    expect([status, body]).toEqual([200, TOKEN]);
    const [before, after] = [claimsOf(here), claimsOf(body.access_token)];
    expect(after).toMatchObject({ org: w.beta.id, tid: w.beta.id, sub: w.userId, amr: before["amr"] });
    expect(after["auth_time"]).toBe(before["auth_time"]);
    expect(after["sid"]).not.toBe(before["sid"]);
    expect((await org(w, body.access_token).load()).body.organization.slug).toBe("beta");
    expect((await org(w, here).load()).body.organization.slug).toBe("acme");
    expect((await org(w).refresh(body.refresh_token)).status).toBe(200);
    expect(await audited(w)).toContain("session.switched");
    // No younger for that: what needs a fresh login still does.
    const key = await w.send("POST", "/api/v1/me/keys", { key: body.access_token, body: { name: "k" } });
    expect(saidBy(key)).toEqual([403, "REAUTH_REQUIRED"]);
  });

  for (const name of ["id", "organization_id", "org_id"]) {
    for (const by of ["id", "slug"] as const) {
      test(`takes the ${by} as ${name}`, async () => {
        await using w = await town();
        const { body } = await org(w, await signedIn(w)).switchTo({ [name]: w.beta[by] });
        expect(claimsOf(body.access_token)).toMatchObject({ org: w.beta.id });
      });
    }
  }

  test("takes one name: none, or two that differ, are a 422", async () => {
    await using w = await town();
    const client = org(w, await signedIn(w));
    for (const body of [
      {},
      { id: null },
      { id: 1 },
      { id: ["beta"] },
      { id: "acme", org_id: "beta" },
      { slug: "beta" },
    ]) {
      const { status, body: said } = await client.switchTo(body);
      expect([body, status, said.detail[0].loc]).toEqual([body, 422, ["body", "id"]]);
    }
    expect((await client.switchTo({ id: "beta", org_id: "beta", organization_id: null })).status).toBe(200);
  });

  test("to where one is no member says what it says of what does not exist, and opens nothing", async () => {
    await using w = await town();
    await makeTenant(w, "foreign");
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    // The same email, and another account.
    await makePerson(w, iso, { email: "ada@example.com" });
    const invited = await makeTenant(w, "invited");
    const suspended = await makeTenant(w, "suspended");
    const closed = await makeTenant(w, "closed");
    for (const { id } of [invited, suspended, closed]) {
      await w.ctx.db.run`
        insert into memberships (tenant_id, user_id, role, status, created_at) values (${id}, ${w.userId}, 'member', 'active', 1)`;
    }
    await w.ctx.db.run`update memberships set status = 'invited' where tenant_id = ${invited.id}`;
    await suspend(w, w.userId, suspended.id);
    await tenants.update(w.ctx, closed, { disabled: true });
    const here = await signedIn(w);
    const { audit: _, ...before } = dump(w);
    for (const id of ["foreign", "iso", "invited", "suspended", "closed", "nope", "tnt_nope", "", w.userId]) {
      const { status, body } = await org(w, here).switchTo({ id });
      expect([id, status, body]).toEqual([id, 403, { detail: "Forbidden", code: "FORBIDDEN" }]);
    }
    const { audit: __, ...after } = dump(w);
    expect(after).toEqual(before);
    expect((await audited(w)).filter((line) => line === "session.switch_refused: FORBIDDEN")).toHaveLength(9);
    // Its administrators read a tenant's log: who is no member there does not stand in it.
    const strangers = await w.ctx.db.all`
      select a.id from audit a where a.tenant_id is not null and a.event = 'session.switch_refused' and not exists (
        select 1 from memberships m where m.user_id = a.user_id and m.tenant_id = a.tenant_id)`;
    expect(strangers).toEqual([]);
  });

  test("an isolated account is in its own tenant and nowhere else", async () => {
    await using w = await town();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    const userId = await makePerson(w, iso, { email: "ada@example.com" });
    const { accessToken } = await signInForTokens(w.ctx, { userId, tenantId: iso.id });
    expect((await org(w, accessToken).switchTo({ id: "acme" })).status).toBe(403);
    expect((await org(w, accessToken).switchTo({ id: "iso" })).status).toBe(200);
  });

  test("lasts no longer than what it came from, however often it is done", async () => {
    await using w = await town();
    const { accessToken, refreshToken } = await signInForTokens(w.ctx, {
      userId: w.userId,
      tenantId: w.acme.id,
    });
    expect(accessToken).toBeString();
    let token = refreshToken;
    for (const to of ["beta", "acme", "beta", "acme", "beta"]) {
      w.clock.advance(6 * DAY - MINUTE);
      const { body } = await org(w).refresh(token);
      const switched = await org(w, body.access_token).switchTo({ id: to });
      token = switched.body.refresh_token;
    }
    expect(new Set((await sessionsOf(w)).map(({ ends }) => ends)).size).toBe(1);
    expect(await sessionsOf(w)).toHaveLength(6);
    w.clock.advance(HOUR);
    expect((await org(w).refresh(token)).status).toBe(401);
  });

  test("ends with what came before only where that ends everything: the other session dies by itself", async () => {
    await using w = await town();
    const here = await signedIn(w);
    const { body } = await org(w, here).switchTo({ id: "beta" });
    await w.ctx.db.run`delete from memberships where tenant_id = ${w.beta.id} and user_id = ${w.userId}`;
    expect(await org(w, body.access_token).worth()).toBe(401);
    expect((await org(w).refresh(body.refresh_token)).status).toBe(401);
    expect(await org(w, here).worth()).toBe(200);
    expect((await org(w, here).switchTo({ id: "beta" })).status).toBe(403);
  });

  test("by a key gives a session that is as old as the key's login; one made by hand stems from none", async () => {
    await using w = await town();
    const who = { userId: w.userId, tenantId: w.acme.id };
    const authTime = w.clock.now() - HOUR;
    const login = await signInForKey(w.ctx, { ...who, authTime, amr: ["pwd", "otp", "mfa"] });
    const { body } = await org(w, login).switchTo({ id: "beta" });
    expect(claimsOf(body.access_token)).toMatchObject({
      auth_time: Math.floor(authTime / 1000),
      amr: ["pwd", "otp", "mfa"],
    });
    const byHand = await org(w, await makeKey(w.ctx, who)).switchTo({ id: "beta" });
    expect(claimsOf(byHand.body.access_token)).toMatchObject({ auth_time: 0, amr: ["pwd"] });
    const key = await w.send("POST", "/api/v1/me/keys", {
      key: byHand.body.access_token,
      body: { name: "k" },
    });
    expect(saidBy(key)).toEqual([403, "REAUTH_REQUIRED"]);
  });

  test("is not for those who have yet to enrol a second factor", async () => {
    await using w = await town();
    const here = await signedIn(w);
    await w.ctx.db.run`update sessions set restricted_at = 1`;
    expect(saidBy(await org(w, here).switchTo({ id: "beta" }))).toEqual([403, "MFA_ENROLMENT_REQUIRED"]);
  });

  test("asks for a verified email where the target does, and mails the link again", async () => {
    await using w = await town();
    const here = await signedIn(w);
    await w.ctx.db.run`update users set email_verified_at = null`;
    expect(saidBy(await org(w, here).switchTo({ id: "beta" }))).toEqual([403, "EMAIL_NOT_VERIFIED"]);
    expect((await w.mailbox.waitFor("ada@example.com")).text).toContain("/t/beta/verify-email#token=");
    await require(w, { email_verification: false });
    expect((await org(w, here).switchTo({ id: "beta" })).status).toBe(200);
  });
});

describe("where a second factor is due that the session never showed", () => {
  /** What the answer says, and the token in it. */
  async function challenged(w: Town, here: string, methods: string[]) {
    const { status, body } = await org(w, here).switchTo({ id: "beta" });
    expect([status, body]).toEqual([
      403,
      {
        code: "MFA_REQUIRED",
        detail: {
          code: "MFA_REQUIRED",
          message: expect.any(String),
          mfa_token: expect.any(String),
          user_id: w.userId,
          available_methods: methods,
        },
      },
    ]);
    return { mfa_token: String(body.detail.mfa_token), user_id: w.userId };
  }

  test("it is a 403 with an mfa_token, and mfa/verify gives the session, as old as it was", async () => {
    await using w = await town();
    await require(w, { mfa_policy: "required" });
    const secret = await enrolTotp(w, w.userId);
    const here = await signedIn(w);
    const token = await challenged(w, here, ["totp"]);
    expect(await sessionsOf(w)).toHaveLength(1);
    const { status, body } = await portal(w).verify({
      ...token,
      method: "totp",
      code: totpCode(w.clock, secret),
    });
    expect(status).toBe(200);
    expect(claimsOf(body.access_token)).toMatchObject({
      org: w.beta.id,
      amr: ["pwd", "otp", "mfa"],
      auth_time: claimsOf(here)["auth_time"],
    });
    expect(new Set((await sessionsOf(w)).map(({ ends }) => ends)).size).toBe(1);
    // And from there on it has been shown.
    expect((await org(w, body.access_token).switchTo({ id: "acme" })).status).toBe(200);
  });

  test("the tenant's own endpoint finishes it into a cookie, as old as it was", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const here = await signedIn(w);
    const token = await challenged(w, here, ["totp"]);
    const code = totpCode(w.clock, secret);
    expect((await tenantOf(w, "acme").verifyMfa({ ...token, method: "totp", code })).status).toBe(401);
    const { status } = await tenantOf(w, "beta").verifyMfa({ ...token, method: "totp", code });
    expect(status).toBe(200);
    const [row] = await w.ctx.db.all<{ at: number }>`
      select auth_time / 1000 as at from sessions where kind = 'cookie'`;
    expect(row?.at).toBe(Number(claimsOf(here)["auth_time"]));
  });

  test("an enrolled factor is due wherever a login there would ask for it: a trusted device here is none there", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await challenged(w, await signedIn(w), ["totp"]);
    expect((await org(w, await signedIn(w, ["pwd", "otp", "mfa"])).switchTo({ id: "beta" })).status).toBe(
      200,
    );
  });

  test("with none enrolled a code goes to the verified email at once", async () => {
    await using w = await town();
    await require(w, { mfa_policy: "required" });
    const token = await challenged(w, await signedIn(w), ["email"]);
    const code = await mailedCode(w);
    const { status, body } = await portal(w).verify({ ...token, method: "email", code });
    expect([status, claimsOf(body.access_token)["amr"]]).toEqual([200, ["pwd", "mca", "mfa"]]);
  });

  test("where the limits forbid another mail is challenged all the same, and can ask for the code later", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "60" });
    await require(w, { mfa_policy: "required" });
    const here = await signedIn(w);
    await challenged(w, here, ["email"]);
    const first = await mailedCode(w);
    const token = await challenged(w, here, ["email"]);
    expect((await portal(w).verify({ ...token, method: "email", code: first })).status).toBe(401);
    w.clock.advance(MINUTE);
    const query = new URLSearchParams({ mfa_token: token.mfa_token, user_id: token.user_id }).toString();
    const path = `/api/v1/auth/tenants/beta/mfa/email/send?${query}`;
    expect((await w.send("POST", path, { body: {} })).status).toBe(200);
    const code = await mailedCode(w);
    expect((await portal(w).verify({ ...token, method: "email", code })).status).toBe(200);
  });

  test("without an email either, the session there can enrol one and nothing else", async () => {
    await using w = await town();
    await require(w, { mfa_policy: "required" });
    const userId = await makePerson(w, [w.acme, w.beta], { username: "bob" });
    const { accessToken } = await signInForTokens(w.ctx, { userId, tenantId: w.acme.id });
    const { status, body } = await org(w, accessToken).switchTo({ id: "beta" });
    expect(status).toBe(200);
    expect(saidBy(await org(w, body.access_token).load())).toEqual([403, "MFA_ENROLMENT_REQUIRED"]);
    expect((await w.send("GET", "/api/v1/me/mfa", { key: body.access_token })).status).toBe(200);
  });

  const ENDS: [string, (w: Town, here: string) => Promise<unknown>][] = [
    ["logged out", (w, here) => org(w, here).logout()],
    ["suspended here", (w) => suspend(w, w.userId, w.acme.id)],
    ["suspended there", (w) => suspend(w, w.userId, w.beta.id)],
    ["disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
  ];
  for (const [what, end] of ENDS) {
    test(`the mfa_token is worth nothing once its user has ${what}`, async () => {
      await using w = await town();
      const secret = await enrolTotp(w, w.userId);
      const here = await signedIn(w);
      const token = await challenged(w, here, ["totp"]);
      await end(w, here);
      const answer = await portal(w).verify({ ...token, method: "totp", code: totpCode(w.clock, secret) });
      expect(saidBy(answer)).toEqual([401, "INVALID_MFA_TOKEN"]);
      const left = await w.ctx.db.all`select id from sessions where tenant_id = ${w.beta.id}`;
      expect(left).toEqual([]);
    });
  }

  test("the mfa_token of a password login says nothing of a session, and opens a fresh one as ever", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { body } = await portal(w).login("ada@example.com", "correct horse battery", w.acme.id);
    const { mfa_token, user_id } = body.detail;
    const verified = await portal(w).verify({
      mfa_token,
      user_id,
      method: "totp",
      code: totpCode(w.clock, secret),
    });
    const { auth_time } = claimsOf(verified.body.access_token);
    expect(Number(auth_time)).toBeGreaterThan(w.clock.now() / 1000 - 60);
  });
});
