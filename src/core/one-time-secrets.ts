// Mailed links: each opens one door once, for one user in one tenant. Stored as SHA-256 only.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { OneTimeSecretId, TenantId, UserId } from "./ids.ts";

export type Purpose = "reset" | "verify_email" | "invitation";

/** How long a link of each kind works, in milliseconds (decisions §1). */
export const LIFETIME_MS: Record<Purpose, number> = {
  reset: 30 * 60 * 1000,
  verify_email: 24 * 60 * 60 * 1000,
  invitation: 7 * 24 * 60 * 60 * 1000,
};

const PREFIX: Record<Purpose, string> = { reset: "rst", verify_email: "vfy", invitation: "inv" };

export interface OneTimeSecret {
  id: OneTimeSecretId;
  userId: UserId;
  tenantId: TenantId;
  redirectUri: string | null;
  /** When it was used, if it was. */
  usedAt: number | null;
}

export interface NewOneTimeSecret {
  purpose: Purpose;
  userId: UserId;
  tenantId: TenantId;
  redirectUri?: string | undefined;
}

/** What a token is looked up by: worth nothing in another tenant or for another purpose. */
export interface Offered {
  purpose: Purpose;
  tenantId: TenantId;
  token: string;
}

/** A new secret, shown this once; earlier ones of the same user and purpose are void. Run inside a transaction. */
export async function create(ctx: Context, secret: NewOneTimeSecret): Promise<string> {
  const { purpose, userId, tenantId, redirectUri = null } = secret;
  const token = `ost_${PREFIX[purpose]}_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  const now = ctx.now();
  // An invitation is into one tenant; that into another stays good.
  await ctx.db.run`
    delete from one_time_secrets
    where user_id = ${userId} and purpose = ${purpose} and (purpose <> 'invitation' or tenant_id = ${tenantId})`;
  await ctx.db.run`
    insert into one_time_secrets (id, purpose, user_id, tenant_id, token_hash, redirect_uri, created_at, expires_at)
    values (${ctx.id("ots")}, ${purpose}, ${userId}, ${tenantId}, ${digest(token)}, ${redirectUri}, ${now},
      ${now + LIFETIME_MS[purpose]})`;
  return token;
}

/** The secret behind a token that has not expired, used or not. Spends nothing. */
export async function find(
  ctx: Context,
  { purpose, tenantId, token }: Offered,
): Promise<OneTimeSecret | undefined> {
  return ctx.db.get<OneTimeSecret>`
    select id, user_id as "userId", tenant_id as "tenantId", redirect_uri as "redirectUri", used_at as "usedAt"
    from one_time_secrets
    where token_hash = ${digest(token)} and purpose = ${purpose} and tenant_id = ${tenantId}
      and expires_at > ${ctx.now()}`;
}

/** Spends it; undefined when it is unknown, spent or expired. Of any number of parallel calls exactly one gets it (ASVS 6.4.1). */
export async function consume(
  ctx: Context,
  { purpose, tenantId, token }: Offered,
): Promise<OneTimeSecret | undefined> {
  const now = ctx.now();
  return ctx.db.get<OneTimeSecret>`
    update one_time_secrets set used_at = ${now}
    where token_hash = ${digest(token)} and purpose = ${purpose} and tenant_id = ${tenantId}
      and used_at is null and expires_at > ${now}
    returning id, user_id as "userId", tenant_id as "tenantId", redirect_uri as "redirectUri", used_at as "usedAt"`;
}

/** Voids all of a user's, of every purpose. */
export async function endAllOf(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from one_time_secrets where user_id = ${userId}`;
}

/** Voids a user's of one purpose. */
export async function endOfPurpose(ctx: Context, userId: UserId, purpose: Purpose): Promise<void> {
  await ctx.db.run`delete from one_time_secrets where user_id = ${userId} and purpose = ${purpose}`;
}

/** A user's in one tenant. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from one_time_secrets where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from one_time_secrets where tenant_id = ${tenantId}`;
}

/** Frees the room of dead ones; they stopped working when they expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from one_time_secrets where id in (
      select id from one_time_secrets where expires_at <= ${ctx.now()} limit ${most})`;
}
