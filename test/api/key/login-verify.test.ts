// The second step of signing in: key-auth.md, decisions §2 key.
import { describe, expect, test } from "bun:test";
import { ADMIN, BASE, enableTotp, setUpAdmin, signIn, totpCode, wrongCode } from "../../support/key-group.ts";
import { world } from "../../support/world.ts";

const MINUTE = 60_000;

describe("login-verify", () => {
  /** An admin with TOTP whose password was just accepted. */
  async function waiting() {
    const w = await world();
    const secret = await enableTotp(w, await setUpAdmin(w));
    w.clock.advance(MINUTE);
    const finish = (code: string, headers: Record<string, string> = {}) =>
      w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: "admin", code }, headers });
    return { w, secret, finish, right: () => totpCode(w.clock, secret) };
  }

  test("is refused without a right password before it", async () => {
    const { w, finish, right } = await waiting();
    await using _ = w;
    expect((await finish(right())).body.detail).toBe("Invalid credentials.");
    await signIn(w, { username: "admin", password: "wrong" });
    expect((await finish(right())).body.detail).toBe("Invalid credentials.");
    expect(
      (await w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: "nobody", code: right() } }))
        .body.detail,
    ).toBe("Invalid credentials.");
    await signIn(w);
    expect((await finish(right())).status).toBe(200);
  });

  test("works for 5 minutes", async () => {
    const { w, finish, right } = await waiting();
    await using _ = w;
    await signIn(w);
    w.clock.advance(5 * MINUTE);
    expect((await finish(right())).body.detail).toBe("Invalid credentials.");
  });

  test("works once", async () => {
    const { w, secret, finish, right } = await waiting();
    await using _ = w;
    await signIn(w);
    expect((await finish(right())).status).toBe(200);
    expect((await finish(totpCode(w.clock, secret, 1))).body.detail).toBe("Invalid credentials.");
  });

  test("works from the address of the password only", async () => {
    const { w, finish, right } = await waiting();
    await using _ = w;
    await signIn(w, ADMIN);
    const port = new URL(w.origin).port;
    const elsewhere = await fetch(`http://127.0.0.1:${port}${BASE}/mfa/login-verify/`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": "203.0.113.7" },
      body: JSON.stringify({ username: "admin", code: "000000" }),
    });
    // No proxy is trusted here, so the forged header changes nothing: this counts as a wrong try.
    expect(((await elsewhere.json()) as { detail: string }).detail).toBe("Invalid TOTP code.");
    expect((await finish(right())).status).toBe(200);
  });

  test("behind a trusted proxy the address is the client's", async () => {
    await using w = await world({ TRUSTED_PROXIES: "127.0.0.0/8,::1" });
    const secret = await enableTotp(w, await setUpAdmin(w));
    w.clock.advance(MINUTE);
    const from = (address: string) => ({ "x-forwarded-for": address });
    await signIn(w, ADMIN, from("203.0.113.7"));
    const finish = (address: string) =>
      w.send("POST", `${BASE}/mfa/login-verify/`, {
        body: { username: "admin", code: totpCode(w.clock, secret) },
        headers: from(address),
      });
    expect((await finish("203.0.113.8")).body.detail).toBe("Invalid credentials.");
    expect((await finish("198.51.100.1, 203.0.113.8")).body.detail).toBe("Invalid credentials.");
    expect((await finish("203.0.113.7")).status).toBe(200);
  });

  test("five wrong codes end it, also for the right one", async () => {
    const { w, secret, finish, right } = await waiting();
    await using _ = w;
    await signIn(w);
    for (let i = 0; i < 5; i++)
      expect((await finish(wrongCode(w.clock, secret))).body.detail).toBe("Invalid TOTP code.");
    expect((await finish(right())).body.detail).toBe("Invalid credentials.");
  });

  test("a hundred wrong codes in a row switch the factor off, but it stays asked for", async () => {
    const { w, secret, finish, right } = await waiting();
    await using _ = w;
    await w.ctx.db.run`update totp_devices set failures = 99`;
    await signIn(w);
    expect((await finish(wrongCode(w.clock, secret))).status).toBe(401);
    expect((await finish(right())).body.detail).toBe("Invalid TOTP code.");
    expect((await signIn(w)).body).toEqual({ key: "", requires_mfa: true });
  });

  test("is refused when the account is disabled in between", async () => {
    const { w, finish, right } = await waiting();
    await using _ = w;
    await signIn(w);
    await w.ctx.db.run`update users set disabled_at = 1`;
    expect((await finish(right())).body.detail).toBe("Invalid credentials.");
    await w.ctx.db.run`update users set disabled_at = null`;
    expect((await finish(right())).status).toBe(200);
  });
});
