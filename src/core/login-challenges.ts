// A right password that waits for its second factor: bound to user, tenant, purpose and the address it came from.
import type { Context } from "../context.ts";
import type { LoginChallengeId, TenantId, UserId } from "./ids.ts";

const LIFETIME_MS = 5 * 60 * 1000;

export interface NewLoginChallenge {
  id: LoginChallengeId;
  userId: UserId;
  tenantId: TenantId;
  purpose: "key";
  address: string;
  amr: readonly string[];
}

export interface LoginChallenge {
  id: LoginChallengeId;
  tenantId: TenantId;
  amr: string;
}

/** Takes the place of an earlier one for the same user, purpose and address. */
export async function create(ctx: Context, challenge: NewLoginChallenge): Promise<void> {
  const { id, userId, tenantId, purpose, address, amr } = challenge;
  const now = ctx.now();
  await ctx.db.run`
    insert into login_challenges (id, user_id, tenant_id, purpose, address, amr, tries, expires_at, created_at)
    values (${id}, ${userId}, ${tenantId}, ${purpose}, ${address}, ${amr.join(" ")}, 0,
      ${now + LIFETIME_MS}, ${now})
    on conflict (user_id, purpose, address) do update set
      id = excluded.id, tenant_id = excluded.tenant_id, amr = excluded.amr, tries = 0, spent_at = null,
      expires_at = excluded.expires_at, created_at = excluded.created_at`;
}

/**
 * The password was right once more while no new code may be mailed: the one that waits lives on from now, its tries and the code
 * mailed for it with it. False when none waits, in that tenant.
 */
export async function renew(
  ctx: Context,
  { userId, tenantId, purpose, address }: Omit<NewLoginChallenge, "id" | "amr">,
): Promise<boolean> {
  const now = ctx.now();
  const renewed = await ctx.db.run`
    update login_challenges set expires_at = ${now + LIFETIME_MS}
    where user_id = ${userId} and tenant_id = ${tenantId} and purpose = ${purpose} and address = ${address}
      and spent_at is null and tries < ${ctx.config.limits.challengeTries} and expires_at > ${now}`;
  return renewed === 1;
}

/** Counts a try and returns the challenge; undefined when there is none, or its tries or 5 minutes are over. */
export async function countTry(
  ctx: Context,
  { userId, purpose, address }: Pick<NewLoginChallenge, "userId" | "purpose" | "address">,
): Promise<LoginChallenge | undefined> {
  return ctx.db.get<LoginChallenge>`
    update login_challenges set tries = tries + 1
    where user_id = ${userId} and purpose = ${purpose} and address = ${address}
      and spent_at is null and tries < ${ctx.config.limits.challengeTries} and expires_at > ${ctx.now()}
    returning id, tenant_id as "tenantId", amr`;
}

/** Of any number of parallel calls exactly one gets true. */
export async function consume(ctx: Context, id: LoginChallengeId): Promise<boolean> {
  const spent = await ctx.db.run`
    update login_challenges set spent_at = ${ctx.now()}
    where id = ${id} and spent_at is null and expires_at > ${ctx.now()}`;
  return spent === 1;
}

/** Voids whatever waits for a second factor of this user. */
export async function end(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from login_challenges where user_id = ${userId}`;
}

/** A user's in one tenant. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from login_challenges where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from login_challenges where tenant_id = ${tenantId}`;
}

/** Frees the room of dead challenges; they stopped working when they expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from login_challenges where id in (
      select id from login_challenges where expires_at <= ${ctx.now()} limit ${most})`;
}
