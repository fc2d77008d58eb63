// Members of a tenant, and how somebody becomes one (decisions §1 Membership, §7).
import { describe, expect, test } from "bun:test";
import { place } from "../../support/admin-group.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { signIn } from "../../support/key-group.ts";
import { signInForKey } from "../../support/sessions.ts";
import { audited, dump } from "../../support/world.ts";

const PASSWORD = "correct horse battery";
const NEW = { email: "New@Example.com" };
const MEMBERS = "/tenants/acme/members";

describe("an account that is made with the membership", () => {
  test("has the password a superuser gave it, counts as verified and is active", async () => {
    await using w = await place();
    const body = {
      ...NEW,
      username: "Newt",
      first_name: "New",
      last_name: "One",
      password: PASSWORD,
      role: "admin",
    };
    const { status, body: member } = await w.ask("superuser", "POST", MEMBERS, body);
    expect([status, member]).toEqual([
      201,
      {
        user_id: expect.stringMatching(/^usr_[0-9a-f]{32}$/),
        email: "new@example.com",
        username: "Newt",
        first_name: "New",
        last_name: "One",
        role: "admin",
        status: "active",
        created_at: expect.any(String),
      },
    ]);
    expect((await signIn(w, { username: "newt", password: PASSWORD })).status).toBe(200);
    const row = await w.ctx.db.get`
      select realm, superuser_at, email_verified_at is not null as verified, decoy_position is not null as placed
      from users where id = ${member.user_id}`;
    expect(row).toEqual({ realm: "instance", superuser_at: null, verified: 1, placed: 1 });
    expect(dump(w)["outbox"]).toEqual([]);
    expect(await audited(w)).toEqual(expect.arrayContaining(["user.created", "member.added: admin active"]));
  });

  test("of an isolated tenant may have its password from an admin of that tenant", async () => {
    await using w = await place();
    const admin = await makePerson(w, w.iso, { email: "boss@example.com", role: "admin", password: null });
    const key = await signInForKey(w.ctx, { userId: admin, tenantId: w.iso.id });
    const body = { email: "target@example.com", password: PASSWORD };
    const { status, body: member } = await w.send("POST", "/api/v1/admin/tenants/iso/members", { key, body });
    expect([status, member.status]).toEqual([201, "active"]);
    const accounts = await w.ctx.db.all`
      select realm from users where email = 'target@example.com' order by realm`;
    expect(accounts).toEqual([{ realm: "instance" }, { realm: w.iso.id }]);
  });

  test("needs a password or an invitation, an email or a username, and a password the policy takes", async () => {
    await using w = await place();
    await w.ask("superuser", "PATCH", "/tenants/acme", { password_min_length: 12 });
    const unusable: [object, string][] = [
      [{ ...NEW }, "password"],
      [{ password: PASSWORD }, "email"],
      [{ invite: true, username: "newt" }, "email"],
      [{ ...NEW, password: "eleven char" }, "password"],
      [{ email: "no email", password: PASSWORD }, "email"],
      [{ username: "a b", password: PASSWORD }, "username"],
      [{ ...NEW, first_name: "a\u202eb", password: PASSWORD }, "first_name"],
      [{ ...NEW, role: "superuser", password: PASSWORD }, "role"],
    ];
    const before = dump(w)["users"];
    for (const [body, field] of unusable) {
      const { status, body: answer } = await w.ask("superuser", "POST", MEMBERS, body);
      expect([status, answer.detail?.[0].loc]).toEqual([422, ["body", field]]);
    }
    expect(dump(w)["users"]).toEqual(before);
  });

  test("takes nothing from the body that is not documented", async () => {
    await using w = await place();
    const more = {
      superuser: true,
      is_superuser: true,
      superuser_at: 1,
      email_verified: true,
      active_at: 1,
      status: "active",
      user_id: w.target,
      tenant_id: w.other.id,
      realm: w.iso.id,
      __proto__: { role: "owner" },
    };
    const { status, body } = await w.ask("admin", "POST", MEMBERS, { ...NEW, ...more });
    expect([status, body.status, body.role, body.user_id === w.target]).toEqual([
      201,
      "invited",
      "member",
      false,
    ]);
    const row = await w.ctx.db.get`
      select realm, superuser_at, email_verified_at, active_at, password_hash from users where email = 'new@example.com'`;
    expect(row).toEqual({
      realm: "instance",
      superuser_at: null,
      email_verified_at: null,
      active_at: null,
      password_hash: null,
    });
    expect(await w.ctx.db.all`select tenant_id from memberships where user_id = ${body.user_id}`).toEqual([
      { tenant_id: w.acme.id },
    ]);
  });
});

