// Users as those see them who administer them, and as they see themselves.
import type { Context } from "../context.ts";
import type { Email } from "./emails.ts";
import type { Realm, TenantId, UserId } from "./ids.ts";

export interface Account {
  id: UserId;
  realm: Realm;
  email: Email | null;
  emailVerifiedAt: number | null;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  superuserAt: number | null;
  disabledAt: number | null;
  /** Null: whoever registered it has not shown that the email is theirs. */
  activeAt: number | null;
  createdAt: number;
  /** In which they are written to; null: not known. */
  language: string | null;
}

export async function find(ctx: Context, id: string): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users where id = ${id}`;
}

export async function findByEmail(ctx: Context, realm: Realm, email: Email): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users where realm = ${realm} and email = ${email}`;
}

export async function findByUsername(
  ctx: Context,
  realm: Realm,
  canonical: string,
): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users where realm = ${realm} and username_canonical = ${canonical}`;
}

export interface AccountFilter {
  email?: Email | undefined;
  username?: string | undefined;
  disabled?: boolean | undefined;
  /** Members of that tenant only. */
  tenantId?: TenantId | undefined;
  limit: number;
  cursor?: string;
}

/**
 * In the order of their creation, those after `cursor`; `username` in its canonical form. A text for each way in, so that an index
 * gives the few that one filter leaves; the others sort those out.
 */
export async function list(ctx: Context, filter: AccountFilter): Promise<Account[]> {
  const { email, username, disabled, tenantId } = filter;
  if (email !== undefined) return listByEmail(ctx, email, filter);
  if (username !== undefined) return listByUsername(ctx, username, filter);
  if (disabled === true) return listDisabled(ctx, filter);
  return tenantId === undefined ? listAll(ctx, filter) : listOfTenant(ctx, tenantId, filter);
}

async function listByEmail(ctx: Context, email: Email, filter: AccountFilter): Promise<Account[]> {
  const { username, disabled, tenantId, limit, cursor } = parametersOf(filter);
  return ctx.db.all<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users
    where email = ${email} and (cast(${username} as text) is null or username_canonical = ${username})
      and (cast(${disabled} as bigint) is null or case when disabled_at is null then 0 else 1 end = ${disabled})
      and (cast(${tenantId} as text) is null
        or exists (select 1 from memberships m where m.user_id = users.id and m.tenant_id = ${tenantId}))
      and id > ${cursor} order by id limit ${limit}`;
}

async function listByUsername(ctx: Context, username: string, filter: AccountFilter): Promise<Account[]> {
  const { disabled, tenantId, limit, cursor } = parametersOf(filter);
  return ctx.db.all<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users
    where username_canonical = ${username}
      and (cast(${disabled} as bigint) is null or case when disabled_at is null then 0 else 1 end = ${disabled})
      and (cast(${tenantId} as text) is null
        or exists (select 1 from memberships m where m.user_id = users.id and m.tenant_id = ${tenantId}))
      and id > ${cursor} order by id limit ${limit}`;
}

async function listDisabled(ctx: Context, filter: AccountFilter): Promise<Account[]> {
  const { tenantId, limit, cursor } = parametersOf(filter);
  return ctx.db.all<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users
    where disabled_at is not null
      and (cast(${tenantId} as text) is null
        or exists (select 1 from memberships m where m.user_id = users.id and m.tenant_id = ${tenantId}))
      and id > ${cursor} order by id limit ${limit}`;
}

