// Reference: me-mfa.md. A user who is signed in, and their second factors; also one who may do nothing else yet.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { describeFactors } from "../../flows/describe-factors.ts";
import { confirmEmail, disableEmail, mailFactorCode } from "../../flows/enrol-email.ts";
import { beginTotp, confirmTotp, disableTotp } from "../../flows/enrol-totp.ts";
import { regenerateCodes } from "../../flows/regenerate-codes.ts";
import { wording } from "../http/errors.ts";
import { withClient, withIdentity } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { meGroup } from "./group.ts";
import * as schemas from "./mfa-schemas.ts";
import { ME_MFA } from "./mfa-wording.ts";
import { qrCode } from "./qr-code.ts";

export const mfa = (ctx: Context) => [overview(ctx), totp(ctx), email(ctx)];

const signedIn = (ctx: Context) =>
  new Elysia()
    .use(wording(ME_MFA))
    .use(withClient())
    .use(withIdentity(ctx, { evenRestricted: true }))
    .as("scoped");

const overview = (ctx: Context) =>
  meGroup("/mfa")
    .use(signedIn(ctx))
    .get("", ({ identity }) => describeFactors(ctx, identity.userId), {
      ...operation("meMfaList", "One's second factors", "bearer", { evenActing: true }),
      response: { 200: schemas.MfaOverview, ...refusals(401, 422) },
    })
    .post(
      "/backup-codes/regenerate",
      async ({ identity, body, client }) => {
        const backup_codes = await regenerateCodes(ctx, identity, body.code, client);
        return { message: "New backup codes; the old ones are void", backup_codes };
      },
      {
        ...operation("meMfaRegenerateBackupCodes", "Make new backup codes", "bearer"),
        body: schemas.RegenerateBackupCodesRequest,
        response: { 200: schemas.MfaChangedWithCodes, ...refusals(400, 401, 403, 422, 503) },
      },
    );

const totp = (ctx: Context) =>
  meGroup("/mfa/totp")
    .use(signedIn(ctx))
    .post(
      "/enable",
      async ({ identity, client }) => {
        const { deviceId, secret, provisioningUri } = await beginTotp(ctx, identity, client);
        const qr_code = qrCode(provisioningUri);
        return { device_id: deviceId, secret, provisioning_uri: provisioningUri, qr_code };
      },
      {
        ...operation("meMfaEnableTotp", "Get a TOTP secret; needs a login of the last 15 minutes", "bearer"),
        response: { 200: schemas.TotpEnrolment, ...refusals(400, 401, 403, 422, 503) },
      },
    )
    .post(
      "/confirm",
      async ({ identity, body, client }) => {
        const request = { code: body.code, codes: "anew" } as const;
        const backup_codes = await confirmTotp(ctx, identity, request, client);
        return { message: "Codes from your authenticator app are on", backup_codes };
      },
      {
        ...operation("meMfaConfirmTotp", "Turn TOTP on with a first code", "bearer"),
        body: schemas.ConfirmTotpRequest,
        response: { 200: schemas.MfaChangedWithCodes, ...refusals(400, 401, 403, 422, 503) },
      },
    )
    .post(
      "/disable",
      async ({ identity, body, client }) => {
        await disableTotp(ctx, identity, { code: body.code }, client);
        return { message: "Codes from your authenticator app are off" };
      },
      {
        ...operation("meMfaDisableTotp", "Turn TOTP off", "bearer"),
        body: schemas.DisableTotpRequest,
        response: { 200: schemas.MfaChanged, ...refusals(400, 401, 403, 422, 503) },
      },
    );

const SENT = {
  enrol: "A code is on its way to your email address; it turns codes by email on",
  disable: "A code is on its way to your email address; it turns codes by email off",
};

const email = (ctx: Context) =>
  meGroup("/mfa/email")
    .use(signedIn(ctx))
    .post(
      "/enable",
      async ({ identity, client }) => ({ message: SENT[await mailFactorCode(ctx, identity, client)] }),
      {
        ...operation(
          "meMfaEnableEmail",
          "Get the code by mail that turns codes by email on, or off; needs a login of the last 15 minutes",
          "bearer",
        ),
        response: { 200: schemas.MfaChanged, ...refusals(400, 401, 403, 422, 429, 503) },
      },
    )
    .post(
      "/confirm",
      async ({ identity, body, client }) => {
        const backup_codes = await confirmEmail(ctx, identity, body.code, client);
        return { message: "Codes by email are on", ...(backup_codes && { backup_codes }) };
      },
      {
        ...operation("meMfaConfirmEmail", "Turn codes by email on with the mailed one", "bearer"),
        body: schemas.EmailMFAConfirmRequest,
        response: { 200: schemas.MfaChangedMaybeWithCodes, ...refusals(400, 401, 403, 422, 503) },
      },
    )
    .post(
      "/disable",
      async ({ identity, body, client }) => {
        await disableEmail(ctx, identity, body.code, client);
        return { message: "Codes by email are off" };
      },
      {
        ...operation("meMfaDisableEmail", "Turn codes by email off", "bearer"),
        body: schemas.DisableEmailMFARequest,
        response: { 200: schemas.MfaChanged, ...refusals(400, 401, 403, 422, 503) },
      },
    );
