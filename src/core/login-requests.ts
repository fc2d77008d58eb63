// A sign-in that waits: a right password for a second factor or for approval from another session, or an email for its magic code.
// Its state goes one way, from pending to one of the others, each by one conditional statement.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { LoginRequestId, SessionId, TenantId, UserId } from "./ids.ts";
import type { WaitingKind } from "./login-session-ids.ts";

/** In milliseconds (decisions §1). */
export const LIFETIME_MS: Record<WaitingKind, number> = { approval: 5 * 60 * 1000, magic: 10 * 60 * 1000 };
/** More at once are noise that wears people down until they approve (ASVS 6.6.4, A41): they are finished by a code only. */
const MOST_PENDING = 3;
/** How long the end of one can still be asked for. */
const KEPT_FOR_MS = 24 * 60 * 60 * 1000;

/** spent: finished by a code, or over for another reason. */
export type LoginRequestStatus = "pending" | "approved" | "rejected" | "spent";

export interface LoginRequest {
  id: LoginRequestId;
  kind: WaitingKind;
  userId: UserId;
  tenantId: TenantId;
  status: LoginRequestStatus;
  amr: string;
  /** The session that approved it. */
  decidedBy: SessionId | null;
  deliveredAt: number | null;
  expiresAt: number;
  /** Of the account when it began (core/credentials.ts). */
  epoch: number;
}

export interface NewLoginRequest {
  id: LoginRequestId;
  kind: WaitingKind;
  /** As its client was given it; only its hash is kept. */
  secret: string;
  userId: UserId;
  tenantId: TenantId;
  /** What the client says to come back: the email, or the username where there is none. */
  name: string;
  amr: readonly string[];
  expiresAt: number;
  epoch: number;
}

/** The sign-in that goes on by an mfa_token of this `jti` is the one that waits under this id, and the other way round. */
export const idOf = (jti: string): LoginRequestId => `lrq_${jti.replace(/^jti_/, "")}` as LoginRequestId;
export const jtiOf = (id: LoginRequestId): string => `jti_${id.replace(/^lrq_/, "")}`;

/**
 * Returns the number to be shown on the waiting screen: "00" to "99"; null when it cannot be approved, as it waits for a magic code
 * or three of the user's wait already.
 */
export async function create(
  ctx: Context,
  { id, kind, secret, userId, tenantId, name, amr, expiresAt, epoch }: NewLoginRequest,
  { address, userAgent }: { address: string; userAgent: string | null },
): Promise<string | null> {
  const now = ctx.now();
  // What would wait for longer than five minutes was begun before the clock was set back.
  const number = kind === "approval" ? newNumber(ctx) : null;
  const row = await ctx.db.get<{ matchNumber: string | null }>`
    insert into login_requests (id, secret_hash, kind, user_id, tenant_id, email, match_number, status, amr, address,
      user_agent, expires_at, sign_in_epoch, created_at)
    values (${id}, ${digest(secret)}, ${kind}, ${userId}, ${tenantId}, ${name},
      case when (
        select count(*) from login_requests
        where user_id = ${userId} and status = 'pending' and match_number is not null
          and expires_at between ${now + 1} and ${now + LIFETIME_MS.approval}
      ) < ${MOST_PENDING} then ${number} end,
      'pending', ${amr.join(" ")}, ${address}, ${userAgent}, ${expiresAt}, ${epoch}, ${expiresAt - LIFETIME_MS[kind]})
    returning match_number as "matchNumber"`;
  return row?.matchNumber ?? null;
}

/** By the poller's secret and a name of its user; whatever became of it. */
export async function find(
  ctx: Context,
  { secret, name }: { secret: string; name: string },
): Promise<LoginRequest | undefined> {
  return ctx.db.get<LoginRequest>`
    select id, kind, user_id as "userId", tenant_id as "tenantId", status, amr, decided_by as "decidedBy",
      delivered_at as "deliveredAt", expires_at as "expiresAt", sign_in_epoch as epoch
    from login_requests
    where secret_hash = ${digest(secret)} and (email = ${name} or exists (
      select 1 from users u where u.id = login_requests.user_id and u.username_canonical = ${name}))`;
}

/** One that a code can still finish. */
export interface Waiting extends LoginRequest {
  /** Whether a code was mailed for it that is still good: limits may have forbidden the mail. */
  hasCode: boolean;
}

/** Those that a code can still finish, the newest first: of this name, begun at this address, at this tenant if one is named. */
export async function listWaiting(
  ctx: Context,
  { name, address, tenantId }: { name: string; address: string; tenantId: TenantId | undefined },
): Promise<Waiting[]> {
  const now = ctx.now();
  const rows = await ctx.db.all<LoginRequest & { codes: number }>`
    select r.id, r.kind, r.user_id as "userId", r.tenant_id as "tenantId", r.status, r.amr,
      r.decided_by as "decidedBy", r.delivered_at as "deliveredAt", r.expires_at as "expiresAt",
      r.sign_in_epoch as epoch, case when exists (
        select 1 from email_codes c
        where c.user_id = r.user_id and c.purpose in ('login', 'magic')
          and c.binding in (r.id, 'jti_' || substr(r.id, 5)) and c.used_at is null and c.expires_at > ${now}
      ) then 1 else 0 end as codes
    from login_requests r
    where r.user_id in (
        select id from users where email = ${name}
        union all
        select id from users where realm = 'instance' and username_canonical = ${name})
      and r.address = ${address} and r.tenant_id = coalesce(${tenantId ?? null}, r.tenant_id)
      and r.status in ('pending', 'approved') and r.delivered_at is null and r.expires_at > ${now}
    order by r.id desc limit 10`;
  return rows.map(({ codes, ...row }) => ({ ...row, hasCode: codes === 1 }));
}

