// Reference: portal-auth.md. First-party front ends: identify and authenticate, or both in one step.
import type { Context } from "../../context.ts";
import { createMemoryWindow } from "../../core/memory-window.ts";
import { describeUser } from "../../flows/describe-user.ts";
import type { GrantedAs } from "../../flows/grant.ts";
import { identifyEmail } from "../../flows/identify-email.ts";
import { logOut } from "../../flows/log-out.ts";
import { refresh } from "../../flows/refresh.ts";
import { destinationOf, signIn } from "../../flows/sign-in.ts";
import { signInWithFactor } from "../../flows/sign-in-with-factor.ts";
import { continuationTokens } from "../http/continuation.ts";
import { signInCookies, signOutCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { emailOf } from "../http/fields.ts";
import { withClient, withLeaving } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import { shownFactor } from "../http/shown-factor.ts";
import { mfaRequired, tenantSelectionRequired, tenantView } from "../http/sign-in-answers.ts";
import { browserSessionRoute } from "./browser-session-route.ts";
import { portalGroup } from "./group.ts";
import { passkeySignIn } from "./passkey-routes.ts";
import * as schemas from "./schemas.ts";
import { PORTAL } from "./wording.ts";

const MINUTE_MS = 60 * 1000;

export const portal = (ctx: Context) => [steps(ctx), passkeySignIn(ctx), browserSessionRoute(ctx)];

const steps = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  const identified = createMemoryWindow({ most: ctx.config.limits.identifyPerMinute, windowMs: MINUTE_MS });
  return portalGroup()
    .use(wording(PORTAL))
    .use(withClient())
    .post(
      "/identify",
      async ({ body, client }) => {
        const email = emailOf(body.email);
        const tenants = await identifyEmail(ctx, email, identified, client);
        return {
          flow_token: await tokens.signFlow(email),
          tenants: tenants.map(tenantView),
          requires_tenant_selection: tenants.length > 1,
        };
      },
      {
        ...operation("portalIdentify", "First step: which tenants an email may sign in to"),
        body: schemas.IdentifyRequest,
        response: { 200: schemas.IdentifyResponse, ...refusals(422, 429) },
      },
    )
    .post(
      "/authenticate",
      async ({ body, client, set, status }) => {
        const flow = await tokens.verifyFlow(body.flow_token);
        const destination = await destinationOf(ctx, body.tenant_id);
        const { email } = flow;
        const claim = { text: email, login: { email }, password: body.password, flow };
        const outcome = await signIn(ctx, { ...claim, destination, opens: "tokens" }, client);
        if (outcome.status === "tenant_needed") return status(400, tenantSelectionRequired(outcome.tenants));
        if (outcome.status === "signed_in") {
          return { status: "SUCCESS", ...(await signedIn(ctx, outcome.granted, set)) };
        }
        const { challenge } = outcome;
        const { userId, methods } = challenge;
        const mfa_token = await tokens.signMfa(challenge);
        return { status: "MFA_REQUIRED", mfa_token, user_id: userId, available_methods: methods };
      },
      {
        ...operation("portalAuthenticate", "Second step: the password"),
        body: schemas.AuthenticateRequest,
        response: {
          200: schemas.AuthenticateResponse,
          400: shared.TenantSelectionError,
          ...refusals(401, 403, 422, 429, 503),
        },
      },
    )
    .post(
      "/login",
      async ({ body, client, set, status }) => {
        const email = emailOf(body.email);
        const destination = await destinationOf(ctx, body.tenant_id);
        const claim = { text: email, login: { email }, password: body.password };
        const outcome = await signIn(ctx, { ...claim, destination, opens: "tokens" }, client);
        if (outcome.status === "tenant_needed") return status(400, tenantSelectionRequired(outcome.tenants));
        if (outcome.status === "signed_in") return signedIn(ctx, outcome.granted, set);
        return status(403, mfaRequired(outcome.challenge, await tokens.signMfa(outcome.challenge)));
      },
      {
        ...operation("portalLogin", "Email and password in one step"),
        body: schemas.scaikey__api__v1__me__auth__LoginRequest,
        response: {
          200: schemas.scaikey__api__v1__me__auth__LoginResponse,
          400: shared.TenantSelectionError,
          403: shared.RefusedOrMfaRequired,
          ...refusals(401, 422, 429, 503),
        },
      },
    )
    .post(
      "/mfa/verify",
      async ({ body, client, set }) => {
        const pending = await tokens.verifyMfa(body.mfa_token);
        const shown = await shownFactor(ctx, pending, body, client);
        const request = {
          pending,
          userId: body.user_id,
          at: undefined,
          shown,
          trust: body.trust_device ?? false,
        };
        return signedIn(ctx, await signInWithFactor(ctx, { ...request, opens: "tokens" }, client), set);
      },
      {
        ...operation("portalMfaVerify", "Finish a sign-in with a second factor"),
        body: schemas.PortalMFAVerifyRequest,
        response: { 200: schemas.PortalMFAVerifyResponse, ...refusals(401, 422, 429, 503) },
      },
    )
    .post(
      "/refresh",
      async ({ body, client }) => {
        const { accessToken, refreshToken } = await refresh(ctx, body.refresh_token, client);
        return { access_token: accessToken, refresh_token: refreshToken };
      },
      {
        ...operation("portalRefresh", "The next pair of tokens"),
        body: schemas.scaikey__api__v1__me__auth__RefreshRequest,
        response: { 200: schemas.scaikey__api__v1__me__auth__RefreshResponse, ...refusals(401, 422, 503) },
      },
    )
    .use(withLeaving(ctx))
    .post(
      "/logout",
      async ({ leaving, client, set }) => {
        await logOut(ctx, leaving, client);
        if (leaving?.credential.kind === "session" && leaving.credential.via === "cookie")
          set.headers["set-cookie"] = signOutCookies(ctx);
        return { message: "Logged out" };
      },
      {
        ...operation("portalLogout", "End the session, whether it is alive or not", "open", {
          evenActing: true,
        }),
        response: { 200: schemas.LogoutResponse, ...refusals(403, 422, 503) },
      },
    );
};

interface Outgoing {
  headers: Record<string, string | string[] | number>;
}

/** Tokens and user, and the cookie by which the device is known from now on. */
async function signedIn(ctx: Context, granted: GrantedAs<"tokens">, set: Outgoing) {
  set.headers["set-cookie"] = signInCookies(ctx, granted);
  const { accessToken, refreshToken, userId, tenantId } = granted;
  const user = await describeUser(ctx, userId, tenantId);
  return { access_token: accessToken, refresh_token: refreshToken, user };
}
