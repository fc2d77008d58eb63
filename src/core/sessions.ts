// What a sign-in opened. Its end is the end of its row, and with it of the tokens and the cookie that hang on it.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { Email } from "./emails.ts";
import type { ApiKeyId, Role, SessionId, TenantId, UserId } from "./ids.ts";

/** How often being seen is written down, so that a busy session costs no write per request. */
const TOUCH_EVERY_MS = 5 * 60 * 1000;

/** Access and refresh tokens, or a browser's cookie. */
export type SessionKind = "tokens" | "cookie";

export interface NewSession {
  userId: UserId;
  tenantId: TenantId;
  kind: SessionKind;
  /** When its owner last proved who they are. */
  authTime: number;
  /** How (RFC 8176). */
  amr: readonly string[];
  /** Until the absolute end. */
  lifetimeMs: number;
  /** The end of the sign-in that it stems from, which it does not outlive; null: that has none. */
  endsAt?: number | null;
  /** Good for enrolling a second factor and nothing else. */
  restricted?: boolean;
  acting?: Acting | undefined;
}

/** Someone else at work as the user. */
export interface Acting {
  actorId: UserId;
  reason: string | null;
  /** What the actor is signed in with. */
  credential: SessionId | ApiKeyId;
}

/** Where a session was opened from. */
export interface Opener {
  address: string;
  userAgent: string | null;
}

/** A live session with the account behind it. */
export interface SessionHolder {
  id: SessionId;
  kind: SessionKind;
  userId: UserId;
  tenantId: TenantId;
  authTime: number;
  amr: string;
  lastSeenAt: number;
  expiresAt: number;
  role: Role;
  superuserAt: number | null;
  /** Since when it can only enrol a second factor; null: it can do everything. */
  restrictedAt: number | null;
  /** Who acts as the user; null: the user. */
  actorId: UserId | null;
  username: string | null;
  email: Email | null;
}

/** A session as lists show it. */
export interface Session extends Opener {
  id: SessionId;
  userId: UserId;
  tenantId: TenantId;
  kind: SessionKind;
  /** Who acts as the user; null: the user. */
  actorId: UserId | null;
  authTime: number;
  amr: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
}

/** `cookie` for that kind only, and shown this once: `ost_ses_`, or `ost_act_` to act as another, + 32 random bytes. */
export async function create(
  ctx: Context,
  { userId, tenantId, kind, authTime, amr, lifetimeMs, endsAt, restricted = false, acting }: NewSession,
  { address, userAgent }: Opener,
): Promise<{ id: SessionId; cookie: string | undefined }> {
  const id = ctx.id("ses") as SessionId;
  const secret = Buffer.from(ctx.random(32)).toString("base64url");
  const cookie = kind === "cookie" ? `${acting ? "ost_act" : "ost_ses"}_${secret}` : undefined;
  const now = ctx.now();
  await ctx.db.run`
    insert into sessions (id, user_id, tenant_id, kind, cookie_hash, auth_time, amr, address, user_agent, created_at,
      last_seen_at, expires_at, restricted_at, actor_id, actor_reason, actor_credential)
    values (${id}, ${userId}, ${tenantId}, ${kind}, ${cookie === undefined ? null : digest(cookie)}, ${authTime},
      ${amr.join(" ")}, ${address}, ${userAgent}, ${now}, ${now}, ${Math.min(now + lifetimeMs, endsAt ?? Infinity)},
      ${restricted ? now : null}, ${acting?.actorId ?? null}, ${acting?.reason ?? null},
      ${acting?.credential ?? null})`;
  return { id, cookie };
}

/**
 * The holder of a session, of whatever kind, that is alive together with its user, membership and tenant; and where someone acts
 * as the user, with the actor's sign-in, and while the actor is superuser or stands above the user in that tenant.
 */
export async function findLive(ctx: Context, id: SessionId): Promise<SessionHolder | undefined> {
  const holder = await ctx.db.recall<SessionHolder & { actorEndsAt: number }>`
    select s.id, s.kind, s.user_id as "userId", s.tenant_id as "tenantId", s.auth_time as "authTime", s.amr,
      s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt", s.restricted_at as "restrictedAt",
      s.actor_id as "actorId", m.role, u.superuser_at as "superuserAt", u.username, u.email,
      case when s.actor_id is null then s.expires_at else coalesce(
        (select i.expires_at from sessions i where i.id = s.actor_credential),
        (select k.expires_at from api_keys k where k.id = s.actor_credential), 0) end as "actorEndsAt"
    from sessions s
    join users u on u.id = s.user_id
    join memberships m on m.user_id = s.user_id and m.tenant_id = s.tenant_id
    join tenants t on t.id = s.tenant_id
    where s.id = ${id} and u.disabled_at is null and u.active_at is not null and m.status = 'active' and t.disabled_at is null
      and (s.actor_id is null or exists (
        select 1 from users a
        left join memberships am on am.user_id = a.id and am.tenant_id = s.tenant_id and am.status = 'active'
        where a.id = s.actor_id and a.disabled_at is null and u.superuser_at is null
          and (a.superuser_at is not null or (am.role = 'owner' and m.role <> 'owner')
            or (am.role = 'admin' and m.role = 'member'))))`;
  return holder && Math.min(holder.expiresAt, holder.actorEndsAt) > ctx.now() ? holder : undefined;
}

/** The same for a browser's cookie; undefined for any other text, and for the cookie of someone who acts as another. */
export async function findLiveByCookie(ctx: Context, cookie: string): Promise<SessionHolder | undefined> {
  const found = await ctx.db.recall<Pick<SessionHolder, "id">>`
    select id from sessions where cookie_hash = ${digest(cookie)} and kind = 'cookie' and actor_id is null`;
  return found && findLive(ctx, found.id);
}

