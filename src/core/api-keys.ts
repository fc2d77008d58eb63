import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { Email } from "./emails.ts";
import type { ApiKeyId, Role, TenantId, UserId } from "./ids.ts";

const LIFETIME_MS = 90 * 24 * 60 * 60 * 1000;
/** How often use is written down. Expiry slides in these steps, so that a busy key costs no write per request. */
const TOUCH_EVERY_MS = 5 * 60 * 1000;
const MOST_OTHER_LOGIN_KEYS = 9;

/** A live key with the account behind it. */
export interface KeyHolder {
  id: ApiKeyId;
  userId: UserId;
  tenantId: TenantId;
  authTime: number | null;
  amr: string;
  lastUsedAt: number;
  expiresAt: number;
  role: Role;
  superuserAt: number | null;
  /** Since when it can only enrol a second factor; null: it can do everything. */
  restrictedAt: number | null;
  username: string | null;
  email: Email | null;
}

export interface NewLoginKey {
  userId: UserId;
  tenantId: TenantId;
  authTime: number;
  amr: readonly string[];
  /** Good for enrolling a second factor and nothing else. */
  restricted?: boolean;
}

/** The key of a sign-in, shown this once: `ost_key_` + 32 random bytes. Of more than 10 of a user the oldest go. */
export async function createForLogin(
  ctx: Context,
  { userId, tenantId, authTime, amr, restricted = false }: NewLoginKey,
): Promise<string> {
  const key = `ost_key_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  const now = ctx.now();
  const id = ctx.id("key");
  await ctx.db.run`
    insert into api_keys (id, user_id, tenant_id, token_hash, kind, auth_time, amr, created_at, last_used_at, expires_at,
      restricted_at)
    values (${id}, ${userId}, ${tenantId}, ${digest(key)}, 'login', ${authTime}, ${amr.join(" ")}, ${now}, ${now},
      ${now + LIFETIME_MS}, ${restricted ? now : null})`;
  await ctx.db.run`
    delete from api_keys where user_id = ${userId} and kind = 'login' and id <> ${id} and id not in (
      select id from api_keys where user_id = ${userId} and kind = 'login' and id <> ${id}
      order by id desc limit ${MOST_OTHER_LOGIN_KEYS})`;
  return key;
}

const MOST_MANUAL_KEYS = 10;

export interface NewManualKey {
  userId: UserId;
  tenantId: TenantId;
  name: string;
  amr: readonly string[];
}

/** A key made by hand, shown this once; never fresh. Undefined when the user has 10 of them. */
export async function createManual(
  ctx: Context,
  { userId, tenantId, name, amr }: NewManualKey,
): Promise<{ id: ApiKeyId; key: string } | undefined> {
  const key = `ost_key_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  const now = ctx.now();
  const row = await ctx.db.get<{ id: ApiKeyId }>`
    insert into api_keys (id, user_id, tenant_id, token_hash, kind, name, auth_time, amr, created_at, last_used_at, expires_at)
    select ${ctx.id("key")}, ${userId}, ${tenantId}, ${digest(key)}, 'manual', ${name}, null, ${amr.join(" ")},
      ${now}, ${now}, ${now + LIFETIME_MS}
    where ${MOST_MANUAL_KEYS} > (
      select count(*) from api_keys where user_id = ${userId} and kind = 'manual' and expires_at > ${now})
    returning id`;
  return row && { id: row.id, key };
}

/** A key as its owner sees it. */
export interface ApiKey {
  id: ApiKeyId;
  tenantId: TenantId;
  kind: "login" | "manual";
  name: string | null;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
}

/** A user's, in every tenant; the newest first, those before `cursor`. */
export async function listOfUser(
  ctx: Context,
  userId: UserId,
  { limit, cursor = null }: { limit: number; cursor?: string | null },
): Promise<ApiKey[]> {
  return ctx.db.all<ApiKey>`
    select id, tenant_id as "tenantId", kind, name, created_at as "createdAt", last_used_at as "lastUsedAt",
      expires_at as "expiresAt"
    from api_keys
    where user_id = ${userId} and (cast(${cursor} as text) is null or id < ${cursor}) and expires_at > ${ctx.now()}
    order by id desc limit ${limit}`;
}

