// Invitations: mailed by POST …/members, accepted at /api/v1/auth/tenants/{tenant_slug}/invitations/accept.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { openBody } from "../../../src/core/outbox.ts";
import { type Asker, type Place, place } from "../../support/admin-group.ts";
import { enableTotp, signIn } from "../../support/key-group.ts";
import { makePerson } from "../../support/people.ts";
import { signInForKey } from "../../support/sessions.ts";
import { audited, dump } from "../../support/world.ts";

const NEW = "new@example.com";
const PASSWORD = "correct horse battery";
const DAY = 24 * 60 * 60 * 1000;

/** The mails in the outbox as they would go out, the oldest first. */
async function mails({ ctx }: Place) {
  const rows = await ctx.db.all<Parameters<typeof openBody>[1]>`
    select id, kind, body_sealed as "bodySealed" from outbox order by id`;
  return rows.map((row) => openBody(ctx, row));
}

/** The token of the last mail. */
async function tokenOf(w: Place): Promise<string> {
  const content = (await mails(w)).at(-1)?.content;
  const link = content?.kind === "invitation" ? content.link : "";
  return link.split("#token=")[1] ?? "";
}

async function invited(w: Place, email = NEW, who: Asker = "owner", more: object = {}): Promise<string> {
  const answer = await w.ask(who, "POST", "/tenants/acme/members", { email, invite: true, ...more });
  expect([answer.status, answer.body.status]).toEqual([201, "invited"]);
  return tokenOf(w);
}

const accept = (w: Place, body: object, slug = "acme") =>
  w.send("POST", `/api/v1/auth/tenants/${slug}/invitations/accept`, { body });

describe("an invitation", () => {
  test("goes to the email with a link from the configured URL, in the tenant's name", async () => {
    await using w = await place();
    await w.ask("owner", "PATCH", "/tenants/acme", { brand_name: "ACME", mail_from_name: "Acme Mail" });
    const token = await invited(w, "New@Example.com", "admin", { role: "admin" });
    expect(await mails(w)).toEqual([
      {
        to: "new@example.com",
        sender: { name: "Acme Mail", address: null, brand: "ACME", color: null, logoUrl: null },
        content: {
          kind: "invitation",
          link: `${w.ctx.config.url}/t/acme/invitation#token=${token}`,
          tenantName: "acme",
          role: "admin",
          invitedBy: "admin@example.com",
        },
        language: "en",
      },
    ] as never);
    expect(token).toMatch(/^ost_inv_[\w-]{43}$/);
    expect(JSON.stringify(dump(w))).not.toContain(token);
    expect(JSON.stringify(dump(w))).toContain(createHash("sha256").update(token).digest("base64url"));
  });

  test("makes a new account its owner's, with the password and names they choose, and signs nobody in", async () => {
    await using w = await place();
    const token = await invited(w);
    expect((await signIn(w, { username: NEW, password: PASSWORD })).status).toBe(401);
    const body = { token, password: PASSWORD, username: "newt", first_name: "New", last_name: "One" };
    const { status, headers, body: answer } = await accept(w, body);
    expect([status, answer]).toEqual([
      200,
      { status: "ACTIVE", user_id: expect.any(String), email: NEW, tenant_id: w.acme.id, role: "member" },
    ]);
    expect(headers.getSetCookie()).toEqual([]);
    expect((await signIn(w, { username: "newt", password: PASSWORD })).status).toBe(200);
    const { body: list } = await w.ask("owner", "GET", "/tenants/acme/members?status=active");
    expect(list.data.at(-1)).toMatchObject({
      email: NEW,
      username: "newt",
      first_name: "New",
      status: "active",
    });
    expect(
      await w.ctx.db.get`select email_verified_at is not null as verified from users where email = ${NEW}`,
    ).toEqual({
      verified: 1,
    });
    expect(await audited(w)).toEqual(expect.arrayContaining(["invitation.sent", "invitation.accepted"]));
  });

  test("asks an account that is there for nothing, and changes nothing but the membership", async () => {
    await using w = await place();
    const userId = await makePerson(w, w.other, { email: NEW });
    const row = () => w.ctx.db.get`select * from users where id = ${userId}`;
    const before = await row();
    const token = await invited(w);
    const { status } = await accept(w, { token, password: "another password", first_name: "Eve" });
    expect([status, await row()]).toEqual([200, before]);
    expect(
      await w.ctx.db.get`
      select status from memberships where user_id = ${userId} and tenant_id = ${w.acme.id}`,
    ).toEqual({
      status: "active",
    });
  });

  test("works once, also when 16 accept at the same moment", async () => {
    await using w = await place();
    const token = await invited(w);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => accept(w, { token, password: PASSWORD })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(15);
  });

  test("without a usable password or username is a 422 that spends nothing", async () => {
    await using w = await place();
    await makePerson(w, w.other, { email: "x@example.com", username: "taken" });
    const token = await invited(w);
    for (const [more, status] of [
      [{}, 422],
      [{ password: "short" }, 422],
      [{ password: PASSWORD, username: "a b" }, 422],
      [{ password: PASSWORD, first_name: "a\nb" }, 422],
      [{ password: PASSWORD, username: "Taken" }, 409],
    ] as const) {
      expect([more, (await accept(w, { token, ...more })).status]).toEqual([more, status]);
    }
    expect((await accept(w, { token, password: PASSWORD })).status).toBe(200);
  });
});

