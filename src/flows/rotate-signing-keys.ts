// Which key signs access tokens, and from when.
import { type Client, type Context, transaction } from "../context.ts";
import { LIFETIME_MS } from "../core/access-tokens.ts";
import * as audit from "../core/audit.ts";
import * as signingKeys from "../core/signing-keys.ts";

/** Whoever keeps the published keys for longer than this meets a key they do not know. */
const PUBLISHED_AHEAD_MS = 10 * 60 * 1000;
/** The last token of a key is dead this long after the next one started; the minute is for a signature under way. */
const PUBLISHED_AFTER_MS = LIFETIME_MS + 60 * 1000;

export interface Rotated {
  kid: string;
  alg: signingKeys.KeyPair["alg"];
  /** Epoch milliseconds. */
  startsAt: number;
}

/**
 * Sees to it that there is a key, and that it will be one of the configured algorithm. Several processes may start at once:
 * one key wins. A key of another algorithm is followed as by a rotation, so that no token is cut off.
 */
export async function prepareSigningKeys(ctx: Context): Promise<void> {
  const alg = ctx.config.tokenAlgorithm;
  const isThere = (await signingKeys.list(ctx)).some((key) => key.alg === alg && key.retiresAt === null);
  if (isThere) return;
  const pair = await signingKeys.generate(alg);
  const startsAt = await transaction(ctx, async (ctx) => {
    const isFirst = (await signingKeys.list(ctx)).length === 0;
    const startsAt = ctx.now() + (isFirst ? 0 : PUBLISHED_AHEAD_MS);
    if (!(await signingKeys.createMissing(ctx, pair, startsAt))) return undefined;
    await signingKeys.retireOthers(ctx, pair.kid, startsAt + PUBLISHED_AFTER_MS);
    return startsAt;
  });
  if (startsAt !== undefined) ctx.log.info("signing key made", { kid: pair.kid, alg, startsAt });
}

/**
 * A new key follows the present one in 10 minutes, and that stays published until its last token is dead. `atOnce`, for a key
 * that was stolen: the new one starts now, and every access token there is stops working (sessions go on by refreshing).
 */
export async function rotateSigningKeys(
  ctx: Context,
  { atOnce }: { atOnce: boolean },
  client: Client,
): Promise<Rotated> {
  const pair = await signingKeys.generate(ctx.config.tokenAlgorithm);
  const { kid, alg } = pair;
  return transaction(ctx, async (ctx) => {
    const startsAt = ctx.now() + (atOnce ? 0 : PUBLISHED_AHEAD_MS);
    await signingKeys.create(ctx, pair, startsAt);
    if (atOnce) await signingKeys.endOthers(ctx, kid);
    else await signingKeys.retireOthers(ctx, kid, startsAt + PUBLISHED_AFTER_MS);
    const reason = atOnce ? `${kid}, and all others taken back` : kid;
    await audit.append(ctx, client, { event: "signing_key.rotated", reason });
    return { kid, alg, startsAt };
  });
}

/** The key to sign with now, made if there is none yet. Not inside a transaction. */
export async function currentSigningKey(ctx: Context): Promise<signingKeys.UsableKey> {
  const found = await signingKeys.findCurrent(ctx, LIFETIME_MS);
  if (found) return found;
  await prepareSigningKeys(ctx);
  const made = await signingKeys.findCurrent(ctx, LIFETIME_MS);
  if (!made) throw new Error("no signing key, although one was just made");
  return made;
}
