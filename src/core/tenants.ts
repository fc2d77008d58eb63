import type { Context } from "../context.ts";
import type { TenantId } from "./ids.ts";

/** The settings that a tenant may set for itself; what is absent follows the instance. */
export interface TenantSettings {
  self_registration?: boolean;
}

export interface NewTenant {
  slug: string;
  name: string;
  identity: "shared" | "isolated";
  settings: TenantSettings;
}

/** Undefined when the slug is taken. */
export async function create(ctx: Context, tenant: NewTenant): Promise<TenantId | undefined> {
  const row = await ctx.db.get<{ id: TenantId }>`
    insert into tenants (id, slug, name, identity, settings, created_at)
    values (${ctx.id("tnt")}, ${tenant.slug}, ${tenant.name}, ${tenant.identity}, ${JSON.stringify(tenant.settings)},
      ${ctx.now()})
    on conflict do nothing
    returning id`;
  return row?.id;
}
