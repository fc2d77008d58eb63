// Finishing, with a second factor, what a right password began.
import { type Client, type Context, transaction } from "../context.ts";
import * as continuations from "../core/continuations.ts";
import * as credentials from "../core/credentials.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import type { Owner } from "../core/known-devices.ts";
import * as limits from "../core/limits.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as loginRequests from "../core/login-requests.ts";
import { parseLogin } from "../core/logins.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import { type Refusal, Refused } from "../errors.ts";
import { type Entry, type GrantedAs, handOut, open, type Opens } from "./grant.ts";
import { findOrigin, type Origin, type Source } from "./origin.ts";
import { refuse, unlessLimited } from "./prove-password.ts";
import { budgetOf, NOBODY, ownerOf } from "./strangers.ts";
import { factorsDue, type Shown, type SigningIn, spendFactor } from "./second-factor.ts";
import { tellOfBackupCode } from "./tell-of-sign-in.ts";
import { hasVerifiedEmail, isUnverified } from "./verify-email.ts";

/** A verified mfa_token. */
export interface PendingSignIn extends continuations.Countable {
  userId: UserId;
  tenantId: TenantId;
  /** Of the account when the password was right (core/credentials.ts). */
  epoch: number;
  remember: boolean;
  /** How the first factor was shown (RFC 8176). */
  first: readonly string[];
  /** The session or key that is to show the factor; undefined: a password was shown. */
  from: Source | undefined;
}

/** What every endpoint says that goes on with a sign-in. */
export interface ResumeRequest {
  pending: PendingSignIn;
  /** What the client says; compared with the token, never looked up. */
  userId: string | undefined;
  /** The tenant at whose endpoint this is, where it is a tenant's. */
  at: TenantId | undefined;
}

export interface FactorRequest<As extends Opens> extends ResumeRequest {
  shown: Shown;
  /** Spares the second factor on this device from now on. */
  trust: boolean;
  /** For the audit log. */
  fingerprint?: string | undefined;
  opens: As;
}

/**
 * mfa_token + factor → session. Throws Refused INVALID_MFA_TOKEN (spent, tried five times, another tenant's or user's, or the
 * account signed out or died meanwhile), INVALID_CODE or RATE_LIMITED.
 */
export async function signInWithFactor<As extends "cookie" | "tokens">(
  ctx: Context,
  request: FactorRequest<As>,
  client: Client,
): Promise<GrantedAs<As>> {
  const { pending, shown, trust, fingerprint, opens } = request;
  const { userId, remember } = pending;
  // An outcome and not an exception: a wrong try must stay counted, so the transaction commits either way.
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | Entry> => {
    // An assertion that was found right has been counted (flows/assert-passkey.ts).
    const entrance = await resume(ctx, request, client, { isCounted: shown.assertion !== undefined });
    if (entrance instanceof Refused) return entrance;
    const due = await factorsDue(ctx, entrance);
    const shownAs = await spendFactor(ctx, userId, { shown, due, binding: pending.jti });
    const no = (reason: string, code: Refusal) => refuse(ctx, client, userId, reason, code, pending.tenantId);
    if (shownAs === undefined) return no("wrong or used code", "INVALID_CODE");
    if (!(await continuations.consume(ctx, pending))) return no("mfa token just spent", "INVALID_MFA_TOKEN");
    // Where it also waits for approval, that is over.
    await loginRequests.end(ctx, loginRequests.idOf(pending.jti));
    const { tenant, origin, source } = entrance;
    await limits.giveSourceBack(ctx, source);
    await tellOfBackupCode(ctx, { userId, tenant }, shown);
    const amr = bothFactors(entrance.first, shownAs);
    return open(ctx, { userId, tenant, amr, origin, opens, remember, trust, fingerprint }, client);
  });
  if (outcome instanceof Refused) throw outcome;
  return (await handOut(ctx, outcome)) as GrantedAs<As>;
}

/** Two codes to one mailbox are one factor, shown twice. */
const bothFactors = (first: readonly string[], second: string): string[] =>
  first.includes(second) ? [...first] : [...first, second, "mfa"];

/** A sign-in that may go on. */
interface Resumed extends Entrance, Pick<SigningIn, "first"> {
  origin: Origin | undefined;
  /** Where the try was counted. */
  source: limits.CountedSource;
}

/**
 * Counts a try at a sign-in that waits for its second factor, and sees that it may still be finished: refused with
 * INVALID_MFA_TOKEN as above, or RATE_LIMITED. Run inside a transaction that commits either way.
 */
