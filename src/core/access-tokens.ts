// Access tokens: JWTs for everyone who knows the published keys (RFC 9068). For us they only name a session, which is asked
// each time whether it is alive.
import { CompactSign, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import type { Config, TokenAlgorithm } from "../config.ts";
import type { Context } from "../context.ts";
import { digest, type TokenHash } from "../crypto/digest.ts";
import type { Role, SessionId, TenantId, UserId } from "./ids.ts";

/** How long a token lives, in milliseconds. */
export const LIFETIME_MS = 15 * 60 * 1000;
const TYP = "at+jwt";
/** RFC 7515 compact serialization. Ours are about 700 characters. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const LONGEST = 4096;
const HEADER = new Set(["alg", "kid", "typ"]);
/** Tokens that were verified before, of one server. About 300 bytes each. */
const MOST_REMEMBERED = 10_000;
/** Who is to believe what can only enrol: we and nobody else, though others know our keys. They must look at `aud` (RFC 9068 §4). */
const enrolmentAudience = (ctx: Context): string => `${ctx.config.url}/api/v1/me/mfa`;

/** What a token says. */
export interface Grant {
  sessionId: SessionId;
  userId: UserId;
  tenantId: TenantId;
  role: Role;
  authTime: number;
  amr: readonly string[];
  /** Who acts as the user; null: the user. */
  actorId: UserId | null;
  /** The end of the session, which no token outlives. */
  expiresAt: number;
  /** Of a session that can only enrol a second factor. */
  isRestricted: boolean;
}

/** What a token is believed: the rest is read from the rows these name, whether its key is still good among it. */
export interface Claims extends Pick<Grant, "sessionId" | "userId" | "tenantId"> {
  kid: string;
}

export interface Key {
  kid: string;
  alg: TokenAlgorithm;
  key: CryptoKey;
}

/** Lives 15 minutes, and never past its session. Not inside a transaction. */
export async function create(ctx: Context, { kid, alg, key }: Key, grant: Grant): Promise<string> {
  const { sessionId, userId, tenantId, role, authTime, amr, actorId, isRestricted } = grant;
  const now = ctx.now();
  const claims: JWTPayload = {
    iss: ctx.config.url,
    sub: userId,
    aud: isRestricted ? enrolmentAudience(ctx) : ctx.config.audience,
    iat: seconds(now),
    exp: seconds(Math.min(now + LIFETIME_MS, grant.expiresAt)),
    jti: ctx.id("jti"),
    sid: sessionId,
    tid: tenantId,
    // For clients of the org group, who call a tenant that.
    org: tenantId,
    role,
    amr,
    auth_time: seconds(authTime),
    // RFC 8693 §4.1.
    ...(actorId === null ? {} : { act: { sub: actorId } }),
  };
  // As it is: SignJWT would make a deep copy first, a quarter of the work on this thread.
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg, kid, typ: TYP })
    .sign(key);
}

/**
 * Which key a token claims to be signed with; undefined when it cannot be one of ours. The header is input like any other
 * (RFC 8725 §3.10): besides `kid` it may say nothing that ours do not say, so neither `jku`, `jwk`, `x5u` nor `crit`.
 */
export function kidOf(token: string): string | undefined {
  if (token.length > LONGEST || !COMPACT.test(token)) return undefined;
  try {
    const header = decodeProtectedHeader(token);
    const { kid } = header;
    return Object.keys(header).every((name) => HEADER.has(name)) && typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is meant as a token: each begins with a JSON object. */
export const isMeant = (text: string): boolean => text.startsWith("eyJ");

/**
 * What a token says, if the key that it names signed it and it is good for us now; undefined otherwise. `evenExpired`: also when
 * its 15 minutes are over. What was verified once is remembered: whether the key is still good is to be asked of its row. Not
 * inside a transaction.
 */
export async function verify(
  ctx: Context,
  token: string,
  findKey: (kid: string) => Promise<Key | undefined>,
  { evenExpired = false }: { evenExpired?: boolean } = {},
): Promise<Claims | undefined> {
  const memory = memoryOf(ctx.config);
  const hash = digest(token);
  const known = memory.get(hash);
  const now = seconds(ctx.now());
  if (known && known.from <= now && (now < known.to || evenExpired)) return known.claims;
  const kid = kidOf(token);
  const key = kid === undefined ? undefined : await findKey(kid);
  if (kid === undefined || key === undefined) return undefined;
  const { payload, isExpired } = await judge(ctx, token, key);
  const { sub, sid, tid, iat, exp } = payload ?? {};
  if (typeof sub !== "string" || typeof sid !== "string" || typeof tid !== "string") return undefined;
  if (iat === undefined || exp === undefined || (isExpired && !evenExpired)) return undefined;
  const claims = { kid, sessionId: sid as SessionId, userId: sub as UserId, tenantId: tid as TenantId };
  if (memory.size >= MOST_REMEMBERED) forgetOldest(memory);
  memory.set(hash, { claims, from: iat, to: Math.min(exp, iat + LIFETIME_MS / 1000) });
  return claims;
}

/** Signature first, then type, issuer, audience and times, with the algorithm of the key and no other (RFC 8725 §3.1, §3.8). */
async function judge(
  ctx: Context,
  token: string,
  { alg, key }: Key,
): Promise<{ payload?: JWTPayload; isExpired: boolean }> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [alg],
      typ: TYP,
      issuer: ctx.config.url,
      audience: [ctx.config.audience, enrolmentAudience(ctx)],
      requiredClaims: ["sub", "sid", "tid", "exp", "jti", "auth_time"],
      maxTokenAge: LIFETIME_MS / 1000,
      currentDate: new Date(ctx.now()),
    });
    return { payload, isExpired: false };
  } catch (error) {
    // Times are judged last: whatever is thrown as expired passed everything else.
    if (error instanceof errors.JWTExpired) return { payload: error.payload, isExpired: true };
    if (error instanceof errors.JOSEError) return { isExpired: false };
    throw error;
  }
}

interface Remembered {
  claims: Claims;
  /** Seconds since the epoch. */
  from: number;
  to: number;
}

/** A signature costs more than all the rest of a request. What makes a verdict is in the token, the key and the config. */
const memories = new WeakMap<Config, Map<TokenHash, Remembered>>();

function memoryOf(config: Config): Map<TokenHash, Remembered> {
  const known = memories.get(config);
  if (known) return known;
  const fresh = new Map<TokenHash, Remembered>();
  memories.set(config, fresh);
  return fresh;
}

function forgetOldest(memory: Map<TokenHash, Remembered>): void {
  for (const hash of memory.keys()) {
    memory.delete(hash);
    return;
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
