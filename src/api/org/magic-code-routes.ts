// Signing in with six digits by mail: asked for here, shown at verify-2fa.
import type { Context } from "../../context.ts";
import { requestMagicCode } from "../../flows/magic-code.ts";
import { wording } from "../http/errors.ts";
import { emailOf } from "../http/fields.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { orgGroup } from "./group.ts";
import * as schemas from "./portal-schemas.ts";
import { findPortal } from "./sign-in-routes.ts";
import { ORG } from "./wording.ts";

const detail = "If that email has an account here, a mail with a code is on its way";

export const magicCodeRoutes = (ctx: Context) =>
  orgGroup()
    .use(wording(ORG))
    .use(withClient())
    .post(
      "/auth/request-magic-code",
      async ({ body, client }) => {
        const request = { email: emailOf(body.email), destination: "shared" } as const;
        return { detail, login_session_id: await requestMagicCode(ctx, request, client) };
      },
      {
        ...operation("orgRequestMagicCode", "Mail a code that signs in a shared account"),
        body: schemas.MagicCodeRequest,
        response: { 200: schemas.MagicCodeResponse, ...refusals(404, 422, 503) },
      },
    )
    .post(
      "/auth/portal/request-magic-code",
      async ({ body, client }) => {
        const email = emailOf(body.email);
        const destination = await findPortal(ctx, body.portal_id);
        return { detail, login_session_id: await requestMagicCode(ctx, { email, destination }, client) };
      },
      {
        ...operation("orgPortalRequestMagicCode", "Mail a code that signs in at a portal"),
        body: schemas.PortalMagicCodeRequest,
        response: { 200: schemas.MagicCodeResponse, ...refusals(404, 422, 503) },
      },
    );
