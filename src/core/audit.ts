// The audit log: what happened, appended and never changed. Rows go from its beginning only (flows/keep-audit.ts).
import { type Client, type Context, inTransaction } from "../context.ts";
import { type AuditRow, isPlace, macOf, type Mark, markOf, NOTHING } from "./audit-chain.ts";
import { type AuditEvent, isRefusal } from "./audit-events.ts";
import { hasRoom, suppress, takeSuppressed } from "./audit-flood.ts";
import { findMark, moveHead, putMark } from "./audit-marks.ts";
import { findHighest, insert, type LooseRow, type RowFilter } from "./audit-rows.ts";
import type { TenantId, UserId } from "./ids.ts";

export interface AuditEntry {
  event: AuditEvent;
  /** Who did it, where that is known; the subject itself unless somebody acted on another. */
  actorId?: UserId | undefined;
  userId?: UserId | undefined;
  tenantId?: TenantId | undefined;
  reason?: string;
  /** That the request is refused, where the event does not say so. */
  isRefused?: boolean;
}

const LONGEST_TEXT = 512;

/** The number of the row in which the refusal of a request is told; 0: it was counted only. */
const told = new WeakMap<Client, number>();

/**
 * Appends an entry: in the transaction of what it speaks of, or by itself for a refusal. Of a flood of refusals some are counted
 * instead (core/audit-flood.ts).
 */
export async function append(ctx: Context, client: Client, entry: AuditEntry): Promise<void> {
  if (!hasRoom(ctx, client, entry)) return void told.set(client, 0);
  const seq = await inTransaction(ctx, (ctx) => write(ctx, client, entry));
  if (entry.isRefused || isRefusal(entry.event)) told.set(client, seq);
}

/** Counts a refusal that is one of many, of which another row tells. */
export function countOnly(ctx: Context, client: Client): void {
  suppress(ctx, client.network);
  told.set(client, 0);
}

/** Whether the refusal of a request has been told or counted, and has stayed so: what a transaction undid has not. */
export async function isTold(ctx: Context, client: Client): Promise<boolean> {
  const seq = told.get(client);
  if (seq === undefined || seq === 0) return seq === 0;
  const row = await ctx.db.get`
    select 1 as found from audit where seq = ${seq} and request_id = ${client.requestId}`;
  return row !== undefined;
}

/** Writes down how many refusals were counted only, where there were any. */
export async function tellSuppressed(ctx: Context): Promise<void> {
  const suppressed = takeSuppressed(ctx);
  if (!suppressed) return;
  const { refusals, sources, most, giveBack } = suppressed;
  const reason = `${refusals} refusals from ${sources} sources, ${most[1]} of them from ${most[0]}`;
  try {
    await append(ctx, serverItself(ctx), { event: "audit.suppressed", reason });
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** For what nobody asked for. */
export const serverItself = (ctx: Context): Client => ({
  requestId: ctx.id("req"),
  address: "server",
  network: "server",
  userAgent: null,
  language: null,
  device: null,
  trustedDevice: null,
  isLocal: true,
});

/** Resolves to the number of the new row. */
async function write(ctx: Context, client: Client, entry: AuditEntry): Promise<number> {
  for (;;) {
    const end = await findEnd(ctx);
    const row = rowAfter(ctx, end, client, entry);
    // On PostgreSQL another process may have been faster, and this one waited for it.
    if (!(await moveHead(ctx, end, markOf(row)))) continue;
    if (await insert(ctx, row)) return row.seq;
    await breakOff(ctx, "a row stood behind its end");
  }
}

/** What the next row follows. */
async function findEnd(ctx: Context): Promise<Mark> {
  const head = await findMark(ctx, "head");
  if (head?.isGenuine) return head;
  if (!head && (await findLast(ctx)) === 0) return NOTHING;
  return breakOff(ctx, head ? "its head is not ours" : "its head is missing");
}

/**
 * Where the end of the log is not to be trusted, rows may be gone. It is not built upon as if none were, but after a gap that shows
 * for ever; and the log goes on: what happens next is what nobody should miss.
 */
async function breakOff(ctx: Context, reason: string): Promise<Mark> {
  ctx.log.error("audit log broken", { reason });
  const gap = { ...NOTHING, seq: (await findLast(ctx)) + 1 };
  const row = rowAfter(ctx, gap, serverItself(ctx), { event: "audit.broken", reason });
  await putMark(ctx, "head", markOf(row));
  await insert(ctx, row);
  return markOf(row);
}

/** The highest number that anything in the database names. */
async function findLast(ctx: Context): Promise<number> {
  const marks = [await findMark(ctx, "head"), await findMark(ctx, "base")];
  const numbers = [await findHighest(ctx), ...marks.map((mark) => mark?.seq ?? 0)];
  return Math.max(0, ...numbers.filter(isPlace));
}

function rowAfter(ctx: Context, { seq, mac }: Mark, client: Client, entry: AuditEntry): AuditRow {
  const { event, actorId = null, userId = null, tenantId = null, reason } = entry;
  const row = {
    seq: seq + 1,
    prev: mac,
    id: ctx.id("aud"),
    at: ctx.now(),
    event,
    actorId,
    userId,
    tenantId,
    address: client.address,
    userAgent: printable(client.userAgent),
    requestId: client.requestId,
    reason: printable(reason),
  };
  return { ...row, mac: macOf(ctx, row) };
}

/** Nothing that forges a line or steers a terminal, however it is shown, and not too much of it (ASVS 16.4.1). */
const printable = (text: string | null | undefined): string | null =>
  text
    ?.slice(0, LONGEST_TEXT)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, "\ufffd") ?? null;

export interface AuditFilter extends RowFilter {
  limit: number;
  /** The id of an entry: only those before it. */
  cursor?: string | undefined;
}

/** Above every id, which all begin with `aud_`. */
const BEYOND_ALL_IDS = "b";
/** By how much an id may be older than the time of its entry. */
const SLACK_MS = 1_000;

/** The latest first. A text for each way in, so that an index gives this order, and what is asked for without looking at all. */
export async function list(ctx: Context, filter: AuditFilter): Promise<LooseRow[]> {
  const { userId, tenantId = null, event = null, since = 0, limit, cursor = BEYOND_ALL_IDS } = filter;
  // Ids start with the time they were made (RFC 9562 §5.7).
  const from = `aud_${Math.max(0, since - SLACK_MS)
    .toString(16)
    .padStart(12, "0")}`;
  if (userId !== undefined) return listOfUser(ctx, userId, filter, from);
  if (tenantId !== null && event !== null) {
    return ctx.db.all<LooseRow>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit
      where tenant_id = ${tenantId} and event = ${event} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  if (tenantId !== null) {
    return ctx.db.all<LooseRow>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit where tenant_id = ${tenantId} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  if (event !== null) {
    return ctx.db.all<LooseRow>`
      select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
        user_agent as "userAgent", request_id as "requestId", reason
      from audit where event = ${event} and id > ${from} and id < ${cursor} and at >= ${since}
      order by id desc limit ${limit}`;
  }
  return ctx.db.all<LooseRow>`
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
): Promise<LooseRow[]> {
  const { tenantId = null, event = null, since = 0, limit, cursor = BEYOND_ALL_IDS } = filter;
  return ctx.db.all<LooseRow>`
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
