import type { Context } from "../context.ts";
import { canonicalEmail, type Email } from "./emails.ts";
import type { Realm, UserId } from "./ids.ts";

export interface User {
  id: UserId;
  passwordHash: string | null;
  passwordSetAt: number | null;
}

/** How someone names themselves when signing in. */
export type Login = { email: Email } | { username: CanonicalUsername };

declare const username: unique symbol;
/** A username in the form that is compared. */
export type CanonicalUsername = string & { readonly [username]: true };

const LONGEST_USERNAME = 64;
/** "@", spaces, control characters, and what cannot be seen: the last is the empty Braille pattern. */
const NO_USERNAME = /[@\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * NFKC, trimmed, lower case. Undefined when it is no username: 1 to 64 characters, no spaces, control or invisible
 * characters, and no "@", so that nobody's username can be another's email.
 */
export function canonicalUsername(text: string): CanonicalUsername | undefined {
  if (!text.isWellFormed()) return undefined;
  // Once more after lower-casing, which can take a composed letter apart.
  const canonical = text.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
  const length = [...canonical].length;
  if (length === 0 || length > LONGEST_USERNAME || NO_USERNAME.test(canonical)) return undefined;
  return canonical as CanonicalUsername;
}

/** What a login field means: an email when it has an "@". Undefined when nobody can be called that. */
export function parseLogin(text: string): Login | undefined {
  if (text.normalize("NFKC").includes("@")) {
    const email = canonicalEmail(text);
    return email && { email };
  }
  const canonical = canonicalUsername(text);
  return canonical && { username: canonical };
}

export async function findByLogin(ctx: Context, realm: Realm, login: Login): Promise<User | undefined> {
  if ("email" in login) {
    return ctx.db.get<User>`
      select id, password_hash as "passwordHash", password_set_at as "passwordSetAt"
      from users where realm = ${realm} and email = ${login.email}`;
  }
  return ctx.db.get<User>`
    select id, password_hash as "passwordHash", password_set_at as "passwordSetAt"
    from users where realm = ${realm} and username_canonical = ${login.username}`;
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

export interface NewUser {
  realm: Realm;
  username: string;
  usernameCanonical: CanonicalUsername;
  passwordHash: string;
  superuser: boolean;
}

/** Undefined when the username is taken in that realm. */
export async function create(ctx: Context, user: NewUser): Promise<UserId | undefined> {
  const now = ctx.now();
  const row = await ctx.db.get<{ id: UserId }>`
    insert into users (id, realm, username, username_canonical, password_hash, password_set_at, superuser_at, active_at, created_at)
    values (${ctx.id("usr")}, ${user.realm}, ${user.username}, ${user.usernameCanonical}, ${user.passwordHash},
      ${now}, ${user.superuser ? now : null}, ${now}, ${now})
    on conflict do nothing
    returning id`;
  return row?.id;
}

/** Voids sign-ins that were begun and not finished. */
export async function signOut(ctx: Context, id: UserId): Promise<void> {
  await ctx.db.run`update users set signed_out_at = ${ctx.now()} where id = ${id}`;
}
