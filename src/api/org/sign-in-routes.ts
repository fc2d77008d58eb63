// A password, at a portal or at none, and the code that finishes what it began.
import type { Client, Context } from "../../context.ts";
import { parseLogin } from "../../core/logins.ts";
import * as tenants from "../../core/tenants.ts";
import { Refused } from "../../errors.ts";
import { type Destination, signIn } from "../../flows/sign-in.ts";
import { verifyCode } from "../../flows/verify-code.ts";
import { waitForFactor } from "../../flows/wait-for-factor.ts";
import { type ContinuationTokens, continuationTokens } from "../http/continuation.ts";
import { signInCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { emailOf } from "../http/fields.ts";
import { withClient, withoutOtherSites } from "../http/identity.ts";
import { formOperation, operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import { mfaRequired } from "../http/sign-in-answers.ts";
import { orgGroup } from "./group.ts";
import * as portalSchemas from "./portal-schemas.ts";
import * as schemas from "./schemas.ts";
import { tokenView } from "./token.ts";
import { ORG, ORG_CODE } from "./wording.ts";

export const signInRoutes = (ctx: Context) => [
  passwords(ctx),
  forms(ctx),
  verify(ctx, "/auth/portal/verify-2fa", "orgPortalVerify2fa"),
  verify(ctx, "/oauth2/verify-2fa", "orgVerify2fa"),
];

const passwords = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return orgGroup()
    .use(wording(ORG))
    .use(withClient())
    .post(
      "/auth/portal/login",
      async ({ body, client, set }) => {
        const tenant = await findPortal(ctx, body.portal_id);
        if (!tenant) throw new Refused("TENANT_NOT_FOUND");
        const email = emailOf(body.email);
        const claim = { text: email, login: { email }, password: body.password };
        return signInBy(ctx, tokens, { ...claim, destination: { kind: "tenant", tenant } }, client, set);
      },
      {
        ...operation("orgPortalLogin", "Sign in at a portal with email and password"),
        body: portalSchemas.PortalLoginRequest,
        response: { 200: portalSchemas.TokenOrTwoFAResponse, ...refusals(401, 403, 404, 422, 429, 503) },
      },
    );
};

/** A form needs no leave of ours to be sent from another site (ASVS 3.5.1). */
const forms = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return orgGroup()
    .use(wording(ORG))
    .use(withClient())
    .use(withoutOtherSites(ctx))
    .post(
      "/oauth2/login",
      async ({ body, client, set }) => {
        const { username: text, password } = body;
        const claim = { text, login: parseLogin(text), password };
        return signInBy(ctx, tokens, { ...claim, destination: { kind: "default" } }, client, set);
      },
      {
        ...formOperation("orgLogin", "Sign in a shared account with username or email and password"),
        body: portalSchemas.OAuth2LoginForm,
        response: { 200: portalSchemas.TokenOrTwoFAResponse, ...refusals(401, 403, 422, 429, 503) },
      },
    );
};

/** One handler under two paths. */
const verify = (
  ctx: Context,
  path: "/auth/portal/verify-2fa" | "/oauth2/verify-2fa",
  operationId: string,
) => {
  const tokens = continuationTokens(ctx);
  return orgGroup()
    .use(wording(ORG_CODE))
    .use(withClient())
    .post(
      path,
      async ({ body, client, set, status }) => {
        const { email: name, code, login_session_id, portal_id } = body;
        const where = { loginSessionId: login_session_id ?? undefined, portal: portal_id ?? undefined };
        const outcome = await verifyCode(ctx, { name, code, ...where }, client);
        if (outcome.status === "second_factor_due")
          return status(403, mfaRequired(outcome.challenge, await tokens.signMfa(outcome.challenge)));
        set.headers["set-cookie"] = signInCookies(ctx, outcome.granted);
        return tokenView(outcome.granted);
      },
      {
        ...operation(operationId, "Finish a sign-in that waits with an emailed, TOTP, backup or magic code"),
        body: portalSchemas.Verify2FAPayload,
        response: { 200: schemas.Token, 403: shared.MfaRequiredError, ...refusals(401, 404, 422, 429, 503) },
      },
    );
};

/** By id or slug; a disabled one is none. */
export async function findPortal(ctx: Context, idOrSlug: string): Promise<tenants.Tenant | undefined> {
  const tenant = await tenants.find(ctx, idOrSlug);
  return tenant?.disabledAt === null ? tenant : undefined;
}

interface Outgoing {
  headers: Record<string, string | string[] | number>;
}

type Claim = Omit<Parameters<typeof signIn>[1], "opens" | "destination"> & { destination: Destination };

async function signInBy(
  ctx: Context,
  tokens: ContinuationTokens,
  claim: Claim,
  client: Client,
  set: Outgoing,
) {
  const outcome = await signIn(ctx, { ...claim, opens: "tokens" }, client);
  if (outcome.status === "tenant_needed") throw new Error("several tenants where one was meant");
  if (outcome.status === "signed_in") {
    set.headers["set-cookie"] = signInCookies(ctx, outcome.granted);
    return tokenView(outcome.granted);
  }
  const { challenge } = outcome;
  const { name, loginSessionId, matchNumber } = await waitForFactor(ctx, challenge, client);
  return {
    detail: "2FA Required",
    two_fa_required: true,
    email: name,
    login_session_id: loginSessionId,
    match_number: matchNumber,
    mfa_token: await tokens.signMfa(challenge),
    available_methods: challenge.methods,
  };
}
