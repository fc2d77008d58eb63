// What a session that comes out of another sign-in takes over from it: nothing but a login makes a login younger, stronger or
// longer (decisions §1).
import type { Context } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import type { ApiKeyId, SessionId, TenantId, UserId } from "../core/ids.ts";
import * as sessions from "../core/sessions.ts";

/** A session or a key by its id; what a caller showed is one. */
export type Source = { kind: "session"; id: SessionId } | { kind: "key"; id: ApiKeyId };

export interface Origin {
  userId: UserId;
  tenantId: TenantId;
  /** 0 where the source is a key made by hand, which stems from no login: older than any that can be asked for. */
  authTime: number;
  amr: readonly string[];
  /** The absolute end; null for a key, which slides on while it is used. */
  endsAt: number | null;
}

/** Undefined unless the source is alive together with its user, membership and tenant, and its own user's and unrestricted. */
export async function findOrigin(ctx: Context, { kind, id }: Source): Promise<Origin | undefined> {
  const found = kind === "session" ? await sessions.findLive(ctx, id) : await apiKeys.findLiveById(ctx, id);
  if (!found || found.restrictedAt !== null || ("actorId" in found && found.actorId !== null))
    return undefined;
  return {
    userId: found.userId,
    tenantId: found.tenantId,
    authTime: found.authTime ?? 0,
    amr: found.amr.split(" "),
    endsAt: kind === "session" && "expiresAt" in found ? found.expiresAt : null,
  };
}
