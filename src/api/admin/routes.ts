// Administration (decisions §7): superusers everything, a tenant's owners and admins what is in that tenant.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { memberRoutes, tenantRoutes } from "./tenant-routes.ts";

export const admin = (ctx: Context) =>
  new Elysia({ name: "admin", prefix: "/api/v1/admin", tags: ["admin"] })
    .use(tenantRoutes(ctx))
    .use(memberRoutes(ctx));
