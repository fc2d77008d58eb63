// A user as every group shows it (decisions §2 portal), and nothing else of one.
import type { Context } from "../context.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import { Refused } from "../errors.ts";
import { hasFactor } from "./second-factor.ts";

/** Within a tenant. Throws Refused INVALID_BEARER when the membership is gone: whoever asks was a member a moment ago. */
export async function describeUser(ctx: Context, userId: UserId, tenantId: TenantId) {
  const member = await memberships.find(ctx, tenantId, userId);
  if (!member) throw new Refused("INVALID_BEARER");
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
