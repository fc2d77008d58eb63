// What ends when: spec/security.md 7.4.2, 7.4.3, A61.
import { describe, expect, test } from "bun:test";
import { type Context, transaction } from "../../src/context.ts";
import type { ApiKeyId, LoginChallengeId } from "../../src/core/ids.ts";
import * as oneTimeSecrets from "../../src/core/one-time-secrets.ts";
import * as loginChallenges from "../../src/core/login-challenges.ts";
import { endAllSignIns, endOtherSignIns, endSignInsIn } from "../../src/flows/end-sign-ins.ts";
import { identify, type Presented } from "../../src/flows/identify.ts";
import { refresh } from "../../src/flows/refresh.ts";
import { BASE, enableTotp } from "../support/key-group.ts";
import {
  ACME,
  ADA,
  BOB,
  client,
  EMCA,
  keyIds,
  makeKey,
  outcomeOf,
  settle,
  signInForCookie,
  signInForKey,
  signInForTokens,
  type Who,
} from "../support/sessions.ts";
import { type World, world } from "../support/world.ts";

/** Everything by which someone is or could become signed in, and which of it still works, by name. */
async function everything(ctx: Context, who: Who & { userId: typeof ADA; tenantId: typeof ACME }) {
  const tokens = await signInForTokens(ctx, who);
  const presented: Record<string, Presented> = {
    token: { authorization: `Bearer ${tokens.accessToken}`, cookie: null },
    cookie: { authorization: null, cookie: (await signInForCookie(ctx, who)).cookie },
    key: { authorization: `Bearer ${await signInForKey(ctx, who)}`, cookie: null },
    manual: { authorization: `Bearer ${await makeKey(ctx, who)}`, cookie: null },
  };
  const { userId, tenantId } = who;
  await loginChallenges.create(ctx, {
    id: ctx.id("lch") as LoginChallengeId,
    userId,
    tenantId,
    purpose: "key",
    address: `from ${tenantId}`,
    amr: ["pwd"],
  });
  const secret = await transaction(ctx, (ctx) =>
    oneTimeSecrets.create(ctx, { purpose: "invitation", userId, tenantId }),
  );
  return {
    sessionId: tokens.sessionId,
    presented,
    async alive(): Promise<string[]> {
      const names: string[] = [];
      for (const [name, one] of Object.entries(presented)) {
        if ((await outcomeOf(identify(ctx, one, false))) === "done") names.push(name);
      }
      const refreshed = await outcomeOf(refresh(ctx, tokens.refreshToken, client()));
      if (refreshed === "done") names.push("refresh");
      const challenge = await ctx.db.get`
        select 1 as found from login_challenges where user_id = ${userId} and tenant_id = ${tenantId}`;
      if (challenge) names.push("challenge");
      const offered = { purpose: "invitation", tenantId, token: secret } as const;
      if (await oneTimeSecrets.find(ctx, offered)) names.push("link");
      return names;
    },
  };
}

const ALL = ["token", "cookie", "key", "manual", "refresh", "challenge", "link"];

