// Companions of the reference: signing in with a passkey alone, from a page of ours that nobody has told yet who they are. They stand in
// this group for its paths and its shapes, which name no tenant; what they open is a browser's session, as in the tenant group.
import type { Context } from "../../context.ts";
import { askForPasskey, signInWithPasskey } from "../../flows/sign-in-with-passkey.ts";
import { continuationTokens } from "../http/continuation.ts";
import { signInCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { withClient, withoutOtherSites } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { portalGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { sessionView } from "./session-view.ts";
import { PORTAL } from "./wording.ts";

export const passkeySignIn = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return portalGroup()
    .use(wording(PORTAL))
    .use(withClient())
    .post(
      "/passkey/begin",
      async ({ body }) => {
        const { options, ...asked } = await askForPasskey(ctx, body.tenant ?? undefined);
        return { challenge_id: await tokens.signPasskey(asked), options };
      },
      {
        ...operation("portalPasskeyBegin", "Ask for any passkey, to sign in with it alone"),
        body: schemas.PasskeyBeginRequest,
        response: { 200: schemas.PasskeyBegun, ...refusals(404, 422) },
      },
    )
    .use(withoutOtherSites(ctx))
    .post(
      "/passkey/complete",
      async ({ body, client, set }) => {
        const { credential, tenant: slug = null, remember_me: remember = false } = body;
        const asked = await tokens.verifyPasskey(body.challenge_id);
        const request = { asked, credential, slug: slug ?? undefined, remember };
        const { made, tenant } = await signInWithPasskey(ctx, request, client);
        set.headers["set-cookie"] = signInCookies(ctx, made);
        return sessionView(ctx, { ...made, tenant });
      },
      {
        ...operation("portalPasskeyComplete", "Sign in with a passkey alone; sets the session cookie"),
        body: schemas.PasskeyCompleteRequest,
        response: { 200: schemas.SessionOpened, ...refusals(401, 403, 422, 429, 503) },
      },
    );
};
