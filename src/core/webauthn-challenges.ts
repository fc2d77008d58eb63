// What an authenticator has to sign: 32 random bytes for five minutes, for one user and one purpose, spent by any attempt.
import type { Context } from "../context.ts";
import type { UserId, WebauthnChallengeId } from "./ids.ts";

export const LIFETIME_MS = 5 * 60 * 1000;

export interface ChallengeFor {
  userId: UserId;
  purpose: "register" | "login";
  /** The passkey that it would make, or the jti of the sign-in that it finishes. */
  binding: string;
}

export interface Challenge {
  id: WebauthnChallengeId;
  /** base64url */
  challenge: string;
}

/** In place of earlier ones of the same user, purpose and binding. Run inside a transaction. */
export async function create(ctx: Context, { userId, purpose, binding }: ChallengeFor): Promise<Challenge> {
  const id = ctx.id("wch") as WebauthnChallengeId;
  const challenge = Buffer.from(ctx.random(32)).toString("base64url");
  const now = ctx.now();
  await ctx.db.run`
    delete from webauthn_challenges where user_id = ${userId} and purpose = ${purpose} and binding = ${binding}`;
  await ctx.db.run`
    insert into webauthn_challenges (id, user_id, purpose, binding, challenge, expires_at, created_at)
    values (${id}, ${userId}, ${purpose}, ${binding}, ${challenge}, ${now + LIFETIME_MS}, ${now})`;
  return { id, challenge };
}

/** Spends it, whatever will be shown for it; undefined when it is unknown, spent, expired, or meant for something else. */
export async function consume(
  ctx: Context,
  id: string,
  { userId, purpose, binding }: ChallengeFor,
): Promise<string | undefined> {
  const now = ctx.now();
  const row = await ctx.db.get<{ challenge: string }>`
    update webauthn_challenges set used_at = ${now}
    where id = ${id} and user_id = ${userId} and purpose = ${purpose} and binding = ${binding}
      and used_at is null and expires_at > ${now}
    returning challenge`;
  return row?.challenge;
}

/**
 * Removes one that was spent, when what it was spent for is done. False when it is gone: meanwhile everything of the user's was
 * ended.
 */
export async function endSpent(ctx: Context, id: string, userId: UserId): Promise<boolean> {
  const ended = await ctx.db.run`
    delete from webauthn_challenges where id = ${id} and user_id = ${userId} and used_at is not null`;
  return ended === 1;
}

export async function endAllOf(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from webauthn_challenges where user_id = ${userId}`;
}

/** Frees the room of those that expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from webauthn_challenges where id in (
      select id from webauthn_challenges where expires_at <= ${ctx.now()} limit ${most})`;
}
