// DELETE /api/v1/admin/users/{user_id}/mfa: the way out for whoever lost every factor.
import { describe, expect, test } from "bun:test";
import { openBody } from "../../../src/core/outbox.ts";
import { place, ROLES } from "../../support/admin-group.ts";
import { addEveryFactor, addPasskey, FACTOR_TABLES, factorTablesOf } from "../../support/me-group.ts";
import { makeKey, signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

type Place = Awaited<ReturnType<typeof place>>;

async function enrolAll(w: Place, userId = w.target) {
  const key = await signInForKey(w.ctx, { userId, tenantId: w.acme.id });
  await addEveryFactor(w, { userId, tenantId: w.acme.id });
  return key;
}

const left = (w: Place, userId: string) => factorTablesOf(w, userId);

describe("a superuser", () => {
  test("removes every factor of an account, of every kind, and nobody else's", async () => {
    await using w = await place();
    await enrolAll(w);
    await enrolAll(w, w.secondOwner);
    expect(left(w, w.target)).toEqual(FACTOR_TABLES);
    const { status, body } = await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`);
    expect([status, body]).toEqual([204, ""]);
    expect(left(w, w.target)).toEqual([]);
    expect(left(w, w.secondOwner)).toEqual(FACTOR_TABLES);
    expect((await w.ask("superuser", "GET", `/users/${w.target}`)).body.mfa_enabled).toBe(false);
    const audit = (await w.ask("superuser", "GET", "/audit?event=mfa.reset")).body.data;
    expect(audit).toMatchObject([{ user_id: w.target, actor_id: expect.stringMatching(/^usr_/) }]);
    expect(audit[0].actor_id).not.toBe(w.target);
  });

  test("ends thereby everything by which the user is signed in, keys made by hand too", async () => {
    await using w = await place();
    const who = { userId: w.target, tenantId: w.acme.id };
    const made = await makeKey(w.ctx, who);
    const key = await enrolAll(w);
    const { accessToken } = await signInForTokens(w.ctx, who);
    const { cookie } = await signInForCookie(w.ctx, who);
    await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`);
    for (const options of [{ key }, { key: made }, { key: accessToken }, withCookie(cookie)])
      expect((await w.send("GET", "/api/v1/me", options)).status).toBe(401);
  });

  test("does not keep it from the owner, who hears nothing where there was no factor", async () => {
    await using w = await place();
    expect((await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`)).status).toBe(204);
    expect(dump(w).outbox).toEqual([]);
    await enrolAll(w);
    await w.ctx.db.run`delete from outbox`;
    await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`);
    const rows = await w.ctx.db.all<Parameters<typeof openBody>[1]>`
      select id, kind, body_sealed as "bodySealed" from outbox`;
    expect(rows.map((row) => openBody(w.ctx, row))).toMatchObject([
      {
        to: "target@example.com",
        sender: { brand: "acme" },
        content: { kind: "factor_changed", change: "all_removed" },
      },
    ]);
  });

  test("also where a tenant asks for a factor, and where the user is nowhere a member", async () => {
    await using w = await place();
    await w.ctx.db.run`update tenants set settings = '{"mfa_policy":"required"}' where id = ${w.acme.id}`;
    await enrolAll(w);
    expect((await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`)).status).toBe(204);
    await addPasskey(w, w.target);
    await w.ctx.db.run`delete from memberships where user_id = ${w.target}`;
    expect((await w.ask("superuser", "DELETE", `/users/${w.target}/mfa`)).status).toBe(204);
    expect(left(w, w.target)).toEqual([]);
  });

  test("does not remove their own thus, which asks for a fresh login and a code", async () => {
    await using w = await place();
    const root = (await w.ask("superuser", "GET", "/../me")).body.id;
    await addPasskey(w, root);
    const { status, body } = await w.ask("superuser", "DELETE", `/users/${root}/mfa`);
    expect([status, body.code]).toEqual([403, "FORBIDDEN"]);
    expect(left(w, root)).toEqual(["passkeys"]);
    expect(await audited(w)).toContain(`admin.refused: reset factors of ${root}: FORBIDDEN`);
  });

  test("finds no account that is not there", async () => {
    await using w = await place();
    const { status, body } = await w.ask("superuser", "DELETE", "/users/usr_nope/mfa");
    expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
  });
});

for (const who of ROLES.filter((role) => role !== "superuser")) {
  test(`${who}: may not, and nothing changes`, async () => {
    await using w = await place();
    await enrolAll(w);
    const { status } = await w.ask(who, "DELETE", `/users/${w.target}/mfa`);
    expect(status).toBe(who === "stranger" ? 401 : 403);
    expect(left(w, w.target)).toEqual(FACTOR_TABLES);
    expect(await audited(w)).not.toContain("mfa.reset");
  });
}
