// Making, changing and deleting tenants.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import {
  type Actor,
  administer,
  findManaged,
  keepingSuperuser,
  requireOwner,
  requireSuperuser,
} from "./authority.ts";
import { endSignInsIn } from "./end-sign-ins.ts";

/** Throws Refused FORBIDDEN or SLUG_TAKEN, Invalid. */
export function createTenant(
  ctx: Context,
  actor: Actor,
  { disabled = false, ...tenant }: tenants.NewTenant & { disabled?: boolean | undefined },
  client: Client,
): Promise<tenants.Tenant> {
  return administer(ctx, actor, client, "create tenant", async (ctx) => {
    requireSuperuser(actor);
    const tenantId = await tenants.create(ctx, tenant);
    if (!tenantId) throw new Refused("SLUG_TAKEN");
    const created = await findManaged(ctx, actor, tenantId);
    if (disabled) await tenants.update(ctx, created, { disabled });
    await audit.append(ctx, client, {
      event: "tenant.created",
      actorId: actor.userId,
      tenantId,
      reason: tenant.slug,
    });
    return findManaged(ctx, actor, tenantId);
  });
}

/**
 * Changes what is given; disabling ends every sign-in there. Throws Refused NOT_FOUND, SLUG_TAKEN, FORBIDDEN (disabled and slug
 * are for owners and superusers, mail_from_address for superusers) or LAST_SUPERUSER, Invalid.
 */
export function updateTenant(
  ctx: Context,
  actor: Actor,
  idOrSlug: string,
  changes: tenants.TenantChanges,
  client: Client,
): Promise<tenants.Tenant> {
  return administer(ctx, actor, client, `update tenant ${idOrSlug}`, async (ctx) => {
    const tenant = await findManaged(ctx, actor, idOrSlug);
    const { slug = tenant.slug, disabled } = changes;
    const isDisabled = tenant.disabledAt !== null;
    if (slug !== tenant.slug || (disabled ?? isDisabled) !== isDisabled) requireOwner(actor);
    // The operator's mail server vouches for it: else a tenant's admin could write to anybody as anybody of the operator's domain.
    const { mail_from_address: address } = tenant.settings;
    const { mail_from_address: newAddress = address } = changes.settings ?? {};
    if (newAddress !== address) requireSuperuser(actor);
    const updated = await keepingSuperuser(ctx, () => tenants.update(ctx, tenant, changes));
    if (!updated) throw new Refused("SLUG_TAKEN");
    if (disabled && !isDisabled) await endSignInsIn(ctx, tenant.id);
    await audit.append(ctx, client, {
      event: "tenant.updated",
      actorId: actor.userId,
      tenantId: tenant.id,
      reason: namesOf(changes).join(" "),
    });
    return findManaged(ctx, actor, tenant.id);
  });
}

/** Deletes it with everything that hangs on it; an isolated one with its accounts. Throws Refused NOT_FOUND, FORBIDDEN or LAST_SUPERUSER. */
export function deleteTenant(ctx: Context, actor: Actor, idOrSlug: string, client: Client): Promise<void> {
  return administer(ctx, actor, client, `delete tenant ${idOrSlug}`, async (ctx) => {
    const { id, slug } = await findManaged(ctx, actor, idOrSlug);
    requireOwner(actor);
    await keepingSuperuser(ctx, () => tenants.end(ctx, id));
    await accounts.endOfRealm(ctx, id);
    await audit.append(ctx, client, {
      event: "tenant.deleted",
      actorId: actor.userId,
      tenantId: id,
      reason: slug,
    });
  });
}

const namesOf = ({ settings = {}, ...rest }: tenants.TenantChanges): string[] =>
  Object.entries({ ...rest, ...settings })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
