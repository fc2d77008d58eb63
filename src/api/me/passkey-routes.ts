// Passkeys of whoever is signed in. Reference: me-mfa.md.
import type { Context } from "../../context.ts";
import { rfc3339 } from "../../flows/describe.ts";
import {
  type AddedPasskey,
  beginPasskey,
  completePasskey,
  removePasskey,
} from "../../flows/enrol-passkey.ts";
import { wording } from "../http/errors.ts";
import { withClient, withIdentity } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { WORDING } from "../http/wording.ts";
import { meGroup } from "./group.ts";
import * as schemas from "./passkey-schemas.ts";

export const passkeyRoutes = (ctx: Context) => [adding(ctx), removing(ctx)];

/** Also for those who may do nothing but enrol a second factor. */
const adding = (ctx: Context) =>
  meGroup()
    .use(wording(WORDING))
    .use(withClient())
    .use(withIdentity(ctx, { evenRestricted: true }))
    .post(
      "/mfa/webauthn/register/begin",
      async ({ identity, client }) => {
        const { deviceId, challengeId, options } = await beginPasskey(ctx, identity, client);
        return { device_id: deviceId, challenge_id: challengeId, options };
      },
      {
        ...operation(
          "meWebauthnRegisterBegin",
          "Begin to add a passkey; needs a login of the last 15 minutes",
          "bearer",
        ),
        response: { 200: schemas.WebAuthnBegun, ...refusals(401, 403, 409, 422, 503) },
      },
    )
    .post(
      "/mfa/webauthn/register/complete",
      async ({ identity, body, client }) => {
        const { device_id: deviceId, challenge_id: challengeId, credential, name } = body;
        const shown = { deviceId, challengeId, credential, name: name ?? undefined };
        return addedView(await completePasskey(ctx, identity, shown, client));
      },
      {
        ...operation("meWebauthnRegisterComplete", "Add the passkey that the browser made", "bearer"),
        body: schemas.WebAuthnConfirmRequest,
        response: { 200: schemas.WebAuthnConfirmed, ...refusals(400, 401, 403, 409, 422, 503) },
      },
    );

const removing = (ctx: Context) =>
  meGroup()
    .use(wording(WORDING))
    .use(withClient())
    .use(withIdentity(ctx))
    .delete(
      "/mfa/webauthn/:device_id",
      async ({ identity, params, client }) => {
        await removePasskey(ctx, identity, params.device_id, client);
        return { message: "Passkey removed" };
      },
      {
        ...operation("meWebauthnRemove", "Remove a passkey; needs a login of the last 15 minutes", "bearer"),
        response: { 200: schemas.WebAuthnRemoved, ...refusals(400, 401, 403, 404, 422, 503) },
      },
    );

const addedView = ({ passkey: { id, name, createdAt }, backupCodes }: AddedPasskey) => ({
  message: "Passkey added",
  device: {
    id,
    type: "webauthn" as const,
    name,
    confirmed: true,
    created_at: rfc3339(createdAt),
    last_used_at: null,
  },
  ...(backupCodes && { backup_codes: backupCodes }),
});
