// What handlers are given besides the body.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { append } from "../../core/audit.ts";
import { Refused } from "../../errors.ts";
import { bearerOf, identify, identifyLeaving, type Identity, type Presented } from "../../flows/identify.ts";
import { clientBehind } from "./client.ts";
import { readCookie } from "./cookies.ts";

/** RFC 9110 §9.2.1. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** `client` for the routes added after it: who is asking. */
export const withClient = () =>
  new Elysia().derive({ as: "scoped" }, ({ request }) => ({ client: clientBehind(request) }));

/** For routes at which a second factor is enrolled: also those who may do nothing else (decisions §2 tenant). */
export interface Access {
  evenRestricted?: boolean;
}

/**
 * `identity` for the routes added after it: whose Bearer this is, or 401. A derive and not a resolve, so that it is asked
 * before the fields of the body are (decisions §1: syntax, then 401, then fields).
 */
export const withBearer = (ctx: Context, access: Access = {}) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }) => {
    const authorization = request.headers.get("authorization");
    return { identity: await identify(ctx, { authorization, cookie: null }, isUse(request), access) };
  });

/**
 * The same, or else whose session cookie. A cookie comes along with whatever another site makes a browser send, so anything
 * but reading needs a word of the browser that it was one of our own pages: else Refused CROSS_SITE.
 */
export const withIdentity = (ctx: Context, access: Access = {}) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }) => {
    const presented = presentedBy(ctx, request);
    const isForeign = isForeignUse(ctx, request, presented);
    const identity = await identify(ctx, presented, isUse(request) && !isForeign, access);
    if (isForeign) throw await refuseCrossSite(ctx, request, identity);
    return { identity };
  });

/**
 * `leaving` for the routes added after it, which end it: whose Bearer, or else whose session cookie; undefined for none that
 * is alive. Refused CROSS_SITE as above.
 */
export const withLeaving = (ctx: Context) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }) => {
    const presented = presentedBy(ctx, request);
    const leaving = await identifyLeaving(ctx, presented);
    if (leaving && isForeignUse(ctx, request, presented)) throw await refuseCrossSite(ctx, request, leaving);
    return { leaving };
  });

const presentedBy = (ctx: Context, request: Request): Presented => ({
  authorization: request.headers.get("authorization"),
  cookie: readCookie(ctx, request, "session"),
});

/** HEAD changes nothing, not even a key's expiry. */
const isUse = (request: Request): boolean => request.method !== "HEAD";

/** Whether a cookie is all there is, to do more than read, and the browser does not say that a page of ours asked. */
const isForeignUse = (ctx: Context, request: Request, { authorization }: Presented): boolean =>
  bearerOf(authorization) === undefined && !SAFE.has(request.method) && !isSameOrigin(ctx, request);

/** Both headers are the browser's own; no script can set them (Fetch §2.2.2). */
const isSameOrigin = (ctx: Context, { headers }: Request): boolean =>
  headers.get("origin") === ctx.config.url || headers.get("sec-fetch-site") === "same-origin";

async function refuseCrossSite(
  ctx: Context,
  request: Request,
  { userId, tenantId }: Identity,
): Promise<Refused> {
  const reason = `origin ${request.headers.get("origin")?.slice(0, 256) ?? "not named"}`;
  const entry = { userId, tenantId, reason };
  await append(ctx, clientBehind(request), { event: "session.cross_site_refused", ...entry });
  return new Refused("CROSS_SITE");
}
