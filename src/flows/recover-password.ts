// A forgotten password: the mail, and the new password that ends everything else.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import type { Email } from "../core/emails.ts";
import type { UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as memberships from "../core/memberships.ts";
import * as secrets from "../core/one-time-secrets.ts";
import * as outbox from "../core/outbox.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import type { Refused } from "../errors.ts";
import { endAllSignIns } from "./end-sign-ins.ts";
import { inVain } from "./in-vain.ts";
import { languageFor } from "./language.ts";
import { resetLink } from "./links.ts";
import { mayMail } from "./may-mail.ts";
import { checkNewPassword } from "./new-password.ts";
import { notify } from "./notify.ts";
import { checkRedirect, redirectAfter } from "./redirects.ts";
import { removeFactors } from "./remove-factors.ts";
import { senderOf } from "./sender.ts";
import { isStranger, turnAway } from "./strangers.ts";

const MINUTE_MS = 60 * 1000;

export interface ResetRequest {
  tenant: tenants.Tenant;
  email: Email;
  redirectUri: string | undefined;
}

/**
 * Mails a link to whoever has a living account here, and nothing to anyone else; the caller cannot tell. Throws Invalid for a
 * redirect that is not the tenant's.
 */
export async function requestReset(ctx: Context, request: ResetRequest, client: Client): Promise<void> {
  const { tenant, email, redirectUri } = request;
  checkRedirect(tenant, redirectUri);
  const realm = tenants.realmOf(tenant);
  await transaction(ctx, async (ctx) => {
    const account = await credentials.find(ctx, realm, { email });
    const byStranger = await isStranger(ctx, account, client);
    const asked = { purpose: "reset", email, realm, byStranger, network: client.network } as const;
    if (!(await mayMail(ctx, asked, client, { tenantId: tenant.id }))) return;
    // The same for everyone, in the same order; for an email without an account in the name of some member, and taken back before it
    // is committed. Else the time of the answer would tell (measured: `bun run timing`).
    const someone = await memberships.findSomeone(ctx, tenant.id);
    const userId = account?.id ?? someone;
    const isAlive =
      userId !== undefined && (await memberships.isAlive(ctx, userId, tenant.id)) && account !== undefined;
    const language = languageFor(ctx, account, client);
    const mail = { email, tenant, redirectUri, language };
    if (isAlive) await transaction(ctx, (ctx) => mailReset(ctx, { ...mail, userId }));
    else if (someone) await inVain(ctx, (ctx) => mailReset(ctx, { ...mail, userId: someone }));
    // Its administrators read a tenant's log, and must not learn by it who has an account elsewhere.
    const entry = isAlive ? { tenantId: tenant.id } : { reason: "no such account" };
    await audit.append(ctx, client, { event: "password.reset_requested", userId: account?.id, ...entry });
  });
}

export interface ResetMail {
  userId: UserId;
  email: Email;
  tenant: tenants.Tenant;
  redirectUri: string | undefined;
  language: string;
}

/** Mails a link that sets a new password; earlier ones are void. Run inside a transaction. */
export async function mailReset(
  ctx: Context,
  { userId, email, tenant, redirectUri, language }: ResetMail,
): Promise<void> {
  const lifetimeMs = secrets.LIFETIME_MS.reset;
  const token = await secrets.create(ctx, { purpose: "reset", userId, tenantId: tenant.id, redirectUri });
  await outbox.enqueue(ctx, {
    to: email,
    tenantId: tenant.id,
    userId,
    sender: senderOf(tenant),
    content: {
      kind: "reset_password",
      link: resetLink(ctx, tenant.slug, token),
      minutes: lifetimeMs / MINUTE_MS,
    },
    language,
    expiresAt: ctx.now() + lifetimeMs,
  });
}

/** Whether a mailed token is still good. Spends nothing. */
export async function isResettable(ctx: Context, tenant: tenants.Tenant, token: string): Promise<boolean> {
  const secret = await secrets.find(ctx, { purpose: "reset", tenantId: tenant.id, token });
  return secret?.usedAt === null && memberships.isAlive(ctx, secret.userId, tenant.id);
}

export interface NewPassword {
  tenant: tenants.Tenant;
  token: string;
  password: string;
  /** What the caller calls the password, for what is wrong with it. */
  field?: string;
}

/**
 * Sets a new password and ends every session, key, device, pending sign-in and mailed link of the user, all together or not at
 * all; signs nobody in (ASVS 6.4.3). Second factors stay. Resolves to where to go on. Throws Refused INVALID_TOKEN, Invalid,
 * Unavailable.
 */
export async function resetPassword(
  ctx: Context,
  { tenant, token, password, field = "new_password" }: NewPassword,
  client: Client,
): Promise<{ redirectUri: string | null }> {
  const offered = { purpose: "reset", tenantId: tenant.id, token } as const;
  const secret = await secrets.find(ctx, offered);
  const account =
    secret && secret.usedAt === null ? await credentials.findById(ctx, secret.userId) : undefined;
  if (!secret) throw await refuse(ctx, client, tenant, "token unknown or expired");
  if (!account) throw await refuse(ctx, client, tenant, "token spent", secret.userId);
  // A password that the policy refuses leaves the token as it is.
  checkNewPassword(password, field, tenant, account);
  const passwordHash = await passwords.hash(ctx, password);
  const isReset = await transaction(ctx, async (ctx) => {
    const spent = await secrets.consume(ctx, offered);
    if (!spent || !(await memberships.isAlive(ctx, account.id, tenant.id))) return false;
    await replacePassword(ctx, account, passwordHash);
    // Else strangers who go on guessing would hold up the owner, who can only sign in from places unknown now.
    await limits.rememberAddress(ctx, account.id, client.network);
    await notify(ctx, { userId: account.id, tenantId: tenant.id }, { kind: "password_changed" });
    const entry = { actorId: account.id, userId: account.id, tenantId: tenant.id };
    await audit.append(ctx, client, { event: "password.reset", ...entry });
    return true;
  });
  if (!isReset)
    throw await refuse(ctx, client, tenant, "token just spent, or account not active", account.id);
  return { redirectUri: redirectAfter(tenant, secret.redirectUri) };
}

async function replacePassword(
  ctx: Context,
  { id, emailVerifiedAt }: credentials.Account,
  passwordHash: string,
): Promise<void> {
  if (emailVerifiedAt === null) {
    // Somebody who never showed that the email is theirs set all this up (CVE-2026-53516): none of it survives its owner.
    await credentials.forgetUnverified(ctx, id);
    await removeFactors(ctx, id);
  }
  await credentials.updatePassword(ctx, id, passwordHash);
  await credentials.verifyEmail(ctx, id);
  await endAllSignIns(ctx, id);
}

async function refuse(
  ctx: Context,
  client: Client,
  { id: tenantId }: tenants.Tenant,
  reason: string,
  userId?: UserId,
): Promise<Refused> {
  return turnAway(
    ctx,
    client,
    { event: "password.reset_refused", userId, tenantId, reason },
    "INVALID_TOKEN",
  );
}
