// Administration (decisions §7): superusers everything, a tenant's owners and admins what is in that tenant.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { recordRoutes } from "./record-routes.ts";
import { memberRoutes, tenantRoutes } from "./tenant-routes.ts";
import { userRoutes } from "./user-routes.ts";

export const admin = (ctx: Context) =>
  new Elysia({ name: "admin", prefix: "/api/v1/admin", tags: ["admin"] })
    .use(tenantRoutes(ctx))
    .use(memberRoutes(ctx))
    .use(userRoutes(ctx))
    .use(recordRoutes(ctx));
