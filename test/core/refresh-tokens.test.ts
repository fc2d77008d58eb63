// Rotation, reuse and grace: decisions §1, RFC 9700 §4.14.2, spec/security.md A10 to A12.
import { describe, expect, test } from "bun:test";
import type { Client } from "../../src/context.ts";
import { removeExpired } from "../../src/core/refresh-tokens.ts";
import { refresh } from "../../src/flows/refresh.ts";
import {
  ACME,
  ADA,
  client,
  DAY,
  outcomeOf,
  sessionIds,
  settle,
  signInForTokens,
} from "../support/sessions.ts";
import { audited, dump, type World, world } from "../support/world.ts";

const DEAD = "INVALID_REFRESH_TOKEN";
const GRACE = 10_000;

/** A world with a session, and its clock standing still: what lies between two calls is what the test says. */
async function scene() {
  const w = await world();
  await settle(w.ctx);
  const time = { at: w.clock.now() };
  const ctx = { ...w.ctx, now: () => time.at };
  const { refreshToken: first, sessionId } = await signInForTokens(ctx);
  const again = async (token: string, who: Client = client()) =>
    (await refresh(ctx, token, who)).refreshToken;
  const attempt = (token: string, who?: Client) => outcomeOf(again(token, who));
  return {
    w,
    ctx,
    time,
    first,
    sessionId,
    again,
    attempt,
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

const familyIsDead = async (w: World) => {
  expect(await sessionIds(w.ctx)).toEqual([]);
  expect(await w.ctx.db.all`select token_hash from refresh_tokens`).toEqual([]);
  expect(await audited(w)).toContainEqual(expect.stringMatching(/^session.refresh_reused: ses_/));
};

describe("a refresh token", () => {
  test("is good once, for a successor of the same form", async () => {
    await using s = await scene();
    const tokens = [s.first];
    for (let i = 0; i < 5; i++) {
      s.time.at += DAY;
      tokens.push(await s.again(tokens.at(-1) ?? ""));
    }
    expect(new Set(tokens).size).toBe(6);
    for (const token of tokens) expect(token).toMatch(/^ost_rt_[\w-]{43}$/);
    expect(await sessionIds(s.ctx)).toEqual([s.sessionId]);
  });

  test("that was rotated twice since ends the family, even within 10 s", async () => {
    await using s = await scene();
    const second = await s.again(s.first);
    const third = await s.again(second);
    expect(await s.attempt(s.first)).toBe(DEAD);
    await familyIsDead(s.w);
    expect(await s.attempt(third)).toBe(DEAD);
    expect(await s.attempt(second)).toBe(DEAD);
  });

  test("shown again within 10 s gives the same successor, as often as it is asked, while that is unused", async () => {
    await using s = await scene();
    const second = await s.again(s.first);
    s.time.at += GRACE - 1;
    expect(await s.again(s.first)).toBe(second);
    expect(await s.again(s.first)).toBe(second);
    expect(await s.ctx.db.all`select token_hash from refresh_tokens`).toHaveLength(2);
    const third = await s.again(second);
    expect(third).not.toBe(second);
    expect(await s.attempt(s.first)).toBe(DEAD);
    await familyIsDead(s.w);
  });

  test("shown again 10 s later ends the family", async () => {
    await using s = await scene();
    const second = await s.again(s.first);
    s.time.at += GRACE;
    expect(await s.attempt(s.first)).toBe(DEAD);
    await familyIsDead(s.w);
    expect(await s.attempt(second)).toBe(DEAD);
  });

  const strangers: [string, Partial<Client>][] = [
    ["another network", { network: "203.0.113.9" }],
    ["another user agent", { userAgent: "curl" }],
    ["no user agent", { userAgent: null }],
  ];
  for (const [what, over] of strangers) {
    test(`shown again at once from ${what} ends the family`, async () => {
      await using s = await scene();
      await s.again(s.first);
      expect(await s.attempt(s.first, client(over))).toBe(DEAD);
      await familyIsDead(s.w);
    });
  }

  test("shown again from another address of the same network is a repeat, also without a user agent", async () => {
    await using s = await scene();
    const who = client({ userAgent: null, network: "2001:db8::/64" });
    const second = await s.again(s.first, { ...who, address: "2001:db8::1" });
    expect(await s.again(s.first, { ...who, address: "2001:db8::2" })).toBe(second);
  });

  test("shown again after the clock was set back a moment is a repeat, and after it was set back an hour is not", async () => {
    await using s = await scene();
    const second = await s.again(s.first);
    s.time.at -= 500;
    expect(await s.again(s.first)).toBe(second);
    s.time.at -= 60 * 60 * 1000;
    expect(await s.attempt(s.first)).toBe(DEAD);
  });

  test("is over after 7 days without use, and a late one ends nothing that lives", async () => {
    await using s = await scene();
    s.time.at += 7 * DAY - 1;
    const second = await s.again(s.first);
    s.time.at += GRACE;
    expect(await s.attempt(s.first)).toBe(DEAD);
    s.time.at += 7 * DAY - GRACE - 1;
    const third = await s.again(second);
    s.time.at += 7 * DAY;
    expect(await s.attempt(third)).toBe(DEAD);
    expect(await audited(s.w)).toEqual([]);
  });

  test("cannot carry a session past 30 days", async () => {
    await using s = await scene();
    const start = s.time.at;
    let token = s.first;
    for (let day = 6; day <= 24; day += 6) {
      s.time.at = start + day * DAY;
      token = await s.again(token);
    }
    s.time.at = start + 30 * DAY - 1;
    token = await s.again(token);
    const [last] = await s.ctx.db.all`select max(expires_at) as at from refresh_tokens`;
    expect(last).toEqual({ at: start + 30 * DAY });
    s.time.at = start + 30 * DAY;
    expect(await s.attempt(token)).toBe(DEAD);
  });

  test("of a wrong kind or shape is refused like an unknown one, and nothing is written", async () => {
    await using s = await scene();
    const { accessToken } = await signInForTokens(s.ctx);
    const before = dump(s.w);
    for (const token of [
      "",
      "x",
      "ost_rt_",
      `ost_rt_${"A".repeat(43)}`,
      accessToken,
      `${s.first} `,
      "\u0000",
    ]) {
      expect([token, await s.attempt(token)]).toEqual([token, DEAD]);
    }
    expect(dump(s.w)).toEqual(before);
  });

  test("is not in the database, nor is its successor", async () => {
    await using s = await scene();
    const second = await s.again(s.first);
    const rows = JSON.stringify(dump(s.w));
    expect(rows).not.toContain(s.first.slice(7));
    expect(rows).not.toContain(second.slice(7));
  });

  test("that was rotated is kept until it would have expired, and no longer", async () => {
    await using s = await scene();
    await s.again(s.first);
    s.time.at += 7 * DAY - 1;
    await removeExpired(s.ctx, 1000);
    expect(await s.ctx.db.all`select token_hash from refresh_tokens`).toHaveLength(2);
    s.time.at += 1;
    await removeExpired(s.ctx, 1000);
    expect(await s.ctx.db.all`select token_hash from refresh_tokens`).toEqual([]);
  });
});

describe("of 20 at once", () => {
  test("from one browser all get the same successor, and there is one live lineage", async () => {
    await using s = await scene();
    const successors = await Promise.all(Array.from({ length: 20 }, () => s.again(s.first)));
    expect(new Set(successors).size).toBe(1);
    const unused = await s.ctx.db.all`select token_hash from refresh_tokens where rotated_at is null`;
    expect(unused).toHaveLength(1);
    expect(await s.attempt(successors[0] ?? "")).toBe("done");
    expect(await sessionIds(s.ctx)).toEqual([s.sessionId]);
  });

  test("from different browsers at most one succeeds, and the family is dead", async () => {
    await using s = await scene();
    const browsers = Array.from({ length: 20 }, (_, i) => client({ userAgent: `browser ${i}` }));
    const outcomes = await Promise.allSettled(browsers.map((who) => s.again(s.first, who)));
    const successors = outcomes.filter(({ status }) => status === "fulfilled");
    expect(successors.length).toBeLessThanOrEqual(1);
    await familyIsDead(s.w);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") expect(await s.attempt(outcome.value)).toBe(DEAD);
    }
    expect((await audited(s.w)).filter((entry) => entry.startsWith("session.refresh_reused"))).toHaveLength(
      1,
    );
  });
});

describe("refreshing", () => {
  const deaths: [string, (s: Awaited<ReturnType<typeof scene>>) => Promise<unknown>][] = [
    ["the session was ended", ({ ctx }) => ctx.db.run`delete from sessions`],
    ["the user was disabled", ({ ctx }) => ctx.db.run`update users set disabled_at = 1`],
    ["the user was deleted", ({ ctx }) => ctx.db.run`delete from users where id = ${ADA}`],
    ["the account is not active", ({ ctx }) => ctx.db.run`update users set active_at = null`],
    ["the membership was suspended", ({ ctx }) => ctx.db.run`update memberships set status = 'suspended'`],
    ["the membership was removed", ({ ctx }) => ctx.db.run`delete from memberships where user_id = ${ADA}`],
    ["the tenant was disabled", ({ ctx }) => ctx.db.run`update tenants set disabled_at = 1`],
    ["the tenant was deleted", ({ ctx }) => ctx.db.run`delete from tenants where id = ${ACME}`],
  ];
  for (const [what, kill] of deaths) {
    test(`is refused when ${what}`, async () => {
      await using s = await scene();
      await kill(s);
      expect(await s.attempt(s.first)).toBe(DEAD);
    });
  }

  test("works again, with nothing spent, when a suspension is lifted", async () => {
    await using s = await scene();
    await s.ctx.db.run`update memberships set status = 'suspended'`;
    expect(await s.attempt(s.first)).toBe(DEAD);
    await s.ctx.db.run`update memberships set status = 'active'`;
    s.time.at += DAY;
    expect(await s.attempt(s.first)).toBe("done");
  });

  test("says that the session was seen", async () => {
    await using s = await scene();
    s.time.at += DAY;
    await s.again(s.first);
    expect(await s.ctx.db.all`select last_seen_at from sessions`).toEqual([{ last_seen_at: s.time.at }]);
  });
});
