// Which tenants an email may sign in to. One without an account gets the answer of one that has, at the same cost, so that
// neither the answer nor its size nor its time tells the two apart (ASVS 6.3.8).
import type { Client, Context } from "../context.ts";
import * as decoys from "../core/decoys.ts";
import type { Email } from "../core/emails.ts";
import type { Realm } from "../core/ids.ts";
import type { MemoryWindow } from "../core/memory-window.ts";
import { Refused } from "../errors.ts";

/** Tenants by slug; [] for everyone where the instance hides them. Writes nothing. Throws Refused RATE_LIMITED. */
export async function identifyEmail(
  ctx: Context,
  email: Email,
  window: MemoryWindow,
  client: Pick<Client, "network">,
): Promise<decoys.ShownTenant[]> {
  const waitS = window.count(client.network, ctx.now());
  if (waitS !== undefined) throw new Refused("RATE_LIMITED", waitS);
  return tenantsToShow(ctx, email);
}

/**
 * Its own tenants, or those of the email that it imitates. That one is looked for every time, and one list is read: reading both would
 * take longer for an email with many tenants of its own than for one without (measured: `bun run timing`).
 */
export async function tenantsToShow(ctx: Context, email: Email): Promise<decoys.ShownTenant[]> {
  if (!ctx.config.identifyTenants) return [];
  const canSignIn = await decoys.canSignIn(ctx, email);
  const decoy = await decoys.decoyFor(ctx, email);
  const shown = canSignIn ? email : decoy;
  return shown ? decoys.tenantsOf(ctx, shown) : [];
}

/**
 * The realms in which a sign-in that names no tenant tries an email, each at the cost of a hash: those of its accounts. An
 * email that `identify` answers with a decoy is tried as often as that decoy would be, at least. Never none.
 */
export async function accountsOf(ctx: Context, email: Email): Promise<Realm[]> {
  const own = await decoys.realmsOf(ctx, email);
  const canSignIn = await decoys.canSignIn(ctx, email);
  const decoy = await decoys.decoyFor(ctx, email);
  const imitated = decoy ? await decoys.realmsOf(ctx, decoy) : [];
  if (canSignIn) return own;
  const others = imitated.filter((realm) => !own.includes(realm));
  const realms = [...own, ...others].slice(0, Math.max(own.length, imitated.length));
  return realms.length > 0 ? realms : ["instance"];
}
