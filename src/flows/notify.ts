import type { Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import type { Identity } from "./identify.ts";
import { senderOf } from "./sender.ts";

const NOTICE_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** A security notice to the owner of the account, where it has an email; limits do not count it. Inside a transaction. */
export async function notify(
  ctx: Context,
  { userId, tenantId }: Pick<Identity, "userId" | "tenantId">,
  content: outbox.MailContent,
): Promise<void> {
  const email = (await accounts.find(ctx, userId))?.email;
  const tenant = await tenants.find(ctx, tenantId);
  if (!email || !tenant) return;
  await outbox.enqueue(ctx, {
    to: email,
    tenantId,
    userId,
    sender: senderOf(tenant),
    content,
    expiresAt: ctx.now() + NOTICE_LIFETIME_MS,
  });
}
