// Reference: org-auth.md. Apps of several organizations, which are tenants here; client portals; command lines.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { refresh } from "../../flows/refresh.ts";
import { wording } from "../http/errors.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import { portalRoutes } from "./portal-routes.ts";
import * as schemas from "./schemas.ts";
import { tokenView } from "./token.ts";
import { ORG } from "./wording.ts";

export const org = (ctx: Context) =>
  new Elysia({ name: "org", prefix: "/v1", tags: ["org"] }).use(open(ctx)).use(portalRoutes(ctx));

const open = (ctx: Context) =>
  new Elysia()
    .model({ ...shared, ...schemas })
    .use(wording(ORG))
    .use(withClient())
    .post(
      "/oauth2/refresh",
      async ({ body, client }) => tokenView(await refresh(ctx, body.refresh_token, client)),
      {
        ...operation("orgRefresh", "The next pair of tokens"),
        body: "OAuth2RefreshRequest",
        response: { 200: "Token", ...refusals(401, 422) },
      },
    );
