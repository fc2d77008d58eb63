// The ten endpoints of the key group, against their reference (key-auth.md) and decisions §2 key.
import { describe, expect, test } from "bun:test";
import { ADMIN, BASE, enableTotp, setUpAdmin, signIn, totpCode, wrongCode } from "../support/key-group.ts";
import { type World, world } from "../support/world.ts";

const MINUTE = 60_000;
const audited = async ({ ctx }: World) =>
  (
    await ctx.db.all<{ event: string; reason: string | null }>`select event, reason from audit order by id`
  ).map(({ event, reason }) => (reason ? `${event}: ${reason}` : event));

describe("setup", () => {
  test("makes the superuser, the default tenant and the owner membership, and signs in", async () => {
    await using w = await world();
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: true });
    const { status, body } = await w.send("POST", `${BASE}/setup/`, { body: ADMIN });
    expect(status).toBe(200);
    expect(body).toEqual({ key: expect.stringMatching(/^ost_key_[\w-]{43}$/), requires_mfa: false });
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: false });
    expect((await w.send("GET", `${BASE}/me/`, { key: body.key })).body).toEqual({
      username: "admin",
      mfa_enabled: false,
    });
    const row = await w.ctx.db.get`
      select t.slug, t.identity, t.settings, m.role, m.status, u.realm, u.superuser_at is not null as superuser
      from memberships m join tenants t on t.id = m.tenant_id join users u on u.id = m.user_id`;
    expect(row).toEqual({
      slug: "default",
      identity: "shared",
      settings: '{"self_registration":false}',
      role: "owner",
      status: "active",
      realm: "instance",
      superuser: 1,
    });
    expect(await audited(w)).toEqual(["setup.completed"]);
  });

  test("a second one is refused, also after all users are deleted", async () => {
    await using w = await world();
    await setUpAdmin(w);
    await w.ctx.db.run`delete from users`;
    const again = await w.send("POST", `${BASE}/setup/`, { body: ADMIN });
    expect([again.status, again.body]).toEqual([
      409,
      { detail: "Setup already completed.", code: "SETUP_ALREADY_COMPLETED" },
    ]);
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: false });
  });

  test("is refused without hashing while a user exists that another way created", async () => {
    await using w = await world();
    await w.ctx.db
      .run`insert into users (id, realm, username, username_canonical, created_at) values ('usr_1', 'instance', 'x', 'x', 1)`;
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: false });
    expect((await w.send("POST", `${BASE}/setup/`, { body: ADMIN })).status).toBe(409);
  });

  const unusable = [
    [
      "a password of 7 characters",
      { username: "admin", password: "1234567" },
      { loc: ["body", "password"], type: "string_too_short" },
    ],
    [
      "a password of 257 characters",
      { username: "admin", password: "x".repeat(257) },
      { loc: ["body", "password"], type: "string_too_long" },
    ],
    [
      "a password that is no text",
      { username: "admin", password: "12345678\ud800" },
      { loc: ["body", "password"], type: "value_error" },
    ],
    [
      "a username with an @",
      { username: "a@b", password: "mypassword" },
      { loc: ["body", "username"], type: "value_error" },
    ],
    [
      "a username with a space",
      { username: "a b", password: "mypassword" },
      { loc: ["body", "username"], type: "value_error" },
    ],
    [
      "an invisible username",
      { username: "\u200b", password: "mypassword" },
      { loc: ["body", "username"], type: "value_error" },
    ],
    ["no username", { password: "mypassword" }, { loc: ["body", "username"], type: "missing" }],
  ] as const;
  for (const [what, body, entry] of unusable) {
    test(`${what} is a 422 and changes nothing`, async () => {
      await using w = await world();
      const answer = await w.send("POST", `${BASE}/setup/`, { body });
      expect([answer.status, answer.body]).toEqual([
        422,
        { detail: [{ ...entry, loc: [...entry.loc], msg: expect.any(String) }] },
      ]);
      expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: true });
    });
  }

  test("64 emoji are a password, and the last character counts", async () => {
    await using w = await world();
    const password = "🔑".repeat(64);
    await w.send("POST", `${BASE}/setup/`, { body: { username: "admin", password } });
    expect((await signIn(w, { username: "admin", password: `${"🔑".repeat(63)}🔒` })).status).toBe(401);
    expect((await signIn(w, { username: "admin", password })).status).toBe(200);
  });

  test("composed and decomposed spellings are one password", async () => {
    await using w = await world();
    await w.send("POST", `${BASE}/setup/`, {
      body: { username: "admin", password: "pässwörter".normalize("NFC") },
    });
    expect((await signIn(w, { username: "admin", password: "pässwörter".normalize("NFD") })).status).toBe(
      200,
    );
  });

  test("from elsewhere it needs the setup token, in the body or a header", async () => {
    await using w = await world();
    const { setupToken } = await import("../../src/flows/setup.ts");
    const token = setupToken(w.ctx);
    const elsewhere = { "x-forwarded-for": "203.0.113.7" };
    const attempt = (body: object, headers: Record<string, string> = {}) =>
      w.send("POST", `${BASE}/setup/`, {
        body: { ...ADMIN, ...body },
        headers: { ...elsewhere, ...headers },
      });
    expect((await attempt({})).body.code).toBe("SETUP_TOKEN_REQUIRED");
    expect((await attempt({ setup_token: `${token}x` })).status).toBe(403);
    expect((await attempt({}, { "x-setup-token": "ost_setup_wrong" })).status).toBe(403);
    expect((await attempt({}, { origin: w.origin })).status).toBe(403);
    expect(await audited(w)).toEqual([
      "setup.refused: no setup token",
      "setup.refused: wrong setup token",
      "setup.refused: wrong setup token",
      "setup.refused: no setup token",
    ]);
    expect((await attempt({}, { "x-setup-token": token })).status).toBe(200);
    expect((await attempt({ setup_token: token })).status).toBe(409);
  });

  test("the setup token can be switched off", async () => {
    await using w = await world({ SETUP_TOKEN: "off" });
    const answer = await w.send("POST", `${BASE}/setup/`, {
      body: ADMIN,
      headers: { "x-forwarded-for": "203.0.113.7" },
    });
    expect(answer.status).toBe(200);
  });
});

