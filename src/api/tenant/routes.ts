// Reference: tenant-auth.md. Hosted login pages of one tenant; who signs in gets a cookie.
import type { Context } from "../../context.ts";
import { beginAssertion } from "../../flows/assert-passkey.ts";
import type { Challenge } from "../../flows/challenge-factor.ts";
import { defaultRedirect } from "../../flows/redirects.ts";
import { signIn } from "../../flows/sign-in.ts";
import { signInWithFactor } from "../../flows/sign-in-with-factor.ts";
import { continuationTokens } from "../http/continuation.ts";
import { signInCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { emailOf } from "../http/fields.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { shownFactor } from "../http/shown-factor.ts";
import { accounts } from "./account-routes.ts";
import { wrap } from "./envelope.ts";
import { tenantGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { sendCodeRoute } from "./send-code-route.ts";
import { withTenant } from "./tenant.ts";
import { TENANT } from "./wording.ts";

export const tenant = (ctx: Context) => [signingIn(ctx), sendCodeRoute(ctx), accounts(ctx)];

const signingIn = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return tenantGroup()
    .use(wording(TENANT))
    .use(withClient())
    .use(withTenant(ctx))
    .post(
      "/login",
      async ({ body, tenant, client, set }) => {
        const email = emailOf(body.email);
        const claim = { text: email, login: { email }, password: body.password };
        const how = { destination: { kind: "tenant", tenant }, opens: "cookie" } as const;
        const remember = body.remember_me ?? false;
        const trustedToken = body.trusted_device_token ?? undefined;
        const outcome = await signIn(ctx, { ...claim, ...how, remember, trustedToken }, client);
        if (outcome.status === "tenant_needed") throw new Error("several tenants where one was named");
        if (outcome.status === "second_factor_due") {
          const { challenge } = outcome;
          return wrap(ctx, client, mfaDue(challenge, await tokens.signMfa(challenge)));
        }
        const { userId, sessionId } = outcome.granted;
        set.headers["set-cookie"] = signInCookies(ctx, outcome.granted);
        const redirect_uri = defaultRedirect(tenant);
        return wrap(ctx, client, { status: "SUCCESS", user_id: userId, session_id: sessionId, redirect_uri });
      },
      {
        ...operation("tenantLogin", "Sign in with email and password; sets the session cookie"),
        body: schemas.scaikey__schemas__auth__LoginRequest,
        response: { 200: schemas.ApiResponse_LoginResponse_, ...refusals(401, 403, 404, 422, 429, 503) },
      },
    )
    .post(
      "/mfa/webauthn/begin",
      async ({ query, tenant, client }) => {
        const pending = await tokens.verifyMfa(query.mfa_token);
        const asked = { at: tenant.id, said: query.user_id };
        const { challengeId, options } = await beginAssertion(ctx, pending, asked, client);
        return wrap(ctx, client, { challenge_id: challengeId, options });
      },
      {
        ...operation("tenantWebauthnBegin", "Ask for one of the user's passkeys as the second factor"),
        query: schemas.MfaTokenQuery,
        response: { 200: schemas.ApiResponse_WebAuthnAssertionBegun_, ...refusals(401, 404, 422, 429, 503) },
      },
    )
    .post(
      "/mfa/verify",
      async ({ body, tenant, client, set }) => {
        const pending = await tokens.verifyMfa(body.mfa_token);
        const shown = await shownFactor(ctx, pending, body, client);
        const trust = (body.trust_device ?? false) || (body.remember_device ?? false);
        const fingerprint = body.device_fingerprint ?? undefined;
        const request = { pending, userId: body.user_id ?? undefined, at: tenant.id, shown, trust };
        const granted = await signInWithFactor(ctx, { ...request, fingerprint, opens: "cookie" }, client);
        set.headers["set-cookie"] = signInCookies(ctx, granted);
        const { sessionId, trustedDevice } = granted;
        const redirect_uri = defaultRedirect(tenant);
        const device = { trusted_device_token: trustedDevice ?? null };
        return wrap(ctx, client, { status: "SUCCESS", session_id: sessionId, redirect_uri, ...device });
      },
      {
        ...operation("tenantMfaVerify", "Finish a sign-in with a second factor; sets the session cookie"),
        body: schemas.MFAChallengeRequest,
        response: {
          200: schemas.ApiResponse_MFAChallengeResponse_,
          401: schemas.MfaFailedError,
          ...refusals(404, 422, 429, 503),
        },
      },
    );
};

const mfaDue = ({ userId, methods }: Challenge, mfaToken: string) => ({
  status: "MFA_REQUIRED",
  user_id: userId,
  mfa_required: true,
  mfa_token: mfaToken,
  available_methods: methods,
  default_method: methods[0] ?? null,
});
