// Frees the room of what is over, a little at a time. Nothing relies on it: expiry is judged by every query.
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

/** What one transaction deletes: of a million rows about 5 ms, for which all else waits. The pause, in ms, lets that through. */
const MOST_AT_ONCE = 50;
const PAUSE_MS = 10;

/** Tokens before their sessions, of which few then hang on one that goes. */
const STEPS: readonly ((ctx: Context, most: number) => Promise<number>)[] = [
  apiKeys.removeExpired,
  continuations.removeExpired,
  emailCodes.removeExpired,
  exchangeCodes.removeExpired,
  limits.removeForgotten,
  limits.removeOldAddresses,
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

/**
 * Makes rounds. What a round frees was over at the round before as well: a clock that is ahead for a while must cost nobody their
 * sessions and keys, nor make a spent continuation token good again, whose row would be gone when the clock is set back.
 * A round ends early when `stopping` is aborted.
 */
export function createUpkeep(ctx: Context, stopping?: AbortSignal): () => Promise<void> {
  let lookedAt = ctx.now();
  return async () => {
    const now = ctx.now();
    const overSince = Math.min(lookedAt, now);
    lookedAt = now;
    await keepUp({ ...ctx, now: () => overSince }, stopping);
  };
}

/** Each by itself: what fails is tried again with the next round. Ends early when `stopping` is aborted. */
export async function keepUp(ctx: Context, stopping?: AbortSignal): Promise<void> {
  const isStopping = () => stopping?.aborted === true;
  for (const step of STEPS) {
    try {
      while (!isStopping() && (await step(ctx, MOST_AT_ONCE)) >= MOST_AT_ONCE) await Bun.sleep(PAUSE_MS);
    } catch (error) {
      ctx.log.warn("upkeep failed", { reason: String(error) });
    }
  }
}
