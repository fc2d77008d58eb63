// What a sign-in opens. The refresh token and the cookie are made in its transaction, the access token is signed afterwards.
import type { Client, Context } from "../context.ts";
import * as accessTokens from "../core/access-tokens.ts";
import type { SessionId, TenantId, UserId } from "../core/ids.ts";
import * as refreshTokens from "../core/refresh-tokens.ts";
import * as sessions from "../core/sessions.ts";
import { currentSigningKey } from "./rotate-signing-keys.ts";

/** The absolute end of a session of tokens. */
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

export interface Opening {
  userId: UserId;
  tenantId: TenantId;
  /** When its owner proved who they are, in epoch milliseconds, and how (RFC 8176). Nothing but a login makes either better. */
  authTime: number;
  amr: readonly string[];
  /** Good for enrolling a second factor and nothing else. */
  restricted?: boolean;
  /** The end of the sign-in that it stems from, which it does not outlive; null: that has none. */
  endsAt?: number | null;
}

export interface OpenedTokens extends accessTokens.Grant {
  refreshToken: string;
}

/** A session with its first refresh token. Inside the transaction of the sign-in, which has seen that the account is alive. */
export async function openTokens(ctx: Context, opening: Opening, client: Client): Promise<OpenedTokens> {
  const { id } = await sessions.create(ctx, { ...opening, kind: "tokens", lifetimeMs: LIFETIME_MS }, client);
  const refreshToken = await refreshTokens.create(ctx, id);
  const holder = await sessions.findLive(ctx, id);
  if (!holder) throw new Error("a session was opened for an account that is not alive");
  return { ...grantOf(holder), refreshToken };
}

/** A session that a browser's cookie stands for. Inside the transaction of the sign-in. */
export async function openCookie(
  ctx: Context,
  opening: Opening & { lifetimeMs: number },
  client: Client,
): Promise<{ sessionId: SessionId; cookie: string }> {
  const { id, cookie } = await sessions.create(ctx, { ...opening, kind: "cookie" }, client);
  if (cookie === undefined) throw new Error("a session of the kind cookie came without one");
  return { sessionId: id, cookie };
}

export interface OpenedActing extends accessTokens.Grant {
  /** Of a session of the kind cookie. */
  cookie: string | undefined;
  expiresAt: number;
}

/**
 * A session in which someone acts as the user (RFC 8693 §4.1), by an access token or by a browser's second cookie; nothing refreshes
 * it. Undefined when one of them is not alive, or the actor may not (core/sessions.ts says who may): undo the transaction then.
 */
export async function openActing(
  ctx: Context,
  opening: Opening & { acting: sessions.Acting; kind: sessions.SessionKind },
  client: Client,
): Promise<OpenedActing | undefined> {
  const lifetimeMs = accessTokens.LIFETIME_MS;
  const { id, cookie } = await sessions.create(ctx, { ...opening, lifetimeMs }, client);
  const holder = await sessions.findLive(ctx, id);
  return holder && { ...grantOf(holder), cookie, expiresAt: holder.expiresAt };
}

/** Signs what a session is worth. After the commit: inside a transaction only SQL may be awaited. */
export const accessToken = async (ctx: Context, grant: accessTokens.Grant): Promise<string> =>
  accessTokens.create(ctx, await currentSigningKey(ctx), grant);

export const grantOf = (holder: sessions.SessionHolder): accessTokens.Grant => ({
  sessionId: holder.id,
  userId: holder.userId,
  tenantId: holder.tenantId,
  role: holder.role,
  authTime: holder.authTime,
  amr: holder.amr.split(" "),
  actorId: holder.actorId,
  expiresAt: holder.expiresAt,
  isRestricted: holder.restrictedAt !== null,
});