describe("token", () => {
  test("unknown user and wrong password get the same answer", async () => {
    await using w = await world();
    await setUpAdmin(w);
    const wrong = await signIn(w, { username: "admin", password: "wrong" });
    const unknown = await signIn(w, { username: "nobody", password: "wrong" });
    const email = await signIn(w, { username: "nobody@example.com", password: "wrong" });
    const impossible = await signIn(w, { username: "no body\u0000", password: "wrong" });
    for (const answer of [wrong, unknown, email, impossible]) {
      expect([answer.status, answer.body]).toEqual([
        401,
        { detail: "Invalid credentials.", code: "INVALID_CREDENTIALS" },
      ]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
    expect(await audited(w)).toEqual([
      "setup.completed",
      "login.failed: wrong password",
      "login.failed: unknown user",
      "login.failed: unknown user",
      "login.failed: unknown user",
    ]);
  });

  test("the username is compared without regard to case and width, and shown as chosen", async () => {
    await using w = await world();
    await w.send("POST", `${BASE}/setup/`, { body: { username: "Ädmin", password: "mypassword" } });
    const { status, body } = await signIn(w, { username: "äＤmin", password: "mypassword" });
    expect(status).toBe(200);
    expect((await w.send("GET", `${BASE}/me/`, { key: body.key })).body.username).toBe("Ädmin");
  });

  test("the email of a shared account is a username too, and is shown where there is none", async () => {
    await using w = await world();
    await setUpAdmin(w);
    await w.ctx.db.run`
      insert into users (id, realm, email, password_hash, created_at)
      select 'usr_2', 'instance', 'ann@xn--bcher-kva.example', password_hash, 1 from users`;
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      select id, 'usr_2', 'member', 'active', 1 from tenants`;
    const { status, body } = await signIn(w, { username: " Ann@BÜCHER.example ", password: "mypassword" });
    expect(status).toBe(200);
    expect((await w.send("GET", `${BASE}/me/`, { key: body.key })).body.username).toBe(
      "ann@xn--bcher-kva.example",
    );
  });

  test("an account of an isolated tenant cannot sign in here", async () => {
    await using w = await world();
    await setUpAdmin(w);
    await w.ctx.db
      .run`insert into tenants (id, slug, name, identity, settings, created_at) values ('tnt_1', 'iso', 'Iso', 'isolated', '{}', 1)`;
    await w.ctx.db.run`
      insert into users (id, realm, email, username, username_canonical, password_hash, created_at)
      select 'usr_2', 'tnt_1', 'ann@example.com', 'ann', 'ann', password_hash, 1 from users`;
    await w.ctx.db
      .run`insert into memberships (tenant_id, user_id, role, status, created_at) values ('tnt_1', 'usr_2', 'member', 'active', 1)`;
    expect((await signIn(w, { username: "ann", password: "mypassword" })).status).toBe(401);
    expect((await signIn(w, { username: "ann@example.com", password: "mypassword" })).status).toBe(401);
  });

  test("only the ten newest sign-ins keep their keys", async () => {
    await using w = await world();
    const keys = [await setUpAdmin(w)];
    for (let i = 0; i < 10; i++) keys.push((await signIn(w)).body.key);
    const statuses = await Promise.all(
      keys.map(async (key) => (await w.send("GET", `${BASE}/me/`, { key })).status),
    );
    expect(statuses).toEqual([401, ...Array<number>(10).fill(200)]);
  });

  test("the database holds neither keys nor passwords", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const rows = JSON.stringify([
      await w.ctx.db.all`select * from users`,
      await w.ctx.db.all`select * from api_keys`,
    ]);
    expect(rows).not.toContain(key.slice("ost_key_".length));
    expect(rows).not.toContain(ADMIN.password);
    expect(rows).toContain("$argon2id$v=19$m=8,t=1,p=1$");
  });
});

describe("Bearer", () => {
  test("none and a bad one are told apart as the reference does", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const me = (headers: Record<string, string>) => w.send("GET", `${BASE}/me/`, { headers });
    const cases: [Record<string, string>, string][] = [
      [{}, "Not authenticated"],
      [{ authorization: "" }, "Not authenticated"],
      [{ authorization: "Bearer" }, "Not authenticated"],
      [{ authorization: "Bearer  " }, "Not authenticated"],
      [{ authorization: `Basic ${key}` }, "Not authenticated"],
      [{ authorization: key }, "Not authenticated"],
      [{ authorization: `Bearer ${key}x` }, "Invalid or missing API key."],
      [{ authorization: `Bearer ${key.slice(0, -1)}` }, "Invalid or missing API key."],
      [{ authorization: `Bearer ${key} ${key}` }, "Invalid or missing API key."],
      [{ authorization: `Bearer ${key},Bearer ${key}` }, "Invalid or missing API key."],
      [{ authorization: "Bearer ost_rt_AAAA" }, "Invalid or missing API key."],
    ];
    for (const [headers, detail] of cases) {
      const answer = await me(headers);
      expect([headers, answer.status, answer.body.detail]).toEqual([headers, 401, detail]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
    expect((await me({ authorization: `bearer ${key}` })).status).toBe(200);
  });

  const deaths: [string, (w: World) => Promise<unknown>][] = [
    ["the user is disabled", ({ ctx }) => ctx.db.run`update users set disabled_at = 1`],
    ["the user is deleted", ({ ctx }) => ctx.db.run`delete from users`],
    ["the tenant is disabled", ({ ctx }) => ctx.db.run`update tenants set disabled_at = 1`],
    ["the tenant is deleted", ({ ctx }) => ctx.db.run`delete from tenants`],
    ["the membership is suspended", ({ ctx }) => ctx.db.run`update memberships set status = 'suspended'`],
    ["the membership is removed", ({ ctx }) => ctx.db.run`delete from memberships`],
    ["90 days pass without use", async ({ clock }) => clock.advance(90 * 24 * 60 * MINUTE)],
  ];
  for (const [what, happen] of deaths) {
    test(`a key is dead as soon as ${what}, and so is signing in`, async () => {
      await using w = await world();
      const key = await setUpAdmin(w);
      await happen(w);
      const answer = await w.send("GET", `${BASE}/me/`, { key });
      expect([answer.status, answer.body.detail]).toEqual([401, "Invalid or missing API key."]);
      expect((await signIn(w)).status).toBe(what.startsWith("90 days") ? 200 : 401);
    });
  }

  test("use keeps a key alive beyond 90 days", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    for (let i = 0; i < 4; i++) {
      w.clock.advance(60 * 24 * 60 * MINUTE);
      expect((await w.send("GET", `${BASE}/me/`, { key })).status).toBe(200);
    }
  });
});

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
