import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import { Refused } from "../errors.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";
import { hadFactorAt } from "./second-factor.ts";

/** How old a sign-in may be that changes factors or makes keys (ASVS 7.5.1): a stolen session must not outlive itself. */
const FRESH_FOR_MS = 15 * 60 * 1000;

/** Throws Refused REAUTH_REQUIRED; also for a sign-in that lies as far ahead, from before the clock was set back: its age is unknown. */
export function requireFreshLogin(ctx: Context, { authTime }: Identity): void {
  if (authTime === null || Math.abs(ctx.now() - authTime) >= FRESH_FOR_MS)
    throw new Refused("REAUTH_REQUIRED");
}

/**
 * REAUTH_REQUIRED, to be returned, for a login that was spared a factor its user had: age alone proves too little to add a factor, to
 * remove a passkey or to make a key (NIST SP 800-63B-4 §4.1.2.1, GHSA-hp74-gm6m-2qm5). Trust in devices ends with it, so that
 * signing in again asks for the factor. Throws Refused INVALID_BEARER when the sign-in ended meanwhile. Run inside a transaction that commits either way.
 */
export async function refuseSpared(
  ctx: Context,
  identity: Identity,
  client: Client,
): Promise<Refused | undefined> {
  const { userId, tenantId, amr, authTime } = identity;
  if (amr.includes("mfa") || authTime === null || !(await hadFactorAt(ctx, userId, authTime)))
    return undefined;
  await requireStillSignedIn(ctx, identity);
  await trustedDevices.endAllOfUser(ctx, userId);
  const reason = "all, to have a factor shown again";
  await audit.append(ctx, client, {
    event: "trusted_device.removed",
    actorId: userId,
    userId,
    tenantId,
    reason,
  });
  return new Refused("REAUTH_REQUIRED");
}
