// Who may change second factors when: a table of credentials against endpoints, and the tenants that ask for one.
import { describe, expect, test } from "bun:test";
import * as trustedDevices from "../../../src/core/trusted-devices.ts";
import { totpCode } from "../../support/key-group.ts";
import { addPasskey, MFA, mfaOf, MINUTE, withAda, type WithAda } from "../../support/me-group.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { makeKey, signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, type SendOptions, world } from "../../support/world.ts";

/** What a wrong code is told where the endpoint can be reached, with both factors on. */
const WITH_CODE = ["/totp/disable", "/email/disable", "/backup-codes/regenerate"];
const BEGINNING = ["/totp/enable", "/email/enable"];

type Kind = "fresh" | "stale" | "cross-site" | "restricted" | "nobody";
const EXPECTED: Record<Kind, { list: number; code: string; begin: string }> = {
  fresh: { list: 200, code: "INVALID_CODE", begin: "begun" },
  stale: { list: 200, code: "INVALID_CODE", begin: "REAUTH_REQUIRED" },
  restricted: { list: 200, code: "INVALID_CODE", begin: "begun" },
  "cross-site": { list: 200, code: "CROSS_SITE", begin: "CROSS_SITE" },
  nobody: { list: 401, code: "NOT_AUTHENTICATED", begin: "NOT_AUTHENTICATED" },
};

const cookieOf = async ({ ctx, who }: WithAda) => (await signInForCookie(ctx, who)).cookie;
const foreign = (cookie: string, headers: Record<string, string>): SendOptions => ({
  headers: { cookie: `ostiary_session=${cookie}`, ...headers },
});

const CALLERS: [name: string, kind: Kind, make: (w: WithAda) => Promise<SendOptions>][] = [
  ["a key of a login", "fresh", async ({ ctx, who }) => ({ key: await signInForKey(ctx, who) })],
  [
    "an access token",
    "fresh",
    async ({ ctx, who }) => ({ key: (await signInForTokens(ctx, who)).accessToken }),
  ],
  ["a cookie from our own page", "fresh", async (w) => withCookie(await cookieOf(w))],
  [
    "a cookie whose Origin is ours",
    "fresh",
    async (w) => foreign(await cookieOf(w), { origin: w.ctx.config.url }),
  ],
  ["a cookie and no word where it comes from", "cross-site", async (w) => foreign(await cookieOf(w), {})],
  [
    "a cookie from another site",
    "cross-site",
    async (w) =>
      foreign(await cookieOf(w), { origin: "http://evil.example", "sec-fetch-site": "cross-site" }),
  ],
  ["a key made by hand", "stale", async ({ ctx, who }) => ({ key: await makeKey(ctx, who) })],
  [
    "a login 15 minutes ago",
    "stale",
    async ({ ctx, who }) => ({ key: await signInForKey(ctx, { ...who, authTime: ctx.now() - 15 * MINUTE }) }),
  ],
  [
    "a cookie 15 minutes ago",
    "stale",
    async ({ ctx, who }) =>
      withCookie((await signInForCookie(ctx, { ...who, authTime: ctx.now() - 15 * MINUTE })).cookie),
  ],
  [
    "a session that may only enrol",
    "restricted",
    async ({ ctx, who }) => {
      const { accessToken } = await signInForTokens(ctx, who);
      await ctx.db.run`update sessions set restricted_at = 1`;
      return { key: accessToken };
    },
  ],
  ["nobody", "nobody", async () => ({})],
];

