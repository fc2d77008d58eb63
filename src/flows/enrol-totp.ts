// Turning codes of an authenticator app on and off, by their owner.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { TotpDeviceId } from "../core/ids.ts";
import * as totp from "../core/totp.ts";
import { Refused } from "../errors.ts";
import { factorAdded, factorRemoved, requireRemovable } from "./factor-change.ts";
import { refuseSpared, requireFreshLogin } from "./fresh-login.ts";
import type { Identity } from "./identify.ts";
import { judge, refuseCode, spendCode } from "./spend-code.ts";

/** What authenticator apps show above the account. */
const ISSUER = "Ostiary";

export interface BegunTotp {
  deviceId: TotpDeviceId;
  /** base32 */
  secret: string;
  provisioningUri: string;
}

/** A secret, in place of one that was not confirmed; nothing is on until `confirmTotp`. Throws Refused MFA_ALREADY_ENABLED or REAUTH_REQUIRED. */
export async function beginTotp(ctx: Context, identity: Identity, client: Client): Promise<BegunTotp> {
  const { userId, tenantId } = identity;
  return judge(ctx, async (ctx): Promise<Refused | BegunTotp> => {
    if (await totp.isEnabled(ctx, userId)) throw new Refused("MFA_ALREADY_ENABLED");
    requireFreshLogin(ctx, identity);
    const spared = await refuseSpared(ctx, identity, client);
    if (spared) return spared;
    const begun = await totp.begin(ctx, userId);
    if (!begun) throw new Refused("MFA_ALREADY_ENABLED");
    await audit.append(ctx, client, { event: "totp.begun", actorId: userId, userId, tenantId });
    const { id: deviceId, secret } = begun;
    return { deviceId, secret, provisioningUri: totp.provisioningUri(ISSUER, identity.name, secret) };
  });
}

/**
 * Turns TOTP on. Resolves to a new set of backup codes, the old one being void; with `codes: "never"` to none, and what the user has
 * stays. Throws Refused MFA_ALREADY_ENABLED, ENROLMENT_NOT_STARTED or INVALID_CODE.
 */
export async function confirmTotp(
  ctx: Context,
  identity: Identity,
  { code, codes }: { code: string; codes: "anew" | "never" },
  client: Client,
): Promise<string[]> {
  const { userId } = identity;
  return judge(ctx, async (ctx) => {
    if (await totp.isEnabled(ctx, userId)) return new Refused("MFA_ALREADY_ENABLED");
    if (!(await totp.isPending(ctx, userId))) return new Refused("ENROLMENT_NOT_STARTED");
    if (!(await totp.confirm(ctx, userId, code)))
      return refuseCode(ctx, identity, client, "totp.refused", "wrong code on confirming");
    return (await factorAdded(ctx, identity, "totp_enabled", client, { codes })) ?? [];
  });
}

/**
 * Turns TOTP off with one of its codes or a backup code. `freshOnly`: with a login of the last 15 minutes besides. Throws Refused
 * MFA_NOT_ENABLED, REAUTH_REQUIRED, LAST_FACTOR or INVALID_CODE.
 */
export async function disableTotp(
  ctx: Context,
  identity: Identity,
  { code, freshOnly = false }: { code: string; freshOnly?: boolean },
  client: Client,
): Promise<void> {
  const { userId } = identity;
  await judge(ctx, async (ctx) => {
    if (!(await totp.isEnabled(ctx, userId))) return new Refused("MFA_NOT_ENABLED");
    if (freshOnly) requireFreshLogin(ctx, identity);
    await requireRemovable(ctx, userId, "totp");
    if (!(await spendCode(ctx, userId, code, { digits: "totp", backup: true })))
      return refuseCode(ctx, identity, client, "totp.refused", "wrong or used code on disabling");
    await totp.end(ctx, userId);
    return factorRemoved(ctx, identity, "totp_disabled", client);
  });
}
