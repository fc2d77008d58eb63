// Companion of the org group's hand-off: who is signed in to a program goes on in a browser. It stands here, beside the passkeys, for
// what it opens: a browser's session, with the same answer; the org group gives tokens.
import type { Context } from "../../context.ts";
import { redeemCodeInBrowser } from "../../flows/cli-handoff.ts";
import { sessionCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { withClient, withoutOtherSites } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { portalGroup } from "./group.ts";
import * as schemas from "./schemas.ts";
import { sessionView } from "./session-view.ts";
import { PORTAL } from "./wording.ts";

export const browserSessionRoute = (ctx: Context) =>
  portalGroup()
    .use(wording(PORTAL))
    .use(withClient())
    .use(withoutOtherSites(ctx))
    .post(
      "/browser-session",
      async ({ body, client, set }) => {
        const opened = await redeemCodeInBrowser(ctx, body.exchange_code, client);
        set.headers["set-cookie"] = sessionCookies(ctx, opened);
        return sessionView(ctx, opened);
      },
      {
        ...operation(
          "portalBrowserSession",
          "Take over a sign-in by its code; sets the session cookie; not from another site",
        ),
        body: schemas.BrowserSessionRequest,
        response: { 200: schemas.SessionOpened, ...refusals(401, 403, 422, 503) },
      },
    );
