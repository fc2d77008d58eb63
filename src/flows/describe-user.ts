// A user as every group shows it (decisions §2 portal), and nothing else of one.
import type { Context } from "../context.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import { hasFactor } from "./second-factor.ts";

/** Within a tenant. Throws when there is no such membership: whoever asks has just seen that there is. */
export async function describeUser(ctx: Context, userId: UserId, tenantId: TenantId) {
  const member = await memberships.find(ctx, tenantId, userId);
  if (!member) throw new Error("a user was to be described who is no member");
  const { email, username, firstName, lastName, role } = member;
  const full = [firstName, lastName].filter((name) => name !== null).join(" ");
  return {
    id: userId,
    email,
    username,
    first_name: firstName,
    last_name: lastName,
    display_name: full || username || email || userId,
    tenant_id: tenantId,
    role,
    email_verified: member.emailVerifiedAt !== null,
    mfa_enabled: await hasFactor(ctx, userId),
  };
}
