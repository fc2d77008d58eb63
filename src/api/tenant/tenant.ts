import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { findLiveBySlug } from "../../core/tenants.ts";
import { Refused } from "../../errors.ts";
import { noteOf } from "../http/client.ts";

/** `tenant` for the routes added after it; an unknown slug and a disabled tenant's are the same 404, before fields are looked at. */
export const withTenant = (ctx: Context) =>
  new Elysia().derive({ as: "scoped" }, async ({ params, request }) => {
    const tenant = await findLiveBySlug(ctx, (params as Record<string, string>)["tenant_slug"] ?? "");
    if (!tenant) throw new Refused("TENANT_NOT_FOUND");
    noteOf(request).tenantId = tenant.id;
    return { tenant };
  });
