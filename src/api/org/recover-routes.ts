// A forgotten password, at a portal.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { Invalid, Refused } from "../../errors.ts";
import { resetLink } from "../../flows/links.ts";
import { isResettable, requestReset, resetPassword } from "../../flows/recover-password.ts";
import { wording } from "../http/errors.ts";
import { emailOf } from "../http/fields.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import * as schemas from "./portal-schemas.ts";
import { findPortal } from "./sign-in-routes.ts";
import { ORG } from "./wording.ts";

/** Ours have these letters and no others: nothing else is repeated in a `Location`. */
const TOKEN = /^[\w-]{1,100}$/;

export const recoverRoutes = (ctx: Context) =>
  new Elysia()
    .model({ ...shared, ...schemas })
    .use(wording(ORG))
    .use(withClient())
    .post(
      "/auth/portal/forgot-password",
      async ({ body, client, set }) => {
        const email = emailOf(body.email);
        const tenant = await findPortal(ctx, body.portal_id);
        if (tenant) await requestReset(ctx, { tenant, email, redirectUri: undefined }, client);
        set.status = 201;
        return { detail: "If that email has an account here, a mail with a link is on its way" };
      },
      {
        ...operation("orgPortalForgotPassword", "Mail a link that sets a new password"),
        body: "PortalForgotPasswordRequest",
        response: { 201: "Detail", ...refusals(404, 422, 503) },
      },
    )
    .get(
      "/auth/portal/reset-callback",
      async ({ query, request, redirect }) => {
        const { token, portal_id } = query;
        const tenant = await findPortal(ctx, portal_id);
        if (tenant && isBrowser(request))
          return redirect(resetLink(ctx, tenant.slug, TOKEN.test(token) ? token : ""), 303);
        if (!tenant || !(await isResettable(ctx, tenant, token))) throw new Refused("INVALID_TOKEN");
        return { valid: true, portal_id: tenant.id };
      },
      {
        ...operation("orgPortalResetCallback", "Whether a mailed token is still good; browsers go to the page"),
        query: "ResetCallbackQuery",
        response: { 200: "ResetCallbackResponse", ...refusals(400, 404, 422) },
      },
    )
    .post(
      "/auth/portal/reset-password",
      async ({ body, client }) => {
        const [field, password] = passwordIn(body);
        const tenant = await findPortal(ctx, body.portal_id);
        if (!tenant) throw new Refused("INVALID_TOKEN");
        await resetPassword(ctx, { tenant, token: body.token, password, field }, client);
        return { detail: "Password changed; sign in with the new one" };
      },
      {
        ...operation("orgPortalResetPassword", "Set a new password with a mailed token"),
        body: "PortalResetPasswordRequest",
        response: { 200: "Detail", ...refusals(400, 404, 422, 503) },
      },
    );

const isBrowser = ({ headers }: Request): boolean => /\btext\/html\b/i.test(headers.get("accept") ?? "");

/** By either name. */
function passwordIn(body: (typeof schemas.PortalResetPasswordRequest)["static"]): [string, string] {
  const { password, new_password } = body;
  if (password !== undefined) return ["password", password];
  if (new_password !== undefined) return ["new_password", new_password];
  throw new Invalid([{ loc: ["password"], msg: "Field required", type: "missing" }]);
}
