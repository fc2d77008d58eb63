// Whose Bearer this is. Aliveness of key, user, membership and tenant is read on every call.
import type { Context } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import type { ApiKeyId, TenantId, UserId } from "../core/ids.ts";
import { Refused } from "../errors.ts";

export interface Identity {
  userId: UserId;
  tenantId: TenantId;
  keyId: ApiKeyId;
  /** When the login happened that this key stems from; null when it stems from none. */
  authTime: number | null;
  /** The username, or the email where there is none. */
  name: string;
}

/**
 * `isUse`: whether asking keeps the key alive. Throws Refused NOT_AUTHENTICATED without a Bearer, INVALID_BEARER with one that
 * is unknown, expired, revoked or of another kind.
 */
export async function identifyBearer(
  ctx: Context,
  authorization: string | null,
  isUse: boolean,
): Promise<Identity> {
  const [scheme, token, ...rest] = (authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !token) throw new Refused("NOT_AUTHENTICATED");
  const holder = rest.length === 0 ? await apiKeys.findLive(ctx, token) : undefined;
  if (!holder) throw new Refused("INVALID_BEARER");
  if (isUse) keepAlive(ctx, holder);
  const { userId, tenantId, id: keyId, authTime, username, email } = holder;
  return { userId, tenantId, keyId, authTime, name: username ?? email ?? userId };
}

/** Not waited for, and no harm when it fails: reading goes on while the database cannot be written. */
function keepAlive(ctx: Context, holder: apiKeys.KeyHolder): void {
  apiKeys.touch(ctx, holder).catch((error: unknown) => {
    ctx.log.debug("key not kept alive", { reason: String(error) });
  });
}
