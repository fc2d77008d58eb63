// How the rows of the audit log hang together. Each carries its number, the MAC of the row before and its own over all of it; two
// marks, authenticated too, say where the chain ends and, once old rows have gone, where it begins. Whoever can write to the
// database and has not got the key can neither change, take out, put in nor move a row without its showing (NIST SP 800-92 §4.2).
import type { Context } from "../context.ts";
import { constantTimeEqual, hmac } from "../crypto/digest.ts";
import type { AuditEvent } from "./audit-events.ts";
import type { TenantId, UserId } from "./ids.ts";

/** As it is stored. */
export interface AuditRow {
  /** From 1, without gaps. */
  seq: number;
  /** The MAC of the row before; empty for the first one. */
  prev: string;
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
  /** HMAC-SHA-256, base64url. */
  mac: string;
}

/** A number that a row may have. What a forger wrote there may be anything; and nothing is ever counted on from beyond. */
export const LAST_PLACE = 2 ** 52;
export const isPlace = (seq: unknown): seq is number =>
  Number.isInteger(seq) && Number(seq) > 0 && Number(seq) <= LAST_PLACE;

/** A place in the chain: a row that is there, or, of the base, the last one that is not any more. */
export interface Mark {
  seq: number;
  mac: string;
  /** Of that row, in epoch milliseconds. */
  at: number;
}

/** head: where the chain ends. base: what retention has left of its beginning. chaining: how far rows from before it are in it. */
export type MarkName = "head" | "base" | "chaining";

/** RFC 3339 in UTC. What is no time, as only a forger writes it, stays what it is. */
export function instant(at: unknown): string {
  const date = new Date(Number.isInteger(at) ? Number(at) : Number.NaN);
  return Number.isNaN(date.getTime()) ? `?${String(at)}` : date.toISOString();
}

/**
 * What the MAC of a row is over: JSON, so that no two rows read the same, of the values of an exported line in their order
 * (flows/describe.ts), so that whoever has the key can verify one without this program.
 */
export const canonical = (row: Omit<AuditRow, "mac">): string =>
  JSON.stringify([
    row.seq,
    row.prev,
    row.id,
    instant(row.at),
    row.event,
    row.actorId,
    row.userId,
    row.tenantId,
    row.address,
    row.userAgent,
    row.requestId,
    row.reason,
  ]);

export const macOf = (ctx: Context, row: Omit<AuditRow, "mac">): string =>
  hmac(ctx.keys.audit, canonical(row));

/** In no constant time: the answer goes to whoever holds the key, and not to whoever wrote the row. */
export const isGenuine = (ctx: Context, row: AuditRow): boolean => macOf(ctx, row) === row.mac;

/** Whether the program itself went on with this row after a gap of one, as it does where the end before it was not to be trusted. */
export const isBreak = (ctx: Context, row: AuditRow, before: Mark): boolean =>
  row.event === "audit.broken" && row.prev === "" && row.seq === before.seq + 2 && isGenuine(ctx, row);

/** A row's first value is a number and a mark's a name: neither passes for the other. */
export const tagOf = (ctx: Context, name: MarkName, { seq, mac, at }: Mark): string =>
  hmac(ctx.keys.audit, JSON.stringify([name, seq, mac, at]));

/** Before the first row. */
export const NOTHING: Mark = { seq: 0, mac: "", at: 0 };

export const markOf = ({ seq, mac, at }: AuditRow): Mark => ({ seq, mac, at });

export const isMark = (ctx: Context, name: MarkName, mark: Mark & { tag: string }): boolean =>
  constantTimeEqual(tagOf(ctx, name, mark), mark.tag);
