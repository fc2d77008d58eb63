// How often something may happen within a time, in the table `limits`. Not a noun: what is counted, and how high, each noun says.
import { type Context, transaction } from "../context.ts";
import { Refused } from "../errors.ts";

export interface Window {
  /** What is counted; each scope has a length of its own. */
  scope: string;
  subject: string;
  most: number;
  /** From the first time that counts, not from each. */
  windowMs: number;
}

/**
 * A count in it means nothing, but writes as much as one that does: instead of a window that cannot hold up who is counted, and which
 * they would only fill for others.
 */
export const NOBODYS: Window = {
  scope: "nobody",
  subject: "",
  most: Number.MAX_SAFE_INTEGER,
  windowMs: 60 * 60 * 1000,
};

/**
 * Counts one in each of them; or, when any is full, in none: then throws Refused RATE_LIMITED with the seconds until all of them
 * have room, or whoever waits so long would be refused by the next.
 */
export async function countInWindows(ctx: Context, windows: readonly Window[]): Promise<void> {
  await transaction(ctx, async (ctx) => {
    let waitS = 0;
    for (const window of windows) waitS = Math.max(waitS, await count(ctx, window));
    if (waitS > 0) throw new Refused("RATE_LIMITED", waitS);
  });
}

/** 0 once it is counted, else the seconds until the window is over. */
export async function count(ctx: Context, { scope, subject, most, windowMs }: Window): Promise<number> {
  const now = ctx.now();
  const startedBefore = now - windowMs;
  // A window that starts later than now was written before the clock was set back.
  const counted = await ctx.db.get`
    insert into limits (scope, subject, failures, window_started_at, blocked_until)
    values (${scope}, ${subject}, 1, ${now}, 0)
    on conflict (scope, subject) do update set
      failures = case when limits.window_started_at between ${startedBefore + 1} and ${now}
        then limits.failures + 1 else 1 end,
      window_started_at = case when limits.window_started_at between ${startedBefore + 1} and ${now}
        then limits.window_started_at else ${now} end
    where limits.failures < ${most} or limits.window_started_at not between ${startedBefore + 1} and ${now}
    returning failures`;
  if (counted) return 0;
  const row = await ctx.db.get<{ startedAt: number }>`
    select window_started_at as "startedAt" from limits where scope = ${scope} and subject = ${subject}`;
  return Math.max(1, Math.ceil(((row?.startedAt ?? now) - startedBefore) / 1000));
}
