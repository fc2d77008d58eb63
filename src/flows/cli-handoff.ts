// Whoever is signed in hands that on, from a program to a browser or the other way: a code for a minute, and a session of its own
// for it.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as exchangeCodes from "../core/exchange-codes.ts";
import type { SessionId, UserId } from "../core/ids.ts";
import * as tenants from "../core/tenants.ts";
import { Refused, refusedAs } from "../errors.ts";
import type { Identity } from "./identify.ts";
import { accessToken, openCookie, openTokens } from "./open-session.ts";
import { findOrigin, type Origin } from "./origin.ts";

/** A code that works once within `lifetimeMs`, while the session or key that asks is alive. Throws Refused INVALID_BEARER. */
export async function issueCode(
  ctx: Context,
  { userId, tenantId, credential }: Identity,
  client: Client,
): Promise<{ code: string; lifetimeMs: number }> {
  const code = await transaction(ctx, async (ctx) => {
    // It may have ended since it was looked at.
    if (!(await findOrigin(ctx, credential))) throw new Refused("INVALID_BEARER");
    await audit.append(ctx, client, { event: "handoff.issued", actorId: userId, userId, tenantId });
    return exchangeCodes.create(ctx, credential);
  });
  return { code, lifetimeMs: exchangeCodes.LIFETIME_MS };
}

/**
 * Code → session of the same user in the same tenant, as old and as strong as the one that issued it. Throws Refused
 * INVALID_EXCHANGE_CODE for one that is unknown, spent, expired, or whose issuer is not alive.
 */
export async function redeemCode(
  ctx: Context,
  code: string,
  client: Client,
): Promise<{ accessToken: string; refreshToken: string }> {
  const opened = await spend(ctx, code, client, (ctx, origin) => openTokens(ctx, origin, client));
  return { accessToken: await accessToken(ctx, opened), refreshToken: opened.refreshToken };
}

export interface BrowserSession {
  userId: UserId;
  tenant: tenants.Tenant;
  sessionId: SessionId;
  cookie: string;
}

/** The same for a browser: a session that a cookie stands for, which lives as long as the tenant wants that. */
export const redeemCodeInBrowser = (ctx: Context, code: string, client: Client): Promise<BrowserSession> =>
  spend(ctx, code, client, async (ctx, origin) => {
    const { userId, tenantId } = origin;
    const tenant = await tenants.findLive(ctx, tenantId);
    if (!tenant) throw new Error("a sign-in is alive in a tenant that is not");
    const lifetimeMs = tenant.settings.session_ttl * 1000;
    return { userId, tenant, ...(await openCookie(ctx, { ...origin, lifetimeMs }, client)) };
  });

/** An outcome and not an exception: what is spent stays spent, and is written down. */
async function spend<Opened>(
  ctx: Context,
  code: string,
  client: Client,
  open: (ctx: Context, origin: Origin) => Promise<Opened>,
): Promise<Opened> {
  const opened = await transaction(ctx, async (ctx): Promise<Opened | undefined> => {
    const issuer = await exchangeCodes.consume(ctx, code);
    if (!issuer) return noteRepeat(ctx, code, client);
    const origin = await findOrigin(ctx, issuer);
    if (!origin) return refuse(ctx, client, "its issuer is not alive");
    const { userId, tenantId } = origin;
    await audit.append(ctx, client, { event: "handoff.consumed", actorId: userId, userId, tenantId });
    return open(ctx, origin);
  });
  if (!opened) throw refusedAs("INVALID_EXCHANGE_CODE", { reason: "unknown code" });
  return opened;
}

/** A code of ours that comes twice, or late, may have been read by someone else. */
async function noteRepeat(ctx: Context, code: string, client: Client): Promise<undefined> {
  const issuer = await exchangeCodes.find(ctx, code);
  const origin = issuer && (await findOrigin(ctx, issuer));
  if (issuer) await refuse(ctx, client, "code spent or expired", origin);
}

async function refuse(
  ctx: Context,
  client: Client,
  reason: string,
  origin?: Pick<Identity, "userId" | "tenantId">,
): Promise<undefined> {
  const { userId, tenantId } = origin ?? {};
  await audit.append(ctx, client, { event: "handoff.refused", userId, tenantId, reason });
}
