import type { Context } from "../context.ts";
import type { Email } from "./emails.ts";
import type { Role, TenantId, UserId } from "./ids.ts";

export const ROLES = ["owner", "admin", "member"] as const satisfies readonly Role[];
/** invited: until the owner of an account that existed before accepts. suspended: by whoever administers the tenant. */
export type MembershipStatus = "active" | "invited" | "suspended";

export interface NewMembership {
  tenantId: TenantId;
  userId: UserId;
  role: Role;
  status: MembershipStatus;
}

/** A membership together with whose it is. */
export interface Member {
  userId: UserId;
  email: Email | null;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  role: Role;
  status: MembershipStatus;
  createdAt: number;
  /** Null: nobody has used the account yet. */
  activeAt: number | null;
  emailVerifiedAt: number | null;
}

/** False when the user is a member already, in whatever status. */
export async function create(
  ctx: Context,
  { tenantId, userId, role, status }: NewMembership,
): Promise<boolean> {
  const created = await ctx.db.run`
    insert into memberships (tenant_id, user_id, role, status, created_at)
    values (${tenantId}, ${userId}, ${role}, ${status}, ${ctx.now()})
    on conflict do nothing`;
  return created === 1;
}

export async function find(ctx: Context, tenantId: TenantId, userId: string): Promise<Member | undefined> {
  return ctx.db.recall<Member>`
    select m.user_id as "userId", u.email, u.username, u.first_name as "firstName", u.last_name as "lastName",
      m.role, m.status, m.created_at as "createdAt", u.active_at as "activeAt",
      u.email_verified_at as "emailVerifiedAt"
    from memberships m join users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and m.user_id = ${userId}`;
}

export interface MemberFilter {
  role?: Role | undefined;
  status?: MembershipStatus | undefined;
  limit: number;
  cursor?: string;
}

/** By user id, which is the order in which the accounts were made; those after `cursor`. Each by an index that gives this order. */
export async function list(
  ctx: Context,
  tenantId: TenantId,
  { role, status, limit, cursor = "" }: MemberFilter,
): Promise<Member[]> {
  if (status !== undefined && status !== "active") {
    return ctx.db.all<Member>`
      select m.user_id as "userId", u.email, u.username, u.first_name as "firstName", u.last_name as "lastName",
        m.role, m.status, m.created_at as "createdAt", u.active_at as "activeAt",
        u.email_verified_at as "emailVerifiedAt"
      from memberships m join users u on u.id = m.user_id
      where m.tenant_id = ${tenantId} and m.status = ${status} and m.status <> 'active' and m.user_id > ${cursor}
        and m.role = coalesce(${role ?? null}, m.role) order by m.user_id limit ${limit}`;
  }
  // Nearly all are active.
  if (role !== undefined) {
    return ctx.db.all<Member>`
      select m.user_id as "userId", u.email, u.username, u.first_name as "firstName", u.last_name as "lastName",
        m.role, m.status, m.created_at as "createdAt", u.active_at as "activeAt",
        u.email_verified_at as "emailVerifiedAt"
      from memberships m join users u on u.id = m.user_id
      where m.tenant_id = ${tenantId} and m.role = ${role} and m.user_id > ${cursor}
        and m.status = coalesce(${status ?? null}, m.status) order by m.user_id limit ${limit}`;
  }
  return ctx.db.all<Member>`
    select m.user_id as "userId", u.email, u.username, u.first_name as "firstName", u.last_name as "lastName",
    m.role, m.status, m.created_at as "createdAt", u.active_at as "activeAt",
    u.email_verified_at as "emailVerifiedAt"
    from memberships m join users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and m.user_id > ${cursor} and m.status = coalesce(${status ?? null}, m.status) order by m.user_id limit ${limit}`;
}

/** A membership together with where it is. */
export interface Place {
  tenantId: TenantId;
  slug: string;
  name: string;
  role: Role;
  status: MembershipStatus;
}

/** Where a user is a member, the oldest membership first. */
export async function listOfUser(ctx: Context, userId: UserId): Promise<Place[]> {
  return ctx.db.all<Place>`
    select m.tenant_id as "tenantId", t.slug, t.name, m.role, m.status
    from memberships m join tenants t on t.id = m.tenant_id
    where m.user_id = ${userId}
    order by m.created_at, m.tenant_id`;
}

/**
 * Sets role and status. False when nothing was changed: there is no such membership, or it is that of the last active owner,
 * who would be one no more.
 */
