// Devices on which a user need not show the second factor again for 30 days, in one tenant.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { TenantId, TrustedDeviceId, UserId } from "./ids.ts";

export const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

export interface TrustedDevice {
  id: TrustedDeviceId;
  tenantId: TenantId;
  address: string;
  userAgent: string | null;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
}

export interface ListedDevice extends TrustedDevice {
  /** 1: the token that was shown is its own; else 0. */
  isShown: number;
}

/** A newly trusted device and its token, shown this once: `ost_td_` + 32 random bytes. */
export async function create(
  ctx: Context,
  { userId, tenantId }: { userId: UserId; tenantId: TenantId },
  { address, userAgent }: { address: string; userAgent: string | null },
): Promise<{ id: TrustedDeviceId; token: string }> {
  const token = `ost_td_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  const id = ctx.id("tdv") as TrustedDeviceId;
  const now = ctx.now();
  await ctx.db.run`
    insert into trusted_devices (id, user_id, tenant_id, token_hash, address, user_agent, last_used_at, expires_at, created_at)
    values (${id}, ${userId}, ${tenantId}, ${digest(token)}, ${address}, ${userAgent}, ${now},
      ${now + LIFETIME_MS}, ${now})`;
  return { id, token };
}

/** Whether the token is that of a device which this user trusts in this tenant; notes that it was used. */
export async function use(
  ctx: Context,
  { userId, tenantId, token }: { userId: UserId; tenantId: TenantId; token: string },
): Promise<boolean> {
  const now = ctx.now();
  const used = await ctx.db.run`
    update trusted_devices set last_used_at = ${now}
    where token_hash = ${digest(token)} and user_id = ${userId} and tenant_id = ${tenantId} and expires_at > ${now}`;
  return used === 1;
}

export interface Page {
  limit: number;
  /** The id of the last device of the page before. */
  cursor?: string | null | undefined;
}

/** A user's, in every tenant; the newest first. `shown`: the token that came with the request. */
export async function listOfUser(
  ctx: Context,
  { userId, shown }: { userId: UserId; shown: string | null },
  { limit, cursor = null }: Page,
): Promise<ListedDevice[]> {
  const hash = shown === null ? null : digest(shown);
  return ctx.db.all<ListedDevice>`
    select id, tenant_id as "tenantId", address, user_agent as "userAgent", created_at as "createdAt",
      last_used_at as "lastUsedAt", expires_at as "expiresAt",
      case when token_hash = ${hash} then 1 else 0 end as "isShown"
    from trusted_devices
    where user_id = ${userId} and (cast(${cursor} as text) is null or id < ${cursor}) and expires_at > ${ctx.now()}
    order by id desc limit ${limit}`;
}

/** A user's own; false when there is none of that id, or it is another's. */
export async function endOfUser(ctx: Context, userId: UserId, id: string): Promise<boolean> {
  return (await ctx.db.run`delete from trusted_devices where id = ${id} and user_id = ${userId}`) === 1;
}

/** In every tenant. */
export async function endAllOfUser(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from trusted_devices where user_id = ${userId}`;
}

/** A user's in one tenant. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from trusted_devices where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from trusted_devices where tenant_id = ${tenantId}`;
}

/** Frees the room of those that expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from trusted_devices where id in (
      select id from trusted_devices where expires_at <= ${ctx.now()} limit ${most})`;
}