/** What an approver may answer, by either of its ids: undefined for another user's, and for one that cannot be approved. */
export async function findForApprover(
  ctx: Context,
  userId: UserId,
  idOrSecret: string,
): Promise<LoginRequest | undefined> {
  return ctx.db.get<LoginRequest>`
    select id, kind, user_id as "userId", tenant_id as "tenantId", status, amr, decided_by as "decidedBy",
      delivered_at as "deliveredAt", expires_at as "expiresAt", sign_in_epoch as epoch
    from login_requests
    where user_id = ${userId} and (id = ${idOrSecret} or secret_hash = ${digest(idOrSecret)})
      and kind = 'approval' and match_number is not null`;
}

/** What waits for the user's approval. */
export interface PendingLogin {
  id: LoginRequestId;
  tenantId: TenantId;
  address: string;
  userAgent: string | null;
  expiresAt: number;
  createdAt: number;
}

/** The newest first. */
export async function listPending(ctx: Context, userId: UserId): Promise<PendingLogin[]> {
  return ctx.db.all<PendingLogin>`
    select id, tenant_id as "tenantId", address, user_agent as "userAgent", expires_at as "expiresAt",
      created_at as "createdAt"
    from login_requests
    where user_id = ${userId} and kind = 'approval' and status = 'pending' and match_number is not null
      and expires_at > ${ctx.now()}
    order by id desc`;
}

/** Approved, or by a wrong number rejected; undefined when it was not pending any more. Of any number of answers one counts. */
export async function approve(
  ctx: Context,
  id: LoginRequestId,
  { number, by }: { number: string; by: SessionId },
): Promise<"approved" | "rejected" | undefined> {
  const now = ctx.now();
  const row = await ctx.db.get<{ status: "approved" | "rejected" }>`
    update login_requests set status = case when match_number = ${number} then 'approved' else 'rejected' end,
      decided_at = ${now}, decided_by = ${by}
    where id = ${id} and status = 'pending' and match_number is not null and expires_at > ${now}
    returning status`;
  return row?.status;
}

/** Whether it was approved with this number: the answer that is repeated. */
export async function isApprovedBy(ctx: Context, id: LoginRequestId, number: string): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found from login_requests where id = ${id} and status = 'approved' and match_number = ${number}`;
  return row !== undefined;
}

/** False when it was not pending any more. */
export async function reject(ctx: Context, id: LoginRequestId, by: SessionId): Promise<boolean> {
  const now = ctx.now();
  const rejected = await ctx.db.run`
    update login_requests set status = 'rejected', decided_at = ${now}, decided_by = ${by}
    where id = ${id} and status = 'pending' and expires_at > ${now}`;
  return rejected === 1;
}

/** A code finished it, or nothing can: it is over, unless tokens were delivered or it was rejected. Of parallel calls one gets true. */
export async function end(ctx: Context, id: LoginRequestId): Promise<boolean> {
  const ended = await ctx.db.run`
    update login_requests set status = 'spent', decided_at = ${ctx.now()}
    where id = ${id} and status in ('pending', 'approved') and delivered_at is null`;
  return ended === 1;
}

/** Takes what an approval opened; of any number of pollers exactly one gets true. */
export async function deliver(ctx: Context, id: LoginRequestId): Promise<boolean> {
  const now = ctx.now();
  const delivered = await ctx.db.run`
    update login_requests set delivered_at = ${now}
    where id = ${id} and status = 'approved' and delivered_at is null and expires_at > ${now}`;
  return delivered === 1;
}

/** Voids what waits for an earlier magic code of the user. */
export async function endMagic(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from login_requests where user_id = ${userId} and kind = 'magic'`;
}

/** Voids all of a user's. */
export async function endAllOfUser(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from login_requests where user_id = ${userId}`;
}

/** A user's in one tenant. */
export async function endOfMembership(ctx: Context, userId: UserId, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from login_requests where tenant_id = ${tenantId} and user_id = ${userId}`;
}

/** Everyone's in one tenant. */
export async function endAllOfTenant(ctx: Context, tenantId: TenantId): Promise<void> {
  await ctx.db.run`delete from login_requests where tenant_id = ${tenantId}`;
}

/** Frees the room of those that were over a day ago. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from login_requests where id in (
      select id from login_requests where expires_at <= ${ctx.now() - KEPT_FOR_MS} limit ${most})`;
}

function newNumber(ctx: Context): string {
  for (;;) {
    const [drawn = 255] = ctx.random(1);
    // 200 and above would make some numbers likelier.
    if (drawn < 200) return String(drawn % 100).padStart(2, "0");
  }
}