export async function update(
  ctx: Context,
  tenantId: TenantId,
  userId: UserId,
  { role, status }: { role: Role; status: MembershipStatus },
): Promise<boolean> {
  const staysOwner = role === "owner" && status === "active" ? 1 : 0;
  const changed = await ctx.db.run`
    update memberships set role = ${role}, status = ${status}
    where tenant_id = ${tenantId} and user_id = ${userId}
      and (role <> 'owner' or status <> 'active' or ${staysOwner} = 1 or exists (
        select 1 from memberships other join users u on u.id = other.user_id
        where other.tenant_id = ${tenantId} and other.user_id <> ${userId}
          and other.role = 'owner' and other.status = 'active' and u.disabled_at is null))`;
  return changed === 1;
}

/** An accepted invitation. False when it was not waiting for that. */
export async function activate(ctx: Context, tenantId: TenantId, userId: UserId): Promise<boolean> {
  const changed = await ctx.db.run`
    update memberships set status = 'active'
    where tenant_id = ${tenantId} and user_id = ${userId} and status = 'invited'`;
  return changed === 1;
}

/**
 * Deletes it, and with it every session, key and secret that hangs on it. False when there is none, or it is that of the last
 * active owner.
 */
export async function end(ctx: Context, tenantId: TenantId, userId: UserId): Promise<boolean> {
  const ended = await ctx.db.run`
    delete from memberships
    where tenant_id = ${tenantId} and user_id = ${userId}
      and (role <> 'owner' or status <> 'active' or exists (
        select 1 from memberships other join users u on u.id = other.user_id
        where other.tenant_id = ${tenantId} and other.user_id <> ${userId}
          and other.role = 'owner' and other.status = 'active' and u.disabled_at is null))`;
  return ended === 1;
}

/** A tenant that a user may enter. */
export interface LiveMembership {
  tenantId: TenantId;
  slug: string;
  name: string;
  role: Role;
}

/** Those that are alive, of an account that is; the oldest first. */
export async function findLiveOf(ctx: Context, userId: UserId): Promise<LiveMembership[]> {
  return ctx.db.all<LiveMembership>`
    select m.tenant_id as "tenantId", t.slug, t.name, m.role
    from memberships m
    join tenants t on t.id = m.tenant_id
    join users u on u.id = m.user_id
    where m.user_id = ${userId} and m.status = 'active' and t.disabled_at is null and u.disabled_at is null
    order by m.created_at, m.tenant_id`;
}

/** Where, and when, a user signed in last in each tenant; nothing of those where they never did. */
export async function lastLogins(
  ctx: Context,
  userId: UserId,
): Promise<{ tenantId: TenantId; at: number }[]> {
  return ctx.db.all<{ tenantId: TenantId; at: number }>`
    select tenant_id as "tenantId", last_login_at as at from memberships
    where user_id = ${userId} and last_login_at is not null`;
}

/** Remembers that a user has signed in there now. */
export async function noteLogin(ctx: Context, tenantId: TenantId, userId: UserId): Promise<void> {
  await ctx.db.run`
    update memberships set last_login_at = ${ctx.now()} where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Whether user, membership and tenant are all alive. Asked again wherever a secret is redeemed. */
export async function isAlive(ctx: Context, userId: UserId, tenantId: TenantId): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as alive
    from memberships m
    join tenants t on t.id = m.tenant_id
    join users u on u.id = m.user_id
    where m.user_id = ${userId} and m.tenant_id = ${tenantId}
      and m.status = 'active' and t.disabled_at is null and u.disabled_at is null`;
  return row !== undefined;
}

/** Deletes what a user entered without being invited. */
export async function endActive(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from memberships where user_id = ${userId} and status = 'active'`;
}

/** Any member at all; undefined when there is none. */
export async function findSomeone(ctx: Context, tenantId: TenantId): Promise<UserId | undefined> {
  const row = await ctx.db.get<{ userId: UserId }>`
    select user_id as "userId" from memberships where tenant_id = ${tenantId} limit 1`;
  return row?.userId;
}

/** Some member to whom a code could be mailed; undefined when there is none. */
export async function findReachable(ctx: Context, tenantId: TenantId): Promise<UserId | undefined> {
  const row = await ctx.db.get<{ userId: UserId }>`
    select m.user_id as "userId"
    from memberships m join users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and m.status = 'active'
      and u.disabled_at is null and u.active_at is not null and u.email_verified_at is not null
    limit 1`;
  return row?.userId;
}

/** The same of any tenant that is alive, with an account of the instance. */
export async function findAnyReachable(ctx: Context): Promise<UserId | undefined> {
  const row = await ctx.db.get<{ userId: UserId }>`
    select m.user_id as "userId"
    from memberships m join tenants t on t.id = m.tenant_id join users u on u.id = m.user_id
    where m.status = 'active' and t.disabled_at is null and u.realm = 'instance'
      and u.disabled_at is null and u.active_at is not null and u.email_verified_at is not null
    limit 1`;
  return row?.userId;
}
