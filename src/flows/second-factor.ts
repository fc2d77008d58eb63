// Which second factors a sign-in needs, and spending one. One user, one set of factors, whichever group asks: this is the one
// place that decides it.
import type { Context } from "../context.ts";
import * as backupCodes from "../core/backup-codes.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as emailFactors from "../core/email-factors.ts";
import * as enrolledFactors from "../core/enrolled-factors.ts";
import * as factorFailures from "../core/factor-failures.ts";
import type { PasskeyId, UserId } from "../core/ids.ts";
import * as passkeys from "../core/passkeys.ts";
import type { Tenant } from "../core/tenants.ts";
import * as totp from "../core/totp.ts";
import * as trustedDevices from "../core/trusted-devices.ts";

/** How a second factor can be shown, as the references name it, in the order in which they are offered. */
export type FactorMethod = "totp" | "webauthn" | "email" | "backup_code";

/** A WebAuthn assertion whose signature was verified (flows/assert-passkey.ts); what is left is to take it, once. */
export interface Assertion extends passkeys.Use {
  passkeyId: PasskeyId;
  /** Never leaves its authenticator: BE was 0. */
  isDeviceBound: boolean;
}

/** What a client offers. Without a method, any factor that takes a code of six digits will do. */
export interface Shown {
  method: FactorMethod | undefined;
  code: string;
  assertion?: Assertion | undefined;
}

/** Whose sign-in it is. */
export interface SigningIn {
  userId: UserId;
  tenant: Tenant;
  /** Whether a code may go to the email of the account: it was shown to be the user's. */
  hasVerifiedEmail: boolean;
  /** How the first factor was shown (RFC 8176). */
  first: readonly string[];
}

/**
 * factor: one of these must be shown (backup codes stand last, and while some remain). enrolment: the tenant asks for a factor and
 * there is none, nor an email to send a code to; the session may do nothing but enrol one.
 */
export type Due = { kind: "none" } | { kind: "factor"; methods: FactorMethod[] } | { kind: "enrolment" };

/** What a right password alone does not do. A device that the user trusts in this tenant, by any of these tokens, stands for the factor. */
export async function factorsDue(
  ctx: Context,
  { userId, tenant, hasVerifiedEmail, first }: SigningIn,
  trustedTokens: readonly string[] = [],
): Promise<Due> {
  const methods = besides(first, await enrolledMethods(ctx, userId));
  const isRequired = tenant.settings.mfa_policy === "required";
  if (methods.length === 0 && !isRequired) return { kind: "none" };
  for (const token of trustedTokens) {
    const device = { userId, tenantId: tenant.id, token };
    if (await trustedDevices.use(ctx, device)) return { kind: "none" };
  }
  if (methods.length === 0)
    return hasVerifiedEmail ? { kind: "factor", methods: ["email"] } : { kind: "enrolment" };
  if ((await backupCodes.count(ctx, userId)) > 0) methods.push("backup_code");
  return { kind: "factor", methods };
}

/**
 * Who came by a code to the mailbox shows nothing new by another (NIST SP 800-63B-4 §2.2.1): where there is a factor besides, that is
 * asked for, and the mailbox alone lets nobody in. Where it is the only one it stays, as its owner has nothing else to show; what
 * comes of it is no sign-in by two factors (sign-in-with-factor.ts).
 */
const besides = (first: readonly string[], enrolled: FactorMethod[]): FactorMethod[] => {
  const others = enrolled.filter((method) => method !== "email");
  return isByMailbox(first) && others.length > 0 ? others : enrolled;
};

/** A magic code and nothing else. After a password the mailbox is another factor, also where an approval came between them. */
const isByMailbox = (first: readonly string[]): boolean => first.includes("mca") && !first.includes("pwd");

/** The factors that are on, without backup codes. */
export const enrolledMethods = (ctx: Context, userId: UserId): Promise<FactorMethod[]> =>
  enrolledFactors.list(ctx, userId);

/** Whether any second factor is on. */
export const hasFactor = async (ctx: Context, userId: UserId): Promise<boolean> =>
  (await enrolledMethods(ctx, userId)).length > 0;

/** Whether one of the factors that are on was on before that time. One that was turned on since could not be shown then. */
export async function hadFactorAt(ctx: Context, userId: UserId, time: number): Promise<boolean> {
  const app = await totp.find(ctx, userId);
  const email = await emailFactors.find(ctx, userId);
  const keys = await passkeys.listOfUser(ctx, userId);
  const since = [app?.confirmedAt, email?.confirmedAt, ...keys.map(({ createdAt }) => createdAt)];
  return since.some((at) => typeof at === "number" && at < time);
}

/**
 * Spends what was shown, if it is one of the methods that are due now; undefined when none takes it, else what it adds to `amr`
 * (RFC 8176). `binding`: the sign-in that a mailed code belongs to. Run inside a transaction that commits either way.
 */
export async function spendFactor(
  ctx: Context,
  userId: UserId,
  { shown, due, binding }: { shown: Shown; due: Due; binding: string },
): Promise<string | undefined> {
  const allowed = due.kind === "factor" ? due.methods : [];
  const { method, code, assertion } = shown;
  if (method !== undefined) {
    return allowed.includes(method) ? spend(ctx, userId, method, { code, assertion, binding }) : undefined;
  }
  // A code without a method: the mailed one first, since it costs the authenticator app nothing then.
  const isMailed = allowed.includes("email");
  const mailed = isMailed ? await spend(ctx, userId, "email", { code, binding }) : undefined;
  if (mailed || !allowed.includes("totp")) return mailed;
  const shownByApp = await spend(ctx, userId, "totp", { code, binding });
  if (shownByApp && isMailed) await factorFailures.giveTryBack(ctx, userId, "email");
  return shownByApp;
}

interface Evidence {
  code: string;
  assertion?: Assertion | undefined;
  binding: string;
}

async function spend(
  ctx: Context,
  userId: UserId,
  method: FactorMethod,
  { code, assertion, binding }: Evidence,
): Promise<string | undefined> {
  if (method === "totp") return (await totp.consume(ctx, userId, code)) ? "otp" : undefined;
  // Off after a hundred wrong ones in a row, until enrolled again (NIST SP 800-63B-4 §3.2.2).
  if (!(await factorFailures.countTry(ctx, userId, method))) return undefined;
  const amr = await judge(ctx, userId, method, { code, assertion, binding });
  if (amr) await factorFailures.forgive(ctx, userId, method);
  return amr;
}

async function judge(
  ctx: Context,
  userId: UserId,
  method: Exclude<FactorMethod, "totp">,
  { code, assertion, binding }: Evidence,
): Promise<string | undefined> {
  if (method === "webauthn") {
    if (!assertion || !(await passkeys.use(ctx, assertion.passkeyId, assertion))) return undefined;
    return assertion.isDeviceBound ? "hwk" : "swk";
  }
  if (method === "backup_code") return (await backupCodes.consume(ctx, userId, code)) ? "otp" : undefined;
  if (!(await emailCodes.consume(ctx, { userId, purpose: "login", binding }, code))) return undefined;
  await emailFactors.touch(ctx, userId);
  // A second channel, which by NIST is weaker than a factor of its own (RFC 8176 §2, SP 800-63B-4 §3.1.3.1).
  return "mca";
}
