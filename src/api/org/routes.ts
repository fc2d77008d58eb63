// Reference: org-auth.md. Apps of several organizations, which are tenants here; client portals; command lines.
import { Elysia, t } from "elysia";
import type { Context } from "../../context.ts";
import { issueCode, redeemCode } from "../../flows/cli-handoff.ts";
import { impersonate } from "../../flows/impersonate.ts";
import { loadApp } from "../../flows/load-app.ts";
import { logOut } from "../../flows/log-out.ts";
import { refresh } from "../../flows/refresh.ts";
import { switchTenant } from "../../flows/switch-tenant.ts";
import { continuationTokens } from "../http/continuation.ts";
import { wording } from "../http/errors.ts";
import { actingRequest, aliased } from "../http/fields.ts";
import {
  withBearer,
  withClient,
  withIdentity,
  withLeavingBearer,
  withoutOtherSites,
} from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import { mfaRequired } from "../http/sign-in-answers.ts";
import { orgGroup } from "./group.ts";
import { portalRoutes } from "./portal-routes.ts";
import * as schemas from "./schemas.ts";
import { tokenView } from "./token.ts";
import { ORG } from "./wording.ts";

export const org = (ctx: Context) => [
  signedIn(ctx),
  switching(ctx),
  leaving(ctx),
  handedOn(ctx),
  refreshing(ctx),
  ...portalRoutes(ctx),
];

const spoken = () => new Elysia().use(wording(ORG)).use(withClient()).as("scoped");

const signedIn = (ctx: Context) =>
  orgGroup()
    .use(spoken())
    .use(withIdentity(ctx))
    .get("/auth/load", ({ identity }) => loadApp(ctx, identity), {
      ...operation("orgLoad", "Who is signed in, where, and what waits for them", "bearer", {
        evenActing: true,
      }),
      response: { 200: schemas.LoadResponse, ...refusals(401, 403, 404) },
    })
    .post(
      "/auth/cli-browser-token",
      async ({ identity, client }) => {
        const { code, lifetimeMs } = await issueCode(ctx, identity, client);
        return { exchange_code: code, expires_in: lifetimeMs / 1000 };
      },
      {
        ...operation("orgCliBrowserToken", "A code that hands this sign-in to a browser", "bearer"),
        response: { 200: schemas.CliBrowserTokenResponse, ...refusals(401, 403, 404, 503) },
      },
    )
    .post(
      "/auth/login-as-user",
      async ({ identity, body, client }) => {
        const { accessToken } = await impersonate(ctx, identity, actingRequest(body), client);
        return tokenView({ accessToken, refreshToken: "" });
      },
      {
        ...operation("orgLoginAsUser", "Act as another user for 15 minutes (administrators)", "bearer"),
        body: schemas.LoginAsRequest,
        response: { 200: schemas.Token, ...refusals(401, 403, 404, 422, 503) },
      },
    );

/** What it gives takes the place of the token that asks. */
const switching = (ctx: Context) => {
  const tokens = continuationTokens(ctx);
  return orgGroup()
    .use(spoken())
    .use(withBearer(ctx))
    .post(
      "/auth/switch",
      async ({ identity, body, client, status }) => {
        const idOrSlug = aliased(body, ["id", "organization_id", "org_id"]);
        const outcome = await switchTenant(ctx, identity, idOrSlug, client);
        if (outcome.status === "switched") return tokenView(outcome);
        return status(403, mfaRequired(outcome.challenge, await tokens.signMfa(outcome.challenge)));
      },
      {
        ...operation("orgSwitch", "Go on in another organization", "bearer"),
        body: schemas.SwitchOrgData,
        response: { 200: schemas.Token, 403: shared.RefusedOrMfaRequired, ...refusals(401, 404, 422, 503) },
      },
    );
};

const leaving = (ctx: Context) =>
  orgGroup()
    .use(spoken())
    .use(withLeavingBearer(ctx))
    .post(
      "/auth/logout",
      async ({ leaving, client, set }) => {
        await logOut(ctx, leaving, client);
        set.status = 204;
      },
      {
        ...operation("orgLogout", "End the session with its tokens", "bearer", { evenActing: true }),
        response: { 204: t.Void({ description: "Logged out" }), ...refusals(401, 404, 503) },
      },
    );

const handedOn = (ctx: Context) =>
  orgGroup()
    .use(spoken())
    .use(withoutOtherSites(ctx))
    .post(
      "/auth/consume-cli-token",
      async ({ body, client }) =>
        tokenView(await redeemCode(ctx, aliased(body, ["exchange_code", "code", "token"]), client)),
      {
        ...operation("orgConsumeCliToken", "Take over a sign-in by its code; not from another site"),
        body: schemas.ConsumeCliTokenRequest,
        response: { 200: schemas.Token, ...refusals(401, 403, 404, 422, 503) },
      },
    );

const refreshing = (ctx: Context) =>
  orgGroup()
    .use(spoken())
    .post(
      "/oauth2/refresh",
      async ({ body, client }) => tokenView(await refresh(ctx, body.refresh_token, client)),
      {
        ...operation("orgRefresh", "The next pair of tokens"),
        body: schemas.OAuth2RefreshRequest,
        response: { 200: schemas.Token, ...refusals(401, 422, 503) },
      },
    );