/** All, or all that are enabled, which are nearly all. */
async function listAll(ctx: Context, filter: AccountFilter): Promise<Account[]> {
  const { disabled, limit, cursor } = parametersOf(filter);
  return ctx.db.all<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt", language
    from users
    where (cast(${disabled} as bigint) is null or disabled_at is null) and id > ${cursor} order by id limit ${limit}`;
}

/** The same of a tenant. */
async function listOfTenant(ctx: Context, tenantId: TenantId, filter: AccountFilter): Promise<Account[]> {
  const { disabled, limit, cursor } = parametersOf(filter);
  return ctx.db.all<Account>`
    select u.id, u.realm, u.email, u.email_verified_at as "emailVerifiedAt", u.username, u.first_name as "firstName",
      u.last_name as "lastName", u.superuser_at as "superuserAt", u.disabled_at as "disabledAt",
      u.active_at as "activeAt", u.created_at as "createdAt", u.language
    from memberships m join users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and (cast(${disabled} as bigint) is null or u.disabled_at is null)
      and m.user_id > ${cursor} order by m.user_id limit ${limit}`;
}

const parametersOf = ({ username, disabled, tenantId, limit, cursor = "" }: AccountFilter) => ({
  username: username ?? null,
  disabled: disabled === undefined ? null : Number(disabled),
  tenantId: tenantId ?? null,
  limit,
  cursor,
});

/** Undefined leaves a name as it is, null removes it. Run inside the transaction that read the account. */
export async function rename(
  ctx: Context,
  { id, ...names }: Pick<Account, "id" | "firstName" | "lastName">,
  changes: { firstName?: string | null | undefined; lastName?: string | null | undefined },
): Promise<void> {
  const { firstName = names.firstName, lastName = names.lastName } = changes;
  await ctx.db.run`
    update users set first_name = ${firstName}, last_name = ${lastName} where id = ${id}`;
}

/** What the account is written to in from now on; null says nothing. Writes only where that is another. */
export async function keepLanguage(ctx: Context, id: UserId, language: string | null): Promise<void> {
  if (language === null) return;
  await ctx.db
    .run`update users set language = ${language} where id = ${id} and language is distinct from ${language}`;
}

/** Nobody can sign in to it, until it is enabled. False for the last enabled superuser. */
export async function disable(ctx: Context, id: UserId): Promise<boolean> {
  const changed = await ctx.db.run`
    update users set disabled_at = coalesce(disabled_at, ${ctx.now()})
    where id = ${id} and (superuser_at is null or disabled_at is not null or exists (
      select 1 from users other
      where other.id <> ${id} and other.superuser_at is not null and other.disabled_at is null))`;
  return changed === 1;
}

export async function enable(ctx: Context, id: UserId): Promise<void> {
  await ctx.db.run`update users set disabled_at = null where id = ${id}`;
}

/** Deletes it, and with it all that hangs on it. False for the last enabled superuser. */
export async function end(ctx: Context, id: UserId): Promise<boolean> {
  const ended = await ctx.db.run`
    delete from users
    where id = ${id} and (superuser_at is null or disabled_at is not null or exists (
      select 1 from users other
      where other.id <> ${id} and other.superuser_at is not null and other.disabled_at is null))`;
  return ended === 1;
}

/** Deletes the accounts that lived in an isolated tenant. */
export async function endOfRealm(ctx: Context, tenantId: TenantId): Promise<void> {
  // Each has one of the two, and each of the two its index.
  await ctx.db.run`delete from users where realm = ${tenantId} and email is not null`;
  await ctx.db.run`delete from users where realm = ${tenantId} and username_canonical is not null`;
}

/** Whether there still is a superuser who can sign in somewhere. */
export async function hasReachableSuperuser(ctx: Context): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found
    from users u
    where u.superuser_at is not null and u.disabled_at is null and exists (
      select 1 from memberships m join tenants t on t.id = m.tenant_id
      where m.user_id = u.id and m.status = 'active' and t.disabled_at is null)
    limit 1`;
  return row !== undefined;
}

export interface Claim {
  passwordHash: string | null;
  username: { shown: string; canonical: string } | null;
  firstName: string | null;
  lastName: string | null;
}

/**
 * Gives an account whose email nobody has shown to own to whoever just did: everything that an earlier registrant set is
 * replaced (decisions §2 tenant). False when the email is verified already, or the username is taken.
 */
export async function claim(ctx: Context, id: UserId, given: Claim): Promise<boolean> {
  const now = ctx.now();
  const { passwordHash, username, firstName, lastName } = given;
  const claimed = await ctx.db.run`
    update users set password_hash = ${passwordHash}, password_set_at = ${passwordHash === null ? null : now},
      username = ${username?.shown ?? null}, username_canonical = ${username?.canonical ?? null},
      first_name = ${firstName}, last_name = ${lastName}, email_verified_at = ${now}, active_at = coalesce(active_at, ${now}),
      signed_out_at = case when signed_out_at >= ${now} then signed_out_at + 1 else ${now} end
    where id = ${id} and email_verified_at is null and email is not null and disabled_at is null and not exists (
      select 1 from users other
      where other.realm = users.realm and other.username_canonical = ${username?.canonical ?? null}
        and other.id <> ${id})`;
  return claimed === 1;
}
