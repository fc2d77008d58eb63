// Continuation tokens carry their own facts; a row appears only when one is used, to count its tries and its end.
import type { Context } from "../context.ts";

export type ContinuationKind = "flow" | "mfa" | "passkey";

/** A verified continuation token, as far as counting goes. */
export interface Countable {
  jti: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Counts a try before it is judged. False when the token is spent, or its tries are over (decisions §2 portal, §5). */
export async function countTry(
  ctx: Context,
  kind: ContinuationKind,
  { jti, expiresAt }: Countable,
): Promise<boolean> {
  const counted = await ctx.db.run`
    insert into continuations (jti, kind, tries, expires_at) values (${jti}, ${kind}, 1, ${expiresAt})
    on conflict (jti) do update set tries = continuations.tries + 1
    where continuations.spent_at is null and continuations.tries < ${ctx.config.limits.challengeTries}`;
  return counted === 1;
}

/** The try was none: the password was right and only the choice of a tenant was missing, or a limit left it unjudged. */
export async function giveTryBack(ctx: Context, { jti }: Countable): Promise<void> {
  await ctx.db.run`update continuations set tries = tries - 1 where jti = ${jti} and tries > 0`;
}

/** Spends it, after a counted try. Of any number of parallel calls exactly one gets true. */
export async function consume(ctx: Context, { jti }: Countable): Promise<boolean> {
  const spent = await ctx.db.run`
    update continuations set spent_at = ${ctx.now()}
    where jti = ${jti} and spent_at is null and expires_at > ${ctx.now()}`;
  return spent === 1;
}

/** Voids it, whether it was used before or not. False when it was spent. */
export async function end(
  ctx: Context,
  kind: ContinuationKind,
  { jti, expiresAt }: Countable,
): Promise<boolean> {
  const ended = await ctx.db.run`
    insert into continuations (jti, kind, tries, spent_at, expires_at)
    values (${jti}, ${kind}, 0, ${ctx.now()}, ${expiresAt})
    on conflict (jti) do update set spent_at = excluded.spent_at,
      expires_at = case when continuations.expires_at > excluded.expires_at then continuations.expires_at
        else excluded.expires_at end
    where continuations.spent_at is null`;
  return ended === 1;
}

/** Frees the room of those that expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from continuations where jti in (
      select jti from continuations where expires_at <= ${ctx.now()} limit ${most})`;
}
