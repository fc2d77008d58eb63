// Putting a person into a tenant: the account that is there, or a new one.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import { canonicalEmail } from "../core/emails.ts";
import type { UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import { isName, LONGEST_NAME } from "../core/names.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import * as users from "../core/users.ts";
import { type FieldError, Invalid, Refused } from "../errors.ts";
import type { Actor } from "./authority.ts";
import { invite } from "./invite.ts";
import { positionOf } from "./position-of.ts";

/** As it was given. */
export interface GivenPerson {
  email?: string | undefined;
  username?: string | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  /** Null: none, and that is meant so. */
  password?: string | null | undefined;
  /** To be asked by mail, and to choose the password themselves. */
  invite?: boolean | undefined;
}

/** Checked and hashed. */
export interface Person {
  email: users.NewUser["email"];
  username: users.Username | null;
  firstName: string | null;
  lastName: string | null;
  /** Undefined: not given. Null: none, and that is meant so. */
  passwordHash: string | null | undefined;
  isInvited: boolean;
}

/** Whether an actor decides alone who belongs to a tenant. Over an account of the instance only superusers do. */
export const decidesAlone = (actor: Actor, { identity }: tenants.Tenant): boolean =>
  actor.isSuperuser || identity === "isolated";

/** Throws Invalid, naming every field that cannot be used; Unavailable. */
export async function preparePerson(ctx: Context, given: GivenPerson): Promise<Person> {
  const { email, username, firstName = null, lastName = null, password } = given;
  const address = email === undefined ? null : canonicalEmail(email);
  const parsed = username === undefined ? null : users.parseUsername(username);
  const fields: FieldError[] = [...unusableNames({ first_name: firstName, last_name: lastName })];
  const unusable = (name: string, msg: string) => fields.push({ loc: [name], msg, type: "value_error" });
  if (address === undefined) unusable("email", "Email should be an email address");
  if (parsed === undefined)
    unusable("username", "Username should have 1 to 64 characters without spaces and @");
  if (address === null && parsed === null)
    fields.push({ loc: ["email"], msg: "Field required", type: "missing" });
  if (fields.length > 0 || address === undefined || parsed === undefined) throw new Invalid(fields);
  if (typeof password === "string") passwords.checkPolicy(password, "password");
  return {
    email: address && { address, isVerified: true, decoyPosition: positionOf(ctx, address) },
    username: parsed,
    firstName,
    lastName,
    passwordHash: typeof password === "string" ? await passwords.hash(ctx, password) : password,
    isInvited: given.invite === true,
  };
}

/** What is wrong with the names of a person, by the name of the field. */
export const unusableNames = (names: Record<string, string | null | undefined>): FieldError[] =>
  Object.entries(names)
    .filter(([, name]) => typeof name === "string" && !isName(name))
    .map(([field]) => ({
      loc: [field],
      msg: `Name should have 1 to ${LONGEST_NAME} printable characters`,
      type: "value_error",
    }));

export interface Placed {
  member: memberships.Member;
  tenant: tenants.Tenant;
  /** Whether the account was made, or taken over from somebody who never showed that the email is theirs. */
  isNewAccount: boolean;
}

/**
 * Inside a transaction. Throws Refused MEMBER_EXISTS, USERNAME_TAKEN or RATE_LIMITED (mail), Invalid when a new account would
 * have neither password nor invitation.
 */
export async function placePerson(
  ctx: Context,
  actor: Actor,
  { tenant, person, role }: { tenant: tenants.Tenant; person: Person; role: memberships.Role },
  client: Client,
): Promise<Placed> {
  const tenantId = tenant.id;
  const { userId, status, isNewAccount } = await findOrMake(ctx, actor, tenant, person);
  const entry = { actorId: actor.userId, userId, tenantId };
  if (isNewAccount) await audit.append(ctx, client, { ...entry, event: "user.created" });
  if (!(await memberships.create(ctx, { tenantId, userId, role, status })))
    throw new Refused("MEMBER_EXISTS");
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
  const realm = tenants.realmOf(tenant);
  const { email, username, passwordHash = null, ...names } = person;
  const decides = decidesAlone(actor, tenant);
  const isInvited = person.isInvited || !decides;
  if (isInvited && email === null) missing("email");
  const known = email
    ? await accounts.findByEmail(ctx, realm, email.address)
    : username && (await accounts.findByUsername(ctx, realm, username.canonical));
  if (known && known.activeAt !== null) {
    return { userId: known.id, status: decides ? "active" : "invited", isNewAccount: false };
  }
  if (!isInvited && person.passwordHash === undefined) missing("password");
  const status = isInvited ? "invited" : "active";
  if (known && email) {
    const claim = { ...names, username, passwordHash };
    if (!isInvited && !(await accounts.claim(ctx, known.id, claim))) throw new Refused("USERNAME_TAKEN");
    return { userId: known.id, status, isNewAccount: !isInvited };
  }
  const userId = await users.create(ctx, {
    realm,
    email: email && { ...email, isVerified: !isInvited },
    username,
    firstName: names.firstName,
    lastName: names.lastName,
    passwordHash: isInvited ? null : passwordHash,
    isActive: !isInvited,
    isSuperuser: false,
  });
  if (!userId) throw new Refused("USERNAME_TAKEN");
  return { userId, status, isNewAccount: true };
}

function missing(field: string): never {
  throw new Invalid([{ loc: [field], msg: "Field required", type: "missing" }]);
}
