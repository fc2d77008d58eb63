// Refresh tokens: each is good once and leaves one successor. Whoever shows one that was rotated before may be a thief, or the
// owner after a thief: the whole family, which is the session, is then to end (RFC 9700 §4.14.2).
import type { Context } from "../context.ts";
import { digest, hmac } from "../crypto/digest.ts";
import type { SessionId } from "./ids.ts";

/** Without a refresh for this long it is over; the session's end is the absolute one. */
const IDLE_MS = 7 * 24 * 60 * 60 * 1000;
/** A repeat within it is a second tab or a lost answer (decisions §1). */
const GRACE_MS = 10 * 1000;

/** Who shows a token, as far as the grace is concerned. */
export interface Shower {
  network: string;
  userAgent: string | null;
}

/** The first token of a session: `ost_rt_` + 32 random bytes. */
export async function create(ctx: Context, sessionId: SessionId): Promise<string> {
  const token = `ost_rt_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  await insert(ctx, sessionId, token);
  return token;
}

/** `reused`: the session must end now, in the same transaction. */
export type Rotation =
  { status: "rotated"; sessionId: SessionId; successor: string } | { status: "reused"; sessionId: SessionId };

/**
 * Spends a token for its successor. Of any number of parallel calls one rotates; the others, and repeats within 10 s, get the
 * same successor if they come from the same network and user agent and it is unused. Undefined for a token that is unknown
 * or expired. Run inside a transaction.
 */
export async function rotate(ctx: Context, token: string, shower: Shower): Promise<Rotation | undefined> {
  const now = ctx.now();
  const { network } = shower;
  const userAgent = shower.userAgent ?? "";
  // Derived, so that a repeat can be answered with nothing stored in clear.
  const successor = `ost_rt_${hmac(ctx.keys.refresh, token)}`;
  const rotated = await ctx.db.get<{ sessionId: SessionId }>`
    update refresh_tokens set rotated_at = ${now}, rotated_from = ${network}, rotated_by = ${userAgent},
      successor_hash = ${digest(successor)}
    where token_hash = ${digest(token)} and rotated_at is null and expires_at > ${now}
    returning session_id as "sessionId"`;
  if (rotated) {
    const { sessionId } = rotated;
    return (await insert(ctx, sessionId, successor))
      ? { status: "rotated", sessionId, successor }
      : undefined;
  }
  // A rotation that lies ahead was written before the clock was set back: by a moment it is the same grace, by more it is none.
  const repeated = await ctx.db.get<{ sessionId: SessionId }>`
    select r.session_id as "sessionId"
    from refresh_tokens r join refresh_tokens next on next.token_hash = r.successor_hash
    where r.token_hash = ${digest(token)} and r.rotated_at > ${now - GRACE_MS} and r.rotated_at < ${now + GRACE_MS}
      and r.rotated_from = ${network} and r.rotated_by = ${userAgent}
      and next.rotated_at is null and next.expires_at > ${now}`;
  if (repeated) return { status: "rotated", sessionId: repeated.sessionId, successor };
  const reused = await ctx.db.get<{ sessionId: SessionId }>`
    select session_id as "sessionId" from refresh_tokens
    where token_hash = ${digest(token)} and rotated_at is not null and expires_at > ${now}`;
  return reused && { status: "reused", sessionId: reused.sessionId };
}

/** Frees the room of expired tokens. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from refresh_tokens where token_hash in (
      select token_hash from refresh_tokens where expires_at <= ${ctx.now()} limit ${most})`;
}

/** False when the session is over. */
async function insert(ctx: Context, sessionId: SessionId, token: string): Promise<boolean> {
  const now = ctx.now();
  const idleEnd = now + IDLE_MS;
  const created = await ctx.db.run`
    insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
    select ${digest(token)}, id, ${now}, case when expires_at < ${idleEnd} then expires_at else ${idleEnd} end
    from sessions where id = ${sessionId} and expires_at > ${now}`;
  return created === 1;
}
