import type { Context } from "../context.ts";
import { canonicalEmail, type Email } from "./emails.ts";
import type { Realm, UserId } from "./ids.ts";

export interface User {
  id: UserId;
  passwordHash: string | null;
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
      select id, password_hash as "passwordHash" from users where realm = ${realm} and email = ${login.email}`;
  }
  return ctx.db.get<User>`
    select id, password_hash as "passwordHash" from users where realm = ${realm} and username_canonical = ${login.username}`;
}

/** Whether this is still the user's password, and not one that a reset replaced while it was being checked. */
export async function hasPasswordHash(
  ctx: Context,
  id: UserId,
  passwordHash: string | null,
): Promise<boolean> {
  const row = await ctx.db
    .get`select 1 as found from users where id = ${id} and password_hash = ${passwordHash}`;
  return row !== undefined;
}

/** Keeps `next` instead, unless the password was changed meanwhile: then false. */
export async function replacePasswordHash(
  ctx: Context,
  id: UserId,
  { from, to }: { from: string | null; to: string },
): Promise<boolean> {
  const replaced = await ctx.db.run`
    update users set password_hash = ${to} where id = ${id} and password_hash = ${from}`;
  return replaced === 1;
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
    insert into users (id, realm, username, username_canonical, password_hash, superuser_at, created_at)
    values (${ctx.id("usr")}, ${user.realm}, ${user.username}, ${user.usernameCanonical}, ${user.passwordHash},
      ${user.superuser ? now : null}, ${now})
    on conflict do nothing
    returning id`;
  return row?.id;
}
