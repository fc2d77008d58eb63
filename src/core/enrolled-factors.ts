// Which second factors a user has turned on, of all kinds at one look: every sign-in asks, and most of what shows an account.
import type { Context } from "../context.ts";
import type { UserId } from "./ids.ts";

/** The strongest habit first: the order in which they are offered. */
const KINDS = ["totp", "webauthn", "email"] as const;
export type FactorKind = (typeof KINDS)[number];

/** Also TOTP that too many wrong codes switched off: off must not mean unprotected. */
export async function list(ctx: Context, userId: UserId): Promise<FactorKind[]> {
  const on = await ctx.db.recall<Record<FactorKind, number>>`
    select
      (select count(*) from totp_devices where user_id = who.id and confirmed_at is not null) as totp,
      (select count(*) from passkeys where user_id = who.id) as webauthn,
      (select count(*) from email_factors where user_id = who.id and confirmed_at is not null) as email
    from (select ${userId} as id) as who`;
  return KINDS.filter((kind) => on !== undefined && on[kind] > 0);
}
