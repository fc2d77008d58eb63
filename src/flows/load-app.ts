// What an app of several organizations shows first: who is signed in, where, where else they may go, and what waits for them.
import type { Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as memberships from "../core/memberships.ts";
import { Refused } from "../errors.ts";
import { listPending } from "./approve-login.ts";
import { describeUser } from "./describe-user.ts";
import type { Identity } from "./identify.ts";

/** Throws Refused INVALID_BEARER when the membership has ended since the caller was identified. */
export async function loadApp(ctx: Context, { userId, tenantId, actorId }: Identity) {
  const user = await describeUser(ctx, userId, tenantId);
  const places = await memberships.findLiveOf(ctx, userId);
  const organizations = places
    // Whoever acts as the user is an administrator of one tenant, and has no business in the user's others.
    .filter((place) => actorId === null || place.tenantId === tenantId)
    .map(({ tenantId: id, slug, name, role }) => ({ id, slug, name, role }));
  const organization = organizations.find(({ id }) => id === tenantId);
  if (!organization) throw new Refused("INVALID_BEARER");
  return {
    user: {
      ...user,
      name: user.display_name,
      organization_id: organization.id,
      organization_name: organization.name,
    },
    organization,
    organizations,
    pending_logins: actorId === null ? await listPending(ctx, userId) : [],
    impersonator: actorId === null ? null : await describeActor(ctx, actorId),
  };
}

async function describeActor(ctx: Context, id: NonNullable<Identity["actorId"]>) {
  const actor = await accounts.find(ctx, id);
  return { id, name: actor?.username ?? actor?.email ?? id };
}
