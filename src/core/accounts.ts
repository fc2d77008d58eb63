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
}

export async function find(ctx: Context, id: string): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt"
    from users where id = ${id}`;
}

export async function findByEmail(ctx: Context, realm: Realm, email: Email): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt"
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
      created_at as "createdAt"
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

/** In the order of their creation, those after `cursor`; `username` in its canonical form. */
export async function list(ctx: Context, filter: AccountFilter): Promise<Account[]> {
  const { email = null, username = null, tenantId = null, limit, cursor = "" } = filter;
  const disabled = filter.disabled === undefined ? null : Number(filter.disabled);
  return ctx.db.all<Account>`
    select id, realm, email, email_verified_at as "emailVerifiedAt", username, first_name as "firstName",
      last_name as "lastName", superuser_at as "superuserAt", disabled_at as "disabledAt", active_at as "activeAt",
      created_at as "createdAt"
    from users
    where id > ${cursor}
      and (cast(${email} as text) is null or email = ${email})
      and (cast(${username} as text) is null or username_canonical = ${username})
      and (cast(${disabled} as bigint) is null or case when disabled_at is null then 0 else 1 end = ${disabled})
      and (cast(${tenantId} as text) is null
        or exists (select 1 from memberships m where m.user_id = users.id and m.tenant_id = ${tenantId}))
    order by id limit ${limit}`;
}

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
  await ctx.db.run`delete from users where realm = ${tenantId}`;
}

/** Whether there still is a superuser who can sign in somewhere. */
export async function hasReachableSuperuser(ctx: Context): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found
    from users u
    join memberships m on m.user_id = u.id
    join tenants t on t.id = m.tenant_id
    where u.superuser_at is not null and u.disabled_at is null and m.status = 'active' and t.disabled_at is null
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
      signed_out_at = ${now}
    where id = ${id} and email_verified_at is null and email is not null and disabled_at is null and not exists (
      select 1 from users other
      where other.realm = users.realm and other.username_canonical = ${username?.canonical ?? null}
        and other.id <> ${id})`;
  return claimed === 1;
}
