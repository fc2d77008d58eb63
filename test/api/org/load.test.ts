// What an app shows first, leaving, and the next pair of tokens (decisions §2 org).
import { describe, expect, test } from "bun:test";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import { HOUR, makeKey, signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, type World, world } from "../../support/world.ts";

const EMAIL = "ada@example.com";

/** Ada, a member of three tenants and owner of the second. */
async function place() {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const beta = await makeTenant(w, "beta");
  const gone = await makeTenant(w, "gone");
  const userId = await makePerson(w, [acme, beta, gone], {
    email: EMAIL,
    firstName: "Ada",
    lastName: "Byron",
  });
  await w.ctx.db
    .run`update memberships set role = 'owner' where tenant_id = ${beta.id} and user_id = ${userId}`;
  await suspend(w, userId, gone.id);
  const signIn = () => signInForTokens(w.ctx, { userId, tenantId: acme.id });
  return Object.assign(w, { acme, beta, gone, userId, signIn });
}

const count = async ({ ctx }: World) =>
  (await ctx.db.all<{ id: string }>`select id from sessions union all select id from api_keys`).length;

describe("load", () => {
  test("shows user, organization, the others that are open to them, and nothing that waits", async () => {
    await using w = await place();
    const { accessToken } = await w.signIn();
    const { status, body } = await org(w, accessToken).load();
    expect(status).toBe(200);
    const acme = { id: String(w.acme.id), slug: "acme", name: "acme", role: "member" };
    expect(body).toEqual({
      user: {
        id: w.userId,
        email: EMAIL,
        username: null,
        first_name: "Ada",
        last_name: "Byron",
        display_name: "Ada Byron",
        name: "Ada Byron",
        tenant_id: w.acme.id,
        organization_id: w.acme.id,
        organization_name: "acme",
        role: "member",
        email_verified: true,
        mfa_enabled: false,
      },
      organization: acme,
      organizations: [acme, { id: w.beta.id, slug: "beta", name: "beta", role: "owner" }],
      pending_logins: [],
      impersonator: null,
    });
  });

  test("takes an API key, and a session cookie as such alone", async () => {
    await using w = await place();
    const who = { userId: w.userId, tenantId: w.acme.id };
    expect(await org(w, await signInForKey(w.ctx, who)).worth()).toBe(200);
    const { cookie } = await signInForCookie(w.ctx, who);
    const answer = await w.send("GET", "/v1/auth/load", { headers: { cookie: `ostiary_session=${cookie}` } });
    expect([answer.status, answer.body.user.id]).toEqual([200, w.userId]);
    expect(saidBy(await org(w, cookie).load())).toEqual([401, "INVALID_BEARER"]);
  });

  test("is closed to those who have yet to enrol a second factor, logout is not", async () => {
    await using w = await place();
    const { accessToken } = await w.signIn();
    await w.ctx.db.run`update sessions set restricted_at = 1`;
    expect(saidBy(await org(w, accessToken).load())).toEqual([403, "MFA_ENROLMENT_REQUIRED"]);
    expect((await org(w, accessToken).logout()).status).toBe(204);
  });
});

describe("logout", () => {
  test("ends the session with its tokens: 204, and nothing in it", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    const other = await w.signIn();
    const answer = await org(w, accessToken).logout();
    expect([answer.status, answer.body]).toEqual([204, ""]);
    expect(await org(w, accessToken).worth()).toBe(401);
    expect((await org(w).refresh(refreshToken)).status).toBe(401);
    expect(await org(w, other.accessToken).worth()).toBe(200);
    expect(await audited(w)).toEqual(["logout"]);
  });

  test("ends the key of a login, and leaves one that was made by hand", async () => {
    await using w = await place();
    const who = { userId: w.userId, tenantId: w.acme.id };
    const manual = await makeKey(w.ctx, who);
    const login = await signInForKey(w.ctx, who);
    expect((await org(w, login).logout()).status).toBe(204);
    expect((await org(w, manual).logout()).status).toBe(204);
    expect([await org(w, login).worth(), await org(w, manual).worth()]).toEqual([401, 200]);
  });

  test("takes an access token whose 15 minutes are over: a session that could be refreshed must not stay", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    w.clock.advance(HOUR);
    expect(await org(w, accessToken).worth()).toBe(401);
    expect((await org(w, accessToken).logout()).status).toBe(204);
    expect((await org(w).refresh(refreshToken)).status).toBe(401);
  });

  test("is a 401 without a Bearer, and with one that is worth nothing", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    const before = await count(w);
    expect(saidBy(await org(w).logout())).toEqual([401, "NOT_AUTHENTICATED"]);
    for (const bearer of [refreshToken, `${accessToken}x`, "x"])
      expect(saidBy(await org(w, bearer).logout())).toEqual([401, "INVALID_BEARER"]);
    expect(await count(w)).toBe(before);
    await org(w, accessToken).logout();
    expect(saidBy(await org(w, accessToken).logout())).toEqual([401, "INVALID_BEARER"]);
  });
});

describe("oauth2/refresh", () => {
  test("gives the next pair, of the same session, as old as before", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    w.clock.advance(HOUR);
    const { status, body } = await org(w).refresh(refreshToken);
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), refresh_token: expect.any(String), token_type: "bearer" },
    ]);
    const { sid, auth_time, amr, org: at } = claimsOf(accessToken);
    expect(claimsOf(body.access_token)).toMatchObject({ sid, auth_time, amr, org: at });
    expect(await org(w, body.access_token).worth()).toBe(200);
  });

  test("is one rotation with that of the portal group: reuse across both ends the session", async () => {
    await using w = await place();
    const { refreshToken } = await w.signIn();
    const next = await org(w).refresh(refreshToken);
    w.clock.advance(HOUR);
    const body = { refresh_token: refreshToken };
    expect((await w.send("POST", "/api/v1/auth/refresh", { body })).status).toBe(401);
    expect(saidBy(await org(w).refresh(next.body.refresh_token))).toEqual([401, "INVALID_REFRESH_TOKEN"]);
    expect(saidBy(await org(w).refresh(""))).toEqual([401, "INVALID_REFRESH_TOKEN"]);
  });
});
