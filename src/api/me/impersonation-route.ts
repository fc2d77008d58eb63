// Acting as another user in a browser, and the way back for whoever acts as one by whatever means.
import type { Context } from "../../context.ts";
import { endImpersonation, impersonateInBrowser } from "../../flows/impersonate.ts";
import { clearCookie, setCookie } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { actingRequest } from "../http/fields.ts";
import { withClient, withIdentity } from "../http/identity.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { WORDING } from "../http/wording.ts";
import { meGroup } from "./group.ts";
import * as schemas from "./schemas.ts";

export const impersonationRoute = (ctx: Context) =>
  meGroup()
    .use(wording(WORDING))
    .use(withClient())
    .use(withIdentity(ctx))
    .post(
      "/impersonation",
      async ({ identity, body, client, set }) => {
        const acting = await impersonateInBrowser(ctx, identity, actingRequest(body), client);
        const { userId, tenantId, cookie, expiresAt } = acting;
        set.headers["set-cookie"] = setCookie(ctx, "acting", cookie, (expiresAt - ctx.now()) / 1000);
        set.status = 201;
        const expires_at = new Date(expiresAt).toISOString();
        return { user_id: userId, organization_id: tenantId, expires_at };
      },
      {
        ...operation(
          "meStartImpersonation",
          "Act as another user in this browser for 15 minutes (administrators; by the session cookie)",
          "bearer",
        ),
        body: schemas.ImpersonationStart,
        response: { 201: schemas.ImpersonationStarted, ...refusals(401, 403, 404, 422, 503) },
      },
    )
    .delete(
      "/impersonation",
      async ({ identity, client, set }) => {
        await endImpersonation(ctx, identity, client);
        set.headers["set-cookie"] = clearCookie(ctx, "acting");
        set.status = 204;
      },
      {
        ...operation("meEndImpersonation", "Stop acting as another user", "bearer", { evenActing: true }),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    );