describe("with", () => {
  for (const [name, kind, make] of CALLERS) {
    test(`${name} one may do what ${kind === "nobody" ? "nobody" : `one who is ${kind}`} may`, async () => {
      await using w = await withAda(await world());
      const options = await make(w);
      const expected = EXPECTED[kind];
      expect((await w.send("GET", MFA, options)).status).toBe(expected.list);
      for (const path of BEGINNING) {
        const { status, body } = await w.send("POST", MFA + path, options);
        expect([path, status === 200 ? "begun" : body.code]).toEqual([path, expected.begin]);
      }
      await w.ctx.db.run`delete from totp_devices`;
      await w.ctx.db.run`delete from email_factors`;
      await w.ctx.db.run`
        insert into totp_devices (id, user_id, secret_sealed, confirmed_at, last_step, failures, created_at)
        values ('tot_1', ${w.userId}, 'x', 1, 0, 100, 1)`;
      await w.ctx.db.run`
        insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_1', ${w.userId}, 1, 1)`;
      for (const path of WITH_CODE) {
        const { body } = await w.send("POST", MFA + path, { ...options, body: { code: "000000" } });
        expect([path, body.code]).toEqual([path, expected.code]);
      }
      if (kind === "cross-site")
        expect(await audited(w)).toContainEqual(expect.stringContaining("cross_site"));
    });
  }
});

describe("the last factor", () => {
  const place = async (policy: "required" | "optional") => {
    const w = await withAda(await world(), { mfa_policy: policy });
    return Object.assign(w, { me: mfaOf(w, { key: w.key }) });
  };
  const LAST: [number, string] = [400, "A tenant of yours asks for a second factor: enrol another one first"];

  test("stays while a tenant of the user asks for one; a code is not spent by trying", async () => {
    await using w = await place("required");
    const { codes, secret } = await w.me.enableTotp();
    expect(await w.me.said("/totp/disable", { code: codes[0] })).toEqual(LAST);
    const off = await w.send("POST", "/api/v1/auth/mfa/disable/", {
      key: w.key,
      body: { code: totpCode(w.clock, secret, 1) },
    });
    expect([off.status, off.body.code]).toEqual([400, "LAST_FACTOR"]);
    await addPasskey(w, w.userId);
    expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(200);
    expect(await w.me.methods()).toEqual(["webauthn"]);
  });

  test("of email stays alike", async () => {
    await using w = await place("required");
    const { codes } = await w.me.enableTotp();
    await w.ctx.db.run`
      insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_1', ${w.userId}, 1, 1)`;
    expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(200);
    expect(await w.me.said("/email/disable", { code: codes[1] })).toEqual(LAST);
    expect(await w.me.overview()).toMatchObject({ mfa_enabled: true, backup_codes_remaining: 9 });
  });

  for (const [what, isHeld, change] of [
    ["another tenant of theirs", true, "active"],
    ["a tenant that suspended them", false, "suspended"],
    ["a tenant that invited them", false, "invited"],
  ] as const) {
    test(`${isHeld ? "stays" : "goes"} when ${what} asks for one`, async () => {
      await using w = await place("optional");
      const strict = await makeTenant(w, "strict", { mfa_policy: "required" });
      await w.ctx.db.run`
        insert into memberships (tenant_id, user_id, role, status, created_at)
        values (${strict.id}, ${w.userId}, 'member', ${change}, 1)`;
      const { codes } = await w.me.enableTotp();
      expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(isHeld ? 400 : 200);
    });
  }

  test("takes backup codes and trusted devices with it, and not those of others", async () => {
    await using w = await place("optional");
    const { codes } = await w.me.enableTotp();
    const bob = await makePerson(w, w.acme, { email: "bob@example.com" });
    for (const userId of [w.userId, bob]) {
      const client = { address: "::1", userAgent: null };
      await trustedDevices.create(w.ctx, { userId, tenantId: w.acme.id }, client);
    }
    await w.ctx.db.run`insert into backup_codes (user_id, code_hash, created_at) values (${bob}, 'x', 1)`;
    expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(200);
    const his = [{ userId: String(bob) }];
    expect(await w.ctx.db.all`select user_id as "userId" from trusted_devices`).toEqual(his);
    expect(await w.ctx.db.all`select user_id as "userId" from backup_codes`).toEqual(his);
  });
});
