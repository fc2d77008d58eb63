import type { Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import { countMail } from "../core/mail-limits.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import type { Identity } from "./identify.ts";
import { languageFor } from "./language.ts";
import { senderOf } from "./sender.ts";

const NOTICE_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * A security notice to the owner of the account, where it has an email. Limits do not count it; but where nobody has shown that the
 * email is the owner's, it may be anybody's who was typed into a registration, and is not to be buried in mail. Inside a transaction.
 */
export async function notify(
  ctx: Context,
  { userId, tenantId }: Pick<Identity, "userId" | "tenantId">,
  content: outbox.MailContent,
): Promise<void> {
  const account = await accounts.find(ctx, userId);
  const tenant = await tenants.find(ctx, tenantId);
  if (!account?.email || !tenant) return;
  const { email, realm, emailVerifiedAt } = account;
  const counted = { purpose: "notice", email, realm, network: undefined } as const;
  if (emailVerifiedAt === null && !(await countMail(ctx, counted))) return;
  await outbox.enqueue(ctx, {
    to: email,
    tenantId,
    userId,
    sender: senderOf(tenant),
    content,
    language: languageFor(ctx, account),
    expiresAt: ctx.now() + NOTICE_LIFETIME_MS,
  });
}
