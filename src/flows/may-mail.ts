import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import { type CountedMail, countMail } from "../core/mail-limits.ts";

/**
 * Whether limits allow a mail that a request causes, which is counted then. A mail that is withheld leaves a row, as the answer
 * does not tell (ASVS 16.3.3). Inside a transaction.
 */
export async function mayMail(
  ctx: Context,
  mail: CountedMail,
  client: Client,
  about: { tenantId: TenantId | undefined; userId?: UserId },
): Promise<boolean> {
  const isAllowed = await countMail(ctx, mail);
  if (!isAllowed) await tellWithheld(ctx, mail, client, about);
  return isAllowed;
}

/** For those who were refused by `countMailOrRefuse`, and tell nobody but the audit log. */
export const tellWithheld = (
  ctx: Context,
  { purpose }: Pick<CountedMail, "purpose">,
  client: Client,
  about: { tenantId: TenantId | undefined; userId?: UserId },
): Promise<void> => audit.append(ctx, client, { event: "mail.limited", ...about, reason: purpose });
