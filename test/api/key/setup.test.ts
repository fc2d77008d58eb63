// Making the first admin: key-auth.md, decisions §2 key.
import { describe, expect, test } from "bun:test";
import { setupToken } from "../../../src/flows/setup.ts";
import { ADMIN, BASE, setUpAdmin, signIn } from "../../support/key-group.ts";
import { cookieFrom } from "../../support/portal-group.ts";
import { tenantOf, withCookie } from "../../support/tenant-group.ts";
import { audited, world } from "../../support/world.ts";

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
    ["an email that is none", { ...ADMIN, email: "nobody" }, { loc: ["body", "email"], type: "value_error" }],
    ["null for an email", { ...ADMIN, email: null }, { loc: ["body", "email"], type: "string_type" }],
    ["an empty email", { ...ADMIN, email: "" }, { loc: ["body", "email"], type: "string_too_short" }],
    [
      "an email that looks like another",
      { ...ADMIN, email: "r\u200boot@example.com" },
      { loc: ["body", "email"], type: "value_error" },
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

  test("with an email, the admin can sign in at once by that too, at a page and everywhere", async () => {
    await using w = await world();
    const email = "Root@Example.com";
    const { status, body } = await w.send("POST", `${BASE}/setup/`, { body: { ...ADMIN, email } });
    expect([status, body]).toEqual([200, { key: expect.any(String), requires_mfa: false }]);
    expect((await w.send("GET", `${BASE}/me/`, { key: body.key })).body.username).toBe("admin");
    const answer = await tenantOf(w, "default").login("root@example.com", ADMIN.password);
    expect([answer.status, answer.body.data.status]).toEqual([200, "SUCCESS"]);
    const shown = withCookie(cookieFrom(answer, "session"));
    expect((await w.send("GET", "/api/v1/me", shown)).body).toMatchObject({
      email: "root@example.com",
      username: "admin",
      email_verified: true,
      role: "owner",
    });
    expect((await w.send("GET", "/api/v1/admin/users", shown)).status).toBe(200);
    for (const username of ["admin", email])
      expect((await signIn(w, { username, password: ADMIN.password })).status).toBe(200);
    // Drawn as a decoy like everybody's.
    const rows = await w.ctx.db.all`select decoy_position is not null as placed from users`;
    expect(rows).toEqual([{ placed: 1 }]);
  });

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
