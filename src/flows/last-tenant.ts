import type { Context } from "../context.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as sessions from "../core/sessions.ts";

const MOST_SESSIONS = 200;

/** Where the user was last, of the tenants that they may enter; else the oldest membership. Undefined when there is none. */
export async function lastTenantOf(ctx: Context, userId: UserId): Promise<TenantId | undefined> {
  const doors = (await memberships.findLiveOf(ctx, userId)).map(({ tenantId }) => tenantId);
  const open = await sessions.list(ctx, { userId }, { limit: MOST_SESSIONS });
  const visits = [
    // Not where somebody else acts as the user.
    ...open
      .filter(({ actorId }) => actorId === null)
      .map(({ tenantId, lastSeenAt: at }) => ({ tenantId, at })),
    // Sessions that have ended leave no other trace.
    ...(await memberships.lastLogins(ctx, userId)),
  ];
  const latest = visits
    .filter(({ tenantId }) => doors.includes(tenantId))
    .reduce<(typeof visits)[number] | undefined>(
      (best, visit) => (best && best.at >= visit.at ? best : visit),
      undefined,
    );
  return latest?.tenantId ?? doors[0];
}
