// Accounts: GET /users, GET|PATCH|DELETE /users/{user_id}, POST /users/{user_id}/password-reset.
import { describe, expect, test } from "bun:test";
import { openBody } from "../../../src/core/outbox.ts";
import { place } from "../../support/admin-group.ts";
import { enableTotp, signIn } from "../../support/key-group.ts";
import { makePerson, PASSWORD } from "../../support/people.ts";
import { signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, dump } from "../../support/world.ts";

describe("an account", () => {
  test("is shown with where it is a member, and never with a secret", async () => {
    await using w = await place();
    const userId = await makePerson(w, [w.acme, w.other], {
      email: "ada@example.com",
      username: "Ada",
      firstName: "Ada",
      role: "admin",
    });
    await enableTotp(w, await signInForKey(w.ctx, { userId, tenantId: w.acme.id }));
    const { status, body } = await w.ask("superuser", "GET", `/users/${userId}`);
    expect([status, body]).toEqual([
      200,
      {
        id: String(userId),
        realm: "instance",
        email: "ada@example.com",
        username: "Ada",
        first_name: "Ada",
        last_name: null,
        email_verified: true,
        mfa_enabled: true,
        status: "active",
        disabled: false,
        superuser: false,
        created_at: expect.any(String),
        tenants: [
          { id: w.acme.id, slug: "acme", name: "acme", role: "admin", status: "active" },
          { id: w.other.id, slug: "other", name: "other", role: "admin", status: "active" },
        ],
      },
    ]);
  });

  test("takes names and nothing else from the body", async () => {
    await using w = await place();
    const row = () => w.ctx.db.get<object>`select * from users where id = ${w.target}`;
    const before = await row();
    const body = {
      first_name: "Eve",
      last_name: null,
      superuser: true,
      email: "evil@example.com",
      email_verified: false,
      password: "correct horse battery",
      role: "owner",
      realm: w.iso.id,
      id: "usr_x",
    };
    expect((await w.ask("superuser", "PATCH", `/users/${w.target}`, body)).status).toBe(200);
    expect(await row()).toEqual({ ...before, first_name: "Eve", last_name: null });
    const { status } = await w.ask("superuser", "PATCH", `/users/${w.target}`, { first_name: "a\u0000b" });
    expect(status).toBe(422);
  });

  test("that is not there is not found", async () => {
    await using w = await place();
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/password-reset"],
    ] as const) {
      const body = method === "GET" || method === "DELETE" ? undefined : {};
      expect((await w.ask("superuser", method, `/users/usr_nope${path}`, body)).status).toBe(404);
    }
  });
});

describe("disabling and deleting an account", () => {
  for (const [what, method, body] of [
    ["disabling", "PATCH", { disabled: true }],
    ["deleting", "DELETE", undefined],
  ] as const) {
    test(`${what} ends every sign-in of it at once, in every tenant, keys made by hand too`, async () => {
      await using w = await place();
      const userId = await makePerson(w, [w.acme, w.other], { email: "ada@example.com" });
      const opened = await signInForTokens(w.ctx, { userId, tenantId: w.acme.id });
      const { cookie } = await signInForCookie(w.ctx, { userId, tenantId: w.acme.id });
      const fresh = await signInForKey(w.ctx, { userId, tenantId: w.other.id });
      const made = await w.send("POST", "/api/v1/me/keys", { key: fresh, body: { name: "script" } });
      expect(made.status).toBe(201);
      await w.ask("superuser", method, `/users/${userId}`, body);
      for (const key of [opened.accessToken, fresh, made.body.key]) {
        expect((await w.send("GET", "/api/v1/me", { key })).status).toBe(401);
      }
      const headers = { cookie: `ostiary_session=${cookie}` };
      expect((await w.send("GET", "/api/v1/me", { headers })).status).toBe(401);
      const refresh = { refresh_token: opened.refreshToken };
      expect((await w.send("POST", "/api/v1/auth/refresh", { body: refresh })).status).toBe(401);
      expect((await signIn(w, { username: "ada@example.com", password: PASSWORD })).status).toBe(401);
      if (method === "PATCH") await w.ask("superuser", "PATCH", `/users/${userId}`, { disabled: false });
      expect((await w.send("GET", "/api/v1/me", { key: made.body.key })).status).toBe(401);
      const now = await signIn(w, { username: "ada@example.com", password: PASSWORD });
      expect(now.status).toBe(method === "PATCH" ? 200 : 401);
    });
  }

  test("leaves the audit entries and nothing else of a deleted one", async () => {
    await using w = await place();
    await w.ask("superuser", "DELETE", `/users/${w.target}`);
    const { audit = [], ...rest } = dump(w);
    expect(JSON.stringify(rest)).not.toContain(w.target);
    expect(JSON.stringify(audit)).toContain(w.target);
    const { body } = await w.ask("superuser", "GET", `/audit?user_id=${w.target}`);
    expect(body.data).toMatchObject([{ event: "user.deleted", user_id: String(w.target) }]);
  });

  test("is refused for the last enabled superuser, however it is tried", async () => {
    await using w = await place();
    const { data } = (await w.ask("superuser", "GET", "/users?username=ADMIN")).body;
    const path = `/users/${data[0].id}`;
    const tries = () =>
      Promise.all([
        w.ask("superuser", "PATCH", path, { disabled: true }),
        w.ask("superuser", "DELETE", path),
      ]);
    for (const { status, body } of await tries())
      expect([status, body.code]).toEqual([409, "LAST_SUPERUSER"]);
    // Another one who is disabled does not count.
    await w.ctx.db.run`update users set superuser_at = 1, disabled_at = 1 where id = ${w.target}`;
    for (const { status } of await tries()) expect(status).toBe(409);
    await w.ctx.db.run`update users set disabled_at = null where id = ${w.target}`;
    expect((await w.ask("superuser", "PATCH", path, { disabled: true })).status).toBe(200);
  });

  test("of two superusers who disable each other at the same moment one stays", async () => {
    await using w = await place();
    await w.ctx.db.run`update users set superuser_at = 1 where id = ${w.target}`;
    const key = await signInForKey(w.ctx, { userId: w.target, tenantId: w.acme.id });
    const { data } = (await w.ask("superuser", "GET", "/users?username=admin")).body;
    await Promise.all([
      w.ask("superuser", "PATCH", `/users/${w.target}`, { disabled: true }),
      w.send("PATCH", `/api/v1/admin/users/${data[0].id}`, { key, body: { disabled: true } }),
    ]);
    expect(
      await w.ctx.db.all`
      select 1 from users where superuser_at is not null and disabled_at is null`,
    ).toHaveLength(1);
  });
});

