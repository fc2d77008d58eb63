// Who is asking, and what asking keeps alive.
import { describe, expect, test } from "bun:test";
import type { Context } from "../../src/context.ts";
import { identify, type Presented } from "../../src/flows/identify.ts";
import {
  ACME,
  ADA,
  BOB,
  DAY,
  EMCA,
  makeKey,
  MINUTE,
  outcomeOf,
  settle,
  signInForCookie,
  signInForKey,
  signInForTokens,
  type Who,
} from "../support/sessions.ts";
import { world } from "../support/world.ts";

const by = (over: Partial<Presented>): Presented => ({ authorization: null, cookie: null, ...over });
const bearer = (token: string) => by({ authorization: `Bearer ${token}` });

const WAYS: [string, (ctx: Context, who: Who) => Promise<Presented>][] = [
  ["an access token", async (ctx, who) => bearer((await signInForTokens(ctx, who)).accessToken)],
  ["a session cookie", async (ctx, who) => by({ cookie: (await signInForCookie(ctx, who)).cookie })],
  ["the key of a sign-in", async (ctx, who) => bearer(await signInForKey(ctx, who))],
  ["a key made by hand", async (ctx, who) => bearer(await makeKey(ctx, who))],
];

async function scene() {
  const w = await world();
  await settle(w.ctx);
  return { w, ctx: w.ctx, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}

/** What was not waited for is done when a later write is. */
const settled = (ctx: Context) => ctx.db.run`update instance set value = value where name = 'writable_at'`;

const seen = async (ctx: Context): Promise<unknown[]> => {
  await settled(ctx);
  return ctx.db.all`
    select id, last_seen_at, expires_at from sessions union all select id, last_used_at, expires_at from api_keys
    order by id`;
};

for (const [what, signInBy] of WAYS) {
  describe(what, () => {
    test("stands for its user in its tenant, with the role and the rights of now", async () => {
      await using s = await scene();
      const presented = await signInBy(s.ctx, { userId: BOB, tenantId: EMCA, amr: ["pwd", "otp"] });
      const before = await identify(s.ctx, presented, true);
      expect(before).toMatchObject({
        userId: BOB,
        tenantId: EMCA,
        role: "member",
        isSuperuser: false,
        amr: ["pwd", "otp"],
        name: "bob",
      });
      await s.ctx.db.run`update memberships set role = 'admin' where tenant_id = ${EMCA}`;
      await s.ctx.db.run`update users set superuser_at = 1, username = null, username_canonical = null`;
      expect(await identify(s.ctx, presented, true)).toEqual({
        ...before,
        role: "admin",
        isSuperuser: true,
        name: "bob@example.com",
      });
    });

    test("is as old as its sign-in, and one that stems from none is never fresh", async () => {
      await using s = await scene();
      const authTime = s.ctx.now() - DAY;
      const { authTime: found } = await identify(s.ctx, await signInBy(s.ctx, { authTime }), true);
      expect(found).toBe(what === "a key made by hand" ? null : authTime);
    });

    const deaths: [string, (ctx: Context) => Promise<unknown>][] = [
      ["the user is disabled", (ctx) => ctx.db.run`update users set disabled_at = 1 where id = ${ADA}`],
      ["the user is not active", (ctx) => ctx.db.run`update users set active_at = null where id = ${ADA}`],
      ["the user is deleted", (ctx) => ctx.db.run`delete from users where id = ${ADA}`],
      [
        "the membership is suspended",
        (ctx) => ctx.db.run`update memberships set status = 'suspended' where tenant_id = ${ACME}`,
      ],
      [
        "the membership is an invitation again",
        (ctx) => ctx.db.run`update memberships set status = 'invited' where tenant_id = ${ACME}`,
      ],
      ["the membership is removed", (ctx) => ctx.db.run`delete from memberships where tenant_id = ${ACME}`],
      ["the tenant is disabled", (ctx) => ctx.db.run`update tenants set disabled_at = 1 where id = ${ACME}`],
      ["the tenant is deleted", (ctx) => ctx.db.run`delete from tenants where id = ${ACME}`],
    ];
    test("is dead while user, membership or tenant is, and theirs elsewhere is not", async () => {
      for (const [when, kill] of deaths) {
        await using s = await scene();
        const presented = await signInBy(s.ctx, {});
        const other = await signInBy(s.ctx, { userId: BOB, tenantId: EMCA });
        await kill(s.ctx);
        const outcomes = [presented, other].map((one) => outcomeOf(identify(s.ctx, one, true)));
        const refusal = presented.cookie === null ? "INVALID_BEARER" : "NOT_AUTHENTICATED";
        expect([when, ...(await Promise.all(outcomes))]).toEqual([when, refusal, "done"]);
      }
    });

    test("is kept alive by use, at most every 5 minutes, and by nothing else", async () => {
      await using s = await scene();
      const { w, ctx } = s;
      const start = w.clock.now();
      const frozen = { ...ctx, now: () => start + at };
      let at = 0;
      const presented = await signInBy({ ...ctx, now: () => start }, {});
      const first = await seen(ctx);
      at = 5 * MINUTE;
      await identify(frozen, presented, false);
      expect(await seen(ctx)).toEqual(first);
      at = 5 * MINUTE - 1;
      await identify(frozen, presented, true);
      expect(await seen(ctx)).toEqual(first);
      at = 5 * MINUTE;
      await identify(frozen, presented, true);
      const second = await seen(ctx);
      expect(second).toEqual([expect.objectContaining({ last_seen_at: start + at })]);
      at = 10 * MINUTE - 1;
      await identify(frozen, presented, true);
      expect(await seen(ctx)).toEqual(second);
    });
  });
}

describe("an Authorization header", () => {
  const headers: [string, string][] = [
    ["", "NOT_AUTHENTICATED"],
    ["Bearer", "NOT_AUTHENTICATED"],
    ["Bearer ", "NOT_AUTHENTICATED"],
    ["Basic YTpi", "NOT_AUTHENTICATED"],
    ["KEY", "NOT_AUTHENTICATED"],
    ["Bearer x", "INVALID_BEARER"],
    ["Bearer KEY KEY", "INVALID_BEARER"],
    ["Bearer KEY,KEY", "INVALID_BEARER"],
    ["Bearer Bearer KEY", "INVALID_BEARER"],
    ["Bearer KEY ", "INVALID_BEARER"],
    ["bearer KEY", "done"],
    ["BEARER KEY", "done"],
  ];
  for (const [header, outcome] of headers) {
    test(`"${header}" is ${outcome}`, async () => {
      await using s = await scene();
      const authorization = header.replaceAll("KEY", await signInForKey(s.ctx));
      expect(await outcomeOf(identify(s.ctx, by({ authorization }), true))).toBe(outcome);
    });
  }
});
