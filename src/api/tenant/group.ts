import { Elysia } from "elysia";

/** For some of the routes of this group (see `createApp`). */
export const tenantGroup = () =>
  new Elysia({ prefix: "/api/v1/auth/tenants/:tenant_slug", tags: ["tenant"] });
