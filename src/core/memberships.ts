import type { Context } from "../context.ts";
import type { Role, TenantId, UserId } from "./ids.ts";

export interface NewMembership {
  tenantId: TenantId;
  userId: UserId;
  role: Role;
  status: "active" | "invited" | "suspended";
}

export async function create(ctx: Context, { tenantId, userId, role, status }: NewMembership): Promise<void> {
  await ctx.db.run`
    insert into memberships (tenant_id, user_id, role, status, created_at)
    values (${tenantId}, ${userId}, ${role}, ${status}, ${ctx.now()})`;
}

/** Where a user lands who names no tenant: the oldest membership that is alive, of an account that is. */
export async function findDefault(ctx: Context, userId: UserId): Promise<{ tenantId: TenantId } | undefined> {
  return ctx.db.get<{ tenantId: TenantId }>`
    select m.tenant_id as "tenantId"
    from memberships m
    join tenants t on t.id = m.tenant_id
    join users u on u.id = m.user_id
    where m.user_id = ${userId} and m.status = 'active' and t.disabled_at is null and u.disabled_at is null
    order by m.created_at, m.tenant_id limit 1`;
}

/** Whether user, membership and tenant are all alive. Asked again wherever a secret is redeemed. */
export async function isAlive(ctx: Context, userId: UserId, tenantId: TenantId): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as alive
    from memberships m
    join tenants t on t.id = m.tenant_id
    join users u on u.id = m.user_id
    where m.user_id = ${userId} and m.tenant_id = ${tenantId}
      and m.status = 'active' and t.disabled_at is null and u.disabled_at is null`;
  return row !== undefined;
}
