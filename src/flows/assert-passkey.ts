// A passkey as a second factor: what the authenticator is asked, and judging what it shows. It is taken, once, where every
// factor is (flows/second-factor.ts).
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as continuations from "../core/continuations.ts";
import type { TenantId, UserId, WebauthnChallengeId } from "../core/ids.ts";
import * as passkeys from "../core/passkeys.ts";
import * as webauthnChallenges from "../core/webauthn-challenges.ts";
import { type AssertionJson, parseAssertion } from "../crypto/credential-json.ts";
import { relyingPartyOf } from "../crypto/relying-party.ts";
import type { ExpectedAssertion, Verdict } from "../crypto/webauthn.ts";
import { Refused } from "../errors.ts";
import { requestOptions, userHandleOf } from "./passkey-options.ts";
import { refuse } from "./prove-password.ts";
import { type Assertion, factorsDue } from "./second-factor.ts";
import { giveTryBack, type PendingSignIn, resume } from "./sign-in-with-factor.ts";

export interface BegunAssertion {
  challengeId: WebauthnChallengeId;
  options: ReturnType<typeof requestOptions>;
}

/**
 * Asks for an assertion by one of the user's passkeys, in place of what was asked before in the same sign-in. `at` and `said`:
 * the tenant at whose endpoint this is, and the user that the client says; compared with the token, never looked up. Throws
 * Refused INVALID_MFA_TOKEN (spent, tried five times, another tenant's or user's, void since the account signed out, or of a
 * sign-in in which no passkey is due), which is a try of the token; RATE_LIMITED.
 */
export async function beginAssertion(
  ctx: Context,
  pending: PendingSignIn,
  { at, said }: { at: TenantId; said: string },
  client: Client,
): Promise<BegunAssertion> {
  const { userId, jti } = pending;
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | BegunAssertion> => {
    const entrance = await resume(ctx, { pending, userId: said, at }, client);
    if (entrance instanceof Refused) return entrance;
    const due = await factorsDue(ctx, entrance);
    if (due.kind !== "factor" || !due.methods.includes("webauthn"))
      return refuse(ctx, client, userId, "no passkey is due", "INVALID_MFA_TOKEN");
    // Asking is no try.
    await giveTryBack(ctx, pending, entrance);
    const { id, challenge } = await webauthnChallenges.create(ctx, challengeFor(userId, jti));
    const existing = await passkeys.listOfUser(ctx, userId);
    return { challengeId: id, options: requestOptions(ctx, { challenge, existing }) };
  });
  if (outcome instanceof Refused) throw outcome;
  return outcome;
}

export interface ShownAssertion {
  challengeId: string;
  /** An answer of `navigator.credentials.get`, as `toJSON()` has it. */
  credential: unknown;
}

/**
 * What a right assertion of the sign-in's own user proves; undefined for any other, whose reason goes to the audit log. Spends the
 * challenge either way, and takes nothing yet: of two assertions with one counter both may be right here. A right one has its try
 * counted: whoever spends the challenge must not find the tries used up by those who came too late for it.
 */
export async function judgeAssertion(
  ctx: Context,
  pending: PendingSignIn,
  { challengeId, credential }: ShownAssertion,
  client: Client,
): Promise<Assertion | undefined> {
  const { userId, tenantId } = pending;
  const challenge = await spendChallenge(ctx, pending, challengeId);
  // The refused sign-in is written down by itself.
  if (challenge === undefined) return undefined;
  const refuseIt = async (reason: string): Promise<undefined> => {
    const entry = { actorId: userId, userId, tenantId, reason };
    await transaction(ctx, async (ctx) => {
      await audit.append(ctx, client, { event: "passkey.refused", ...entry });
      // Counted like every other wrong factor, where the sign-in is refused.
      await continuations.giveTryBack(ctx, pending);
    });
  };
  const shown = parseAssertion(credential);
  if (!shown) return refuseIt("not the JSON of an assertion");
  const passkey = await passkeys.findByCredential(ctx, userId, shown.id);
  if (!passkey) return refuseIt("unknown credential");
  const verdict = await judgeByPasskey(ctx, passkey, { challenge, isAlone: false }, shown);
  return "fault" in verdict ? refuseIt(verdict.fault) : verdict.good;
}

/** What the assertion of a passkey's own user proves. Takes nothing, as above. */
export async function judgeByPasskey(
  ctx: Context,
  passkey: passkeys.Passkey,
  { challenge, isAlone }: Pick<ExpectedAssertion, "challenge" | "isAlone">,
  shown: AssertionJson,
): Promise<Verdict<Assertion>> {
  const isBackupEligible = passkey.backupEligible === 1;
  const userHandle = userHandleOf(passkey.userId);
  const expected = { challenge, userHandle, isAlone, passkey: { ...passkey, isBackupEligible } };
  const { verifyAssertion } = await import("../crypto/webauthn.ts");
  const verdict = await verifyAssertion(relyingPartyOf(ctx.config.url), expected, shown);
  if ("fault" in verdict) return verdict;
  const { signCount, isBackedUp, isUserVerified } = verdict.good;
  if (!passkeys.isCounterGood(passkey.signCount, signCount)) return { fault: "counter" };
  const good = {
    passkeyId: passkey.id,
    isDeviceBound: !isBackupEligible,
    signCount,
    backedUp: isBackedUp,
    userVerified: isUserVerified,
  };
  return { good };
}

/** The challenge, spent, and a try counted with it; neither when either is not to be had. */
async function spendChallenge(
  ctx: Context,
  pending: PendingSignIn,
  challengeId: string,
): Promise<string | undefined> {
  const { userId, jti } = pending;
  return transaction(ctx, async (ctx) => {
    if (!(await continuations.countTry(ctx, "mfa", pending))) return undefined;
    const challenge = await webauthnChallenges.consume(ctx, challengeId, challengeFor(userId, jti));
    if (challenge === undefined) await continuations.giveTryBack(ctx, pending);
    return challenge;
  });
}

const challengeFor = (userId: UserId, jti: string): webauthnChallenges.ChallengeFor => ({
  userId,
  purpose: "login",
  binding: jti,
});
