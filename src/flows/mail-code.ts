// Six digits to the email of the account, wherever one is asked for.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { Account } from "../core/credentials.ts";
import * as emailCodes from "../core/email-codes.ts";
import { countMailOrRefuse } from "../core/mail-limits.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { languageFor } from "./language.ts";
import { tellWithheld } from "./may-mail.ts";
import { senderOf } from "./sender.ts";

export interface CodeMail {
  user: Pick<Account, "id" | "email" | "language">;
  tenant: tenants.Tenant;
  purpose: Exclude<emailCodes.CodeFor["purpose"], "magic">;
  /** The factor, or the sign-in, that the code belongs to. */
  binding: string;
}

/**
 * A new code, which voids the last one of the same binding. Throws Refused RATE_LIMITED, then the last one stays good, and
 * NO_VERIFIED_EMAIL. Run inside a transaction.
 */
export async function mailCode(
  ctx: Context,
  { user, tenant, purpose, binding }: CodeMail,
  client: Client,
): Promise<void> {
  const { id: userId, email } = user;
  if (email === null) throw new Refused("NO_VERIFIED_EMAIL");
  await countMailOrRefuse(ctx, {
    purpose: "code",
    email,
    realm: tenants.realmOf(tenant),
    network: client.network,
  });
  const code = await emailCodes.create(ctx, { userId, purpose, binding });
  await outbox.enqueue(ctx, {
    to: email,
    tenantId: tenant.id,
    userId,
    sender: senderOf(tenant),
    content: { kind: "code", code, purpose, minutes: emailCodes.LIFETIME_MS / 60_000 },
    language: languageFor(ctx, user, client),
    expiresAt: ctx.now() + emailCodes.LIFETIME_MS,
  });
}

/** The code that finishes a sign-in. Throws as `mailCode` does. Run inside a transaction. */
export async function mailLoginCode(
  ctx: Context,
  mail: Omit<CodeMail, "purpose">,
  client: Client,
): Promise<void> {
  await mailCode(ctx, { ...mail, purpose: "login" }, client);
  const entry = { userId: mail.user.id, tenantId: mail.tenant.id };
  await audit.append(ctx, client, { event: "code.sent", ...entry });
}

/** The same; false where limits forbid the mail: it can be asked for later. */
export async function tryToMailLoginCode(
  ctx: Context,
  mail: Omit<CodeMail, "purpose">,
  client: Client,
): Promise<boolean> {
  try {
    await mailLoginCode(ctx, mail, client);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const about = { tenantId: mail.tenant.id, userId: mail.user.id };
    if (error.code === "RATE_LIMITED") await tellWithheld(ctx, { purpose: "code" }, client, about);
    return false;
  }
}
