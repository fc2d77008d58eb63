// Ending what sign-ins left behind. Each of these runs inside the transaction of what causes it.
import type { Context } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as loginRequests from "../core/login-requests.ts";
import * as oneTimeSecrets from "../core/one-time-secrets.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import * as webauthnChallenges from "../core/webauthn-challenges.ts";
import * as emailFactors from "../core/email-factors.ts";
import * as totp from "../core/totp.ts";
import * as sessions from "../core/sessions.ts";
import * as credentials from "../core/credentials.ts";
import type { Credential } from "./identify.ts";

/**
 * The user's sessions and the keys of their sign-ins, but for the one that asks; keys made by hand stay (ASVS 7.4.3). The second
 * factor is asked for on every device again.
 */
export async function endOtherSignIns(ctx: Context, userId: UserId, credential: Credential): Promise<void> {
  const { kind, id } = credential;
  await sessions.endAllOfUser(ctx, userId, { except: kind === "session" ? id : undefined });
  await apiKeys.endOtherLogins(ctx, userId, kind === "key" ? id : undefined);
  await trustedDevices.endAllOfUser(ctx, userId);
}

/** Everything by which the user is or could become signed in: sessions, keys, mailed links, and sign-ins under way. */
export async function endAllSignIns(ctx: Context, userId: UserId): Promise<void> {
  await sessions.endAllOfUser(ctx, userId);
  await apiKeys.endAllOfUser(ctx, userId);
  await endSignInsUnderWay(ctx, userId);
  await trustedDevices.endAllOfUser(ctx, userId);
  await emailCodes.endAllOf(ctx, userId);
  await webauthnChallenges.endAllOf(ctx, userId);
  await oneTimeSecrets.endAllOf(ctx, userId);
  // Begun by whoever was signed in: not theirs to confirm any more.
  await totp.endPending(ctx, userId);
  await emailFactors.endPending(ctx, userId);
}

/**
 * What a first factor began, and nobody finished: their mailed codes and passkey challenges are bound to it, and die with it. And the
 * tries of their own that devices and addresses had: whoever signed in there knew what is void from now on.
 */
export async function endSignInsUnderWay(ctx: Context, userId: UserId): Promise<void> {
  await limits.forgetAddresses(ctx, userId);
  await loginChallenges.end(ctx, userId);
  await loginRequests.endAllOfUser(ctx, userId);
  await credentials.signOut(ctx, userId);
}

/**
 * The same in one tenant: of one of its users, or of all. What they have in other tenants stays, but for sign-ins under way, which
 * are bound to the account (core/credentials.ts), as are the devices it knows.
 */
export async function endSignInsIn(ctx: Context, tenantId: TenantId, userId?: UserId): Promise<void> {
  if (userId === undefined) {
    await sessions.endAllOfTenant(ctx, tenantId);
    await apiKeys.endAllOfTenant(ctx, tenantId);
    await loginChallenges.endAllOfTenant(ctx, tenantId);
    await loginRequests.endAllOfTenant(ctx, tenantId);
    await trustedDevices.endAllOfTenant(ctx, tenantId);
    await oneTimeSecrets.endAllOfTenant(ctx, tenantId);
    await credentials.signOutMembers(ctx, tenantId);
    return;
  }
  await sessions.endOfMembership(ctx, userId, tenantId);
  await apiKeys.endOfMembership(ctx, userId, tenantId);
  await loginChallenges.endOfMembership(ctx, userId, tenantId);
  await loginRequests.endOfMembership(ctx, userId, tenantId);
  await trustedDevices.endOfMembership(ctx, userId, tenantId);
  await oneTimeSecrets.endOfMembership(ctx, userId, tenantId);
  await credentials.signOut(ctx, userId);
}

/**
 * The mailed links of whoever has not joined yet, who cannot be signed in there. Nothing else: an owner may invite anyone, and must not
 * thereby end what they have begun elsewhere, nor make strangers of their devices.
 */
export const endInvitation = (ctx: Context, tenantId: TenantId, userId: UserId): Promise<void> =>
  oneTimeSecrets.endOfMembership(ctx, userId, tenantId);
