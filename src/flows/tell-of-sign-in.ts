// What the owner of an account hears of a sign-in that succeeded (ASVS 6.3.5, 6.3.7).
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as memberships from "../core/memberships.ts";
import * as backupCodes from "../core/backup-codes.ts";
import * as credentials from "../core/credentials.ts";
import type { UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import type { Tenant } from "../core/tenants.ts";
import { mayMail } from "./may-mail.ts";
import { notify } from "./notify.ts";
import type { Shown } from "./second-factor.ts";
import { budgetOf } from "./strangers.ts";

export interface SignedIn {
  userId: UserId;
  tenant: Tenant;
}

/**
 * Whether the account has signed in before, and neither on this device nor, within 30 days, from this network. To be asked before the
 * sign-in itself is written down. Run inside its transaction.
 */
export async function isFromElsewhere(ctx: Context, userId: UserId, client: Client): Promise<boolean> {
  const owner = { userId, epoch: await credentials.signInEpochOf(ctx, userId) };
  const { known } = await limits.findBudget(ctx, budgetOf(client, owner, ""));
  return known === undefined && (await memberships.lastLogins(ctx, userId)).length > 0;
}

/**
 * Mails it, to an address that is shown to be the owner's. Within the limits of its mailbox, so that who has every secret of an account
 * and many addresses cannot bury the first of these mails; not within those of the address that signs in, which a thief could use up before.
 */
export async function tellOfNewPlace(
  ctx: Context,
  { userId, tenant }: SignedIn,
  client: Client,
): Promise<void> {
  const account = await accounts.find(ctx, userId);
  if (!account?.email || account.emailVerifiedAt === null) return;
  const { email, realm } = account;
  const mail = { purpose: "new_sign_in", email, realm, network: undefined } as const;
  if (!(await mayMail(ctx, mail, client, { tenantId: tenant.id, userId }))) return;
  const { address, userAgent } = client;
  const content = { kind: "signed_in_elsewhere", address, userAgent, at: ctx.now() } as const;
  await notify(ctx, { userId, tenantId: tenant.id }, content);
}

/** A backup code is what is left when all else is lost, or what a thief found in a drawer. Run inside the transaction that spent it. */
export async function tellOfBackupCode(
  ctx: Context,
  { userId, tenant }: SignedIn,
  { method }: Shown,
): Promise<void> {
  if (method !== "backup_code") return;
  const left = await backupCodes.count(ctx, userId);
  await notify(ctx, { userId, tenantId: tenant.id }, { kind: "backup_code_used", left });
}
