// Who may administer what (decisions §7): a superuser everything; a tenant's owner or admin what is in that tenant, where they
// are signed in; and whoever holds the data directory, on the command line, what a superuser may.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import { shownId } from "../core/audit-events.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import { Refused, refusedAs } from "../errors.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";

/** Whoever can write to the data directory. */
interface Operator {
  isSuperuser: true;
  userId?: undefined;
  actorId?: undefined;
  name?: undefined;
  tenantId?: undefined;
  role?: undefined;
}

export type Actor = Identity | Operator;

export const OPERATOR: Operator = { isSuperuser: true };

/** Throws Refused FORBIDDEN unless the actor administers anything at all: asked before anything is looked up. */
export function requireAdministrator({ isSuperuser, role }: Actor): void {
  if (!isSuperuser && role !== "owner" && role !== "admin") throw new Refused("FORBIDDEN");
}

/** Throws Refused FORBIDDEN. */
export function requireSuperuser({ isSuperuser }: Actor): void {
  if (!isSuperuser) throw new Refused("FORBIDDEN");
}

/** Only owners and superusers make, change or remove owners, and close or delete a tenant. Throws Refused FORBIDDEN. */
export function requireOwner({ isSuperuser, role }: Actor): void {
  if (!isSuperuser && role !== "owner") throw new Refused("FORBIDDEN");
}

/** What an actor's lists are narrowed to; undefined: everything. Throws Refused FORBIDDEN. */
export function scopeOf(actor: Actor): TenantId | undefined {
  requireAdministrator(actor);
  return actor.isSuperuser ? undefined : actor.tenantId;
}

/** The tenant of that id or slug, if the actor administers it. Throws Refused FORBIDDEN, or NOT_FOUND as for one that does not exist. */
export async function findManaged(ctx: Context, actor: Actor, idOrSlug: string): Promise<tenants.Tenant> {
  const scope = scopeOf(actor);
  const tenant = await tenants.find(ctx, idOrSlug);
  if (!tenant) throw refusedAs("NOT_FOUND", { reason: "no such tenant" });
  if (scope !== undefined && tenant.id !== scope) throw refusedAs("NOT_FOUND", { reason: "another tenant" });
  return tenant;
}

/**
 * Makes a change after which some superuser can still sign in somewhere, if one could before: else nobody could put it right.
 * Throws Refused LAST_SUPERUSER, which undoes the transaction.
 */
export async function keepingSuperuser<T>(ctx: Context, change: () => Promise<T>): Promise<T> {
  const couldSignIn = await accounts.hasReachableSuperuser(ctx);
  const result = await change();
  if (couldSignIn && !(await accounts.hasReachableSuperuser(ctx))) throw new Refused("LAST_SUPERUSER");
  return result;
}

/** Does a piece of administration; what is refused is written down with the reason, which the wire may not tell. */
export async function noting<T>(
  ctx: Context,
  actor: Actor,
  client: Client,
  action: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) await noteRefusal(ctx, actor, client, action, error);
    throw error;
  }
}

/** The same, as one transaction. */
export const administer = <T>(
  ctx: Context,
  actor: Actor,
  client: Client,
  action: string,
  change: (ctx: Context) => Promise<T>,
): Promise<T> => noting(ctx, actor, client, action, () => inOffice(ctx, actor, change));

/**
 * One transaction, in which the actor is asked for anew: since they were identified they may have been signed out, demoted,
 * suspended or disabled, and must not undo that (ASVS 8.3.2). Throws Refused FORBIDDEN or INVALID_BEARER.
 */
export const inOffice = <T>(ctx: Context, actor: Actor, change: (ctx: Context) => Promise<T>): Promise<T> =>
  transaction(ctx, async (ctx) => {
    if (actor.userId === undefined) return change(ctx);
    await requireStillSignedIn(ctx, actor);
    const { userId, tenantId, role, isSuperuser } = actor;
    const isInRole = (await memberships.find(ctx, tenantId, userId))?.role === role;
    if (!isSuperuser && !isInRole) throw new Refused("FORBIDDEN");
    return change(ctx);
  });

/** Something read by administrators only. A look without rights is one at the administration, whoever is asked for. */
export async function inspect<T>(
  ctx: Context,
  actor: Actor,
  client: Client,
  subject: string,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refused && error.code === "FORBIDDEN") {
      await noteRefusal(ctx, actor, client, subject, error);
    }
    throw error;
  }
}

/** Ids and slugs in the action are as somebody sent them. */
function noteRefusal(
  ctx: Context,
  { userId: self, actorId, tenantId }: Actor,
  client: Client,
  action: string,
  { code, because = {} }: Refused,
): Promise<void> {
  const what = action.replaceAll(/[^ /]+/g, (word) => (/^[A-Z]+$/.test(word) ? word : shownId(word)));
  const reason = `${what}: ${code}${because.reason === undefined ? "" : ` (${because.reason})`}`;
  const userId = (because.userId as UserId | undefined) ?? (actorId ? self : undefined);
  return audit.append(ctx, client, {
    event: "admin.refused",
    actorId: actorId ?? self,
    userId,
    tenantId,
    reason,
  });
}
