// Turning TOTP on and off: key-auth.md, decisions §2 key and §4.
import { describe, expect, test } from "bun:test";
import { BASE, enableTotp, setUpAdmin, signIn, totpCode, wrongCode } from "../../support/key-group.ts";
import { world } from "../../support/world.ts";

const MINUTE = 60_000;

describe("TOTP", () => {
  test("is set up, asked for at the next sign-in, and turned off again", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const begun = await w.send("POST", `${BASE}/mfa/setup/`, { key });
    expect(begun.body).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      provisioning_uri: `otpauth://totp/Ostiary:admin?secret=${begun.body.secret}&issuer=Ostiary`,
    });
    expect((await w.send("GET", `${BASE}/mfa/status/`, { key })).body).toEqual({ mfa_enabled: false });
    expect((await signIn(w)).body.requires_mfa).toBe(false);
    const { secret } = begun.body;
    const on = await w.send("POST", `${BASE}/mfa/verify/`, {
      key,
      body: { code: totpCode(w.clock, secret) },
    });
    expect([on.status, on.body]).toEqual([200, { mfa_enabled: true }]);
    expect((await w.send("GET", `${BASE}/me/`, { key })).body).toEqual({
      username: "admin",
      mfa_enabled: true,
    });
    expect((await signIn(w)).body).toEqual({ key: "", requires_mfa: true });
    const done = await w.send("POST", `${BASE}/mfa/login-verify/`, {
      body: { username: "admin", code: totpCode(w.clock, secret, 1) },
    });
    expect([done.status, done.body]).toEqual([
      200,
      { key: expect.stringMatching(/^ost_key_/), requires_mfa: false },
    ]);
    w.clock.advance(MINUTE);
    const off = await w.send("POST", `${BASE}/mfa/disable/`, {
      key: done.body.key,
      body: { code: totpCode(w.clock, secret) },
    });
    expect([off.status, off.body]).toEqual([200, { mfa_enabled: false }]);
    expect((await signIn(w)).body.requires_mfa).toBe(false);
    const keys = await w.ctx.db.all<{ amr: string }>`select amr from api_keys order by id`;
    expect(keys.map(({ amr }) => amr)).toEqual(["pwd", "pwd otp mfa", "pwd"]);
  });

  test("its refusals are those of the reference", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const post = (path: string, body?: unknown) =>
      w.send("POST", `${BASE}/mfa/${path}`, { key, ...(body ? { body } : {}) });
    const said = async (path: string, body?: unknown) => {
      const answer = await post(path, body);
      return [answer.status, answer.body.detail];
    };
    expect(await said("verify/", { code: "123456" })).toEqual([400, "Call /mfa/setup/ first."]);
    expect(await said("disable/", { code: "123456" })).toEqual([400, "MFA is not enabled."]);
    const { secret } = (await post("setup/")).body;
    expect(await said("verify/", { code: wrongCode(w.clock, secret) })).toEqual([400, "Invalid TOTP code."]);
    expect(await said("disable/", { code: totpCode(w.clock, secret) })).toEqual([400, "MFA is not enabled."]);
    expect((await post("verify/", { code: totpCode(w.clock, secret) })).status).toBe(200);
    expect(await said("verify/", { code: totpCode(w.clock, secret, 1) })).toEqual([
      400,
      "MFA is already enabled.",
    ]);
    expect(await said("setup/")).toEqual([400, "MFA is already enabled."]);
    expect(await said("disable/", { code: wrongCode(w.clock, secret) })).toEqual([400, "Invalid TOTP code."]);
  });

  for (const code of [
    "12345",
    "1234567",
    "12345a",
    " 123456",
    "１２３４５６",
    "123456\n",
    123456,
    null,
    ["123456"],
    "",
  ]) {
    test(`the code ${JSON.stringify(code)} is a 422 and counts nowhere`, async () => {
      await using w = await world();
      const key = await setUpAdmin(w);
      await w.send("POST", `${BASE}/mfa/setup/`, { key });
      for (const path of ["verify/", "disable/"]) {
        expect((await w.send("POST", `${BASE}/mfa/${path}`, { key, body: { code } })).status).toBe(422);
      }
      expect(
        (await w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: "admin", code } })).status,
      ).toBe(422);
      expect(await w.ctx.db.get`select failures from totp_devices`).toEqual({ failures: 0 });
    });
  }

  test("a second setup replaces the secret of the first", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const first = (await w.send("POST", `${BASE}/mfa/setup/`, { key })).body.secret;
    const second = (await w.send("POST", `${BASE}/mfa/setup/`, { key })).body.secret;
    const verify = (secret: string) =>
      w.send("POST", `${BASE}/mfa/verify/`, { key, body: { code: totpCode(w.clock, secret) } });
    expect((await verify(first)).status).toBe(400);
    expect((await verify(second)).status).toBe(200);
  });

  test("turning it on ends the other sign-ins of the user", async () => {
    await using w = await world();
    const other = await setUpAdmin(w);
    const key = (await signIn(w)).body.key;
    await enableTotp(w, key);
    expect((await w.send("GET", `${BASE}/me/`, { key: other })).status).toBe(401);
    expect((await w.send("GET", `${BASE}/me/`, { key })).status).toBe(200);
  });

  test("changing it needs a sign-in of the last 15 minutes", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    w.clock.advance(15 * MINUTE);
    const stale = await w.send("POST", `${BASE}/mfa/setup/`, { key });
    expect([stale.status, stale.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
    const fresh = (await signIn(w)).body.key;
    const secret = await enableTotp(w, fresh);
    w.clock.advance(15 * MINUTE);
    const off = await w.send("POST", `${BASE}/mfa/disable/`, {
      key: fresh,
      body: { code: totpCode(w.clock, secret) },
    });
    expect([off.status, off.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
  });

  test("one code is accepted once, whichever endpoint asks", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const { secret } = (await w.send("POST", `${BASE}/mfa/setup/`, { key })).body;
    const code = totpCode(w.clock, secret);
    expect((await w.send("POST", `${BASE}/mfa/verify/`, { key, body: { code } })).status).toBe(200);
    await signIn(w);
    const login = await w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: "admin", code } });
    expect([login.status, login.body.detail]).toEqual([401, "Invalid TOTP code."]);
    const off = await w.send("POST", `${BASE}/mfa/disable/`, { key, body: { code } });
    expect([off.status, off.body.detail]).toEqual([400, "Invalid TOTP code."]);
  });

  test("an earlier step is refused once a later one was accepted; steps within one of now are taken", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const secret = await enableTotp(w, key);
    w.clock.advance(10 * MINUTE);
    const finish = async (steps: number) => {
      await signIn(w);
      return (
        await w.send("POST", `${BASE}/mfa/login-verify/`, {
          body: { username: "admin", code: totpCode(w.clock, secret, steps) },
        })
      ).status;
    };
    expect(await finish(-2)).toBe(401);
    expect(await finish(2)).toBe(401);
    expect(await finish(1)).toBe(200);
    expect(await finish(0)).toBe(401);
    expect(await finish(-1)).toBe(401);
  });

  test("with the clock set back behind the last code, codes are refused and counted, and never a fault", async () => {
    await using w = await world();
    const secret = await enableTotp(w, await setUpAdmin(w));
    w.clock.advance(-10 * MINUTE);
    await signIn(w);
    const body = { username: "admin", code: totpCode(w.clock, secret) };
    const answer = await w.send("POST", `${BASE}/mfa/login-verify/`, { body });
    expect([answer.status, answer.body.detail]).toEqual([401, "Invalid TOTP code."]);
    expect(await w.ctx.db.get`select tries from login_challenges`).toEqual({ tries: 1 });
    expect(await w.ctx.db.get`select failures from totp_devices`).toEqual({ failures: 1 });
  });

  test("the seed is sealed, and bound to its row", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const secret = await enableTotp(w, key);
    const row = await w.ctx.db.get<{
      id: string;
      sealed: string;
    }>`select id, secret_sealed as sealed from totp_devices`;
    expect(row?.sealed).not.toContain(secret);
    await w.ctx.db.run`update totp_devices set id = 'tot_moved'`;
    await signIn(w);
    const answer = await w.send("POST", `${BASE}/mfa/login-verify/`, {
      body: { username: "admin", code: totpCode(w.clock, secret, 1) },
    });
    expect([answer.status, answer.body]).toEqual([500, { detail: "Internal Server Error" }]);
  });
});
