// Joining a tenant by a mailed invitation. Open: the token is all that is asked for.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import * as tenants from "../../core/tenants.ts";
import { Refused } from "../../errors.ts";
import { acceptInvitation } from "../../flows/invite.ts";
import { wording } from "../http/errors.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as schemas from "./schemas.ts";
import { ADMIN } from "./wording.ts";

export const invitation = (ctx: Context) =>
  new Elysia({
    name: "invitation",
    prefix: "/api/v1/auth/tenants/:tenant_slug/invitations",
    tags: ["tenant"],
  })
    .use(wording(ADMIN))
    .use(withClient())
    .post(
      "/accept",
      async ({ params, body, client }) => {
        const tenant = await tenants.findLiveBySlug(ctx, params.tenant_slug);
        if (!tenant) throw new Refused("TENANT_NOT_FOUND");
        const { token, password, username, first_name: firstName, last_name: lastName } = body;
        const given = { tenant, token, password, username, firstName, lastName };
        const { userId, email, role } = await acceptInvitation(ctx, given, client);
        return { status: "ACTIVE" as const, user_id: userId, email, tenant_id: tenant.id, role };
      },
      {
        ...operation("tenantAcceptInvitation", "Join a tenant by a mailed invitation"),
        body: schemas.InvitationAcceptRequest,
        response: { 200: schemas.InvitationAcceptResponse, ...refusals(400, 404, 409, 422, 503) },
      },
    );
