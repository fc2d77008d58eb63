// What handlers are given besides the body.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { append } from "../../core/audit.ts";
import type { UserId } from "../../core/ids.ts";
import { Refused } from "../../errors.ts";
import {
  bearerOf,
  identify,
  identifyLeaving,
  type Identity,
  noIdentity,
  type Presented,
} from "../../flows/identify.ts";
import { turnAway } from "../../flows/strangers.ts";
import { clientBehind, noteOf } from "./client.ts";
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
    const identity = await identify(ctx, { authorization, cookie: null }, isUse(request), access);
    return { identity: await admit(ctx, request, identity) };
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
    return { identity: await admit(ctx, request, identity) };
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
    return { leaving: leaving && (await admit(ctx, request, leaving)) };
  });

/** The same by a Bearer alone, which must be alive: else Refused NOT_AUTHENTICATED or INVALID_BEARER. */
export const withLeavingBearer = (ctx: Context) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }) => {
    const presented = { authorization: request.headers.get("authorization"), cookie: null };
    const leaving = await identifyLeaving(ctx, presented);
    if (leaving) return { leaving: await admit(ctx, request, leaving) };
    throw await noIdentity(ctx, presented);
  });

/**
 * For open routes that sign someone in, which no other site may make a browser do: it would be the other's account (login CSRF,
 * spec/security.md A49). Programs, which name no origin, may. Throws Refused CROSS_SITE.
 */
export const withoutOtherSites = (ctx: Context) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }): Promise<Record<string, never>> => {
    const { headers } = request;
    const site = headers.get("sec-fetch-site");
    const isBrowser = headers.has("origin") || (site !== null && site !== "none");
    if (isBrowser && !isSameOrigin(ctx, request)) throw await refuseCrossSite(ctx, request);
    return {};
  });

const presentedBy = (ctx: Context, request: Request): Presented => ({
  authorization: request.headers.get("authorization"),
  cookie: readCookie(ctx, request, "session"),
  acting: readCookie(ctx, request, "acting"),
});

/** HEAD changes nothing, not even a key's expiry. */
const isUse = (request: Request): boolean => request.method !== "HEAD";

/** Whether a cookie is all there is, to do more than read, and the browser does not say that a page of ours asked. */
const isForeignUse = (ctx: Context, request: Request, { authorization }: Presented): boolean =>
  bearerOf(authorization) === undefined && !SAFE.has(request.method) && !isSameOrigin(ctx, request);

/** Both headers are the browser's own; no script can set them (Fetch §2.2.2). */
const isSameOrigin = (ctx: Context, { headers }: Request): boolean =>
  headers.get("origin") === ctx.config.url || headers.get("sec-fetch-site") === "same-origin";

/**
 * Whoever acts as another user gets no further than to the routes that say so: a new one is closed until someone has decided.
 * Every request is written down before it is answered (A51, A52). Throws Refused IMPERSONATION_FORBIDDEN.
 */
function admit(ctx: Context, request: Request, identity: Identity): Identity | Promise<Identity> {
  noteOf(request).identity = identity;
  const { actorId } = identity;
  return actorId === null ? identity : admitActing(ctx, request, { ...identity, actorId });
}

async function admitActing(
  ctx: Context,
  request: Request,
  identity: Identity & { actorId: UserId },
): Promise<Identity> {
  const { actorId, userId, tenantId } = identity;
  const { client, pattern, evenActing } = noteOf(request);
  const reason = `${request.method} ${pattern}${evenActing ? "" : ": refused"}`;
  const entry = { actorId, userId, tenantId, reason, isRefused: !evenActing };
  await append(ctx, client, { event: "impersonation.request", ...entry });
  if (!evenActing) throw new Refused("IMPERSONATION_FORBIDDEN");
  return identity;
}

function refuseCrossSite(ctx: Context, request: Request, identity?: Identity): Promise<Refused> {
  const reason = `origin ${request.headers.get("origin")?.slice(0, 256) ?? "not named"}`;
  const entry = { userId: identity?.userId, tenantId: identity?.tenantId, reason };
  return turnAway(
    ctx,
    clientBehind(request),
    { event: "session.cross_site_refused", ...entry },
    "CROSS_SITE",
  );
}
