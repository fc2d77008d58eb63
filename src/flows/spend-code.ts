// Codes shown by somebody who is signed in, to change their own second factors.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { AuditEvent } from "../core/audit-events.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as factorFailures from "../core/factor-failures.ts";
import type { UserId } from "../core/ids.ts";
import { Refused } from "../errors.ts";
import type { Identity } from "./identify.ts";
import { spendFactor } from "./second-factor.ts";

const SIX_DIGITS = /^[0-9]{6}$/;

/** What will do. Six digits come from an authenticator app or a mail, never from both: anything else is a backup code. */
export interface Accepted {
  /** The app, or the mailed code of that binding; undefined: no six digits will do. */
  digits: "totp" | emailCodes.CodeFor | undefined;
  backup: boolean;
}

/**
 * Spends a code, counting the try before judging it. False when it is wrong, used, not of a kind that will do, or its factor had its
 * hundred wrong ones. Run inside a transaction that commits either way.
 */
export async function spendCode(
  ctx: Context,
  userId: UserId,
  code: string,
  { digits, backup }: Accepted,
): Promise<boolean> {
  if (!SIX_DIGITS.test(code)) return backup && spendAs(ctx, userId, "backup_code", code);
  if (digits === undefined) return false;
  if (digits === "totp") return spendAs(ctx, userId, "totp", code);
  if (!(await factorFailures.countTry(ctx, userId, "email"))) return false;
  if (!(await emailCodes.consume(ctx, digits, code))) return false;
  await factorFailures.forgive(ctx, userId, "email");
  return true;
}

async function spendAs(
  ctx: Context,
  userId: UserId,
  method: "totp" | "backup_code",
  code: string,
): Promise<boolean> {
  const shown = { shown: { method, code }, due: { kind: "factor" as const, methods: [method] }, binding: "" };
  return (await spendFactor(ctx, userId, shown)) !== undefined;
}

/**
 * A transaction whose refusals are returned and then thrown: a wrong try must stay counted, so it commits either way. What is thrown
 * inside undoes it.
 */
export async function judge<Outcome>(
  ctx: Context,
  work: (ctx: Context) => Promise<Outcome | Refused>,
): Promise<Outcome> {
  const outcome = await transaction(ctx, work);
  if (outcome instanceof Refused) throw outcome;
  return outcome;
}

/** Notes a wrong code; the refusal to return. */
export async function refuseCode(
  ctx: Context,
  { userId, tenantId }: Identity,
  client: Client,
  event: Extract<AuditEvent, "totp.refused" | "email_factor.refused" | "backup_codes.refused">,
  reason: string,
): Promise<Refused> {
  await audit.append(ctx, client, { event, actorId: userId, userId, tenantId, reason });
  return new Refused("INVALID_CODE");
}
