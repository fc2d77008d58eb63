// What an account signs in with and whether it may: password, shown email, and when all that came before was ended.
import type { Context } from "../context.ts";
import type { Email } from "./emails.ts";
import type { Realm, TenantId, UserId } from "./ids.ts";
import type { CanonicalUsername, Login } from "./logins.ts";

/** An account as those see it who check a password. */
export interface Account {
  id: UserId;
  email: Email | null;
  username: CanonicalUsername | null;
  firstName: string | null;
  lastName: string | null;
  passwordHash: string | null;
  passwordSetAt: number | null;
  emailVerifiedAt: number | null;
  /** Null: registered by someone who has not shown that the email is theirs. */
  activeAt: number | null;
  /** Changes whenever sign-ins that were begun are void. */
  signInEpoch: number;
  /** In which they are written to; null: not known. */
  language: string | null;
}

/** Disabled accounts too: whoever asks takes as long for them as for others. */
export async function find(ctx: Context, realm: Realm, login: Login): Promise<Account | undefined> {
  if ("email" in login) {
    return ctx.db.get<Account>`
      select id, email, username, first_name as "firstName", last_name as "lastName", password_hash as "passwordHash",
        password_set_at as "passwordSetAt", email_verified_at as "emailVerifiedAt", active_at as "activeAt",
        coalesce(signed_out_at, 0) as "signInEpoch", language
      from users where realm = ${realm} and email = ${login.email}`;
  }
  return ctx.db.get<Account>`
    select id, email, username, first_name as "firstName", last_name as "lastName", password_hash as "passwordHash",
      password_set_at as "passwordSetAt", email_verified_at as "emailVerifiedAt", active_at as "activeAt",
        coalesce(signed_out_at, 0) as "signInEpoch", language
    from users where realm = ${realm} and username_canonical = ${login.username}`;
}

export async function findById(ctx: Context, id: UserId): Promise<Account | undefined> {
  return ctx.db.get<Account>`
    select id, email, username, first_name as "firstName", last_name as "lastName", password_hash as "passwordHash",
      password_set_at as "passwordSetAt", email_verified_at as "emailVerifiedAt", active_at as "activeAt",
        coalesce(signed_out_at, 0) as "signInEpoch", language
    from users where id = ${id}`;
}

/** Whether the user still has this password, and not one that replaced it while it was being checked. */
export async function isPasswordSince(
  ctx: Context,
  id: UserId,
  passwordSetAt: number | null,
): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found from users where id = ${id} and password_set_at = ${passwordSetAt}`;
  return row !== undefined;
}

/** Keeps another hash of the same password, unless that was replaced meanwhile. */
export async function rehash(
  ctx: Context,
  id: UserId,
  { passwordSetAt, passwordHash }: { passwordSetAt: number | null; passwordHash: string },
): Promise<void> {
  await ctx.db.run`
    update users set password_hash = ${passwordHash} where id = ${id} and password_set_at = ${passwordSetAt}`;
}

/** A new password. What was begun with the old one is void. */
export async function updatePassword(ctx: Context, id: UserId, passwordHash: string): Promise<void> {
  const now = ctx.now();
  // Two passwords of one millisecond are still two: who checked the first must not pass with it.
  await ctx.db.run`
    update users set password_hash = ${passwordHash},
      signed_out_at = case when signed_out_at >= ${now} then signed_out_at + 1 else ${now} end,
      password_set_at = case when password_set_at >= ${now} then password_set_at + 1 else ${now} end
    where id = ${id}`;
}

/** The owner of the mailbox answered: the email is theirs, and the account can be used. */
export async function verifyEmail(ctx: Context, id: UserId): Promise<void> {
  const now = ctx.now();
  await ctx.db.run`
    update users set email_verified_at = coalesce(email_verified_at, ${now}), active_at = coalesce(active_at, ${now})
    where id = ${id} and email is not null`;
}

/** Takes back everything that was said about an account before its email was shown to be someone's. */
export async function forgetUnverified(ctx: Context, id: UserId): Promise<void> {
  await ctx.db.run`
    update users set password_hash = null, password_set_at = null, first_name = null, last_name = null,
      language = null
    where id = ${id} and email_verified_at is null`;
  await ctx.db.run`
    delete from user_custom_data where user_id in (
      select id from users where id = ${id} and email_verified_at is null)`;
}

/** What a registering app hands over and only it understands: a JSON object. */
export async function keepCustomData(ctx: Context, id: UserId, data: string): Promise<void> {
  await ctx.db.run`
    insert into user_custom_data (user_id, data) values (${id}, ${data})
    on conflict (user_id) do update set data = excluded.data`;
}

/** Voids sign-ins that were begun and not finished. */
export async function signOut(ctx: Context, id: UserId): Promise<void> {
  const now = ctx.now();
  await ctx.db.run`
    update users set signed_out_at = case when signed_out_at >= ${now} then signed_out_at + 1 else ${now} end
    where id = ${id}`;
}

/** The epoch of the account now (`Account`). Inside the transaction of what is good as long as it lasts. */
export async function signInEpochOf(ctx: Context, id: UserId): Promise<number> {
  const row = await ctx.db.get<{ epoch: number }>`
    select coalesce(signed_out_at, 0) as epoch from users where id = ${id}`;
  return row?.epoch ?? 0;
}

/** The same for everyone who has joined a tenant: whoever is only invited has nothing there. */
export async function signOutMembers(ctx: Context, tenantId: TenantId): Promise<void> {
  const now = ctx.now();
  await ctx.db.run`
    update users set signed_out_at = case when signed_out_at >= ${now} then signed_out_at + 1 else ${now} end
    where id in (select user_id from memberships where tenant_id = ${tenantId} and status <> 'invited')`;
}

/** Whether a sign-in begun in this epoch of the account may still be finished. Compared and not ordered: clocks are set back. */
export async function isSignInValid(ctx: Context, id: UserId, epoch: number): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as valid from users where id = ${id} and coalesce(signed_out_at, 0) = ${epoch}`;
  return row !== undefined;
}