describe("one and the same refusal answers", () => {
  const same = { status: 400, body: { detail: "Invalid or expired token", code: "INVALID_TOKEN" } };
  const cases: [string, (w: Place, token: string) => Promise<[token: string, slug?: string]>][] = [
    ["an unknown token", async () => [`ost_inv_${"x".repeat(43)}`]],
    ["no token at all", async () => [""]],
    ["a token cut short", async (_, token) => [token.slice(0, -1)]],
    ["a token at another tenant", async (_, token) => [token, "other"]],
    ["a token 7 days old", async (w, token) => (w.clock.advance(7 * DAY), [token])],
    [
      "a token after the member was removed",
      async (w, token) => {
        const { user_id } = (await w.ask("owner", "GET", "/tenants/acme/members?status=invited")).body
          .data[0];
        await w.ask("owner", "DELETE", `/tenants/acme/members/${user_id}`);
        return [token];
      },
    ],
    [
      "a token after the account was disabled",
      async (w, token) => {
        await w.ctx.db.run`update users set disabled_at = 1 where email = ${NEW}`;
        return [token];
      },
    ],
    [
      "an earlier token after a later one",
      async (w, token) => {
        const { user_id } = (await w.ask("owner", "GET", "/tenants/acme/members?status=invited")).body
          .data[0];
        await w.ask("owner", "DELETE", `/tenants/acme/members/${user_id}`);
        w.clock.advance(61_000);
        await invited(w);
        return [token];
      },
    ],
    [
      "a mailed secret of another kind",
      async (w) => {
        await w.ask("superuser", "POST", `/users/${w.target}/password-reset`, {});
        const content = (await mails(w)).at(-1)?.content;
        return [content?.kind === "reset_password" ? (content.link.split("#token=")[1] ?? "") : ""];
      },
    ],
    ["an API key", async (w) => [w.keys.superuser ?? ""]],
  ];
  for (const [what, prepare] of cases) {
    test(what, async () => {
      await using w = await place();
      const [token, slug] = await prepare(w, await invited(w));
      const answer = await accept(w, { token, password: PASSWORD }, slug);
      expect({ status: answer.status, body: answer.body }).toEqual(same);
      expect(
        await w.ctx.db.all`select 1 from memberships where status = 'active' and user_id in (
        select id from users where email = ${NEW})`,
      ).toEqual([]);
      expect((await audited(w)).at(-1)).toStartWith("invitation.refused: ");
    });
  }

  test("and an unknown or disabled tenant is the tenant group's 404", async () => {
    await using w = await place();
    const token = await invited(w);
    await w.ask("superuser", "PATCH", "/tenants/acme", { disabled: true });
    for (const slug of ["acme", "nope"]) {
      const { status, body } = await accept(w, { token, password: PASSWORD }, slug);
      expect([status, body.detail]).toEqual([404, "Tenant not found"]);
    }
  });
});

describe("whoever has the mail owns the account from then on:", () => {
  test("what a stranger registered with that email, and enrolled, is gone", async () => {
    await using w = await place();
    const userId = await makePerson(w, w.other, {
      email: NEW,
      password: "the attacker's",
      isVerified: false,
    });
    const stolen = await signInForKey(w.ctx, { userId, tenantId: w.other.id });
    await enableTotp(w, stolen);
    const token = await invited(w);
    expect((await accept(w, { token })).status).toBe(422);
    expect((await accept(w, { token, password: PASSWORD })).status).toBe(200);
    expect((await w.send("GET", "/api/v1/me", { key: stolen })).status).toBe(401);
    expect((await signIn(w, { username: NEW, password: "the attacker's" })).status).toBe(401);
    expect((await signIn(w, { username: NEW, password: PASSWORD })).body.requires_mfa).toBe(false);
  });

  test("one invitation does not void that into another tenant", async () => {
    await using w = await place();
    const one = await invited(w);
    w.clock.advance(61_000);
    const other = { email: NEW, invite: true };
    expect((await w.ask("foreign owner", "POST", "/tenants/other/members", other)).status).toBe(201);
    const two = await tokenOf(w);
    expect((await accept(w, { token: one, password: PASSWORD })).status).toBe(200);
    expect((await accept(w, { token: two }, "other")).status).toBe(200);
  });
});

test("a mailbox gets one invitation a minute, and the caller hears 429 with nothing changed", async () => {
  await using w = await place();
  await invited(w);
  const before = dump(w)["memberships"];
  const body = { email: NEW, invite: true };
  const { status, headers } = await w.ask("foreign owner", "POST", "/tenants/other/members", body);
  expect([status, Number(headers.get("retry-after")) > 0]).toEqual([429, true]);
  expect(dump(w)["memberships"]).toEqual(before);
});

test("an invitation begins a new epoch of the account, also when the clock was set back since the last", async () => {
  await using w = await place();
  const token = await invited(w);
  const ahead = w.clock.now() + DAY;
  await w.ctx.db.run`update users set signed_out_at = ${ahead} where email = ${NEW}`;
  expect((await accept(w, { token, password: PASSWORD })).status).toBe(200);
  const row = await w.ctx.db.get<{ at: number }>`select signed_out_at as at from users where email = ${NEW}`;
  expect(row?.at).toBe(ahead + 1);
});
