// What `identify` shows for an email without an account: the tenants of an email that has one (decisions §2 portal).
//
// The emails that can sign in lie on a ring, each at a keyed hash of itself. An email without an account throws 16 keyed
// probes and imitates the email that lies closest behind any of them (multi-probe consistent hashing, Appleton and O'Reilly
// 2015): every one is imitated about equally often, so tenants show in the proportions in which accounts have them; the same
// email always meets the same one; and an account that comes or goes changes the answer of its own share only. Nothing is
// written, and nothing but the key tells who imitates whom.
import type { Context } from "../context.ts";
import { hmac } from "../crypto/digest.ts";
import type { Email } from "./emails.ts";
import type { Realm, TenantId } from "./ids.ts";

const PROBES = 16;
const RING = 2 ** 48;
/** So many accounts of one email a sign-in tries (decisions §2 portal). */
export const MOST_REALMS = 4;

export interface ShownTenant {
  tenantId: TenantId;
  slug: string;
  name: string;
}

/** Where an email lies on the ring: `users.decoy_position` of every account that has it. */
export const positionOf = (ctx: Context, email: Email): number => pointOf(ctx, `place:${email}`);

/** The email with an account that this one imitates; undefined when nobody can sign in. */
export async function decoyFor(ctx: Context, email: Email): Promise<Email | undefined> {
  let nearest: { email: Email; distance: number } | undefined;
  for (let i = 0; i < PROBES; i++) {
    const probe = pointOf(ctx, `probe:${i}:${email}`);
    const found = (await nextFrom(ctx, probe)) ?? (await nextFrom(ctx, 0));
    if (!found) return undefined;
    const distance = (found.position - probe + RING) % RING;
    if (!nearest || distance < nearest.distance) nearest = { email: found.email, distance };
  }
  return nearest?.email;
}

/** Whether an email can sign in anywhere. */
export async function canSignIn(ctx: Context, email: Email): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found
    from users u
    join memberships m on m.user_id = u.id
    join tenants t on t.id = m.tenant_id
    where u.email = ${email} and u.active_at is not null and u.disabled_at is null
      and m.status = 'active' and t.disabled_at is null
    limit 1`;
  return row !== undefined;
}

/** Where an email can sign in, over all its accounts, by slug. */
export async function tenantsOf(ctx: Context, email: Email): Promise<ShownTenant[]> {
  return ctx.db.all<ShownTenant>`
    select distinct t.id as "tenantId", t.slug, t.name
    from users u
    join memberships m on m.user_id = u.id
    join tenants t on t.id = m.tenant_id
    where u.email = ${email} and u.active_at is not null and u.disabled_at is null
      and m.status = 'active' and t.disabled_at is null
    order by t.slug`;
}

/** Where an email has accounts, whatever their state, at most four: those that can be used first, then the oldest. */
export async function realmsOf(ctx: Context, email: Email): Promise<Realm[]> {
  const rows = await ctx.db.all<{ realm: Realm }>`
    select realm from users where email = ${email}
    order by case when active_at is not null and disabled_at is null then 0 else 1 end, id limit ${MOST_REALMS}`;
  return rows.map(({ realm }) => realm);
}

/** The first email at or after a position that can sign in somewhere: read from the index, one entry for those that can. */
async function nextFrom(ctx: Context, position: number) {
  return ctx.db.get<{ email: Email; position: number }>`
    select u.email, u.decoy_position as position
    from users u
    where u.decoy_position >= ${position} and u.active_at is not null and u.disabled_at is null
      and exists (
        select 1 from memberships m join tenants t on t.id = m.tenant_id
        where m.user_id = u.id and m.status = 'active' and t.disabled_at is null)
    order by u.decoy_position limit 1`;
}

/** The first 48 bits of a keyed hash: a whole number that any database and JavaScript hold exactly. */
const pointOf = (ctx: Context, text: string): number =>
  Buffer.from(hmac(ctx.keys.decoy, text), "base64url").readUIntBE(0, 6);
