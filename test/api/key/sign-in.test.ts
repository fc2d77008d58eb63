// Passwords for keys, and what a key is good for: key-auth.md, decisions §2 key.
import { describe, expect, test } from "bun:test";
import { ADMIN, BASE, setUpAdmin, signIn } from "../../support/key-group.ts";
import { audited, type World, world } from "../../support/world.ts";

const MINUTE = 60_000;

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
      insert into users (id, realm, email, password_hash, email_verified_at, password_set_at, active_at, created_at)
      select 'usr_2', 'instance', 'ann@xn--bcher-kva.example', password_hash, 1, 1, 1, 1 from users`;
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
      insert into users (id, realm, email, username, username_canonical, password_hash, password_set_at, created_at)
      select 'usr_2', 'tnt_1', 'ann@example.com', 'ann', 'ann', password_hash, 1, 1 from users`;
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

describe("what a sign-in leaves", () => {
  test("a limit is written down once for each wait, and not for each try of a flood", async () => {
    await using w = await world();
    await setUpAdmin(w);
    await w.ctx.db.run`delete from known_addresses`;
    const wrong = { ...ADMIN, password: "wrong" };
    for (let i = 0; i < 12; i++) await signIn(w, wrong);
    w.clock.advance(MINUTE);
    for (let i = 0; i < 4; i++) await signIn(w, wrong);
    expect<unknown[]>(await audited(w)).toEqual([
      "setup.completed",
      ...Array<string>(5).fill("login.failed: wrong password"),
      expect.stringMatching(/^login.limited: for (30|29) s$/),
      "login.failed: wrong password",
      expect.stringMatching(/^login.limited: for (60|59) s$/),
    ]);
  });

  test("a hash that is cheaper than the setting is replaced by a right password, and only by that", async () => {
    await using w = await world({ ARGON2_PASSES: "2" });
    await setUpAdmin(w);
    const cheaper = await Bun.password.hash(ADMIN.password, {
      algorithm: "argon2id",
      memoryCost: 8,
      timeCost: 1,
    });
    await w.ctx.db.run`update users set password_hash = ${cheaper}`;
    const stored = async () =>
      (await w.ctx.db.get<{ hash: string }>`select password_hash as hash from users`)?.hash;
    await signIn(w, { ...ADMIN, password: "wrong" });
    expect(await stored()).toBe(cheaper);
    expect((await signIn(w)).status).toBe(200);
    expect(await stored()).toStartWith("$argon2id$v=19$m=8,t=2,p=1$");
    const dear = await stored();
    expect((await signIn(w)).status).toBe(200);
    expect(await stored()).toBe(dear ?? "none");
  });

  test("several sign-ins that replace the same cheap hash at once all succeed", async () => {
    await using w = await world({ ARGON2_PASSES: "2" });
    await setUpAdmin(w);
    const cheaper = await Bun.password.hash(ADMIN.password, {
      algorithm: "argon2id",
      memoryCost: 8,
      timeCost: 1,
    });
    await w.ctx.db.run`update users set password_hash = ${cheaper}`;
    const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(w)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  const meanwhile: [string, (w: World) => Promise<unknown>, string][] = [
    [
      "its password was replaced",
      ({ ctx }) => ctx.db.run`update users set password_set_at = 1`,
      "password just changed",
    ],
    ["it was disabled", ({ ctx }) => ctx.db.run`update users set disabled_at = 1`, "account is not active"],
  ];
  for (const [what, happen, reason] of meanwhile) {
    test(`an account gets no key when ${what} while the password was being checked`, async () => {
      await using w = await world({ ARGON2_MEMORY: "262144", ARGON2_PASSES: "2" });
      await setUpAdmin(w);
      const signingIn = signIn(w);
      while (!(await w.ctx.db.get`select 1 as counted from limits`)) await Bun.sleep(1);
      await happen(w);
      expect((await signingIn).status).toBe(401);
      expect(await audited(w)).toEqual(["setup.completed", `login.failed: ${reason}`]);
    });
  }

  test("with the clock set back, the key just given works, whatever keys were there", async () => {
    await using w = await world();
    await setUpAdmin(w);
    for (let i = 0; i < 10; i++) await signIn(w);
    w.clock.advance(-60 * MINUTE);
    const { key } = (await signIn(w)).body;
    expect((await w.send("GET", `${BASE}/me/`, { key })).status).toBe(200);
  });

  test("HEAD keeps no key alive", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    w.clock.advance(80 * 24 * 60 * MINUTE);
    expect((await w.send("HEAD", `${BASE}/me/`, { key })).status).toBe(200);
    w.clock.advance(11 * 24 * 60 * MINUTE);
    expect((await w.send("GET", `${BASE}/me/`, { key })).status).toBe(401);
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
      // That it was used is written down after the answer; once this write is done, so is that one.
      await w.ctx.db.run`update instance set value = value where name = 'writable_at'`;
    }
  });
});
