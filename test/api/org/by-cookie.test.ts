// What pages of ours ask of this group with nothing but the session cookie, and what another site cannot make a browser ask.
import { describe, expect, test } from "bun:test";
import { stage } from "../../support/acting.ts";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { portal } from "../../support/portal-group.ts";
import { portals, TOKEN } from "../../support/portals.ts";
import { enrolTotp, town } from "../../support/second-factors.ts";
import { signInForCookie } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, type SendOptions, type World } from "../../support/world.ts";

/** Ada with TOTP, a login of hers that waits, and browsers of hers that have shown what they have. */
async function waiting() {
  const w = await town();
  await enrolTotp(w, w.userId);
  const browser = async (amr: string[], tenantId = w.acme.id) => {
    const { cookie, sessionId } = await signInForCookie(w.ctx, { userId: w.userId, tenantId, amr });
    return { shown: withCookie(cookie), sessionId };
  };
  const { body } = await portals(w).login();
  const strong = await browser(["pwd", "otp", "mfa"]);
  const [pending] = (await w.send("GET", "/v1/auth/load", strong.shown)).body.pending_logins;
  return Object.assign(w, {
    browser,
    strong,
    id: String(pending.id),
    poll: String(body.login_session_id),
    number: String(body.match_number),
  });
}

const decide = (w: World, what: "approve" | "reject", shown: SendOptions, body: object) =>
  w.send("POST", `/v1/auth/${what}-2fa`, { ...shown, body });

describe("a browser's session", () => {
  test("lets a waiting sign-in in, which gets its tokens", async () => {
    await using w = await waiting();
    const answer = await decide(w, "approve", w.strong.shown, { session_id: w.id, number: w.number });
    expect([answer.status, answer.body]).toEqual([200, { status: "approved" }]);
    const { body } = await portals(w).status(w.poll);
    expect(body).toEqual({ status: "approved", ...TOKEN });
    expect(claimsOf(body.access_token)["amr"]).toEqual(["pwd", "mca", "mfa"]);
    expect(await audited(w)).toContain(`login.approved: ${w.id}`);
  });

  test("turns one away", async () => {
    await using w = await waiting();
    const answer = await decide(w, "reject", w.strong.shown, { session_id: w.id });
    expect([answer.status, answer.body]).toEqual([200, { status: "rejected" }]);
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "rejected" });
  });

  test("that has shown no factor where the user has one lets nobody in, nor does a wrong number", async () => {
    await using w = await waiting();
    const weak = await w.browser(["pwd"]);
    const right = { session_id: w.id, number: w.number };
    expect(saidBy(await decide(w, "approve", weak.shown, right))).toEqual([403, "FORBIDDEN"]);
    expect(saidBy(await decide(w, "reject", weak.shown, { session_id: w.id }))).toEqual([403, "FORBIDDEN"]);
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "pending" });
    const wrong = { ...right, number: w.number === "00" ? "01" : "00" };
    expect(saidBy(await decide(w, "approve", w.strong.shown, wrong))).toEqual([400, "WRONG_NUMBER"]);
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "rejected" });
  });

  test("that has ended by the time the tokens are fetched has let nobody in", async () => {
    await using w = await waiting();
    await decide(w, "approve", w.strong.shown, { session_id: w.id, number: w.number });
    await portal(w, w.strong.shown).logout();
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "expired" });
  });

  test("of another user finds nothing to answer", async () => {
    await using w = await stage();
    const own = withCookie((await w.cookieOf("owner")).cookie);
    const answer = await decide(w, "approve", own, { session_id: "lrq_none", number: "00" });
    expect(saidBy(answer)).toEqual([404, "NOT_FOUND"]);
  });

  test("hands itself on to a program, and what it gave lives on without it", async () => {
    await using w = await waiting();
    const issued = await w.send("POST", "/v1/auth/cli-browser-token", w.strong.shown);
    expect(issued.status).toBe(200);
    const { body } = await org(w).consumeCode({ code: issued.body.exchange_code });
    expect(claimsOf(body.access_token)).toMatchObject({ sub: w.userId, amr: ["pwd", "otp", "mfa"] });
    await portal(w, w.strong.shown).logout();
    expect(await org(w, body.access_token).worth()).toBe(200);
  });

  test("gives an administrator the token to act as another, which ends with it", async () => {
    await using w = await stage();
    const own = withCookie((await w.cookieOf("owner")).cookie);
    const body = { user_id: w.targets.member };
    const answer = await w.send("POST", "/v1/auth/login-as-user", { ...own, body });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      refresh_token: "",
      token_type: "bearer",
    });
    expect(claimsOf(answer.body.access_token)).toMatchObject({ act: { sub: w.actors.owner } });
    expect(await org(w, answer.body.access_token).worth()).toBe(200);
    await portal(w, own).logout();
    expect(await org(w, answer.body.access_token).worth()).toBe(401);
  });

  test("does not switch, nor log out at this group: both take the Bearer alone", async () => {
    await using w = await stage();
    const own = withCookie((await w.cookieOf("owner")).cookie);
    for (const path of ["switch", "logout"]) {
      const answer = await w.send("POST", `/v1/auth/${path}`, { ...own, body: { id: "beta" } });
      expect(saidBy(answer)).toEqual([401, "NOT_AUTHENTICATED"]);
    }
    expect((await w.send("GET", "/v1/auth/load", own)).status).toBe(200);
  });
});

describe("another site", () => {
  const foreign: Record<string, string>[] = [
    {},
    { origin: "null" },
    { origin: "https://evil.example" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "none" },
    { "x-http-method-override": "GET" },
  ];
  for (const path of ["approve-2fa", "reject-2fa", "cli-browser-token", "login-as-user"]) {
    test(`cannot make a browser ask for ${path}, and nothing changes`, async () => {
      await using w = await waiting();
      const { cookie = "" } = w.strong.shown.headers;
      const body = { session_id: w.id, number: w.number, user_id: w.userId };
      const rows = async () => [
        (await portals(w).status(w.poll)).body,
        await w.ctx.db.all`select code_hash from exchange_codes`,
        await w.ctx.db.all`select id from sessions`,
      ];
      const before = await rows();
      for (const headers of foreign) {
        const answer = await w.send("POST", `/v1/auth/${path}`, { headers: { cookie, ...headers }, body });
        expect([headers, ...saidBy(answer)]).toEqual([headers, 403, "CROSS_SITE"]);
        expect((await audited(w)).at(-1)).toStartWith("session.cross_site_refused: origin");
      }
      expect(await rows()).toEqual(before);
    });
  }

  test("can make it read, of which it sees nothing", async () => {
    await using w = await waiting();
    const { cookie = "" } = w.strong.shown.headers;
    const headers = { cookie, origin: "https://evil.example" };
    const answer = await w.send("GET", "/v1/auth/load", { headers });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  });
});
