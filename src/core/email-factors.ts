// Email as a second factor. There is no address here: codes go to the account's, and never to one that a request names
// (GHSA-qgqp-xh8r-v73r).
import type { Context } from "../context.ts";
import type { EmailFactorId, UserId } from "./ids.ts";

export interface EmailFactor {
  id: EmailFactorId;
  confirmedAt: number | null;
  lastUsedAt: number | null;
  createdAt: number;
}

export async function find(ctx: Context, userId: UserId): Promise<EmailFactor | undefined> {
  return ctx.db.get<EmailFactor>`
    select id, confirmed_at as "confirmedAt", last_used_at as "lastUsedAt", created_at as "createdAt"
    from email_factors where user_id = ${userId}`;
}

/** Not on until it is confirmed. The one that is there already is returned as it is. */
export async function begin(ctx: Context, userId: UserId): Promise<EmailFactor> {
  await ctx.db.run`
    insert into email_factors (id, user_id, created_at) values (${ctx.id("emf")}, ${userId}, ${ctx.now()})
    on conflict (user_id) do nothing`;
  const factor = await find(ctx, userId);
  if (!factor) throw new Error("an email factor just made is not there");
  return factor;
}

/** Turns it on. False when it is on already, or was not begun. */
export async function confirm(ctx: Context, userId: UserId): Promise<boolean> {
  const confirmed = await ctx.db.run`
    update email_factors set confirmed_at = ${ctx.now()} where user_id = ${userId} and confirmed_at is null`;
  return confirmed === 1;
}

/** Notes that a code was shown; nothing happens where email is a factor by the tenant's policy only. */
export async function touch(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`update email_factors set last_used_at = ${ctx.now()} where user_id = ${userId}`;
}

export async function end(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from email_factors where user_id = ${userId}`;
}

/** Removes what was begun and not confirmed. */
export async function endPending(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from email_factors where user_id = ${userId} and confirmed_at is null`;
}
