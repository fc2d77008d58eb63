// The rows of the audit log in the order of the chain: to be verified, exported, trimmed, and chained where they are from before it.
// Not a noun: the rows' own.
import type { Context } from "../context.ts";
import { type AuditRow, LAST_PLACE, macOf, type Mark } from "./audit-chain.ts";

export interface RowFilter {
  /** Done by or to that account. */
  userId?: string | undefined;
  tenantId?: string | undefined;
  event?: string | undefined;
  /** Milliseconds since the epoch. */
  since?: number | undefined;
}

/** The rows after a number, the oldest first, at most `limit`. */
export async function listAfter(
  ctx: Context,
  seq: number,
  { limit, filter = {} }: { limit: number; filter?: RowFilter },
): Promise<AuditRow[]> {
  const { userId = null, tenantId = null, event = null, since = null } = filter;
  return ctx.db.all<AuditRow>`
    select seq, prev, id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
      user_agent as "userAgent", request_id as "requestId", reason, mac
    from audit
    where seq > ${seq} and (cast(${since} as bigint) is null or at >= ${since})
      and (cast(${userId} as text) is null or user_id = ${userId} or actor_id = ${userId})
      and (cast(${tenantId} as text) is null or tenant_id = ${tenantId})
      and (cast(${event} as text) is null or event = ${event})
    order by seq limit ${limit}`;
}

export async function findRow(ctx: Context, seq: number): Promise<AuditRow | undefined> {
  return (await listAfter(ctx, seq - 1, { limit: 1 })).find((row) => row.seq === seq);
}

/** The highest number of a row; 0 when there is none. Text, bytes and fractions, as only a forger writes them, are no numbers. */
export async function findHighest(ctx: Context): Promise<number> {
  const row = await ctx.db.get<{ seq: number }>`
    select seq from audit where seq <= ${LAST_PLACE} and seq = cast(seq as bigint) order by seq desc limit 1`;
  return row?.seq ?? 0;
}

/** How many rows have numbers after the one and up to the other. */
export async function count(ctx: Context, after: number, upTo: number): Promise<number> {
  const row = await ctx.db.get<{ rows: number }>`
    select count(*) as rows from audit where seq > ${after} and seq <= ${upTo}`;
  return row?.rows ?? 0;
}

/** False when its place is taken. */
export async function insert(ctx: Context, row: AuditRow): Promise<boolean> {
  const inserted = await ctx.db.run`
    insert into audit (seq, prev, id, at, event, actor_id, user_id, tenant_id, address, user_agent, request_id, reason, mac)
    values (${row.seq}, ${row.prev}, ${row.id}, ${row.at}, ${row.event}, ${row.actorId}, ${row.userId}, ${row.tenantId},
      ${row.address}, ${row.userAgent}, ${row.requestId}, ${row.reason}, ${row.mac})
    on conflict (seq) do nothing`;
  return inserted === 1;
}

/** A row that is in no chain. */
export type LooseRow = Omit<AuditRow, "seq" | "prev" | "mac">;

/** Rows that have no place in the chain, or one up to `before` where it begins; in no order: for when there are none, or few. */
export async function listStray(
  ctx: Context,
  before: number,
  limit: number,
): Promise<(LooseRow & { seq: number | null })[]> {
  return ctx.db.all<LooseRow & { seq: number | null }>`
    select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
      user_agent as "userAgent", request_id as "requestId", reason, seq
    from audit where seq is null or seq <= ${before} limit ${limit}`;
}

/** The same in the order in which they were made, after the one of that id: for when there are many. */
export async function listLoose(ctx: Context, afterId: string, limit: number): Promise<LooseRow[]> {
  return ctx.db.all<LooseRow>`
    select id, at, event, actor_id as "actorId", user_id as "userId", tenant_id as "tenantId", address,
      user_agent as "userAgent", request_id as "requestId", reason
    from audit where id > ${afterId} and coalesce(seq, 0) = 0 order by id limit ${limit}`;
}

/** Gives a row from before the chain its place in it. */
export async function chain(ctx: Context, { seq, mac }: Mark, loose: LooseRow): Promise<AuditRow> {
  const row = { ...loose, seq: seq + 1, prev: mac };
  const chained = { ...row, mac: macOf(ctx, row) };
  await ctx.db.run`
    update audit set seq = ${chained.seq}, prev = ${chained.prev}, mac = ${chained.mac}
    where id = ${chained.id} and seq is null`;
  return chained;
}

/** Ends the rows up to a number. The only way in which any goes. */
export async function endUpTo(ctx: Context, seq: number): Promise<void> {
  await ctx.db.run`delete from audit where seq <= ${seq}`;
}
