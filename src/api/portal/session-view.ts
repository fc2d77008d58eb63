import type { Context } from "../../context.ts";
import type { SessionId, UserId } from "../../core/ids.ts";
import type { Tenant } from "../../core/tenants.ts";
import { describeUser } from "../../flows/describe-user.ts";
import { defaultRedirect } from "../../flows/redirects.ts";

/** SessionOpened: the session is in its cookie, and nothing secret here. */
export const sessionView = async (
  ctx: Context,
  { userId, sessionId, tenant }: { userId: UserId; sessionId: SessionId; tenant: Tenant },
) => ({
  status: "SUCCESS",
  session_id: sessionId,
  tenant: tenant.slug,
  redirect_uri: defaultRedirect(tenant),
  user: await describeUser(ctx, userId, tenant.id),
});
