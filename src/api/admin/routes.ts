// Administration (decisions §7): superusers everything, a tenant's owners and admins what is in that tenant.
import type { Context } from "../../context.ts";
import { recordRoutes } from "./record-routes.ts";
import { memberRoutes, tenantRoutes } from "./tenant-routes.ts";
import { userRoutes } from "./user-routes.ts";

export const admin = (ctx: Context) => [
  tenantRoutes(ctx),
  memberRoutes(ctx),
  userRoutes(ctx),
  recordRoutes(ctx),
];
