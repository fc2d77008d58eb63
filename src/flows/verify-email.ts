// Showing that an email is one's own: the mail, the link, and "this was not me".
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import * as memberships from "../core/memberships.ts";
import * as secrets from "../core/one-time-secrets.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import * as users from "../core/users.ts";
import { refusedAs } from "../errors.ts";
import { languageFor } from "./language.ts";
import { verifyEmailLink } from "./links.ts";
import { mayMail } from "./may-mail.ts";
import { redirectAfter } from "./redirects.ts";
import { senderOf } from "./sender.ts";

/** Whether the account still has to show that its email is its own before it may sign in here. */
export const isUnverified = (
  { email, emailVerifiedAt, activeAt }: credentials.Account,
  { settings }: tenants.Tenant,
): boolean =>
  activeAt === null || (email !== null && emailVerifiedAt === null && settings.email_verification);

/** Whether a code or a link that is mailed reaches the account's owner. */
export const hasVerifiedEmail = ({ email, emailVerifiedAt }: credentials.Account): boolean =>
  email !== null && emailVerifiedAt !== null;

const DEAD = { reason: "token unknown, spent or expired, or account not active" };

export interface Verification {
  user: Pick<credentials.Account, "id" | "email" | "language">;
  tenant: tenants.Tenant;
  redirectUri: string | undefined;
}

/** Mails a link, which voids the earlier one; nothing changes where limits forbid the mail. Run inside a transaction. */
export async function sendVerification(
  ctx: Context,
  { user, tenant, redirectUri }: Verification,
  client: Client,
): Promise<void> {
  if (user.email === null) return;
  const { email } = user;
  const realm = tenants.realmOf(tenant);
  const asked = { purpose: "verify_email", email, realm, network: client.network } as const;
  if (await mayMail(ctx, asked, client, { tenantId: tenant.id, userId: user.id }))
    await mailVerification(ctx, { user, tenant, redirectUri }, client);
}

/** The mail alone, for those who have counted it. */
export async function mailVerification(
  ctx: Context,
  { user, tenant, redirectUri }: Verification,
  client: Client,
): Promise<void> {
  if (user.email === null) return;
  const purpose = "verify_email";
  const token = await secrets.create(ctx, { purpose, userId: user.id, tenantId: tenant.id, redirectUri });
  await outbox.enqueue(ctx, {
    to: user.email,
    tenantId: tenant.id,
    userId: user.id,
    sender: senderOf(tenant),
    content: { kind: "verify_email", link: verifyEmailLink(ctx, tenant.slug, token) },
    language: languageFor(ctx, user, client),
    expiresAt: ctx.now() + secrets.LIFETIME_MS.verify_email,
  });
}

/**
 * Verifies the email behind a mailed token; again and again while the token lives. Resolves to where to go on. Throws Refused
 * INVALID_TOKEN.
 */
export async function verifyEmail(
  ctx: Context,
  { tenant, token }: { tenant: tenants.Tenant; token: string },
  client: Client,
): Promise<{ redirectUri: string | null }> {
  const offered = { purpose: "verify_email", tenantId: tenant.id, token } as const;
  const verified = await transaction(ctx, async (ctx) => {
    const secret = await secrets.find(ctx, offered);
    if (!secret || !(await memberships.isAlive(ctx, secret.userId, tenant.id))) return undefined;
    if (await secrets.consume(ctx, offered)) {
      const { userId } = secret;
      await credentials.verifyEmail(ctx, userId);
      await audit.append(ctx, client, {
        event: "email.verified",
        actorId: userId,
        userId,
        tenantId: tenant.id,
      });
    }
    return secret;
  });
  if (!verified) throw refusedAs("INVALID_TOKEN", DEAD);
  return { redirectUri: redirectAfter(tenant, verified.redirectUri) };
}

/** Whether a mailed token is still good. Spends nothing. */
export const isVerifiable = async (ctx: Context, tenant: tenants.Tenant, token: string): Promise<boolean> =>
  (await secrets.find(ctx, { purpose: "verify_email", tenantId: tenant.id, token })) !== undefined;

/** "This was not me": what someone registered in another's name is gone, if it was never confirmed. Throws Refused INVALID_TOKEN. */
export async function disownEmail(
  ctx: Context,
  { tenant, token }: { tenant: tenants.Tenant; token: string },
  client: Client,
): Promise<void> {
  const tenantId = tenant.id;
  const disowned = await transaction(ctx, async (ctx) => {
    const secret = await secrets.consume(ctx, { purpose: "verify_email", tenantId, token });
    if (!secret) return false;
    const { userId } = secret;
    const account = await credentials.findById(ctx, userId);
    if (account?.activeAt === null) {
      await credentials.forgetUnverified(ctx, userId);
      await memberships.endActive(ctx, userId);
      await users.endPending(ctx, userId);
    }
    await audit.append(ctx, client, { event: "email.disowned", userId, tenantId });
    return true;
  });
  if (!disowned) throw refusedAs("INVALID_TOKEN", DEAD);
}
