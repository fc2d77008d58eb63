// The way out for whoever lost every factor: by whoever sits at the machine, and by superusers.
import { type Client, type Context, transaction } from "../context.ts";
import type { Account } from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import type { UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import { Refused } from "../errors.ts";
import { type Actor, administer } from "./authority.ts";
import { endAllSignIns, endOtherSignIns } from "./end-sign-ins.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";
import { notify } from "./notify.ts";
import { findUser } from "./manage-users.ts";
import { removeFactors } from "./remove-factors.ts";
import { hasFactor } from "./second-factor.ts";

/**
 * The emergency exit at the machine itself: removes all factors of the caller, and of nobody else, also where a tenant asks for one,
 * and ends their other sign-ins. Mails the owner. Throws Refused LOCAL_ONLY.
 */
export async function resetOwnFactors(ctx: Context, identity: Identity, client: Client): Promise<void> {
  const { userId, tenantId, credential } = identity;
  const entry = { actorId: userId, userId, tenantId };
  if (!client.isLocal) {
    const reason = "not from this machine";
    await audit.append(ctx, client, { ...entry, event: "mfa.reset_refused", reason });
    throw new Refused("LOCAL_ONLY");
  }
  await transaction(ctx, async (ctx) => {
    await requireStillSignedIn(ctx, identity);
    if (await hasFactor(ctx, userId)) await notify(ctx, identity, ALL_REMOVED);
    await removeFactors(ctx, userId);
    await endOtherSignIns(ctx, userId, credential);
    await audit.append(ctx, client, { ...entry, event: "mfa.reset" });
  });
}

/**
 * Removes all factors of an account and ends everything by which its user is signed in: whoever asked for this may not be who they
 * said. Mails the owner. Throws Refused FORBIDDEN, also for the actor's own; NOT_FOUND.
 */
export function resetFactors(ctx: Context, actor: Actor, userId: string, client: Client): Promise<Account> {
  return administer(ctx, actor, client, `reset factors of ${userId}`, async (ctx) => {
    const account = await findUser(ctx, actor, userId);
    // Their own they turn off as everyone does: a stolen key, which is never fresh, must not be the way around their factors.
    if (account.id === actor.userId) throw new Refused("FORBIDDEN");
    if (await hasFactor(ctx, account.id)) await notifyAtHome(ctx, account.id);
    await removeFactors(ctx, account.id);
    await endAllSignIns(ctx, account.id);
    const entry = { actorId: actor.userId, userId: account.id };
    await audit.append(ctx, client, { ...entry, event: "mfa.reset" });
    return account;
  });
}

/** In the name of the tenant in which the user has been longest. */
async function notifyAtHome(ctx: Context, userId: UserId): Promise<void> {
  const places = await memberships.listOfUser(ctx, userId);
  const home = places.find(({ status }) => status === "active") ?? places[0];
  if (home) await notify(ctx, { userId, tenantId: home.tenantId }, ALL_REMOVED);
}

const ALL_REMOVED = { kind: "factor_changed", change: "all_removed" } as const;
