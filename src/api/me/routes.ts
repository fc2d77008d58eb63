// Self-service (decisions §7): whoever is signed in, and their own account.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import * as apiKeys from "../../core/api-keys.ts";
import * as sessions from "../../core/sessions.ts";
import * as trustedDevices from "../../core/trusted-devices.ts";
import { changePassword } from "../../flows/change-password.ts";
import { describeDevice, describeKey, describeSession } from "../../flows/describe.ts";
import { describeUser } from "../../flows/describe-user.ts";
import { changeNames, createKey, deleteKey, endOwnSession, forgetDevice } from "../../flows/manage-own.ts";
import { deviceCookie } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { type Access, withClient, withIdentity } from "../http/identity.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { paginate } from "../http/page.ts";
import * as shared from "../http/schemas.ts";
import { WORDING } from "../http/wording.ts";
import { meGroup } from "./group.ts";
import { impersonationRoute } from "./impersonation-route.ts";
import { mfa } from "./mfa-routes.ts";
import { passkeyRoutes } from "./passkey-routes.ts";
import * as schemas from "./schemas.ts";

export const me = (ctx: Context) => [
  self(ctx),
  profile(ctx),
  access(ctx),
  devices(ctx),
  ...mfa(ctx),
  ...passkeyRoutes(ctx),
  impersonationRoute(ctx),
];

const signedIn = (ctx: Context, access: Access = {}) =>
  new Elysia().use(wording(WORDING)).use(withClient()).use(withIdentity(ctx, access)).as("scoped");

/** Also for those who have yet to enrol the second factor that their tenant asks for. */
const self = (ctx: Context) =>
  meGroup()
    .use(signedIn(ctx, { evenRestricted: true }))
    .get("", ({ identity }) => describeUser(ctx, identity.userId, identity.tenantId), {
      ...operation("meGet", "Who is signed in", "bearer", { evenActing: true }),
      response: { 200: shared.UserView, ...refusals(401) },
    });

const profile = (ctx: Context) =>
  meGroup()
    .use(signedIn(ctx))
    .patch(
      "",
      async ({ identity, body, client }) => {
        const { first_name: firstName, last_name: lastName } = body;
        await changeNames(ctx, identity, { firstName, lastName }, client);
        return describeUser(ctx, identity.userId, identity.tenantId);
      },
      {
        ...operation("meUpdate", "Change one's names", "bearer"),
        body: schemas.ProfileUpdate,
        response: { 200: shared.UserView, ...refusals(401, 403, 422, 503) },
      },
    )
    .post(
      "/password",
      async ({ identity, body, client, set }) => {
        const { current_password: current, new_password: next } = body;
        const device = await changePassword(ctx, identity, { current, next }, client);
        set.headers["set-cookie"] = deviceCookie(ctx, device);
        return { message: "Password changed; your other sign-ins have ended" };
      },
      {
        ...operation("meChangePassword", "Change one's password; ends the other sign-ins", "bearer"),
        body: schemas.PasswordChange,
        response: { 200: schemas.PasswordChanged, ...refusals(400, 401, 403, 422, 429, 503) },
      },
    );

const access = (ctx: Context) =>
  meGroup()
    .use(signedIn(ctx))
    .get(
      "/sessions",
      ({ identity: { userId, credential }, query }) =>
        paginate(
          query,
          (page) => sessions.list(ctx, { userId }, page),
          ({ id }) => id,
          (session) => ({ ...describeSession(session), current: session.id === credential.id }),
        ),
      {
        ...operation("meListSessions", "One's live sessions", "bearer"),
        query: schemas.OwnListQuery,
        response: { 200: schemas.OwnSessionList, ...refusals(401, 403, 422) },
      },
    )
    .delete(
      "/sessions/:session_id",
      async ({ identity, params, client, set }) => {
        await endOwnSession(ctx, identity, params.session_id, client);
        set.status = 204;
      },
      {
        ...operation("meEndSession", "End a session with its tokens", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    )
    .get(
      "/keys",
      ({ identity: { userId, credential }, query }) =>
        paginate(
          query,
          (page) => apiKeys.listOfUser(ctx, userId, page),
          ({ id }) => id,
          (key) => ({ ...describeKey(key), current: key.id === credential.id }),
        ),
      {
        ...operation("meListKeys", "One's API keys", "bearer"),
        query: schemas.OwnListQuery,
        response: { 200: schemas.OwnKeyList, ...refusals(401, 403, 422) },
      },
    )
    .post(
      "/keys",
      async ({ identity, body, client, set }) => {
        const { id, key } = await createKey(ctx, identity, body.name, client);
        set.status = 201;
        return { id, name: body.name, key };
      },
      {
        ...operation("meCreateKey", "Make an API key; needs a login of the last 15 minutes", "bearer"),
        body: schemas.KeyCreate,
        response: { 201: schemas.KeyCreated, ...refusals(401, 403, 409, 422, 503) },
      },
    )
    .delete(
      "/keys/:key_id",
      async ({ identity, params, client, set }) => {
        await deleteKey(ctx, identity, params.key_id, client);
        set.status = 204;
      },
      {
        ...operation("meDeleteKey", "Delete an API key", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    );

const devices = (ctx: Context) =>
  meGroup()
    .use(signedIn(ctx))
    .get(
      "/devices",
      ({ identity: { userId }, query, client: { trustedDevice: shown } }) =>
        paginate(
          query,
          (page) => trustedDevices.listOfUser(ctx, { userId, shown }, page),
          ({ id }) => id,
          describeDevice,
        ),
      {
        ...operation("meListDevices", "Devices that need not show the second factor again", "bearer"),
        query: schemas.OwnListQuery,
        response: { 200: schemas.OwnDeviceList, ...refusals(401, 403, 422) },
      },
    )
    .delete(
      "/devices/:device_id",
      async ({ identity, params, client, set }) => {
        await forgetDevice(ctx, identity, params.device_id, client);
        set.status = 204;
      },
      {
        ...operation("meForgetDevice", "Trust a device no more", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    );
