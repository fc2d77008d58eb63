// Lists of sessions, ending one of them, and room made.
import { describe, expect, test } from "bun:test";
import { removeExpired as removeExpiredRefreshTokens } from "../../src/core/refresh-tokens.ts";
import * as sessions from "../../src/core/sessions.ts";
import {
  ACME,
  ADA,
  BOB,
  DAY,
  EMCA,
  sessionIds,
  settle,
  signInForCookie,
  signInForTokens,
} from "../support/sessions.ts";
import { world } from "../support/world.ts";

/** Seven sessions; their ids sort by the order they were made in. */
async function scene() {
  const w = await world();
  const { ctx } = w;
  await settle(ctx);
  const ids = [];
  for (const userId of [ADA, BOB]) {
    for (const tenantId of [ACME, EMCA])
      ids.push((await signInForTokens(ctx, { userId, tenantId })).sessionId);
  }
  for (let i = 0; i < 3; i++) ids.push((await signInForCookie(ctx)).sessionId);
  const newestFirst = ids.toReversed();
  return { w, ctx, ids, newestFirst, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const idsOf = async (found: Promise<sessions.Session[]>) => (await found).map(({ id }) => id);
const ofWhom = (s: Scene, ...indices: number[]) => indices.map((i) => s.ids[i] ?? "");

describe("a list of sessions", () => {
  test("shows where each was opened from and nothing that opens it", async () => {
    await using s = await scene();
    const [found] = await sessions.list(s.ctx, {}, { limit: 1 });
    expect(found?.id).toBe(s.ids[6]);
    expect(found).toEqual({
      id: expect.any(String),
      userId: ADA,
      tenantId: ACME,
      kind: "cookie",
      actorId: null,
      authTime: expect.any(Number),
      amr: "pwd",
      address: "198.51.100.7",
      userAgent: "test",
      createdAt: expect.any(Number),
      lastSeenAt: expect.any(Number),
      expiresAt: Number(found?.createdAt) + DAY,
    });
    expect(await sessions.find(s.ctx, s.ids[6] ?? "")).toEqual(found);
  });

  test("comes in pages, the newest first, each session once", async () => {
    await using s = await scene();
    const seen: string[] = [];
    for (let cursor: string | undefined; ; cursor = seen.at(-1)) {
      const page = await idsOf(sessions.list(s.ctx, {}, { limit: 3, cursor }));
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect<string[]>(seen).toEqual(s.newestFirst);
  });

  test("is of a user, of a tenant, of both, or of one's own", async () => {
    await using s = await scene();
    const page = { limit: 50 };
    expect<string[]>(await idsOf(sessions.list(s.ctx, { userId: BOB }, page))).toEqual(ofWhom(s, 3, 2));
    expect<string[]>(await idsOf(sessions.list(s.ctx, { tenantId: EMCA }, page))).toEqual(ofWhom(s, 3, 1));
    const both = { userId: BOB, tenantId: ACME };
    expect<string[]>(await idsOf(sessions.list(s.ctx, both, page))).toEqual(ofWhom(s, 2));
    expect(await sessions.list(s.ctx, { userId: "usr_nobody" }, page)).toEqual([]);
    expect<string[]>(await idsOf(sessions.list(s.ctx, { userId: ADA }, page))).toEqual(
      ofWhom(s, 6, 5, 4, 1, 0),
    );
    const second = { limit: 2, cursor: s.ids[5] };
    expect<string[]>(await idsOf(sessions.list(s.ctx, { userId: ADA }, second))).toEqual(ofWhom(s, 4, 1));
  });

  test("leaves out what has expired, and so does looking for one", async () => {
    await using s = await scene();
    s.w.clock.advance(DAY);
    expect<string[]>(await idsOf(sessions.list(s.ctx, {}, { limit: 50 }))).toEqual(ofWhom(s, 3, 2, 1, 0));
    expect<string[]>(await idsOf(sessions.list(s.ctx, { userId: ADA }, { limit: 50 }))).toEqual(
      ofWhom(s, 1, 0),
    );
    expect(await sessions.find(s.ctx, s.ids[6] ?? "")).toBeUndefined();
  });
});

test("a user ends their own session once, and nobody else's", async () => {
  await using s = await scene();
  const [adas = "", , bobs = ""] = s.ids;
  expect(await sessions.endOfUser(s.ctx, ADA, bobs)).toBe(false);
  expect(await sessions.endOfUser(s.ctx, ADA, "ses_nothing")).toBe(false);
  expect(await sessions.endOfUser(s.ctx, ADA, adas)).toBe(true);
  expect(await sessions.endOfUser(s.ctx, ADA, adas)).toBe(false);
  expect<string[]>(await sessionIds(s.ctx)).toEqual(s.ids.slice(1));
});

test("expired sessions are removed with their tokens, and no others", async () => {
  await using s = await scene();
  s.w.clock.advance(DAY);
  await sessions.removeExpired(s.ctx, 1000);
  await removeExpiredRefreshTokens(s.ctx, 1000);
  expect<string[]>(await sessionIds(s.ctx)).toEqual(s.ids.slice(0, 4));
  expect(await s.ctx.db.all`select session_id from refresh_tokens`).toHaveLength(4);
  s.w.clock.advance(29 * DAY);
  await sessions.removeExpired(s.ctx, 1000);
  expect(await sessionIds(s.ctx)).toEqual([]);
  expect(await s.ctx.db.all`select session_id from refresh_tokens`).toEqual([]);
});
