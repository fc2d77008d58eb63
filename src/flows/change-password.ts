// A new password by somebody who is signed in and knows the old one.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import * as limits from "../core/limits.ts";
import * as secrets from "../core/one-time-secrets.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { endOtherSignIns, endSignInsUnderWay } from "./end-sign-ins.ts";
import { knownAs } from "./grant.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";
import { notify } from "./notify.ts";
import { checkNewPassword } from "./new-password.ts";
import { unlessLimited } from "./prove-password.ts";
import { budgetOf, ownerOf } from "./strangers.ts";

/**
 * Ends the user's other sign-ins, and mails the owner. Resolves to the cookie by which this device is known from now on. Throws Refused WRONG_PASSWORD, which counts as a failed try at the
 * account, RATE_LIMITED, or INVALID_BEARER (ended meanwhile); Invalid for a new password that the policy refuses, before anything counts; Unavailable.
 */
export async function changePassword(
  ctx: Context,
  identity: Identity,
  { current, next }: { current: string; next: string },
  client: Client,
): Promise<string> {
  const { userId, tenantId, credential } = identity;
  const account = await credentials.findById(ctx, userId);
  const tenant = await tenants.findLive(ctx, tenantId);
  if (!account || !tenant) throw new Refused("INVALID_BEARER");
  checkNewPassword(next, "new_password", tenant, account);
  const { passwordSetAt } = account;
  const { budget, tried } = await proveCurrent(ctx, identity, account, current, client);
  const passwordHash = await passwords.hash(ctx, next);
  const entry = { actorId: userId, userId, tenantId };
  const changed = await transaction(ctx, async (ctx) => {
    // Hashing took its time: the sign-in may have been ended meanwhile.
    await requireStillSignedIn(ctx, identity);
    if (!(await credentials.isPasswordSince(ctx, userId, passwordSetAt))) {
      return refuse(ctx, identity, "password just changed", client);
    }
    await limits.givePasswordTryBack(ctx, budget, tried);
    await credentials.updatePassword(ctx, userId, passwordHash);
    await endOtherSignIns(ctx, userId, credential);
    await endSignInsUnderWay(ctx, userId);
    await limits.rememberAddress(ctx, userId, client.network);
    await secrets.endOfPurpose(ctx, userId, "reset");
    await notify(ctx, identity, { kind: "password_changed" });
    await audit.append(ctx, client, { ...entry, event: "password.changed" });
    return knownAs(ctx, userId, client);
  });
  if (changed instanceof Refused) throw changed;
  return changed;
}

/** The try is counted before it is judged. */
async function proveCurrent(
  ctx: Context,
  identity: Identity,
  account: credentials.Account,
  current: string,
  client: Client,
): Promise<{ budget: limits.Budget; tried: limits.CountedTry }> {
  const { userId } = identity;
  using taken = new DisposableStack();
  const counted = await transaction(ctx, async (ctx) => {
    const budget = await limits.findBudget(ctx, budgetOf(client, ownerOf(account), ""));
    const tried = await unlessLimited(ctx, client, userId, [budget], (ctx) =>
      limits.countPasswordTry(ctx, budget),
    );
    return tried instanceof Refused ? tried : { budget, tried, place: taken.use(ctx.hasher.reserve()) };
  });
  if (counted instanceof Refused) throw counted;
  const { budget, tried, place } = counted;
  const { matches } = await passwords.verify(ctx, place, account.passwordHash, current);
  if (!matches) throw await refuse(ctx, identity, "wrong password", client);
  return { budget, tried };
}

async function refuse(
  ctx: Context,
  { userId, tenantId }: Identity,
  reason: string,
  client: Client,
): Promise<Refused> {
  const entry = { actorId: userId, userId, tenantId, reason };
  await audit.append(ctx, client, { event: "password.change_refused", ...entry });
  return new Refused("WRONG_PASSWORD");
}
