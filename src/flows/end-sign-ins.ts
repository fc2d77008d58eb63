// Stands in until branch `tokens` is merged; liveness of user, membership and tenant is read on every call anyway.
import type { Context } from "../context.ts";
import type { TenantId, UserId } from "../core/ids.ts";

export async function endAllSignIns(_ctx: Context, _userId: UserId): Promise<void> {}
export async function endSignInsIn(_ctx: Context, _tenantId: TenantId, _userId?: UserId): Promise<void> {}
