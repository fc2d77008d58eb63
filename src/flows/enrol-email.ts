// Turning codes by email on and off, by their owner. They go to the email of the account and to no other.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as emailFactors from "../core/email-factors.ts";
import type { UserId } from "../core/ids.ts";
import * as tenants from "../core/tenants.ts";
import * as totp from "../core/totp.ts";
import { Refused } from "../errors.ts";
import { factorAdded, factorRemoved, requireRemovable } from "./factor-change.ts";
import { refuseSpared, requireFreshLogin } from "./fresh-login.ts";
import type { Identity } from "./identify.ts";
import { mailCode } from "./mail-code.ts";
import { judge, refuseCode, spendCode } from "./spend-code.ts";
import { hasVerifiedEmail } from "./verify-email.ts";

/** What the code is for that was mailed. */
export type MailedFor = "enrol" | "disable";

/**
 * Mails the code that turns the factor on; where it is on and no TOTP is, the one that turns it off. Throws Refused NO_VERIFIED_EMAIL,
 * MFA_ALREADY_ENABLED (TOTP turns it off), REAUTH_REQUIRED or RATE_LIMITED.
 */
export async function mailFactorCode(ctx: Context, identity: Identity, client: Client): Promise<MailedFor> {
  const { userId, tenantId } = identity;
  return judge(ctx, async (ctx): Promise<Refused | MailedFor> => {
    const user = await credentials.findById(ctx, userId);
    const tenant = await tenants.findLive(ctx, tenantId);
    if (!user || !tenant) throw new Refused("INVALID_BEARER");
    if (!hasVerifiedEmail(user)) throw new Refused("NO_VERIFIED_EMAIL");
    const isOn = isConfirmed(await emailFactors.find(ctx, userId));
    if (isOn && (await totp.isEnabled(ctx, userId))) throw new Refused("MFA_ALREADY_ENABLED");
    requireFreshLogin(ctx, identity);
    const spared = await refuseSpared(ctx, identity, client);
    if (spared) return spared;
    const purpose = isOn ? "disable" : "enrol";
    const { id: binding } = await emailFactors.begin(ctx, userId);
    await requireTriesLeft(ctx, { userId, purpose, binding });
    await mailCode(ctx, { user, tenant, purpose, binding }, client);
    const entry = { actorId: userId, userId, tenantId, reason: purpose };
    if (!isOn) await audit.append(ctx, client, { ...entry, event: "email_factor.begun" });
    await audit.append(ctx, client, { ...entry, event: "code.sent" });
    return purpose;
  });
}

/**
 * Turns it on with the mailed code. Resolves to new backup codes where the user had none left. Throws Refused MFA_ALREADY_ENABLED,
 * ENROLMENT_NOT_STARTED or INVALID_CODE.
 */
export async function confirmEmail(
  ctx: Context,
  identity: Identity,
  code: string,
  client: Client,
): Promise<string[] | undefined> {
  const { userId } = identity;
  return judge(ctx, async (ctx) => {
    const factor = await emailFactors.find(ctx, userId);
    if (!factor) return new Refused("ENROLMENT_NOT_STARTED");
    if (isConfirmed(factor)) return new Refused("MFA_ALREADY_ENABLED");
    const isRight = await emailCodes.consume(ctx, codeFor(userId, "enrol", factor), code);
    if (!isRight || !(await emailFactors.confirm(ctx, userId)))
      return refuseCode(ctx, identity, client, "email_factor.refused", "wrong code on confirming");
    return factorAdded(ctx, identity, "email_enabled", client);
  });
}

/**
 * Turns it off with a TOTP code where TOTP is on, else with a mailed one; or with a backup code. Throws Refused MFA_NOT_ENABLED,
 * LAST_FACTOR or INVALID_CODE.
 */
export async function disableEmail(
  ctx: Context,
  identity: Identity,
  code: string,
  client: Client,
): Promise<void> {
  const { userId } = identity;
  await judge(ctx, async (ctx) => {
    const factor = await emailFactors.find(ctx, userId);
    if (!factor || !isConfirmed(factor)) return new Refused("MFA_NOT_ENABLED");
    await requireRemovable(ctx, userId, "email");
    const digits = (await totp.isEnabled(ctx, userId)) ? "totp" : codeFor(userId, "disable", factor);
    if (!(await spendCode(ctx, userId, code, { digits, backup: true })))
      return refuseCode(ctx, identity, client, "email_factor.refused", "wrong or used code on disabling");
    await emailFactors.end(ctx, userId);
    return factorRemoved(ctx, identity, "email_disabled", client);
  });
}

const isConfirmed = (factor: emailFactors.EmailFactor | undefined): boolean =>
  factor !== undefined && factor.confirmedAt !== null;

const codeFor = (
  userId: UserId,
  purpose: MailedFor,
  { id: binding }: emailFactors.EmailFactor,
): emailCodes.CodeFor => ({ userId, purpose, binding });

/** A new code keeps the count of tries: where they are over, mailing one would only mislead. Throws Refused RATE_LIMITED. */
async function requireTriesLeft(ctx: Context, target: emailCodes.CodeFor): Promise<void> {
  const waitMs = await emailCodes.exhaustedForMs(ctx, target);
  if (waitMs > 0) throw new Refused("RATE_LIMITED", Math.ceil(waitMs / 1000));
}
