// Registering, showing that an email is one's own, and a forgotten password.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { createChallenge } from "../../core/captcha.ts";
import { requestReset, resetPassword } from "../../flows/recover-password.ts";
import { register } from "../../flows/register.ts";
import { wording } from "../http/errors.ts";
import { emailOf, nameOf } from "../http/fields.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { wrap } from "./envelope.ts";
import { tenantGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { withTenant } from "./tenant.ts";
import { verifyEmailRoute } from "./verify-email-route.ts";
import { TENANT } from "./wording.ts";

const IF_REGISTERED = "If that email has an account here, a mail with a link is on its way";

export const accounts = (ctx: Context) =>
  tenantGroup()
    .use(wording(TENANT))
    .use(withClient())
    .use(withTenant(ctx))
    .get("/captcha", ({ tenant }) => createChallenge(ctx, tenant.id), {
      ...operation("tenantCaptcha", "A proof-of-work challenge, for captcha_token"),
      response: { 200: schemas.CaptchaChallenge, ...refusals(404) },
    })
    .post(
      "/register",
      async ({ body, tenant, client }) => {
        const { userId, status } = await register(ctx, registrationOf(tenant, body), client);
        const message = status === "ACTIVE" ? "You can sign in now" : "A mail with a link is on its way";
        return wrap(ctx, client, { user_id: userId, status, message });
      },
      {
        ...operation("tenantRegister", "Make an account of one's own"),
        body: schemas.RegisterRequest,
        response: { 200: schemas.ApiResponse_RegisterResponse_, ...refusals(400, 403, 404, 422, 503) },
      },
    )
    .use(verifyEmailRoute(ctx))
    .use(forgot(ctx, "/forgot-password", "tenantForgotPassword"))
    .use(forgot(ctx, "/password/forgot", "tenantPasswordForgot"))
    .post(
      "/password/reset",
      async ({ body, tenant, client }) => {
        const { token, new_password: password } = body;
        const { redirectUri } = await resetPassword(ctx, { tenant, token, password }, client);
        const message = "Password changed; sign in with the new one";
        return wrap(ctx, client, { message, redirect_uri: redirectUri });
      },
      {
        ...operation("tenantPasswordReset", "Set a new password with a mailed token"),
        body: schemas.ResetPasswordRequest,
        response: { 200: schemas.ApiResponse_Message_, ...refusals(400, 404, 422, 503) },
      },
    );

/** One handler and one limit under two paths. */
const forgot = (ctx: Context, path: "/forgot-password" | "/password/forgot", operationId: string) =>
  new Elysia()
    .use(withClient())
    .use(withTenant(ctx))
    .post(
      path,
      async ({ body, tenant, client }) => {
        const request = { tenant, email: emailOf(body.email), redirectUri: body.redirect_uri ?? undefined };
        await requestReset(ctx, request, client);
        return wrap(ctx, client, { message: IF_REGISTERED });
      },
      {
        ...operation(operationId, "Mail a link that sets a new password"),
        body: schemas.ForgotPasswordRequest,
        response: { 200: schemas.ApiResponse_Message_, ...refusals(404, 422, 503) },
      },
    );

function registrationOf(
  tenant: Parameters<typeof register>[1]["tenant"],
  body: (typeof schemas.RegisterRequest)["static"],
): Parameters<typeof register>[1] {
  return {
    tenant,
    email: emailOf(body.email),
    password: body.password,
    firstName: nameOf(body.first_name, "first_name"),
    lastName: nameOf(body.last_name, "last_name"),
    captchaToken: body.captcha_token ?? undefined,
    redirectUri: body.redirect_uri ?? undefined,
    customData: body.custom_data ?? undefined,
  };
}
