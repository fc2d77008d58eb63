// From a command line into a browser: an exchange code becomes a session cookie. What a code is, and what it is not worth, stands in
// test/api/org/handoff.test.ts for both places where it is spent.
import { describe, expect, test } from "bun:test";
import { BASE } from "../../support/key-group.ts";
import { org, saidBy } from "../../support/org-group.ts";
import { makePerson, makeTenant, type TenantOptions } from "../../support/people.ts";
import { browserSession, cookieFrom } from "../../support/portal-group.ts";
import { HOUR, makeKey, signInForCookie, signInForTokens } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, dump, type SendOptions, world } from "../../support/world.ts";

async function place(at: TenantOptions = {}) {
  const w = await world();
  const acme = await makeTenant(w, "acme", at);
  const userId = await makePerson(w, acme, { email: "ada@example.com" });
  const who = { userId, tenantId: acme.id };
  const issue = async (key: string): Promise<string> => (await org(w, key).issueCode()).body.exchange_code;
  const ownSessions = async (shown: SendOptions) =>
    (await w.send("GET", "/api/v1/me/sessions", shown)).body.data;
  return Object.assign(w, { acme, userId, who, issue, ownSessions });
}

describe("an exchange code in a browser", () => {
  test("becomes a session cookie, as old and as strong as the sign-in; nothing secret is in the answer", async () => {
    const into = "https://app.example/in";
    await using w = await place({ redirect_uris: [into], default_redirect_uri: into });
    const authTime = w.clock.now() - HOUR;
    const amr = ["pwd", "otp", "mfa"];
    const { accessToken } = await signInForTokens(w.ctx, { ...w.who, authTime, amr });
    const answer = await browserSession(w, await w.issue(accessToken));
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        status: "SUCCESS",
        session_id: expect.stringMatching(/^ses_[0-9a-f]{32}$/),
        tenant: "acme",
        redirect_uri: into,
        user: expect.objectContaining({ id: w.userId, email: "ada@example.com", tenant_id: w.acme.id }),
      },
    ]);
    const cookies = answer.headers.getSetCookie();
    expect(cookies.toSorted()).toEqual([
      "ostiary_acting=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
      expect.stringMatching(/^ostiary_session=ost_ses_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const cookie = cookieFrom(answer, "session");
    const [own] = await w.ownSessions(withCookie(cookie));
    expect(own).toMatchObject({ id: answer.body.session_id, current: true, kind: "cookie", amr });
    expect(Date.parse(own.auth_time)).toBe(authTime);
    expect(await org(w, accessToken).worth()).toBe(200);
    expect(await audited(w)).toEqual(["handoff.issued", "handoff.consumed"]);
    expect(JSON.stringify(dump(w))).not.toContain(cookie.slice(8));
    expect(w.log.join("\n")).not.toContain(cookie.slice(8));
  });

  test("of a key made by hand is no fresh sign-in: no factor is added with it", async () => {
    await using w = await place();
    const answer = await browserSession(w, await w.issue(await makeKey(w.ctx, w.who)));
    const shown = withCookie(cookieFrom(answer, "session"));
    expect((await w.send("GET", "/api/v1/me", shown)).status).toBe(200);
    expect(saidBy(await w.send("POST", "/api/v1/me/mfa/totp/enable", shown))).toEqual([
      403,
      "REAUTH_REQUIRED",
    ]);
  });

  test("logs out by itself, and so does what it came from", async () => {
    await using w = await place();
    const { accessToken } = await signInForTokens(w.ctx, w.who);
    const one = withCookie(cookieFrom(await browserSession(w, await w.issue(accessToken)), "session"));
    const two = withCookie(cookieFrom(await browserSession(w, await w.issue(accessToken)), "session"));
    expect((await w.send("POST", `${BASE}/logout`, { ...one, body: {} })).status).toBe(200);
    expect((await w.send("GET", "/api/v1/me", one)).status).toBe(401);
    expect(await org(w, accessToken).worth()).toBe(200);
    await org(w, accessToken).logout();
    expect((await w.send("GET", "/api/v1/me", two)).status).toBe(200);
  });

  test("takes the place of the session there, which goes on elsewhere; no browser becomes known by it", async () => {
    await using w = await place();
    const { accessToken } = await signInForTokens(w.ctx, w.who);
    const before = await signInForCookie(w.ctx, w.who);
    const answer = await browserSession(w, await w.issue(accessToken), withCookie(before.cookie));
    expect(answer.headers.getSetCookie().join()).not.toContain("ostiary_device");
    expect(await w.ownSessions(withCookie(before.cookie))).toHaveLength(3);
  });

  test("has one name, and is text", async () => {
    await using w = await place();
    const code = await w.issue((await signInForTokens(w.ctx, w.who)).accessToken);
    for (const body of [{}, { code }, { token: code }, { exchange_code: null }, { exchange_code: [code] }])
      expect([body, (await w.send("POST", `${BASE}/browser-session`, { body })).status]).toEqual([body, 422]);
    expect((await browserSession(w, code)).status).toBe(200);
  });
});
