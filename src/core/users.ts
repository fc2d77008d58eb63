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

/** As chosen, and as compared. */
export interface Username {
  shown: string;
  canonical: CanonicalUsername;
}

/** Undefined when it is no username. */
export function parseUsername(text: string): Username | undefined {
  const canonical = canonicalUsername(text);
  return canonical && { shown: text.normalize("NFKC").trim(), canonical };
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
  email: {
    address: Email;
    /** Whether whoever gave it is believed that it is the user's. */
    isVerified: boolean;
    /** Where it lies on the ring of decoys. */
    decoyPosition: number;
  } | null;
  username: Username | null;
  firstName?: string | null;
  lastName?: string | null;
  /** Null: nobody can sign in with a password. */
  passwordHash: string | null;
  /** Whether the account can be used at once. */
  isActive: boolean;
  isSuperuser: boolean;
}

/** Undefined when the email or the username is taken in that realm. */
export async function create(ctx: Context, user: NewUser): Promise<UserId | undefined> {
  const { realm, email, username, firstName = null, lastName = null, passwordHash } = user;
  const now = ctx.now();
  const when = (yes: boolean | undefined) => (yes ? now : null);
  const row = await ctx.db.get<{ id: UserId }>`
    insert into users (id, realm, email, email_verified_at, decoy_position, username, username_canonical, first_name,
      last_name, password_hash, password_set_at, superuser_at, active_at, created_at)
    values (${ctx.id("usr")}, ${realm}, ${email?.address ?? null}, ${when(email?.isVerified)},
      ${email?.decoyPosition ?? null}, ${username?.shown ?? null}, ${username?.canonical ?? null}, ${firstName},
      ${lastName}, ${passwordHash}, ${when(passwordHash !== null)}, ${when(user.isSuperuser)}, ${when(user.isActive)},
      ${now})
    on conflict do nothing
    returning id`;
  return row?.id;
}