export async function resume(
  ctx: Context,
  { pending, userId: said, at }: ResumeRequest,
  client: Client,
  { isCounted = false }: { isCounted?: boolean } = {},
): Promise<Resumed | Refused> {
  const { userId, tenantId, from } = pending;
  const source = await countTry(ctx, client, { userId, epoch: pending.epoch });
  if (source instanceof Refused) return source;
  const no = (reason: string) => refuse(ctx, client, userId, reason, "INVALID_MFA_TOKEN", tenantId);
  if (!isCounted && !(await continuations.countTry(ctx, "mfa", pending)))
    return no("mfa token spent or tried too often");
  if (at !== undefined && at !== tenantId) return no("mfa token of another tenant");
  if (said !== undefined && said !== userId) return no("mfa token of another user");
  if (!(await credentials.isSignInValid(ctx, userId, pending.epoch))) return no("signed out since");
  const origin = from && (await findOrigin(ctx, from));
  if (from && origin?.userId !== userId) return no("the sign-in that was to show a factor is over");
  const entrance = await findEntrance(ctx, userId, tenantId);
  return entrance
    ? { ...entrance, origin, source, first: origin?.amr ?? pending.first }
    : no("account is not active");
}

/** Going on was no guess: takes back what `resume` counted. */
export async function giveTryBack(
  ctx: Context,
  pending: PendingSignIn,
  { source }: Pick<Resumed, "source">,
): Promise<void> {
  await continuations.giveTryBack(ctx, pending);
  await limits.giveSourceBack(ctx, source);
}

/**
 * Finishes, with a code, what a password at `token/` began from the same address. Throws Refused INVALID_CREDENTIALS when
 * nothing was begun, it is over, or the account died meanwhile; INVALID_CODE; RATE_LIMITED.
 */
export async function signInWithCode(
  ctx: Context,
  { login, code }: { login: string; code: string },
  client: Client,
): Promise<GrantedAs<"key">> {
  const { address } = client;
  const parsed = parseLogin(login);
  const user = parsed && (await credentials.find(ctx, "instance", parsed));
  const userId = user?.id;
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | Entry> => {
    const source = await countTry(ctx, client, user && ownerOf(user));
    if (source instanceof Refused) return source;
    // Asked for nobody too, so that the time does not tell who has an account.
    const whose = { userId: userId ?? NOBODY.userId, purpose: "key", address } as const;
    const challenge = await loginChallenges.countTry(ctx, whose);
    if (!userId || !challenge) return refuse(ctx, client, userId, "no login waits for a second factor here");
    const { id, tenantId } = challenge;
    const signingIn = await findEntrance(ctx, userId, tenantId);
    if (!signingIn) return refuse(ctx, client, userId, "account is not active");
    const first = challenge.amr.split(" ");
    const due = await factorsDue(ctx, { ...signingIn, first });
    const shown = { method: undefined, code };
    const shownAs = await spendFactor(ctx, userId, { shown, due, binding: id });
    if (shownAs === undefined)
      return refuse(ctx, client, userId, "wrong or used code", "INVALID_CODE", tenantId);
    if (!(await loginChallenges.consume(ctx, id)))
      return refuse(ctx, client, userId, "challenge already spent");
    await limits.giveSourceBack(ctx, source);
    const amr = [...first, shownAs, "mfa"];
    const { tenant } = signingIn;
    return open(ctx, { userId, tenant, amr, opens: "key", remember: false }, client);
  });
  if (outcome instanceof Refused) throw outcome;
  return (await handOut(ctx, outcome)) as GrantedAs<"key">;
}

/** Against the source alone: the account's own bound is the challenge's. */
async function countTry(
  ctx: Context,
  client: Client,
  owner: Owner | undefined,
): Promise<Refused | limits.CountedSource> {
  const budget = await limits.findBudget(ctx, budgetOf(client, owner, ""));
  return unlessLimited(ctx, client, owner?.userId, [budget], (ctx) => limits.countSource(ctx, budget));
}

export type Entrance = Omit<SigningIn, "first"> & { user: credentials.Account };

/** Who signs in where, if user, membership and tenant are all still alive. */
export async function findEntrance(
  ctx: Context,
  userId: UserId,
  tenantId: TenantId,
): Promise<Entrance | undefined> {
  if (!(await memberships.isAlive(ctx, userId, tenantId))) return undefined;
  const tenant = await tenants.findLive(ctx, tenantId);
  const user = await credentials.findById(ctx, userId);
  if (!tenant || !user || isUnverified(user, tenant)) return undefined;
  return { userId, tenant, user, hasVerifiedEmail: hasVerifiedEmail(user) };
}
