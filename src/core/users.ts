import type { Context } from "../context.ts";
import type { Email } from "./emails.ts";
import type { Realm, UserId } from "./ids.ts";
import type { Username } from "./logins.ts";

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
  /** In which they are written to; null: not known yet. */
  language?: string | null;
}

/** Undefined when the email or the username is taken in that realm. */
export async function create(ctx: Context, user: NewUser): Promise<UserId | undefined> {
  const { realm, email, username, firstName = null, lastName = null, passwordHash, language = null } = user;
  const now = ctx.now();
  const when = (yes: boolean | undefined) => (yes ? now : null);
  const row = await ctx.db.get<{ id: UserId }>`
    insert into users (id, realm, email, email_verified_at, decoy_position, username, username_canonical, first_name,
      last_name, password_hash, password_set_at, superuser_at, active_at, created_at,
      language)
    values (${ctx.id("usr")}, ${realm}, ${email?.address ?? null}, ${when(email?.isVerified)},
      ${email?.decoyPosition ?? null}, ${username?.shown ?? null}, ${username?.canonical ?? null}, ${firstName},
      ${lastName}, ${passwordHash}, ${when(passwordHash !== null)}, ${when(user.isSuperuser)}, ${when(user.isActive)},
      ${now}, ${language})
    on conflict do nothing
    returning id`;
  return row?.id;
}

/** Deletes an account that nobody has shown to own, unless an invitation waits for it, or it was suspended or disabled. False when it stays, or there is none. */
export async function endPending(ctx: Context, id: UserId): Promise<boolean> {
  const ended = await ctx.db.run`
    delete from users where id = ${id} and active_at is null and disabled_at is null
      and not exists (select 1 from memberships where user_id = ${id} and status <> 'active')`;
  return ended === 1;
}
