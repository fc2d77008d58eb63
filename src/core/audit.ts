import type { Client, Context } from "../context.ts";
import type { TenantId, UserId } from "./ids.ts";

/** What happened. Named noun.verb; a refusal carries its precise reason, which the wire does not. */
export type AuditEvent =
  | "setup.completed"
  | "setup.refused"
  | "login.succeeded"
  | "login.failed"
  | "login.limited"
  | "login.second_factor_due"
  | "login.approved"
  | "login.approval_refused"
  | "login.rejected"
  | "magic_code.requested"
  | "totp.begun"
  | "totp.enabled"
  | "totp.disabled"
  | "totp.refused"
  | "mfa.reset"
  | "code.sent"
  | "email_factor.begun"
  | "email_factor.enabled"
  | "email_factor.disabled"
  | "email_factor.refused"
  | "backup_codes.made"
  | "backup_codes.refused"
  | "passkey.begun"
  | "passkey.added"
  | "passkey.removed"
  | "passkey.refused"
  | "trusted_device.added"
  | "trusted_device.removed"
  | "mfa.reset_refused"
  | "logout"
  | "session.ended"
  | "session.switched"
  | "session.switch_refused"
  | "handoff.issued"
  | "handoff.consumed"
  | "handoff.refused"
  | "impersonation.started"
  | "impersonation.refused"
  | "impersonation.request"
  | "impersonation.ended"
  | "session.refresh_reused"
  | "session.cross_site_refused"
  | "refusals.unwritten"
  | "register.completed"
  | "register.repeated"
  | "register.refused"
  | "email.verified"
  | "email.disowned"
  | "password.reset_requested"
  | "password.reset"
  | "password.reset_refused"
  | "password.changed"
  | "password.change_refused"
  | "invitation.sent"
  | "invitation.accepted"
  | "invitation.refused"
  | "tenant.created"
  | "tenant.updated"
  | "tenant.deleted"
  | "member.added"
  | "member.updated"
  | "member.removed"
  | "user.created"
  | "user.updated"
  | "user.deleted"
  | "profile.updated"
  | "key.created"
  | "key.deleted"
  | "signing_key.rotated"
  | "admin.refused";

export interface AuditEntry {
  event: AuditEvent;
  /** Who did it, where that is known; the subject itself unless somebody acted on another. */
  actorId?: UserId | undefined;
  userId?: UserId | undefined;
  tenantId?: TenantId | undefined;
  reason?: string;
}

const LONGEST_USER_AGENT = 256;

/** Appends an entry: in the transaction of what it speaks of, or by itself for a refusal. */
export async function append(ctx: Context, client: Client, entry: AuditEntry): Promise<void> {
  const { event, actorId, userId, tenantId, reason } = entry;
  await ctx.db.run`
    insert into audit (id, at, event, actor_id, user_id, tenant_id, address, user_agent, request_id, reason)
    values (${ctx.id("aud")}, ${ctx.now()}, ${event}, ${actorId ?? null}, ${userId ?? null}, ${tenantId ?? null},
      ${client.address}, ${client.userAgent?.slice(0, LONGEST_USER_AGENT) ?? null}, ${client.requestId},
      ${reason ?? null})`;
}

/** Where a user last signed in, the latest first, at most ten times. */
export async function lastLogins(
  ctx: Context,
  userId: UserId,
): Promise<{ tenantId: TenantId | null; at: number }[]> {
  return ctx.db.all<{ tenantId: TenantId | null; at: number }>`
    select tenant_id as "tenantId", at from audit
    where user_id = ${userId} and event = 'login.succeeded'
    order by id desc limit 10`;
}

export interface StoredEntry {
  id: string;
  at: number;
  event: AuditEvent;
  actorId: UserId | null;
  userId: UserId | null;
  tenantId: TenantId | null;
  address: string;
  userAgent: string | null;
  requestId: string;
  reason: string | null;
}

export interface AuditFilter {
  /** Done by or to that account. */
  userId?: string | undefined;
  tenantId?: string | undefined;
  event?: string | undefined;
  /** Milliseconds since the epoch. */
  since?: number | undefined;
  limit: number;
  /** The id of an entry: only those before it. */
  cursor?: string | undefined;
}

/** Above every id: `g` follows the hexadecimal digits. */
const BEYOND_ALL_IDS = "aud_g";
/** By how much an id may be older than the time of its entry. */
const SLACK_MS = 1_000;

/** The latest first. A text for each way in, so that an index gives this order, and what is asked for without looking at all. */
export async function list(ctx: Context, filter: AuditFilter): Promise<StoredEntry[]> {
  const { userId, tenantId = null, event = null, since = 0, limit, cursor = BEYOND_ALL_IDS } = filter;
  // Ids start with the time they were made (RFC 9562 §5.7).
  const from = `aud_${Math.max(0, since - SLACK_MS)
    .toString(16)
    .padStart(12, "0")}`;
  if (userId !== undefined) return listOfUser(ctx, userId, filter, from);
  if (tenantId !== null && event !== null) {
    return ctx.db.all<StoredEntry>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit
      where tenant_id = ${tenantId} and event = ${event} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  if (tenantId !== null) {
    return ctx.db.all<StoredEntry>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit where tenant_id = ${tenantId} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  if (event !== null) {
    return ctx.db.all<StoredEntry>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit where event = ${event} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  return ctx.db.all<StoredEntry>`
    select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
      user_agent as "userAgent", request_id as "requestId", reason
    from audit where id > ${from} and id < ${cursor} and at >= ${since} order by id desc limit ${limit}`;
}

/** Done by or to that account. */
async function listOfUser(
  ctx: Context,
  userId: string,
  filter: AuditFilter,
  from: string,
): Promise<StoredEntry[]> {
  const { tenantId = null, event = null, since = 0, limit, cursor = BEYOND_ALL_IDS } = filter;
  return ctx.db.all<StoredEntry>`
    select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
      user_agent as "userAgent", request_id as "requestId", reason
    from audit
    where id in (
      select id from (
        select id from audit
        where user_id = ${userId} and id > ${from} and id < ${cursor} and at >= ${since}
          and (cast(${tenantId} as text) is null or tenant_id = ${tenantId})
          and (cast(${event} as text) is null or event = ${event})
        order by id desc limit ${limit}) as subject
      union all
      select id from (
        select id from audit
        where actor_id = ${userId} and id > ${from} and id < ${cursor} and at >= ${since}
          and (cast(${tenantId} as text) is null or tenant_id = ${tenantId})
          and (cast(${event} as text) is null or event = ${event})
        order by id desc limit ${limit}) as actor)
    order by id desc limit ${limit}`;
}
