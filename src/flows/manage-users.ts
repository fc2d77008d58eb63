// Accounts, by superusers and on the command line.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import type { Role } from "../core/ids.ts";
import { countMailOrRefuse } from "../core/mail-limits.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import { Invalid, Refused } from "../errors.ts";
import {
  type Actor,
  administer,
  findManaged,
  inOffice,
  keepingSuperuser,
  noting,
  requireSuperuser,
} from "./authority.ts";
import { endAllSignIns } from "./end-sign-ins.ts";
import { languageFor } from "./language.ts";
import { type Placed, placePerson } from "./place-person.ts";
import { type GivenPerson, preparePerson, unusableNames } from "./prepare-person.ts";
import { mailReset } from "./recover-password.ts";

/**
 * Puts one person into several tenants: one account for all that share, and one for each that is isolated. Throws Refused as
 * `addMember` does, EMAIL_TAKEN when a password is given for an account that is there already.
 */
export function createUser(
  ctx: Context,
  actor: Actor,
  { tenants: places, role, ...given }: GivenPerson & { tenants: readonly string[]; role: Role },
  client: Client,
): Promise<Placed[]> {
  return noting(ctx, actor, client, "create user", async () => {
    requireSuperuser(actor);
    const into = await Promise.all(places.map((idOrSlug) => findManaged(ctx, actor, idOrSlug)));
    const person = await preparePerson(ctx, given, into);
    return inOffice(ctx, actor, async (ctx) => {
      const placed: Placed[] = [];
      for (const idOrSlug of places) {
        const tenant = await findManaged(ctx, actor, idOrSlug);
        const next = await placePerson(ctx, actor, { tenant, person, role }, client);
        const { userId } = next.member;
        const wasThere = !next.isNewAccount && !placed.some(({ member }) => member.userId === userId);
        if (wasThere && typeof given.password === "string") throw new Refused("EMAIL_TAKEN");
        placed.push(next);
      }
      return placed;
    });
  });
}

/** Undefined leaves as it is, null removes. */
export interface UserChanges {
  disabled?: boolean | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
}

/** Disabling ends every sign-in. Throws Refused FORBIDDEN, NOT_FOUND, LAST_SUPERUSER; Invalid. */
export function changeUser(
  ctx: Context,
  actor: Actor,
  userId: string,
  { disabled, firstName, lastName }: UserChanges,
  client: Client,
): Promise<accounts.Account> {
  return administer(ctx, actor, client, `update user ${userId}`, async (ctx) => {
    const account = await findUser(ctx, actor, userId);
    const fields = unusableNames({ first_name: firstName, last_name: lastName });
    if (fields.length > 0) throw new Invalid(fields);
    await accounts.rename(ctx, account, { firstName, lastName });
    if (disabled === true) await disable(ctx, account);
    if (disabled === false) await accounts.enable(ctx, account.id);
    const changed = { disabled, first_name: firstName, last_name: lastName };
    await audit.append(ctx, client, {
      event: "user.updated",
      actorId: actor.userId,
      userId: account.id,
      reason: Object.entries(changed)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (name === "disabled" ? (value === true ? "disabled" : "enabled") : name))
        .join(" "),
    });
    return findUser(ctx, actor, userId);
  });
}

async function disable(ctx: Context, { id }: accounts.Account): Promise<void> {
  const disabled = await keepingSuperuser(ctx, () => accounts.disable(ctx, id));
  if (!disabled) throw new Refused("LAST_SUPERUSER");
  await endAllSignIns(ctx, id);
}

/** With everything that hangs on it; audit entries stay. Throws Refused FORBIDDEN, NOT_FOUND, LAST_SUPERUSER. */
export function deleteUser(ctx: Context, actor: Actor, userId: string, client: Client): Promise<void> {
  return administer(ctx, actor, client, `delete user ${userId}`, async (ctx) => {
    const { id } = await findUser(ctx, actor, userId);
    const ended = await keepingSuperuser(ctx, () => accounts.end(ctx, id));
    if (!ended) throw new Refused("LAST_SUPERUSER");
    await audit.append(ctx, client, { event: "user.deleted", actorId: actor.userId, userId: id });
  });
}

/**
 * Mails the link by which the owner chooses a new password; an admin never picks one. Throws Refused FORBIDDEN, NOT_FOUND,
 * RATE_LIMITED, or UNREACHABLE without an email or an active membership.
 */
export function sendPasswordReset(ctx: Context, actor: Actor, userId: string, client: Client): Promise<void> {
  return administer(ctx, actor, client, `send password reset to ${userId}`, async (ctx) => {
    const account = await findUser(ctx, actor, userId);
    const { id, realm, email } = account;
    const [home] = await memberships.findLiveOf(ctx, id);
    const tenant = home && (await tenants.findLive(ctx, home.tenantId));
    if (email === null || !tenant) throw new Refused("UNREACHABLE");
    await countMailOrRefuse(ctx, { purpose: "reset", realm, email, network: client.network });
    await mailReset(ctx, {
      userId: id,
      email,
      tenant,
      redirectUri: undefined,
      language: languageFor(ctx, account),
    });
    await audit.append(ctx, client, {
      event: "password.reset_requested",
      actorId: actor.userId,
      userId: id,
      tenantId: tenant.id,
    });
  });
}

/** Throws Refused FORBIDDEN, NOT_FOUND. */
export async function findUser(ctx: Context, actor: Actor, userId: string): Promise<accounts.Account> {
  requireSuperuser(actor);
  const account = await accounts.find(ctx, userId);
  if (!account) throw new Refused("NOT_FOUND");
  return account;
}
