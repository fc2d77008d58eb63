// The hosted login: cookie sessions, remembering, second factors by TOTP.
import { describe, expect, test } from "bun:test";
import { enableTotp, totpCode, wrongCode } from "../../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { dump, world } from "../../support/world.ts";

const ADA = "ada@example.com";

async function town(settings = {}) {
  const w = await world(settings);
  const acme = await makeTenant(w, "acme", { session_ttl: 3600 });
  const beta = await makeTenant(w, "beta");
  const userId = await makePerson(w, [acme, beta], { email: ADA });
  return Object.assign(w, { acme, beta, userId });
}

describe("a login at a tenant", () => {
  test("sets a cookie for the browser session, or for the tenant's time when told to remember", async () => {
    await using w = await town();
    const session = (headers: Headers) =>
      headers.getSetCookie().find((cookie) => cookie.startsWith("ostiary_session="));
    const forgetful = await tenantOf(w, "acme").login(ADA, PASSWORD);
    expect(session(forgetful.headers)).toMatch(
      /^ostiary_session=ost_ses_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const mindful = await tenantOf(w, "acme").login(ADA, PASSWORD, { remember_me: true });
    expect(session(mindful.headers)).toEndWith("; Max-Age=3600");
  });

  test("over https sets cookies that no other host can plant", async () => {
    await using w = await town({ URL: "https://auth.example.com" });
    const { headers } = await tenantOf(w, "acme").login(ADA, PASSWORD);
    for (const cookie of headers.getSetCookie()) {
      expect(cookie).toStartWith("__Host-ostiary_");
      expect(cookie).toContain("; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
  });

  test("opens that tenant and no other, for members only", async () => {
    await using w = await town();
    await makeTenant(w, "gamma");
    expect((await tenantOf(w, "beta").login(ADA, PASSWORD)).status).toBe(200);
    expect(await w.ctx.db.all`select tenant_id from sessions`).toEqual([{ tenant_id: w.beta.id }]);
    expect(await tenantOf(w, "gamma").login(ADA, PASSWORD)).toMatchObject({
      status: 401,
      body: { detail: "Invalid credentials" },
    });
  });

  test("pays no heed to a session that the browser brings along, nor to where it comes from", async () => {
    await using w = await town();
    const first = cookieFrom(await tenantOf(w, "acme").login(ADA, PASSWORD), "session");
    const headers = { cookie: `ostiary_session=${first}`, origin: "https://app.example.com" };
    const again = await tenantOf(w, "acme", { headers }).login(ADA, PASSWORD);
    expect(again.status).toBe(200);
    expect(cookieFrom(again, "session")).not.toBe(first);
  });
});

describe("a second factor at a tenant", () => {
  async function withTotp() {
    const w = await town();
    const { body } = await portal(w).login(ADA, PASSWORD, w.acme.id);
    return Object.assign(w, { secret: await enableTotp(w, body.access_token) });
  }

  test("is asked for after the password, and finished into a cookie", async () => {
    await using w = await withTotp();
    const acme = tenantOf(w, "acme");
    const { status, body, headers } = await acme.login(ADA, PASSWORD, { remember_me: true });
    expect(status).toBe(200);
    expect(body.data).toEqual({
      status: "MFA_REQUIRED",
      user_id: w.userId,
      mfa_required: true,
      mfa_token: expect.any(String),
      available_methods: ["totp"],
      default_method: "totp",
    });
    expect(headers.getSetCookie()).toEqual([]);
    const { mfa_token } = body.data;
    const wrong = await acme.verifyMfa({ mfa_token, method: "totp", code: wrongCode(w.clock, w.secret) });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual({
      detail: "Invalid MFA code",
      code: "INVALID_MFA_CODE",
      data: { status: "FAILED", error: "INVALID_CODE" },
    });
    const done = await acme.verifyMfa({ mfa_token, method: "totp", code: totpCode(w.clock, w.secret, 1) });
    expect(done.status).toBe(200);
    expect(done.body.data).toMatchObject({ status: "SUCCESS", session_id: expect.stringMatching(/^ses_/) });
    expect(done.headers.getSetCookie().join()).toContain("Max-Age=3600");
  });

  test("begun here may be finished at the portal, and the other way round", async () => {
    await using w = await withTotp();
    const acme = tenantOf(w, "acme");
    const { mfa_token, user_id } = (await acme.login(ADA, PASSWORD)).body.data;
    const code = totpCode(w.clock, w.secret, 1);
    const finished = await portal(w).verify({ mfa_token, user_id, method: "totp", code });
    expect(finished.body).toMatchObject({ access_token: expect.any(String) });
    w.clock.advance(60_000);
    const begun = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const there = await acme.verifyMfa({
      mfa_token: begun.mfa_token,
      method: "totp",
      code: totpCode(w.clock, w.secret, 1),
    });
    expect(there.status).toBe(200);
  });

  test("begun at one tenant is nothing at another, where each try counts", async () => {
    await using w = await withTotp();
    const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
    const body = { mfa_token, method: "totp", code: totpCode(w.clock, w.secret, 1) };
    for (let i = 0; i < 5; i++) {
      expect(await tenantOf(w, "beta").verifyMfa(body)).toMatchObject({
        status: 401,
        body: { code: "INVALID_MFA_TOKEN" },
      });
    }
    expect(await tenantOf(w, "acme").verifyMfa(body)).toMatchObject({ status: 401 });
    expect(dump(w)["sessions"]).toHaveLength(1);
  });
});
