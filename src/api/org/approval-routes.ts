// A signed-in session of the user answers a sign-in that waits.
import type { Context } from "../../context.ts";
import { approveLogin, rejectLogin } from "../../flows/approve-login.ts";
import { wording } from "../http/errors.ts";
import { withClient, withIdentity } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { orgGroup } from "./group.ts";
import * as schemas from "./portal-schemas.ts";
import { ORG } from "./wording.ts";

export const approvalRoutes = (ctx: Context) =>
  orgGroup()
    .use(wording(ORG))
    .use(withClient())
    .use(withIdentity(ctx))
    .post(
      "/auth/approve-2fa",
      async ({ identity, body, client }) => {
        await approveLogin(ctx, identity, { id: body.session_id, number: body.number }, client);
        return { status: "approved" };
      },
      {
        ...operation(
          "orgApprove2fa",
          "Let a waiting login in, by the number that its screen shows",
          "bearer",
        ),
        body: schemas.LoginApprovalData,
        response: { 200: schemas.LoginDecision, ...refusals(400, 401, 403, 404, 409, 422, 503) },
      },
    )
    .post(
      "/auth/reject-2fa",
      async ({ identity, body, client }) => {
        await rejectLogin(ctx, identity, { id: body.session_id }, client);
        return { status: "rejected" };
      },
      {
        ...operation("orgReject2fa", "Turn a waiting login away", "bearer"),
        body: schemas.LoginRejectionData,
        response: { 200: schemas.LoginDecision, ...refusals(401, 403, 404, 409, 422, 503) },
      },
    );
