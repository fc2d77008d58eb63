// Wrong codes in a row, for factors that keep no count of their own (NIST SP 800-63B-4 §3.2.2). TOTP counts at its device.
import type { Context } from "../context.ts";
import type { UserId } from "./ids.ts";

export type CountedFactor = "email" | "backup_code" | "webauthn";

/** Counts a try before it is judged. False when the factor had all of its own, and is off until it is enrolled again. */
export async function countTry(ctx: Context, userId: UserId, method: CountedFactor): Promise<boolean> {
  const counted = await ctx.db.run`
    insert into factor_failures (user_id, method, failures) values (${userId}, ${method}, 1)
    on conflict (user_id, method) do update set failures = factor_failures.failures + 1
    where factor_failures.failures < ${ctx.config.limits.factorFailures}`;
  return counted === 1;
}

/** The try was none: the code was meant for, and taken by, another factor. One that is off already stays off. */
export async function giveTryBack(ctx: Context, userId: UserId, method: CountedFactor): Promise<void> {
  await ctx.db.run`
    update factor_failures set failures = failures - 1
    where user_id = ${userId} and method = ${method} and failures > 0 and failures < ${ctx.config.limits.factorFailures}`;
}

/** The code was right, or the factor was enrolled anew. */
export async function forgive(ctx: Context, userId: UserId, method: CountedFactor): Promise<void> {
  await ctx.db.run`delete from factor_failures where user_id = ${userId} and method = ${method}`;
}