describe("an account that is there already", () => {
  test("is a member at once when a superuser adds it; password and names are not touched", async () => {
    await using w = await place();
    const before = await w.ctx.db.get`select * from users where id = ${w.target}`;
    const body = { email: "target@example.com", password: PASSWORD, first_name: "Eve", invite: true };
    const { status, body: member } = await w.ask("superuser", "POST", "/tenants/other/members", body);
    expect([status, member.status, member.user_id]).toEqual([201, "active", String(w.target)]);
    expect(await w.ctx.db.get`select * from users where id = ${w.target}`).toEqual(before);
    expect(dump(w)["outbox"]).toEqual([]);
  });

  test("is only invited when an owner adds it, who learns neither names nor username before it accepts", async () => {
    await using w = await place();
    await makePerson(w, w.other, { email: "x@example.com", username: "xavier", firstName: "Xavier" });
    const { body } = await w.ask("owner", "POST", MEMBERS, { email: "x@example.com" });
    expect(body).toMatchObject({
      status: "invited",
      username: null,
      first_name: null,
      email: "x@example.com",
    });
    const { body: list } = await w.ask("owner", "GET", `${MEMBERS}?status=invited`);
    expect(list.data).toMatchObject([{ username: null, first_name: null }]);
    expect((await w.ask("superuser", "GET", `${MEMBERS}?status=invited`)).body.data).toMatchObject([
      { username: "xavier", first_name: "Xavier" },
    ]);
    // Neither by activating nor by suspending and restoring can consent be skipped.
    for (const status of ["active", "suspended"]) {
      const answer = await w.ask("owner", "PATCH", `${MEMBERS}/${body.user_id}`, { status });
      expect([status, answer.status]).toEqual([status, 403]);
    }
  });

  test("cannot be added twice", async () => {
    await using w = await place();
    for (const who of ["superuser", "owner"] as const) {
      const { status, body } = await w.ask(who, "POST", MEMBERS, { email: "target@example.com" });
      expect([who, status, body.code]).toEqual([who, 409, "MEMBER_EXISTS"]);
    }
  });

  test("cannot be reached by a taken username of somebody else", async () => {
    await using w = await place();
    await makePerson(w, w.other, { email: "x@example.com", username: "xavier" });
    const body = { ...NEW, username: "XAVIER", password: PASSWORD };
    const answer = await w.ask("superuser", "POST", MEMBERS, body);
    expect([answer.status, answer.body.code]).toEqual([409, "USERNAME_TAKEN"]);
    expect(await w.ctx.db.get`select 1 from users where email = 'new@example.com'`).toBeUndefined();
  });

  test("and was never shown to be its registrant's is replaced by what a superuser gives", async () => {
    await using w = await place();
    const attacker = "attacker's own password";
    await makePerson(w, w.other, { ...NEW, password: attacker, isVerified: false, isActive: false });
    await w.ask("superuser", "POST", MEMBERS, { ...NEW, password: PASSWORD });
    const login = (password: string) => signIn(w, { username: "new@example.com", password });
    expect([(await login(attacker)).status, (await login(PASSWORD)).status]).toEqual([401, 200]);
    expect(
      await w.ctx.db.all`
      select m.tenant_id from memberships m join users u on u.id = m.user_id where u.email = 'new@example.com'`,
    ).toEqual([{ tenant_id: w.acme.id }]);
  });

  test("and works although its email was never verified joins by invitation only, even for a superuser", async () => {
    await using w = await place();
    await makePerson(w, w.other, { ...NEW, isVerified: false });
    const { body } = await w.ask("superuser", "POST", MEMBERS, { ...NEW, password: PASSWORD });
    expect(body.status).toBe("invited");
  });
});

