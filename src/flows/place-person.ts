// Putting a person into a tenant: the account that is there, or a new one.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import type { Role, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import * as users from "../core/users.ts";
import { Refused } from "../errors.ts";
import type { Actor } from "./authority.ts";
import { invite } from "./invite.ts";
import { missing, type Person } from "./prepare-person.ts";

/** Whether an actor decides alone who belongs to a tenant. Over an account of the instance only superusers do. */
export const decidesAlone = (actor: Actor, { identity }: tenants.Tenant): boolean =>
  actor.isSuperuser || identity === "isolated";

export interface Placed {
  member: memberships.Member;
  tenant: tenants.Tenant;
  /** Whether the account was made for this, or taken over from somebody who never showed that the email is theirs. */
  isNewAccount: boolean;
}

/**
 * Inside a transaction. Throws Refused MEMBER_EXISTS, USERNAME_TAKEN or RATE_LIMITED (mail), Invalid when a new account would
 * have neither password nor invitation, or nobody could be invited for want of an email.
 */
export async function placePerson(
  ctx: Context,
  actor: Actor,
  { tenant, person, role }: { tenant: tenants.Tenant; person: Person; role: Role },
  client: Client,
): Promise<Placed> {
  const tenantId = tenant.id;
  const { userId, status, isNewAccount } = await findOrMake(ctx, actor, tenant, person);
  const entry = { actorId: actor.userId, userId, tenantId };
  if (isNewAccount) await audit.append(ctx, client, { ...entry, event: "user.created" });
  if (!(await memberships.create(ctx, { tenantId, userId, role, status }))) {
    throw new Refused("MEMBER_EXISTS");
  }
  await audit.append(ctx, client, { ...entry, event: "member.added", reason: `${role} ${status}` });
  const member = await memberships.find(ctx, tenantId, userId);
  if (!member) throw new Error("the membership just made is not there");
  if (status === "invited") await invite(ctx, actor, { tenant, member }, client);
  return { member, tenant, isNewAccount };
}

interface Found {
  userId: UserId;
  status: memberships.MembershipStatus;
  isNewAccount: boolean;
}

async function findOrMake(
  ctx: Context,
  actor: Actor,
  tenant: tenants.Tenant,
  person: Person,
): Promise<Found> {
  const known = await findAccount(ctx, tenant, person);
  const decides = decidesAlone(actor, tenant);
  const isInvited = person.isInvited || !decides;
  if (isInvited && person.email === null) missing("email");
  if (known && known.activeAt !== null) {
    // Whoever registered an email without showing that it is theirs does not join in the name of its owner (CVE-2026-53514).
    const isProven = person.email === null || known.emailVerifiedAt !== null;
    return { userId: known.id, status: decides && isProven ? "active" : "invited", isNewAccount: false };
  }
  if (!isInvited && person.passwordHash === undefined) missing("password");
  if (known && isInvited) return { userId: known.id, status: "invited", isNewAccount: false };
  const userId =
    (known && (await takeOver(ctx, known, person))) ?? (await make(ctx, tenant, person, isInvited));
  return { userId, status: isInvited ? "invited" : "active", isNewAccount: true };
}

async function findAccount(
  ctx: Context,
  tenant: tenants.Tenant,
  { email, username }: Person,
): Promise<accounts.Account | undefined> {
  const realm = tenants.realmOf(tenant);
  if (email) return accounts.findByEmail(ctx, realm, email.address);
  const known = username ? await accounts.findByUsername(ctx, realm, username.canonical) : undefined;
  // The email of an account that nobody has shown to own may be anyone's: only that email leads to it.
  if (known && known.activeAt === null) throw new Refused("USERNAME_TAKEN");
  return known;
}

/** Of an account that nobody has shown to own nothing stays (CVE-2026-53516); the account itself only where an invitation waits for it. */
async function takeOver(ctx: Context, { id }: accounts.Account, person: Person): Promise<UserId | undefined> {
  if (await users.endPending(ctx, id)) return undefined;
  await credentials.forgetUnverified(ctx, id);
  const { passwordHash = null, username, firstName, lastName } = person;
  if (await accounts.claim(ctx, id, { passwordHash, username, firstName, lastName })) return id;
  throw new Refused("USERNAME_TAKEN");
}

async function make(
  ctx: Context,
  tenant: tenants.Tenant,
  { email, username, firstName, lastName, passwordHash = null }: Person,
  isInvited: boolean,
): Promise<UserId> {
  const userId = await users.create(ctx, {
    realm: tenants.realmOf(tenant),
    email: email && { ...email, isVerified: !isInvited },
    username,
    firstName,
    lastName,
    passwordHash: isInvited ? null : passwordHash,
    isActive: !isInvited,
    isSuperuser: false,
  });
  if (!userId) throw new Refused("USERNAME_TAKEN");
  return userId;
}