/** Whether a key is there, and this user's. */
export async function isOfUser(ctx: Context, userId: UserId, id: ApiKeyId): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found from api_keys where id = ${id} and user_id = ${userId} and expires_at > ${ctx.now()}`;
  return row !== undefined;
}

/** A user's own key; false when there is none of that id, or it is another's. */
export async function endOfUser(ctx: Context, userId: UserId, id: string): Promise<boolean> {
  return (await ctx.db.run`delete from api_keys where id = ${id} and user_id = ${userId}`) === 1;
}

/** The holder of a key that is alive together with its user, membership and tenant; undefined for any other text. */
export async function findLive(ctx: Context, key: string): Promise<KeyHolder | undefined> {
  const holder = await ctx.db.recall<KeyHolder>`
    select k.id, k.user_id as "userId", k.tenant_id as "tenantId", k.auth_time as "authTime", k.amr, k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt", k.restricted_at as "restrictedAt", m.role, u.superuser_at as "superuserAt", u.username, u.email
    from api_keys k
    join users u on u.id = k.user_id
    join memberships m on m.user_id = k.user_id and m.tenant_id = k.tenant_id
    join tenants t on t.id = k.tenant_id
    where k.token_hash = ${digest(key)}
      and u.disabled_at is null and u.active_at is not null and m.status = 'active' and t.disabled_at is null`;
  return notExpired(ctx, holder);
}

const notExpired = (ctx: Context, holder: KeyHolder | undefined): KeyHolder | undefined =>
  holder && holder.expiresAt > ctx.now() ? holder : undefined;

/** Whose a key is, alive or not: for the audit log. */
export async function findOwner(
  ctx: Context,
  key: string,
): Promise<Pick<KeyHolder, "userId" | "tenantId" | "expiresAt"> | undefined> {
  return ctx.db.get`
    select user_id as "userId", tenant_id as "tenantId", expires_at as "expiresAt" from api_keys
    where token_hash = ${digest(key)}`;
}

/** The same by its id, for what stems from a key. */
export async function findLiveById(ctx: Context, id: ApiKeyId): Promise<KeyHolder | undefined> {
  const holder = await ctx.db.recall<KeyHolder>`
    select k.id, k.user_id as "userId", k.tenant_id as "tenantId", k.auth_time as "authTime", k.amr, k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt", k.restricted_at as "restrictedAt", m.role, u.superuser_at as "superuserAt", u.username, u.email
    from api_keys k
    join users u on u.id = k.user_id
    join memberships m on m.user_id = k.user_id and m.tenant_id = k.tenant_id
    join tenants t on t.id = k.tenant_id
    where k.id = ${id}
      and u.disabled_at is null and u.active_at is not null and m.status = 'active' and t.disabled_at is null`;
  return notExpired(ctx, holder);
}

/** A factor was enrolled: the key may do everything now. */
export async function unrestrict(ctx: Context, id: ApiKeyId): Promise<void> {
  await ctx.db.run`update api_keys set restricted_at = null where id = ${id}`;
}

/** Slides the expiry, at most once in 5 minutes; undefined when that is not due. */
export function touch(
  ctx: Context,
  { id, lastUsedAt }: Pick<KeyHolder, "id" | "lastUsedAt">,
): Promise<unknown> | undefined {
  const now = ctx.now();
  if (lastUsedAt > now - TOUCH_EVERY_MS) return undefined;
  return ctx.db.run`
    update api_keys set last_used_at = ${now}, expires_at = ${now + LIFETIME_MS}
    where id = ${id} and last_used_at <= ${now - TOUCH_EVERY_MS} and expires_at > ${now}`;
}

/** Ends what sign-ins of the user left, except one perhaps; keys made by hand stay. */
export async function endOtherLogins(
  ctx: Context,
  userId: UserId,
  except: ApiKeyId | undefined,
): Promise<void> {
  await ctx.db
    .run`delete from api_keys where user_id = ${userId} and kind = 'login' and id <> ${except ?? ""}`;
}

/** Ends the key of a sign-in. False when it is none, as a key made by hand is none. */
export async function endLogin(ctx: Context, userId: UserId, id: ApiKeyId): Promise<boolean> {
  const ended = await ctx.db.run`
    delete from api_keys where id = ${id} and user_id = ${userId} and kind = 'login'`;
  return ended === 1;
}

/** Of every kind and in every tenant. */
export async function endAllOfUser(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from api_keys where user_id = ${userId}`;
}

/** A user's in one tenant, of every kind. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from api_keys where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant, of every kind. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from api_keys where tenant_id = ${tenantId}`;
}

/** Frees the room of dead keys; they stopped working when they expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from api_keys where id in (
      select id from api_keys where expires_at <= ${ctx.now()} limit ${most})`;
}