describe("the last active owner", () => {
  test("cannot be removed, demoted or suspended, not even by themselves or a superuser", async () => {
    await using w = await place();
    await w.ask("owner", "DELETE", `${MEMBERS}/${w.secondOwner}`);
    const path = `${MEMBERS}/${w.ids.owner}`;
    for (const who of ["owner", "superuser"] as const) {
      for (const [method, body] of [
        ["DELETE"],
        ["PATCH", { role: "admin" }],
        ["PATCH", { status: "suspended" }],
      ] as const) {
        const answer = await w.ask(who, method, path, body);
        expect([who, method, answer.status, answer.body.code]).toEqual([who, method, 409, "LAST_OWNER"]);
      }
    }
    expect((await w.ask("owner", "PATCH", path, { role: "owner", status: "active" })).status).toBe(200);
  });

  test("is still one when another owner is suspended, invited or disabled", async () => {
    await using w = await place();
    await w.ask("superuser", "PATCH", `/users/${w.secondOwner}`, { disabled: true });
    expect((await w.ask("owner", "DELETE", `${MEMBERS}/${w.ids.owner}`)).status).toBe(409);
  });

  test("stays when two owners demote each other at the same moment", async () => {
    await using w = await place();
    const key = await signInForKey(w.ctx, { userId: w.secondOwner, tenantId: w.acme.id });
    const demote = { role: "member" };
    const answers = await Promise.all([
      w.ask("owner", "PATCH", `${MEMBERS}/${w.secondOwner}`, demote),
      w.send("PATCH", `/api/v1/admin${MEMBERS}/${w.ids.owner}`, { key, body: demote }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(
      await w.ctx.db.all`
      select 1 from memberships where tenant_id = ${w.acme.id} and role = 'owner' and status = 'active'`,
    ).toHaveLength(1);
  });
});

describe("suspending and removing", () => {
  for (const [what, method, body] of [
    ["suspending", "PATCH", { status: "suspended" }],
    ["removing", "DELETE", undefined],
  ] as const) {
    test(`${what} ends every sign-in of the member there, and none elsewhere`, async () => {
      await using w = await place();
      const tenant = await makeTenant(w, "third");
      const userId = await makePerson(w, [w.acme, tenant], { email: "both@example.com", password: null });
      const here = await signInForKey(w.ctx, { userId, tenantId: w.acme.id });
      const there = await signInForKey(w.ctx, { userId, tenantId: tenant.id });
      await w.ask("admin", method, `${MEMBERS}/${userId}`, body);
      const alive = async (key: string) => (await w.send("GET", "/api/v1/me", { key })).status;
      expect([await alive(here), await alive(there)]).toEqual([401, 200]);
      expect(await w.ctx.db.all`select 1 from api_keys where user_id = ${userId}`).toHaveLength(1);
    });
  }

  test("from an isolated tenant the account goes too; from a shared one it stays", async () => {
    await using w = await place();
    const inIso = await makePerson(w, w.iso, { email: "target@example.com", password: null });
    await w.ask("superuser", "DELETE", `/tenants/iso/members/${inIso}`);
    await w.ask("superuser", "DELETE", `${MEMBERS}/${w.target}`);
    expect(await w.ctx.db.all`select id from users where email = 'target@example.com'`).toEqual([
      { id: w.target },
    ]);
  });

  test("the only way in of the last superuser is refused", async () => {
    await using w = await place();
    const { body } = await w.ask("superuser", "GET", "/tenants/default/members");
    const path = `/tenants/default/members/${body.data[0].user_id}`;
    const tenantId = (await w.ask("superuser", "GET", "/tenants/default")).body.id;
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${tenantId}, ${w.target}, 'owner', 'active', 1)`;
    const answer = await w.ask("superuser", "DELETE", path);
    expect([answer.status, answer.body.code]).toEqual([409, "LAST_SUPERUSER"]);
  });
});
