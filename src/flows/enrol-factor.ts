// Turning second factors on and off, by their owner.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as totp from "../core/totp.ts";
import { Refused } from "../errors.ts";
import { endOtherSignIns } from "./end-sign-ins.ts";
import { requireFreshLogin } from "./fresh-login.ts";
import type { Identity } from "./identify.ts";

/** What authenticator apps show above the account. */
const ISSUER = "Ostiary";

/** A secret and its provisioning URI; nothing is on until `confirmTotp`. Throws Refused MFA_ALREADY_ENABLED or REAUTH_REQUIRED. */
export async function beginTotp(
  ctx: Context,
  identity: Identity,
  client: Client,
): Promise<{ secret: string; provisioningUri: string }> {
  const { userId, tenantId } = identity;
  return transaction(ctx, async (ctx) => {
    if (await totp.isEnabled(ctx, userId)) throw new Refused("MFA_ALREADY_ENABLED");
    requireFreshLogin(ctx, identity);
    const secret = await totp.begin(ctx, userId);
    if (!secret) throw new Refused("MFA_ALREADY_ENABLED");
    await audit.append(ctx, client, { event: "totp.begun", actorId: userId, userId, tenantId });
    return { secret, provisioningUri: totp.provisioningUri(ISSUER, identity.name, secret) };
  });
}

/**
 * Turns TOTP on and ends the user's other sign-ins. Throws Refused MFA_ALREADY_ENABLED, ENROLMENT_NOT_STARTED or
 * INVALID_CODE.
 */
export async function confirmTotp(
  ctx: Context,
  identity: Identity,
  code: string,
  client: Client,
): Promise<void> {
  const { userId, tenantId, credential } = identity;
  const entry = { actorId: userId, userId, tenantId };
  const refused = await transaction(ctx, async (ctx): Promise<Refused | undefined> => {
    if (await totp.isEnabled(ctx, userId)) return new Refused("MFA_ALREADY_ENABLED");
    if (!(await totp.isPending(ctx, userId))) return new Refused("ENROLMENT_NOT_STARTED");
    if (!(await totp.confirm(ctx, userId, code))) {
      await audit.append(ctx, client, {
        ...entry,
        event: "totp.refused",
        reason: "wrong code on confirming",
      });
      return new Refused("INVALID_CODE");
    }
    await endOtherSignIns(ctx, userId, credential);
    await audit.append(ctx, client, { ...entry, event: "totp.enabled" });
    return undefined;
  });
  if (refused) throw refused;
}

/** Turns TOTP off. Throws Refused MFA_NOT_ENABLED, REAUTH_REQUIRED or INVALID_CODE. */
export async function disableTotp(
  ctx: Context,
  identity: Identity,
  code: string,
  client: Client,
): Promise<void> {
  const { userId, tenantId } = identity;
  const entry = { actorId: userId, userId, tenantId };
  const refused = await transaction(ctx, async (ctx): Promise<Refused | undefined> => {
    if (!(await totp.isEnabled(ctx, userId))) return new Refused("MFA_NOT_ENABLED");
    requireFreshLogin(ctx, identity);
    if (!(await totp.consume(ctx, userId, code))) {
      await audit.append(ctx, client, {
        ...entry,
        event: "totp.refused",
        reason: "wrong or used code on disabling",
      });
      return new Refused("INVALID_CODE");
    }
    await totp.end(ctx, userId);
    await audit.append(ctx, client, { ...entry, event: "totp.disabled" });
    return undefined;
  });
  if (refused) throw refused;
}

/**
 * The emergency exit for whoever sits at the machine itself: removes all factors of the caller, and of nobody else, and
 * ends their other sign-ins. Throws Refused LOCAL_ONLY.
 */
export async function resetFactors(ctx: Context, identity: Identity, client: Client): Promise<void> {
  const { userId, tenantId, credential } = identity;
  const entry = { actorId: userId, userId, tenantId };
  if (!client.isLocal) {
    await audit.append(ctx, client, {
      ...entry,
      event: "mfa.reset_refused",
      reason: "not from this machine",
    });
    throw new Refused("LOCAL_ONLY");
  }
  await transaction(ctx, async (ctx) => {
    await totp.end(ctx, userId);
    await loginChallenges.end(ctx, userId);
    await endOtherSignIns(ctx, userId, credential);
    await audit.append(ctx, client, { ...entry, event: "mfa.reset" });
  });
}
