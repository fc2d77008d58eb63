// Who is asking: by an access token, an API key or a browser's cookie. Whether session or key, user, membership and tenant are
// alive is read on every call, so that logging out and disabling act at once.
import type { Context } from "../context.ts";
import * as accessTokens from "../core/access-tokens.ts";
import * as apiKeys from "../core/api-keys.ts";
import type { ApiKeyId, Role, SessionId, TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as sessions from "../core/sessions.ts";
import * as signingKeys from "../core/signing-keys.ts";
import { type Refusal, type Refused, refusedAs } from "../errors.ts";
import { whyNoIdentity } from "./why-no-identity.ts";

/** What the caller showed. */
export type Credential =
  { kind: "key"; id: ApiKeyId } | { kind: "session"; id: SessionId; via: "bearer" | "cookie" };

export interface Identity {
  userId: UserId;
  tenantId: TenantId;
  credential: Credential;
  /** In that tenant, now. */
  role: Role;
  isSuperuser: boolean;
  /** Signed in where a second factor is asked for and not enrolled: may enrol one, and nothing else. */
  isRestricted: boolean;
  /** Who acts as the user (flows/impersonate.ts); null: the user. */
  actorId: UserId | null;
  /** When the login happened that the credential stems from, in epoch milliseconds; null when it stems from none. */
  authTime: number | null;
  /** How its owner proved who they are then (RFC 8176). */
  amr: readonly string[];
  /** The username, or the email where there is none. */
  name: string;
}

/** RFC 6750 §2.1; its case does not matter (RFC 9110 §11.1). */
const SCHEME = "bearer ";

export interface Presented {
  /** The header of that name. */
  authorization: string | null;
  /** The value of the session cookie. */
  cookie: string | null;
  /** The value of the cookie beside it by which its holder acts as another user. */
  acting?: string | null;
}

/** The text after `Bearer `, whatever it is; undefined when the header holds none. */
export function bearerOf(authorization: string | null): string | undefined {
  if (authorization === null || authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME)
    return undefined;
  const text = authorization.slice(SCHEME.length);
  return text === text.trimStart() && text !== "" ? text : undefined;
}

/**
 * A Bearer decides alone, even a bad one; the cookies count without any, and who acts as another user is that user. `isUse`:
 * whether asking keeps the credential alive. `evenRestricted`: also those who have yet to enrol the second factor that their
 * tenant asks for; else MFA_ENROLMENT_REQUIRED. Throws Refused NOT_AUTHENTICATED without a Bearer and a live cookie;
 * INVALID_BEARER with a Bearer that is unknown, expired, ended or of another kind.
 */
export async function identify(
  ctx: Context,
  presented: Presented,
  isUse: boolean,
  { evenRestricted = false }: { evenRestricted?: boolean } = {},
): Promise<Identity> {
  const found = await find(ctx, presented, {});
  if (!found) throw await noIdentity(ctx, presented);
  const { isRestricted, userId, tenantId } = found.identity;
  if (isRestricted && !evenRestricted) throw refusedAs("MFA_ENROLMENT_REQUIRED", { userId, tenantId });
  if (isUse) keepAlive(ctx, found);
  return found.identity;
}

/**
 * Throws Refused INVALID_BEARER when the sign-in has ended since it was identified. Asked inside the transaction of whatever would
 * outlive it.
 */
export async function requireStillSignedIn(
  ctx: Context,
  { userId, tenantId, credential }: Identity,
): Promise<void> {
  const { kind, id } = credential;
  const isThere =
    kind === "session"
      ? (await sessions.find(ctx, id)) !== undefined
      : await apiKeys.isOfUser(ctx, userId, id);
  if (!isThere || !(await memberships.isAlive(ctx, userId, tenantId)))
    throw refusedAs("INVALID_BEARER", { reason: "ended meanwhile", userId, tenantId });
}

/**
 * Whose sign-in is to be ended; undefined when nothing presented is alive. Who leaves a browser is who signed in there, also while
 * they act as another user. An access token counts even when its 15 minutes are over: who logs out late must not leave a session
 * behind that can still be refreshed.
 */
export async function identifyLeaving(ctx: Context, presented: Presented): Promise<Identity | undefined> {
  return (await find(ctx, { ...presented, acting: null }, { evenExpired: true }))?.identity;
}

/** The refusal of whoever shows nothing, or nothing that is alive. */
export async function noIdentity(ctx: Context, { authorization, cookie }: Presented): Promise<Refused> {
  const bearer = bearerOf(authorization);
  const code: Refusal = bearer === undefined ? "NOT_AUTHENTICATED" : "INVALID_BEARER";
  return refusedAs(code, await whyNoIdentity(ctx, { bearer, cookie }));
}

interface Found {
  identity: Identity;
  touch: (ctx: Context) => Promise<unknown> | undefined;
}

async function find(
  ctx: Context,
  { authorization, cookie, acting }: Presented,
  options: { evenExpired?: boolean },
): Promise<Found | undefined> {
  const bearer = bearerOf(authorization);
  if (bearer === undefined) {
    const own = cookie === null ? undefined : await sessions.findLiveByCookie(ctx, cookie);
    const other = own && acting ? await sessions.findLiveActing(ctx, acting, own.id) : undefined;
    const holder = other ?? own;
    return holder && bySession(holder, "cookie");
  }
  if (!accessTokens.isMeant(bearer)) {
    const holder = await apiKeys.findLive(ctx, bearer);
    return holder && byKey(holder);
  }
  const claims = await accessTokens.verify(ctx, bearer, (kid) => signingKeys.find(ctx, kid), options);
  if (!claims || !(await signingKeys.isGood(ctx, claims.kid))) return undefined;
  const holder = await sessions.findLive(ctx, claims.sessionId);
  // Signed by us or not, a token is worth what its session is, and only to whom that belongs.
  if (holder?.kind !== "tokens" || holder.userId !== claims.userId || holder.tenantId !== claims.tenantId)
    return undefined;
  return bySession(holder, "bearer");
}

const bySession = (holder: sessions.SessionHolder, via: "bearer" | "cookie"): Found => ({
  identity: { ...identityOf(holder), credential: { kind: "session", id: holder.id, via } },
  touch: (ctx) => sessions.touch(ctx, holder),
});

const byKey = (holder: apiKeys.KeyHolder): Found => ({
  identity: { ...identityOf(holder), credential: { kind: "key", id: holder.id } },
  touch: (ctx) => apiKeys.touch(ctx, holder),
});

function identityOf(holder: sessions.SessionHolder | apiKeys.KeyHolder): Omit<Identity, "credential"> {
  const { userId, tenantId, role, superuserAt, restrictedAt, authTime, amr, username, email } = holder;
  const actorId = "actorId" in holder ? holder.actorId : null;
  return {
    userId,
    tenantId,
    role,
    isSuperuser: superuserAt !== null,
    isRestricted: restrictedAt !== null,
    actorId,
    authTime,
    amr: amr.split(" "),
    name: username ?? email ?? userId,
  };
}

/** Not waited for, and no harm when it fails: reading goes on while the database cannot be written. */
function keepAlive(ctx: Context, { touch }: Found): void {
  touch(ctx)?.catch((error: unknown) => {
    ctx.log.debug("not kept alive", { reason: String(error) });
  });
}
