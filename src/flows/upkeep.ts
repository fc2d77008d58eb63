// Frees the room of what is over. Nothing relies on it: expiry is judged by every query.
import type { Context } from "../context.ts";
import { trimAudit, witnessAudit } from "./keep-audit.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as continuations from "../core/continuations.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as exchangeCodes from "../core/exchange-codes.ts";
import * as limits from "../core/limits.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as loginRequests from "../core/login-requests.ts";
import * as oneTimeSecrets from "../core/one-time-secrets.ts";
import * as outbox from "../core/outbox.ts";
import * as refreshTokens from "../core/refresh-tokens.ts";
import * as sessions from "../core/sessions.ts";
import * as signingKeys from "../core/signing-keys.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import * as webauthnChallenges from "../core/webauthn-challenges.ts";

const STEPS: readonly ((ctx: Context) => Promise<void>)[] = [
  apiKeys.removeExpired,
  continuations.removeExpired,
  emailCodes.removeExpired,
  exchangeCodes.removeExpired,
  limits.removeForgotten,
  loginChallenges.removeExpired,
  loginRequests.removeExpired,
  oneTimeSecrets.removeExpired,
  outbox.removeFinished,
  refreshTokens.removeExpired,
  sessions.removeExpired,
  signingKeys.removeRetired,
  trustedDevices.removeExpired,
  webauthnChallenges.removeExpired,
  trimAudit,
  witnessAudit,
];

/** Each by itself: what fails is tried again with the next round. */
export async function keepUp(ctx: Context): Promise<void> {
  for (const step of STEPS) {
    try {
      await step(ctx);
    } catch (error) {
      ctx.log.warn("upkeep failed", { reason: String(error) });
    }
  }
}
