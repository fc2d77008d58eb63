// WebAuthn credentials of users (Level 3 §4, credential record). The ceremonies stand in flows/.
import type { Context } from "../context.ts";
import type { PasskeyId, UserId } from "./ids.ts";

export interface Passkey {
  id: PasskeyId;
  userId: UserId;
  /** base64url */
  credentialId: string;
  /** COSE key, base64url. */
  publicKey: string;
  signCount: number;
  /** Separated by spaces. */
  transports: string;
  /** 0 or 1: BE, which never changes. */
  backupEligible: number;
  name: string;
  lastUsedAt: number | null;
  createdAt: number;
}

export interface NewPasskey extends Omit<Passkey, "lastUsedAt" | "createdAt"> {
  backedUp: boolean;
  userVerified: boolean;
}

/** Whether a counter has grown, or is none: 0 for good. */
export const isCounterGood = (stored: number, shown: number): boolean =>
  shown > stored || (shown === 0 && stored === 0);

/** More than anyone has keys and devices; each is looked at in every sign-in, and named in what browsers are asked. */
export const MOST_PASSKEYS = 20;

/** Whether the user has as many as anyone may have. */
export async function isFull(ctx: Context, userId: UserId): Promise<boolean> {
  const row = await ctx.db.get<{ keys: number | string }>`
    select count(*) as keys from passkeys where user_id = ${userId}`;
  // PostgreSQL counts in text.
  return Number(row?.keys ?? 0) >= MOST_PASSKEYS;
}

/** False when the user has as many as anyone may have, or the credential is known already, of whichever user (Level 3 §7.1 step 26). */
export async function create(ctx: Context, passkey: NewPasskey): Promise<boolean> {
  const { id, userId, credentialId, publicKey, signCount, transports, backupEligible, name } = passkey;
  const created = await ctx.db.run`
    insert into passkeys (id, user_id, credential_id, public_key, sign_count, transports, backup_eligible, backed_up,
      user_verified, name, created_at)
    select ${id}, ${userId}, ${credentialId}, ${publicKey}, ${signCount}, ${transports}, ${backupEligible},
      ${Number(passkey.backedUp)}, ${Number(passkey.userVerified)}, ${name}, ${ctx.now()}
    where (select count(*) from passkeys where user_id = ${userId}) < ${MOST_PASSKEYS}
    on conflict do nothing`;
  return created === 1;
}

/** A user's, the oldest first. */
export async function listOfUser(ctx: Context, userId: UserId): Promise<Passkey[]> {
  return ctx.db.all<Passkey>`
    select id, user_id as "userId", credential_id as "credentialId", public_key as "publicKey", sign_count as "signCount",
      transports, backup_eligible as "backupEligible", name, last_used_at as "lastUsedAt", created_at as "createdAt"
    from passkeys where user_id = ${userId} order by id`;
}

/** Of this user only: another's credential is as unknown as none. */
export async function findByCredential(
  ctx: Context,
  userId: UserId,
  credentialId: string,
): Promise<Passkey | undefined> {
  return ctx.db.get<Passkey>`
    select id, user_id as "userId", credential_id as "credentialId", public_key as "publicKey", sign_count as "signCount",
      transports, backup_eligible as "backupEligible", name, last_used_at as "lastUsedAt", created_at as "createdAt"
    from passkeys where credential_id = ${credentialId} and user_id = ${userId}`;
}

/** Whoever's it is: for a sign-in that nothing but the credential names. */
export async function findByCredentialAlone(
  ctx: Context,
  credentialId: string,
): Promise<Passkey | undefined> {
  return ctx.db.get<Passkey>`
    select id, user_id as "userId", credential_id as "credentialId", public_key as "publicKey", sign_count as "signCount",
      transports, backup_eligible as "backupEligible", name, last_used_at as "lastUsedAt", created_at as "createdAt"
    from passkeys where credential_id = ${credentialId}`;
}

export interface Use {
  signCount: number;
  backedUp: boolean;
  userVerified: boolean;
}

/**
 * Notes a verified assertion. False when the passkey is gone, or its counter did not grow although either is above zero: then two
 * authenticators share the key (Level 3 §7.2 step 22). One conditional statement, so that of parallel assertions with one counter
 * one is taken.
 */
export async function use(
  ctx: Context,
  id: PasskeyId,
  { signCount, backedUp, userVerified }: Use,
): Promise<boolean> {
  const used = await ctx.db.run`
    update passkeys set sign_count = ${signCount}, backed_up = ${Number(backedUp)},
      user_verified = ${Number(userVerified)}, last_used_at = ${ctx.now()}
    where id = ${id} and (sign_count < ${signCount} or (sign_count = 0 and ${signCount} = 0))`;
  return used === 1;
}

/** A user's own; false when there is none of that id, or it is another's (GHSA-4vcf-q4xf-f48m). */
export async function endOfUser(ctx: Context, userId: UserId, id: string): Promise<boolean> {
  return (await ctx.db.run`delete from passkeys where id = ${id} and user_id = ${userId}`) === 1;
}

export async function endAllOfUser(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from passkeys where user_id = ${userId}`;
}
