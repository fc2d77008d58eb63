// Who belongs to a tenant. Its owners and admins decide about memberships and, where it is isolated, about accounts; an account
// of the instance decides for itself whether it joins.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import type { Role } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import type { Tenant } from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import {
  type Actor,
  administer,
  findManaged,
  inOffice,
  keepingSuperuser,
  noting,
  requireOwner,
} from "./authority.ts";
import { endInvitation, endSignInsIn } from "./end-sign-ins.ts";
import { decidesAlone, type Placed, placePerson } from "./place-person.ts";
import { type GivenPerson, preparePerson } from "./prepare-person.ts";

/**
 * Adds an account to a tenant, making it where there is none: password, names and `invite` concern only an account that this
 * call makes. In a shared tenant its owners and admins can only invite. Throws Refused NOT_FOUND, FORBIDDEN, MEMBER_EXISTS,
 * USERNAME_TAKEN or RATE_LIMITED (mail); Invalid, Unavailable.
 */
export function addMember(
  ctx: Context,
  actor: Actor,
  idOrSlug: string,
  { role, ...given }: GivenPerson & { role: Role },
  client: Client,
): Promise<Placed> {
  return noting(ctx, actor, client, `add member to ${idOrSlug}`, async () => {
    const tenant = await findManaged(ctx, actor, idOrSlug);
    if (role === "owner") requireOwner(actor);
    if (typeof given.password === "string" && !decidesAlone(actor, tenant)) throw new Refused("FORBIDDEN");
    const person = await preparePerson(ctx, given, [tenant]);
    return inOffice(ctx, actor, async (ctx) => {
      const tenant = await findManaged(ctx, actor, idOrSlug);
      return placePerson(ctx, actor, { tenant, person, role }, client);
    });
  });
}

/**
 * Sets role or status. Suspending ends every sign-in of the member there. Throws Refused NOT_FOUND; FORBIDDEN for what only
 * owners, superusers or the invited themselves may do; LAST_OWNER, LAST_SUPERUSER.
 */
export function changeMember(
  ctx: Context,
  actor: Actor,
  { tenant: idOrSlug, userId }: { tenant: string; userId: string },
  changes: { role?: Role | undefined; status?: "active" | "suspended" | undefined },
  client: Client,
): Promise<{ tenant: Tenant; member: memberships.Member }> {
  return administer(ctx, actor, client, `update member ${userId} of ${idOrSlug}`, async (ctx) => {
    const tenant = await findManaged(ctx, actor, idOrSlug);
    const member = await findMember(ctx, actor, tenant, userId);
    const { role = member.role, status = member.status } = changes;
    if (role === "owner") requireOwner(actor);
    // Else suspending and restoring would stand in for the consent that was asked for.
    const jumps = member.status === "invited" && status !== "invited";
    if (jumps && !decidesAlone(actor, tenant)) throw new Refused("FORBIDDEN");
    const updated = await keepingSuperuser(ctx, () =>
      memberships.update(ctx, tenant.id, member.userId, { role, status }),
    );
    if (!updated) throw new Refused("LAST_OWNER");
    if (status === "suspended") await endSignInsIn(ctx, tenant.id, member.userId);
    await audit.append(ctx, client, {
      event: "member.updated",
      actorId: actor.userId,
      userId: member.userId,
      tenantId: tenant.id,
      reason: `${role} ${status}`,
    });
    return { tenant, member: { ...member, role, status } };
  });
}

/**
 * Removes a member with every sign-in there; from an isolated tenant the account itself, which can be nowhere else. Throws
 * Refused NOT_FOUND, FORBIDDEN, LAST_OWNER, LAST_SUPERUSER.
 */
export function removeMember(
  ctx: Context,
  actor: Actor,
  { tenant: idOrSlug, userId }: { tenant: string; userId: string },
  client: Client,
): Promise<void> {
  return administer(ctx, actor, client, `remove member ${userId} of ${idOrSlug}`, async (ctx) => {
    const tenant = await findManaged(ctx, actor, idOrSlug);
    const member = await findMember(ctx, actor, tenant, userId);
    const ended = await keepingSuperuser(ctx, () => memberships.end(ctx, tenant.id, member.userId));
    if (!ended) throw new Refused("LAST_OWNER");
    // What has a row went with the membership; what has none would go on where it left off, were the user let in again.
    if (member.status === "invited") await endInvitation(ctx, tenant.id, member.userId);
    else await endSignInsIn(ctx, tenant.id, member.userId);
    if (tenant.identity === "isolated") await accounts.end(ctx, member.userId);
    await audit.append(ctx, client, {
      event: "member.removed",
      actorId: actor.userId,
      userId: member.userId,
      tenantId: tenant.id,
    });
  });
}

/** A member whom the actor may touch. */
async function findMember(
  ctx: Context,
  actor: Actor,
  { id }: Tenant,
  userId: string,
): Promise<memberships.Member> {
  const member = await memberships.find(ctx, id, userId);
  if (!member) throw new Refused("NOT_FOUND");
  if (member.role === "owner") requireOwner(actor);
  return member;
}
