// Accounts, for superusers.
import type { Context } from "../../context.ts";
import * as accounts from "../../core/accounts.ts";
import { canonicalEmail } from "../../core/emails.ts";
import { canonicalUsername } from "../../core/logins.ts";
import * as memberships from "../../core/memberships.ts";
import * as tenants from "../../core/tenants.ts";
import { describeAccount } from "../../flows/describe.ts";
import { changeUser, deleteUser, findUser, sendPasswordReset } from "../../flows/manage-users.ts";
import { resetFactors } from "../../flows/reset-factors.ts";
import { hasFactor } from "../../flows/second-factor.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { paginate } from "../http/page.ts";
import { superusers } from "./administration.ts";
import { adminGroup } from "./group.ts";
import * as schemas from "./schemas.ts";

export const userRoutes = (ctx: Context) =>
  adminGroup()
    .use(superusers(ctx))
    .get(
      "/users",
      async ({ query }) => {
        const { limit, cursor, ...rest } = query;
        const filter = await filterOf(ctx, rest);
        const find = (page: { limit: number; cursor?: string }) =>
          filter ? accounts.list(ctx, { ...filter, ...page }) : Promise.resolve([]);
        return paginate(
          { limit, cursor },
          find,
          ({ id }) => id,
          (user) => withTenants(ctx, user),
        );
      },
      {
        ...operation("adminListUsers", "Accounts", "bearer", { evenActing: true }),
        query: schemas.UserQuery,
        response: { 200: schemas.AdminUserList, ...refusals(401, 403, 422) },
      },
    )
    .get(
      "/users/:user_id",
      async ({ identity, params }) => withTenants(ctx, await findUser(ctx, identity, params.user_id)),
      {
        ...operation("adminGetUser", "An account", "bearer", { evenActing: true }),
        response: { 200: schemas.AdminUser, ...refusals(401, 403, 404) },
      },
    )
    .patch(
      "/users/:user_id",
      async ({ identity, params, body, client }) => {
        const { disabled, first_name: firstName, last_name: lastName } = body;
        const changes = { disabled, firstName, lastName };
        return withTenants(ctx, await changeUser(ctx, identity, params.user_id, changes, client));
      },
      {
        ...operation("adminUpdateUser", "Change names, or disable and enable", "bearer"),
        body: schemas.UserUpdate,
        response: { 200: schemas.AdminUser, ...refusals(401, 403, 404, 409, 422, 503) },
      },
    )
    .delete(
      "/users/:user_id",
      async ({ identity, params, client, set }) => {
        await deleteUser(ctx, identity, params.user_id, client);
        set.status = 204;
      },
      {
        ...operation("adminDeleteUser", "Delete an account and all that hangs on it", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 409, 503) },
      },
    )
    .delete(
      "/users/:user_id/mfa",
      async ({ identity, params, client, set }) => {
        await resetFactors(ctx, identity, params.user_id, client);
        set.status = 204;
      },
      {
        ...operation("adminResetMfa", "Remove every second factor and end every sign-in", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    )
    .post(
      "/users/:user_id/password-reset",
      async ({ identity, params, client }) => {
        await sendPasswordReset(ctx, identity, params.user_id, client);
        return { message: "A mail with a link is on its way" };
      },
      {
        ...operation("adminSendPasswordReset", "Mail the owner a link that sets a new password", "bearer"),
        response: { 200: schemas.Message, ...refusals(401, 403, 404, 409, 429, 503) },
      },
    );

async function withTenants(ctx: Context, user: accounts.Account) {
  const places = await memberships.listOfUser(ctx, user.id);
  return {
    ...describeAccount(user),
    mfa_enabled: await hasFactor(ctx, user.id),
    tenants: places.map(({ tenantId: id, slug, name, role, status }) => ({ id, slug, name, role, status })),
  };
}

/** Undefined when nothing can be found by it. */
async function filterOf(
  ctx: Context,
  { email, username, disabled, tenant }: (typeof schemas.UserQuery)["static"],
): Promise<Omit<accounts.AccountFilter, "limit"> | undefined> {
  const address = email === undefined ? undefined : canonicalEmail(email);
  const name = username === undefined ? undefined : canonicalUsername(username);
  const place = tenant === undefined ? undefined : await tenants.find(ctx, tenant);
  const isVain = [
    [email, address],
    [username, name],
    [tenant, place],
  ].some(([given, found]) => given !== undefined && found === undefined);
  if (isVain) return undefined;
  return {
    email: address,
    username: name,
    tenantId: place?.id,
    disabled: disabled === undefined ? undefined : disabled === "true",
  };
}
