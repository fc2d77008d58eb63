// The way back for whoever acts as another user.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { endImpersonation } from "../../flows/impersonate.ts";
import { wording } from "../http/errors.ts";
import { withBearer, withClient } from "../http/identity.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { WORDING } from "../http/wording.ts";

export const impersonationRoute = (ctx: Context) =>
  new Elysia()
    .use(wording(WORDING))
    .use(withClient())
    .use(withBearer(ctx))
    .delete(
      "/impersonation",
      async ({ identity, client, set }) => {
        await endImpersonation(ctx, identity, client);
        set.status = 204;
      },
      {
        ...operation("meEndImpersonation", "Stop acting as another user", "bearer", { evenActing: true }),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    );
