// How often something may happen within a time, in the table `limits`. Not a noun: what is counted, and how high, each noun says.
import type { Context } from "../context.ts";
import { Refused } from "../errors.ts";

export interface Window {
  /** What is counted; each scope has a length of its own. */
  scope: string;
  subject: string;
  most: number;
  /** From the first time that counts, not from each. */
  windowMs: number;
}

/** Counts one, or throws Refused RATE_LIMITED with the seconds until the window is over; then nothing is counted. */
export async function countInWindow(ctx: Context, { scope, subject, most, windowMs }: Window): Promise<void> {
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
  if (counted) return;
  const row = await ctx.db.get<{ startedAt: number }>`
    select window_started_at as "startedAt" from limits where scope = ${scope} and subject = ${subject}`;
  throw new Refused("RATE_LIMITED", Math.ceil(((row?.startedAt ?? now) - startedBefore) / 1000));
}