/** The same for that cookie: beside the session it was opened from and no other, so that nobody can plant it in another's browser. */
export async function findLiveActing(
  ctx: Context,
  cookie: string,
  beside: SessionId,
): Promise<SessionHolder | undefined> {
  const found = await ctx.db.recall<Pick<SessionHolder, "id">>`
    select id from sessions
    where cookie_hash = ${digest(cookie)} and kind = 'cookie' and actor_credential = ${beside}`;
  return found && findLive(ctx, found.id);
}

/** Whose the session of a cookie is, alive or not: for the audit log. Not of one by which someone acts as another. */
export async function findOwnerByCookie(
  ctx: Context,
  cookie: string,
): Promise<Pick<Session, "userId" | "tenantId" | "expiresAt"> | undefined> {
  return ctx.db.get`
    select user_id as "userId", tenant_id as "tenantId", expires_at as "expiresAt" from sessions
    where cookie_hash = ${digest(cookie)} and actor_id is null`;
}

/** Writes down that it was seen, at most once in 5 minutes; undefined when that is not due. */
export function touch(
  ctx: Context,
  { id, lastSeenAt }: Pick<SessionHolder, "id" | "lastSeenAt">,
): Promise<unknown> | undefined {
  const now = ctx.now();
  if (lastSeenAt > now - TOUCH_EVERY_MS) return undefined;
  return ctx.db.run`
    update sessions set last_seen_at = ${now} where id = ${id} and last_seen_at <= ${now - TOUCH_EVERY_MS}`;
}

/** A factor was enrolled: the session may do everything now. */
export async function unrestrict(ctx: Context, id: SessionId): Promise<void> {
  await ctx.db.run`update sessions set restricted_at = null where id = ${id}`;
}

/** A session that has not expired, whatever became of its user: for whoever administers it. */
export async function find(ctx: Context, id: string): Promise<Session | undefined> {
  return ctx.db.get<Session>`
    select id, user_id as "userId", tenant_id as "tenantId", kind, actor_id as "actorId", auth_time as "authTime", amr, address,
      user_agent as "userAgent", created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt"
    from sessions where id = ${id} and expires_at > ${ctx.now()}`;
}

export interface Page {
  limit: number;
  /** The id of the last session of the page before. */
  cursor?: string | null | undefined;
}

/** Above every id, which all begin with `ses_`. */
const BEYOND_ALL_IDS = "t";

/** Sessions of a tenant, of a user, of both or of everyone; the newest first. Each by an index that gives this order. */
export async function list(
  ctx: Context,
  { userId, tenantId }: { userId?: string | undefined; tenantId?: string | undefined },
  { limit, cursor }: Page,
): Promise<Session[]> {
  const before = cursor ?? BEYOND_ALL_IDS;
  if (userId !== undefined) {
    return ctx.db.all<Session>`
      select id, user_id as "userId", tenant_id as "tenantId", kind, actor_id as "actorId", auth_time as "authTime", amr, address,
        user_agent as "userAgent", created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt"
      from sessions
      where user_id = ${userId} and id < ${before} and (cast(${tenantId ?? null} as text) is null or tenant_id = ${tenantId ?? null})
        and expires_at > ${ctx.now()}
      order by id desc limit ${limit}`;
  }
  if (tenantId !== undefined) {
    return ctx.db.all<Session>`
      select id, user_id as "userId", tenant_id as "tenantId", kind, actor_id as "actorId", auth_time as "authTime", amr, address,
        user_agent as "userAgent", created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt"
      from sessions where tenant_id = ${tenantId} and id < ${before} and expires_at > ${ctx.now()}
      order by id desc limit ${limit}`;
  }
  return ctx.db.all<Session>`
    select id, user_id as "userId", tenant_id as "tenantId", kind, actor_id as "actorId", auth_time as "authTime", amr, address,
      user_agent as "userAgent", created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt"
    from sessions where id < ${before} and expires_at > ${ctx.now()} order by id desc limit ${limit}`;
}

/** False when there is none (any more). */
export async function end(ctx: Context, id: SessionId): Promise<boolean> {
  return (await ctx.db.run`delete from sessions where id = ${id}`) === 1;
}

/** Ends those in which someone acts as another by one sign-in of theirs. Returns as whom. */
export async function endActingBy(
  ctx: Context,
  { actorId, credential }: Pick<Acting, "actorId" | "credential">,
): Promise<Pick<Session, "userId" | "tenantId">[]> {
  return ctx.db.all`
    delete from sessions where actor_id = ${actorId} and actor_credential = ${credential}
    returning user_id as "userId", tenant_id as "tenantId"`;
}

/** A user's own session; false when there is none of that id, or it is another's. */
export async function endOfUser(ctx: Context, userId: UserId, id: string): Promise<boolean> {
  return (await ctx.db.run`delete from sessions where id = ${id} and user_id = ${userId}`) === 1;
}

/** In every tenant, except one session perhaps. */
export async function endAllOfUser(
  ctx: Context,
  userId: UserId,
  { except }: { except?: SessionId | undefined } = {},
): Promise<void> {
  await ctx.db.run`delete from sessions where user_id = ${userId} and id <> ${except ?? ""}`;
}

/** A user's in one tenant. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from sessions where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from sessions where tenant_id = ${tenantId}`;
}

/** Frees the room of dead sessions; they stopped working when they expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from sessions where id in (
      select id from sessions where expires_at <= ${ctx.now()} limit ${most})`;
}