async function scene() {
  const w = await world();
  const { ctx } = w;
  await settle(ctx);
  const adaInAcme = await everything(ctx, { userId: ADA, tenantId: ACME });
  const adaInEmca = await everything(ctx, { userId: ADA, tenantId: EMCA });
  const bobInAcme = await everything(ctx, { userId: BOB, tenantId: ACME });
  const bobInEmca = await everything(ctx, { userId: BOB, tenantId: EMCA });
  return {
    w,
    ctx,
    adaInAcme,
    adaInEmca,
    bobInAcme,
    bobInEmca,
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

test("at first everything works", async () => {
  await using s = await scene();
  for (const one of [s.adaInAcme, s.adaInEmca, s.bobInAcme, s.bobInEmca])
    expect(await one.alive()).toEqual(ALL);
});

describe("ending", () => {
  test("all sign-ins of a user leaves nothing of theirs in any tenant, and everything of others", async () => {
    await using s = await scene();
    const at = s.ctx.now();
    await transaction(s.ctx, (ctx) => endAllSignIns(ctx, ADA));
    expect(await s.adaInAcme.alive()).toEqual([]);
    expect(await s.adaInEmca.alive()).toEqual([]);
    expect(await s.bobInAcme.alive()).toEqual(ALL);
    const rows = await s.ctx.db.all<{ id: string; at: number | null }>`
      select id, signed_out_at as at from users order by id`;
    expect(rows).toEqual([
      { id: ADA, at: expect.any(Number) },
      { id: BOB, at: null },
    ]);
    expect(Number(rows[0]?.at)).toBeGreaterThanOrEqual(at);
  });

  test("what a user has in one tenant leaves the rest of theirs and of others", async () => {
    await using s = await scene();
    await transaction(s.ctx, (ctx) => endSignInsIn(ctx, ACME, ADA));
    expect(await s.adaInAcme.alive()).toEqual([]);
    expect(await s.adaInEmca.alive()).toEqual(ALL);
    expect(await s.bobInAcme.alive()).toEqual(ALL);
  });

  test("what anyone has in one tenant leaves the other tenant", async () => {
    await using s = await scene();
    await transaction(s.ctx, (ctx) => endSignInsIn(ctx, ACME));
    expect(await s.adaInAcme.alive()).toEqual([]);
    expect(await s.bobInAcme.alive()).toEqual([]);
    expect(await s.adaInEmca.alive()).toEqual(ALL);
    expect(await s.bobInEmca.alive()).toEqual(ALL);
  });

  test("other sign-ins than this session leaves this one and the keys made by hand", async () => {
    await using s = await scene();
    const credential = { kind: "session", id: s.adaInAcme.sessionId, via: "bearer" } as const;
    await transaction(s.ctx, (ctx) => endOtherSignIns(ctx, ADA, credential));
    expect(await s.adaInAcme.alive()).toEqual(["token", "manual", "refresh", "challenge", "link"]);
    expect(await s.adaInEmca.alive()).toEqual(["manual", "challenge", "link"]);
    expect(await s.bobInAcme.alive()).toEqual(ALL);
  });

  test("other sign-ins than this key leaves it and the keys made by hand", async () => {
    await using s = await scene();
    const [id] = (await keyIds(s.ctx)) as [ApiKeyId];
    await transaction(s.ctx, (ctx) => endOtherSignIns(ctx, ADA, { kind: "key", id }));
    expect(await s.adaInAcme.alive()).toEqual(["key", "manual", "challenge", "link"]);
    expect(await s.adaInEmca.alive()).toEqual(["manual", "challenge", "link"]);
    expect(await s.bobInAcme.alive()).toEqual(ALL);
  });

  test("is undone with the transaction that it happens in", async () => {
    await using s = await scene();
    const failing = transaction(s.ctx, async (ctx) => {
      await endAllSignIns(ctx, ADA);
      throw new Error("later");
    });
    expect(await outcomeOf(failing.catch(() => {}))).toBe("done");
    expect(await s.adaInAcme.alive()).toEqual(ALL);
  });
});

describe("over HTTP", () => {
  const ways: [string, (w: World, key: string) => Promise<unknown>][] = [
    ["turning TOTP on", (w, key) => enableTotp(w, key)],
    ["the emergency reset", (w, key) => w.send("POST", `${BASE}/mfa/reset/`, { key })],
  ];
  for (const [what, act] of ways) {
    test(`${what} ends the other sessions and keys, and keeps the access token that asked`, async () => {
      await using s = await scene();
      const bearer = s.adaInAcme.presented["token"]?.authorization?.slice("Bearer ".length) ?? "";
      await act(s.w, bearer);
      expect((await s.w.send("GET", `${BASE}/me/`, { key: bearer })).status).toBe(200);
      expect(await s.adaInAcme.alive()).toEqual(expect.arrayContaining(["token", "manual", "refresh"]));
      expect(await s.adaInAcme.alive()).not.toContain("cookie");
      expect(await s.adaInAcme.alive()).not.toContain("key");
      expect(await s.adaInEmca.alive()).not.toContain("token");
    });
  }
});
