// The six digits of a sign-in, mailed.
import type { Context } from "../../context.ts";
import { sendCode } from "../../flows/send-code.ts";
import { continuationTokens } from "../http/continuation.ts";
import { wording } from "../http/errors.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { wrap } from "./envelope.ts";
import { tenantGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { withTenant } from "./tenant.ts";
import { TENANT } from "./wording.ts";

export const sendCodeRoute = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return tenantGroup()
    .use(wording(TENANT))
    .use(withClient())
    .use(withTenant(ctx))
    .post(
      "/mfa/email/send",
      async ({ query, tenant, client }) => {
        const pending = await tokens.verifyMfa(query.mfa_token);
        await sendCode(ctx, { pending, userId: query.user_id, at: tenant.id }, client);
        return wrap(ctx, client, { message: "A code is on its way" });
      },
      {
        ...operation("tenantSendEmailMfa", "Mail the code that finishes a sign-in"),
        query: schemas.MfaTokenQuery,
        response: { 200: schemas.ApiResponse_Message_, ...refusals(401, 404, 422, 429, 503) },
      },
    );
};
