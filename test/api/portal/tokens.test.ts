// refresh and logout over HTTP, and a second factor that a portal login asks for.
import { describe, expect, test } from "bun:test";
import { enableTotp, totpCode, wrongCode } from "../../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "../../support/people.ts";
import { portal } from "../../support/portal-group.ts";
import { audited, dump, world } from "../../support/world.ts";

const ADA = "ada@example.com";

async function signedIn() {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const userId = await makePerson(w, acme, { email: ADA });
  const { body } = await portal(w).login(ADA, PASSWORD);
  return Object.assign(w, { acme, userId, tokens: body as { access_token: string; refresh_token: string } });
}

const dead = { status: 401, body: { code: "INVALID_REFRESH_TOKEN" } };

describe("refresh", () => {
  test("gives the next pair each time, as old and as strong as the login", async () => {
    await using w = await signedIn();
    const { refresh, isAlive } = portal(w);
    w.clock.advance(60_000);
    const { status, body } = await refresh(w.tokens.refresh_token);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), refresh_token: expect.any(String) });
    expect(body.refresh_token).not.toBe(w.tokens.refresh_token);
    expect(await isAlive(body.access_token)).toBe(true);
  });

  test("used twice ends the whole family, also the youngest token", async () => {
    await using w = await signedIn();
    const { refresh, isAlive } = portal(w);
    const second = (await refresh(w.tokens.refresh_token)).body;
    const third = (await refresh(second.refresh_token)).body;
    w.clock.advance(11_000);
    expect(await refresh(w.tokens.refresh_token)).toMatchObject(dead);
    expect(await refresh(third.refresh_token)).toMatchObject(dead);
    expect(await isAlive(third.access_token)).toBe(false);
    expect((await audited(w)).some((line) => line.startsWith("session.refresh_reused"))).toBe(true);
  });

  test("takes nothing but refresh tokens, and says the same of all else", async () => {
    await using w = await signedIn();
    const { refresh } = portal(w);
    for (const token of ["", "x", "ost_rt_", w.tokens.access_token, "ost_rt_" + "A".repeat(43), "\u0000"]) {
      expect(await refresh(token)).toMatchObject(dead);
    }
    expect((await refresh("x".repeat(5000))).status).toBe(422);
  });

  test("is over when the account is disabled", async () => {
    await using w = await signedIn();
    await w.ctx.db.run`update users set disabled_at = 1`;
    expect(await portal(w).refresh(w.tokens.refresh_token)).toMatchObject(dead);
  });
});

describe("logout", () => {
  test("ends the session with all its tokens", async () => {
    await using w = await signedIn();
    const { logout, refresh, isAlive } = portal(w);
    const answer = await logout({ key: w.tokens.access_token });
    expect(answer).toMatchObject({ status: 200, body: { message: "Logged out" } });
    expect(await isAlive(w.tokens.access_token)).toBe(false);
    expect(await refresh(w.tokens.refresh_token)).toMatchObject(dead);
    expect(dump(w)["sessions"]).toEqual([]);
  });

  test("says the same without a token, with a dead one and with nonsense", async () => {
    await using w = await signedIn();
    const { logout } = portal(w);
    await logout({ key: w.tokens.access_token });
    for (const key of [undefined, w.tokens.access_token, "nonsense"]) {
      const answer = await logout(key === undefined ? {} : { key });
      expect(answer).toMatchObject({ status: 200, body: { message: "Logged out" } });
    }
  });
});

describe("a person with TOTP", () => {
  test("gets no session for the password alone, by either way in", async () => {
    await using w = await signedIn();
    await enableTotp(w, w.tokens.access_token);
    const { signIn, login } = portal(w);
    const before = dump(w)["sessions"]?.length;
    const authenticated = await signIn(ADA, PASSWORD);
    expect(authenticated.status).toBe(200);
    expect(authenticated.body).toEqual({
      status: "MFA_REQUIRED",
      mfa_token: expect.any(String),
      user_id: w.userId,
      available_methods: ["totp"],
    });
    const loggedIn = await login(ADA, PASSWORD);
    expect(loggedIn.status).toBe(403);
    expect(loggedIn.body).toEqual({
      detail: {
        code: "MFA_REQUIRED",
        message: expect.any(String),
        mfa_token: expect.any(String),
        user_id: w.userId,
        available_methods: ["totp"],
      },
      code: "MFA_REQUIRED",
    });
    expect(dump(w)["sessions"]).toHaveLength(before ?? -1);
  });

  test("finishes with a code, once", async () => {
    await using w = await signedIn();
    const secret = await enableTotp(w, w.tokens.access_token);
    const { signIn, verify, isAlive } = portal(w);
    const { mfa_token, user_id } = (await signIn(ADA, PASSWORD)).body;
    const body = { mfa_token, user_id, method: "totp", code: totpCode(w.clock, secret, 1) };
    const { status, body: entered } = await verify(body);
    expect(status).toBe(200);
    expect(entered.user).toMatchObject({ id: w.userId, mfa_enabled: true });
    expect(await isAlive(entered.access_token)).toBe(true);
    expect(await verify(body)).toMatchObject({ status: 401, body: { code: "INVALID_MFA_TOKEN" } });
    expect(await audited(w)).toContain("login.succeeded: pwd otp mfa");
  });

  test("has five tries for each mfa token, also when they come at once with the right code last", async () => {
    await using w = await signedIn();
    const secret = await enableTotp(w, w.tokens.access_token);
    const { signIn, verify } = portal(w);
    const { mfa_token, user_id } = (await signIn(ADA, PASSWORD)).body;
    const right = totpCode(w.clock, secret, 1);
    const wrong = wrongCode(w.clock, secret);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => verify({ mfa_token, user_id, method: "totp", code: wrong })),
    );
    expect(answers.filter(({ body }) => body.code === "INVALID_MFA_CODE")).toHaveLength(5);
    expect(answers.filter(({ body }) => body.code === "INVALID_MFA_TOKEN")).toHaveLength(15);
    expect(await verify({ mfa_token, user_id, method: "totp", code: right })).toMatchObject({ status: 401 });
  });

  test("cannot finish with another's user id, another method, or after signing out everywhere", async () => {
    await using w = await signedIn();
    const secret = await enableTotp(w, w.tokens.access_token);
    const { signIn, verify } = portal(w);
    const { mfa_token } = (await signIn(ADA, PASSWORD)).body;
    const code = totpCode(w.clock, secret, 1);
    const other = await verify({ mfa_token, user_id: "usr_0", method: "totp", code });
    expect(other).toMatchObject({ status: 401, body: { code: "INVALID_MFA_TOKEN" } });
    const user_id = w.userId;
    expect((await verify({ mfa_token, user_id, method: "none", code })).status).toBe(422);
    expect((await verify({ mfa_token, user_id, method: "email", code })).status).toBe(401);
    await w.ctx.db.run`update users set signed_out_at = ${w.clock.now()}`;
    expect((await verify({ mfa_token, user_id, method: "totp", code })).status).toBe(401);
  });
});
