// Stands in until mail and one-time secrets are merged.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { Member } from "../core/memberships.ts";
import type { Tenant } from "../core/tenants.ts";
import type { Actor } from "./authority.ts";

export async function invite(
  ctx: Context,
  actor: Actor,
  { tenant, member }: { tenant: Tenant; member: Member },
  client: Client,
): Promise<void> {
  await audit.append(ctx, client, {
    event: "invitation.sent",
    actorId: actor.userId,
    userId: member.userId,
    tenantId: tenant.id,
  });
}
