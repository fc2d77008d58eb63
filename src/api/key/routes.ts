// Reference: key-auth.md. Sign in with a password, get an API key.
import type { Context } from "../../context.ts";
import { parseLogin } from "../../core/logins.ts";
import { beginTotp, confirmTotp, disableTotp } from "../../flows/enrol-totp.ts";
import { resetOwnFactors } from "../../flows/reset-factors.ts";
import { hasFactor } from "../../flows/second-factor.ts";
import { needsSetup, setUp } from "../../flows/setup.ts";
import { signIn } from "../../flows/sign-in.ts";
import { signInWithCode } from "../../flows/sign-in-with-factor.ts";
import { wording } from "../http/errors.ts";
import { withBearer, withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { keyGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { KEY, KEY_SIGNED_IN } from "./wording.ts";

/** Where a sign-in of this group leads: it names no tenant. */
const DEFAULT = { kind: "default" } as const;

export const key = (ctx: Context) => [open(ctx), signedIn(ctx)];

const open = (ctx: Context) =>
  keyGroup()
    .use(wording(KEY))
    .use(withClient())
    .post(
      "/token/",
      async ({ body, client }) => {
        const { username: text, password } = body;
        const request = {
          text,
          login: parseLogin(text),
          password,
          destination: DEFAULT,
          opens: "key",
        } as const;
        const outcome = await signIn(ctx, request, client);
        return outcome.status === "signed_in"
          ? { key: outcome.granted.key, requires_mfa: false }
          : { key: "", requires_mfa: true };
      },
      {
        ...operation("keyToken", "Sign in with username and password"),
        body: schemas.TokenRequest,
        response: { 200: schemas.TokenResponse, ...refusals(401, 403, 422, 503) },
      },
    )
    .get("/setup-status/", async () => ({ needs_setup: await needsSetup(ctx) }), {
      ...operation("keySetupStatus", "Whether the first admin is still to be made"),
      response: { 200: schemas.SetupStatusResponse },
    })
    .post(
      "/setup/",
      async ({ body, headers, client }) => {
        const { username, password, email = null, setup_token: token = headers["x-setup-token"] } = body;
        return { key: await setUp(ctx, { username, email, password, token }, client), requires_mfa: false };
      },
      {
        ...operation("keySetup", "Make the first admin"),
        body: schemas.SetupRequest,
        headers: schemas.SetupHeaders,
        response: { 200: schemas.TokenResponse, ...refusals(403, 409, 422, 503) },
      },
    )
    .post(
      "/mfa/login-verify/",
      async ({ body, client }) => {
        const { key } = await signInWithCode(ctx, { login: body.username, code: body.code }, client);
        return { key, requires_mfa: false };
      },
      {
        ...operation("keyMfaLoginVerify", "Finish a sign-in with a TOTP code"),
        body: schemas.MfaLoginVerifyRequest,
        response: { 200: schemas.TokenResponse, ...refusals(401, 422, 503) },
      },
    );

const signedIn = (ctx: Context) =>
  keyGroup()
    .use(wording(KEY_SIGNED_IN))
    .use(withClient())
    .use(withBearer(ctx, { evenRestricted: true }))
    .get(
      "/me/",
      async ({ identity }) => ({
        username: identity.name,
        mfa_enabled: await hasFactor(ctx, identity.userId),
      }),
      {
        ...operation("keyMe", "Who is signed in", "bearer", { evenActing: true }),
        response: { 200: schemas.MeResponse, ...refusals(401) },
      },
    )
    .post(
      "/mfa/setup/",
      async ({ identity, client }) => {
        const { secret, provisioningUri } = await beginTotp(ctx, identity, client);
        return { secret, provisioning_uri: provisioningUri };
      },
      {
        ...operation("keyMfaSetup", "Get a TOTP secret; nothing is on until it is verified", "bearer"),
        response: { 200: schemas.TotpSetupResponse, ...refusals(400, 401, 403, 503) },
      },
    )
    .post(
      "/mfa/verify/",
      async ({ identity, body, client }) => {
        // The reference has no room for backup codes: none are made here, and those that the user has stay good.
        await confirmTotp(ctx, identity, { code: body.code, codes: "never" }, client);
        return { mfa_enabled: true };
      },
      {
        ...operation("keyMfaVerify", "Turn TOTP on with a first code", "bearer"),
        body: schemas.TotpCodeRequest,
        response: { 200: schemas.MfaStatusResponse, ...refusals(400, 401, 403, 422, 503) },
      },
    )
    .post(
      "/mfa/disable/",
      async ({ identity, body, client }) => {
        await disableTotp(ctx, identity, { code: body.code, freshOnly: true }, client);
        return { mfa_enabled: await hasFactor(ctx, identity.userId) };
      },
      {
        ...operation("keyMfaDisable", "Turn TOTP off with a code", "bearer"),
        body: schemas.TotpCodeRequest,
        response: { 200: schemas.MfaStatusResponse, ...refusals(400, 401, 403, 422, 503) },
      },
    )
    .get("/mfa/status/", async ({ identity }) => ({ mfa_enabled: await hasFactor(ctx, identity.userId) }), {
      ...operation("keyMfaStatus", "Whether a second factor is on", "bearer", { evenActing: true }),
      response: { 200: schemas.MfaStatusResponse, ...refusals(401) },
    })
    .post(
      "/mfa/reset/",
      async ({ identity, client }) => {
        await resetOwnFactors(ctx, identity, client);
        return { mfa_enabled: false };
      },
      {
        ...operation("keyMfaReset", "Emergency reset, from the server itself only", "bearer"),
        response: { 200: schemas.MfaStatusResponse, ...refusals(401, 403, 503) },
      },
    );
