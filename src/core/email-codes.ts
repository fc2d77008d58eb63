// Six digits by mail: bound to user, purpose and the very thing that they finish, for ten minutes.
import type { Context } from "../context.ts";
import { constantTimeEqual, hmac } from "../crypto/digest.ts";
import type { UserId } from "./ids.ts";

export const LIFETIME_MS = 10 * 60 * 1000;
const CODE = /^[0-9]{6}$/;
/** The largest multiple of a million below 2^32: what lies above is drawn again, so that no code is likelier (ASVS 11.5.1). */
const UNBIASED_BELOW = Math.floor(2 ** 32 / 1_000_000) * 1_000_000;

export interface CodeFor {
  userId: UserId;
  purpose: "enrol" | "disable" | "login" | "magic";
  /** The factor, or the sign-in, that the code belongs to. */
  binding: string;
}

/**
 * A new code in place of the last one, whose count of tries it keeps (NIST SP 800-63B-4 §3.1.3.2), unless that one has been dead for
 * as long as it lived, or will live for longer than any: then it was made before the clock was set back.
 */
export async function create(ctx: Context, { userId, purpose, binding }: CodeFor): Promise<string> {
  const code = newCode(ctx);
  const now = ctx.now();
  const hash = hashOf(ctx, { userId, purpose, binding }, code);
  await ctx.db.run`
    insert into email_codes (user_id, purpose, binding, code_hash, tries, expires_at, created_at)
    values (${userId}, ${purpose}, ${binding}, ${hash}, 0, ${now + LIFETIME_MS}, ${now})
    on conflict (user_id, purpose, binding) do update set
      code_hash = excluded.code_hash, used_at = null,
      tries = case when email_codes.expires_at between ${now - LIFETIME_MS + 1} and ${now + LIFETIME_MS}
        then email_codes.tries else 0 end,
      expires_at = excluded.expires_at, created_at = excluded.created_at`;
  return code;
}

/** How long, in milliseconds, a new code would be of no use because the tries are over; 0 while some are left. */
export async function exhaustedForMs(ctx: Context, { userId, purpose, binding }: CodeFor): Promise<number> {
  const now = ctx.now();
  const row = await ctx.db.get<{ expiresAt: number }>`
    select expires_at as "expiresAt" from email_codes
    where user_id = ${userId} and purpose = ${purpose} and binding = ${binding}
      and tries >= ${ctx.config.limits.challengeTries} and expires_at <= ${now + LIFETIME_MS}`;
  return row === undefined ? 0 : Math.max(0, row.expiresAt + LIFETIME_MS - now);
}

/**
 * Spends a code, counting the try before judging it. False when it is wrong, spent or expired, or its tries are over. Run inside
 * a transaction that commits either way.
 */
export async function consume(ctx: Context, target: CodeFor, code: string): Promise<boolean> {
  const { userId, purpose, binding } = target;
  const now = ctx.now();
  const counted = await ctx.db.get<{ codeHash: string }>`
    update email_codes set tries = tries + 1
    where user_id = ${userId} and purpose = ${purpose} and binding = ${binding} and used_at is null
      and tries < ${ctx.config.limits.challengeTries} and expires_at > ${now}
    returning code_hash as "codeHash"`;
  if (!counted || !CODE.test(code)) return false;
  if (!constantTimeEqual(counted.codeHash, hashOf(ctx, target, code))) return false;
  const spent = await ctx.db.run`
    update email_codes set used_at = ${now}
    where user_id = ${userId} and purpose = ${purpose} and binding = ${binding} and used_at is null
      and code_hash = ${counted.codeHash}`;
  return spent === 1;
}

/** Voids a user's of one purpose. */
export async function endOfPurpose(ctx: Context, userId: UserId, purpose: CodeFor["purpose"]): Promise<void> {
  await ctx.db.run`delete from email_codes where user_id = ${userId} and purpose = ${purpose}`;
}

/** Voids all of a user's. */
export async function endAllOf(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from email_codes where user_id = ${userId}`;
}

/** Frees the room of dead codes, and forgets their tries; what they belonged to has ended long before. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from email_codes where (user_id, purpose, binding) in (
      select user_id, purpose, binding from email_codes where expires_at <= ${ctx.now() - LIFETIME_MS} limit ${most})`;
}

function newCode(ctx: Context): string {
  for (;;) {
    const drawn = Buffer.from(ctx.random(4)).readUInt32BE();
    if (drawn < UNBIASED_BELOW) return String(drawn % 1_000_000).padStart(6, "0");
  }
}

const hashOf = (ctx: Context, { userId, purpose, binding }: CodeFor, code: string): string =>
  hmac(ctx.keys.codes, JSON.stringify([userId, purpose, binding, code]));