describe("the list of accounts", () => {
  test("is filtered by email, username, tenant and state, in canonical form", async () => {
    await using w = await place();
    await w.ask("superuser", "PATCH", `/users/${w.target}`, { disabled: true });
    const found = async (query: string) =>
      (await w.ask("superuser", "GET", `/users?${query}`)).body.data.map(
        ({ email }: { email: string }) => email,
      );
    expect(await found("email=Target@Example.COM")).toEqual(["target@example.com"]);
    expect(await found("tenant=other")).toEqual(["foreigner@example.com"]);
    expect(await found("disabled=true")).toEqual(["target@example.com"]);
    expect(await found("disabled=false&tenant=acme")).toHaveLength(4);
    for (const vain of ["email=nobody@example.com", "email=x", "username=a%20b", "tenant=nope"]) {
      expect([vain, await found(vain)]).toEqual([vain, []]);
    }
    expect((await w.ask("superuser", "GET", "/users?disabled=yes")).status).toBe(422);
    expect((await w.ask("superuser", "GET", "/users?limit=1&limit=2")).status).toBe(422);
  });

  test("comes in pages, each account once", async () => {
    await using w = await place();
    const first = (await w.ask("superuser", "GET", "/users?limit=4")).body;
    const rest = (await w.ask("superuser", "GET", `/users?limit=4&cursor=${first.next_cursor}`)).body;
    const ids = [...first.data, ...rest.data].map(({ id }: { id: string }) => id);
    expect([new Set(ids).size, rest.next_cursor]).toEqual([7, null]);
  });
});

describe("a reset that a superuser asks for", () => {
  test("mails the owner a link, within the limits of mail, and changes nothing by itself", async () => {
    await using w = await place();
    const path = `/users/${w.target}/password-reset`;
    expect((await w.ask("superuser", "POST", path, { password: "chosen by the admin" })).status).toBe(200);
    const row = await w.ctx.db.get<Parameters<typeof openBody>[1]>`
      select id, kind, body_sealed as "bodySealed" from outbox`;
    const { to, content } = row ? openBody(w.ctx, row) : { to: "", content: undefined };
    expect([String(to), content?.kind]).toEqual(["target@example.com", "reset_password"]);
    expect(await w.ctx.db.get`select password_hash from users where id = ${w.target}`).toEqual({
      password_hash: null,
    });
    const again = await w.ask("superuser", "POST", path, {});
    expect([again.status, again.headers.has("retry-after")]).toEqual([429, true]);
    expect(await audited(w)).toContain("password.reset_requested");
  });

  test("is refused where there is nobody to mail to", async () => {
    await using w = await place();
    const userId = await makePerson(w, w.acme, { username: "mailless" });
    const { status, body } = await w.ask("superuser", "POST", `/users/${userId}/password-reset`, {});
    expect([status, body.code]).toEqual([409, "UNREACHABLE"]);
  });
});
