// A forgotten password, at a portal.
import { Elysia, t } from "elysia";
import type { Context } from "../../context.ts";
import { Refused } from "../../errors.ts";
import { resetLink } from "../../flows/links.ts";
import { isResettable, requestReset, resetPassword } from "../../flows/recover-password.ts";
import { wording } from "../http/errors.ts";
import { aliased, emailOf } from "../http/fields.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { orgGroup } from "./group.ts";
import * as schemas from "./portal-schemas.ts";
import { findPortal } from "./sign-in-routes.ts";
import { ORG } from "./wording.ts";

/** Ours have these letters and no others: nothing else is repeated in a `Location`. */
const TOKEN = /^[\w-]{1,100}$/;

export const recoverRoutes = (ctx: Context) =>
  orgGroup()
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
        body: schemas.PortalForgotPasswordRequest,
        response: { 201: schemas.Detail, ...refusals(404, 422, 503) },
      },
    )
    .use(resetCallback(ctx))
    .post(
      "/auth/portal/reset-password",
      async ({ body, client }) => {
        const password = aliased(body, ["password", "new_password"]);
        const field = body.password === undefined ? "new_password" : "password";
        const tenant = await findPortal(ctx, body.portal_id);
        if (!tenant) throw new Refused("INVALID_TOKEN");
        await resetPassword(ctx, { tenant, token: body.token, password, field }, client);
        return { detail: "Password changed; sign in with the new one" };
      },
      {
        ...operation("orgPortalResetPassword", "Set a new password with a mailed token"),
        body: schemas.PortalResetPasswordRequest,
        response: { 200: schemas.Detail, ...refusals(400, 404, 422, 503) },
      },
    );

const resetCallback = (ctx: Context) =>
  new Elysia()
    .onBeforeHandle(async ({ query, request }) => {
      if (!isBrowser(request)) return undefined;
      const { token, portal_id } = query as (typeof schemas.ResetCallbackQuery)["static"];
      const tenant = await findPortal(ctx, portal_id);
      const location = tenant && resetLink(ctx, tenant.slug, TOKEN.test(token) ? token : "");
      return location && new Response(null, { status: 303, headers: { location } });
    })
    .get(
      "/auth/portal/reset-callback",
      async ({ query }) => {
        const tenant = await findPortal(ctx, query.portal_id);
        if (!tenant || !(await isResettable(ctx, tenant, query.token))) throw new Refused("INVALID_TOKEN");
        return { valid: true, portal_id: tenant.id };
      },
      {
        ...operation(
          "orgPortalResetCallback",
          "Whether a mailed token is still good; browsers go to the page",
        ),
        query: schemas.ResetCallbackQuery,
        response: {
          200: schemas.ResetCallbackResponse,
          303: t.Void({ description: "Browsers (Accept: text/html) go to the page" }),
          ...refusals(400, 404, 422),
        },
      },
    );

const isBrowser = ({ headers }: Request): boolean => /\btext\/html\b/i.test(headers.get("accept") ?? "");
