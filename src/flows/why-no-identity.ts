// Why nobody was identified: for the audit log, where it has to be precise, and for nobody who asks.
import type { Context } from "../context.ts";
import * as accessTokens from "../core/access-tokens.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as sessions from "../core/sessions.ts";
import * as signingKeys from "../core/signing-keys.ts";
import type { Because } from "../errors.ts";

/** Of ours, each good elsewhere. Of whatever else it may be nothing is repeated: it may be a secret. */
const KINDS = /^ost_(rt|ses|act|rst|vfy|inv|lrq|xch|td|setup)_/;

/** Looks again, at more than life asks for: only after a refusal. */
export function whyNoIdentity(
  ctx: Context,
  { bearer, cookie }: { bearer: string | undefined; cookie: string | null },
): Promise<Because> {
  if (bearer !== undefined) return whyNoBearer(ctx, bearer);
  return cookie === null ? Promise.resolve({ reason: "no credential" }) : whyNoCookie(ctx, cookie);
}

async function whyNoCookie(ctx: Context, cookie: string): Promise<Because> {
  const session = await sessions.findOwnerByCookie(ctx, cookie);
  if (!session) return { reason: "cookie of no session, or of one that has ended" };
  return whyDead(ctx, "session", session);
}

async function whyNoBearer(ctx: Context, bearer: string): Promise<Because> {
  if (!accessTokens.isMeant(bearer)) return whyNoKey(ctx, bearer);
  const kid = accessTokens.kidOf(bearer);
  const key = kid === undefined ? undefined : await signingKeys.find(ctx, kid);
  if (!key) return { reason: "token of another kind, or signed by none of our keys" };
  const findKey = () => Promise.resolve(key);
  const claims = await accessTokens.verify(ctx, bearer, findKey, { evenExpired: true });
  if (!claims) return { reason: "token whose signature, type, issuer, audience or time is wrong" };
  const { sessionId, userId, tenantId } = claims;
  const who = { userId, tenantId };
  if (!(await accessTokens.verify(ctx, bearer, findKey))) return { reason: "access token expired", ...who };
  const session = await sessions.find(ctx, sessionId);
  return session ? whyDead(ctx, "session", session) : { reason: "session has ended", ...who };
}

async function whyNoKey(ctx: Context, bearer: string): Promise<Because> {
  const key = await apiKeys.findOwner(ctx, bearer);
  if (key) return whyDead(ctx, "API key", key);
  if (bearer.startsWith("ost_key_")) return { reason: "unknown API key, or one that has ended" };
  const [, kind] = KINDS.exec(bearer) ?? [];
  return { reason: kind === undefined ? "no Bearer of ours" : `a secret of another kind: ost_${kind}` };
}

const whyDead = (
  ctx: Context,
  what: string,
  { expiresAt, userId, tenantId }: { expiresAt: number; userId: string; tenantId: string },
): Because => ({
  reason: expiresAt <= ctx.now() ? `${what} expired` : "account, membership or tenant is not active",
  userId,
  tenantId,
});
