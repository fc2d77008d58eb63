// The emergency exit, from the server itself only: key-auth.md, decisions §2 key.
import { describe, expect, test } from "bun:test";
import { BASE, enableTotp, setUpAdmin, signIn } from "../../support/key-group.ts";
import { audited, world } from "../../support/world.ts";

describe("mfa/reset", () => {
  test("removes the caller's factors and other sign-ins, and nobody else's", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    await enableTotp(w, key);
    await w.ctx.db
      .run`insert into users (id, realm, username, username_canonical, created_at) values ('usr_2', 'instance', 'bob', 'bob', 1)`;
    await w.ctx.db
      .run`insert into totp_devices (id, user_id, secret_sealed, confirmed_at, last_step, failures, created_at) values ('tot_2', 'usr_2', 'x', 1, 0, 0, 1)`;
    const answer = await w.send("POST", `${BASE}/mfa/reset/`, { key });
    expect([answer.status, answer.body]).toEqual([200, { mfa_enabled: false }]);
    expect((await signIn(w)).body.requires_mfa).toBe(false);
    expect(await w.ctx.db.all`select id from totp_devices`).toEqual([{ id: "tot_2" }]);
    expect(await audited(w)).toContain("mfa.reset");
  });

  test("without a key it is a 401, wherever it comes from", async () => {
    await using w = await world();
    await setUpAdmin(w);
    expect((await w.send("POST", `${BASE}/mfa/reset/`)).body.detail).toBe("Not authenticated");
    expect(
      (await w.send("POST", `${BASE}/mfa/reset/`, { headers: { "x-forwarded-for": "1.2.3.4" } })).status,
    ).toBe(401);
  });

  const disguises: Record<string, string>[] = [
    { "x-forwarded-for": "127.0.0.1" },
    { "x-forwarded-for": "" },
    { "x-forwarded-host": "localhost" },
    { "x-forwarded-proto": "http" },
    { forwarded: "for=127.0.0.1" },
    { "x-real-ip": "::1" },
    { via: "1.1 proxy" },
    { origin: "http://localhost" },
    { origin: "null" },
    { host: "auth.example.com" },
  ];
  for (const headers of disguises) {
    test(`is refused with ${JSON.stringify(headers)}`, async () => {
      await using w = await world({
        URL: "http://auth.example.com",
        TRUSTED_PROXIES: "127.0.0.1/32,::1/128",
      });
      const key = await setUpAdmin(w);
      await enableTotp(w, key);
      const answer = await w.send("POST", `${BASE}/mfa/reset/`, { key, headers });
      expect([answer.status, answer.body.detail]).toEqual([403, "MFA reset only allowed from localhost."]);
      expect((await w.send("GET", `${BASE}/mfa/status/`, { key })).body).toEqual({ mfa_enabled: true });
      expect(await audited(w)).toContain("mfa.reset_refused: not from this machine");
    });
  }
});
