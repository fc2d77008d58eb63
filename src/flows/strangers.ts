// Callers who have shown nothing yet: what they may cause is bounded, however many requests they send.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { Account } from "../core/credentials.ts";
import type { UserId } from "../core/ids.ts";
import type { Owner } from "../core/known-devices.ts";
import * as limits from "../core/limits.ts";
import { type Refusal, Refused } from "../errors.ts";

/** Whose tries they are, as far as it is known. */
export const budgetOf = (
  { network, device }: Client,
  owner: Owner | undefined,
  unknownLogin: string,
): limits.Tries => ({ owner, unknownLogin, network, device });

export const ownerOf = ({ id: userId, signInEpoch: epoch }: Account): Owner => ({ userId, epoch });

/** Has no account. For the same work where there is none to look at. */
export const NOBODY: Owner = { userId: "" as UserId, epoch: 0 };

/** Whether the account knows neither the device nor the address. Takes as long where there is no account. */
export async function isStranger(
  ctx: Context,
  account: Account | undefined,
  client: Client,
): Promise<boolean> {
  const { known } = await limits.findBudget(ctx, budgetOf(client, account ? ownerOf(account) : NOBODY, ""));
  return known === undefined;
}

/** Writes down why somebody is refused, of a flood some (core/audit-flood.ts), and gives the refusal that callers may see. */
export async function turnAway(
  ctx: Context,
  client: Client,
  entry: audit.AuditEntry,
  code: Refusal,
): Promise<Refused> {
  await audit.append(ctx, client, entry);
  return new Refused(code);
}
