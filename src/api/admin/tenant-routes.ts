// Tenants and their members.
import type { Context } from "../../context.ts";
import * as memberships from "../../core/memberships.ts";
import * as tenants from "../../core/tenants.ts";
import { findManaged, inspect, scopeOf } from "../../flows/authority.ts";
import { describeMember, describeTenant } from "../../flows/describe.ts";
import { addMember, changeMember, removeMember } from "../../flows/manage-members.ts";
import { createTenant, deleteTenant, updateTenant } from "../../flows/manage-tenants.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { paginate } from "../http/page.ts";
import { administrators } from "./administration.ts";
import { adminGroup } from "./group.ts";
import * as schemas from "./schemas.ts";

export const tenantRoutes = (ctx: Context) =>
  adminGroup()
    .use(administrators(ctx))
    .get(
      "/tenants",
      ({ identity, query }) =>
        paginate(
          query,
          (page) => tenants.list(ctx, { ...page, only: scopeOf(identity) }),
          ({ id }) => id,
          describeTenant,
        ),
      {
        ...operation("adminListTenants", "Tenants: all, or the one that one administers", "bearer", {
          evenActing: true,
        }),
        query: schemas.TenantQuery,
        response: { 200: schemas.AdminTenantList, ...refusals(401, 403, 422) },
      },
    )
    .post(
      "/tenants",
      async ({ identity, body, client, set }) => {
        const { slug, name, identity: kind = "shared", disabled, ...settings } = body;
        const tenant = { slug, name, identity: kind, disabled, settings };
        const created = await createTenant(ctx, identity, tenant, client);
        set.status = 201;
        return describeTenant(created);
      },
      {
        ...operation("adminCreateTenant", "Make a tenant (superusers)", "bearer"),
        body: schemas.TenantCreate,
        response: { 201: schemas.AdminTenant, ...refusals(401, 403, 409, 422, 503) },
      },
    )
    .get(
      "/tenants/:tenant",
      async ({ identity, params, client }) =>
        describeTenant(
          await inspect(ctx, identity, client, "tenant", () => findManaged(ctx, identity, params.tenant)),
        ),
      {
        ...operation("adminGetTenant", "A tenant, by id or slug", "bearer", { evenActing: true }),
        response: { 200: schemas.AdminTenant, ...refusals(401, 403, 404) },
      },
    )
    .patch(
      "/tenants/:tenant",
      async ({ identity, params, body, client }) => {
        const { slug, name, disabled, ...settings } = body;
        const changes = { slug, name, disabled, settings };
        return describeTenant(await updateTenant(ctx, identity, params.tenant, changes, client));
      },
      {
        ...operation("adminUpdateTenant", "Change a tenant; slug and disabled: owners, superusers", "bearer"),
        body: schemas.TenantUpdate,
        response: { 200: schemas.AdminTenant, ...refusals(401, 403, 404, 409, 422, 503) },
      },
    )
    .delete(
      "/tenants/:tenant",
      async ({ identity, params, client, set }) => {
        await deleteTenant(ctx, identity, params.tenant, client);
        set.status = 204;
      },
      {
        ...operation("adminDeleteTenant", "Delete a tenant and all in it (owners, superusers)", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 409, 503) },
      },
    );

export const memberRoutes = (ctx: Context) =>
  adminGroup()
    .use(administrators(ctx))
    .get(
      "/tenants/:tenant/members",
      async ({ identity, params, query, client }) => {
        const { limit, cursor, ...filter } = query;
        const tenant = await inspect(ctx, identity, client, "members", () =>
          findManaged(ctx, identity, params.tenant),
        );
        return paginate(
          { limit, cursor },
          (page) => memberships.list(ctx, tenant.id, { ...filter, ...page }),
          ({ userId }) => userId,
          (member) => describeMember(member, tenant, identity),
        );
      },
      {
        ...operation("adminListMembers", "Members of a tenant", "bearer", { evenActing: true }),
        query: schemas.MemberQuery,
        response: { 200: schemas.AdminMemberList, ...refusals(401, 403, 404, 422) },
      },
    )
    .post(
      "/tenants/:tenant/members",
      async ({ identity, params, body, client, set }) => {
        const { member, tenant } = await addMember(ctx, identity, params.tenant, givenBy(body), client);
        set.status = 201;
        return describeMember(member, tenant, identity);
      },
      {
        ...operation("adminAddMember", "Add a member, or invite one", "bearer"),
        body: schemas.MemberCreate,
        response: { 201: schemas.AdminMember, ...refusals(401, 403, 404, 409, 422, 429, 503) },
      },
    )
    .patch(
      "/tenants/:tenant/members/:user_id",
      async ({ identity, params, body, client }) => {
        const { tenant: idOrSlug, user_id: userId } = params;
        const { role, status } = body;
        const target = { tenant: idOrSlug, userId };
        const { member, tenant } = await changeMember(ctx, identity, target, { role, status }, client);
        return describeMember(member, tenant, identity);
      },
      {
        ...operation("adminUpdateMember", "Change role or status; suspending ends sign-ins", "bearer"),
        body: schemas.MemberUpdate,
        response: { 200: schemas.AdminMember, ...refusals(401, 403, 404, 409, 422, 503) },
      },
    )
    .delete(
      "/tenants/:tenant/members/:user_id",
      async ({ identity, params, client, set }) => {
        const { tenant, user_id: userId } = params;
        await removeMember(ctx, identity, { tenant, userId }, client);
        set.status = 204;
      },
      {
        ...operation(
          "adminRemoveMember",
          "Remove a member; of an isolated tenant, delete the account",
          "bearer",
        ),
        response: { ...done(), ...refusals(401, 403, 404, 409, 503) },
      },
    );

const givenBy = (body: (typeof schemas.MemberCreate)["static"]) => ({
  email: body.email,
  username: body.username,
  firstName: body.first_name,
  lastName: body.last_name,
  role: body.role ?? "member",
  password: body.password,
  invite: body.invite,
});
