// What the audit log needs from time to time: old rows go, and its head is told to a place outside the database.
import { type Context, type Keys, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import {
  type AuditRow,
  instant,
  isBreak,
  isGenuine,
  type Mark,
  markOf,
  NOTHING,
} from "../core/audit-chain.ts";
import { findMark, putMark } from "../core/audit-marks.ts";
import { endUpTo, listAfter } from "../core/audit-rows.ts";

const MOST_NAMED = 20;
const MOST_FAULTS = 1_000;

interface Trimmed {
  from: number;
  upTo: Mark;
  /** Numbers of rows that were changed, put in, or taken out before this. */
  faults: number[];
}

/** What each open data directory has trimmed and not told yet. */
const untold = new WeakMap<Keys, Trimmed>();

/**
 * Removes at most so many rows that are older than the retention setting says, from the beginning, and leaves the mark from which
 * the rest can be verified. What lacks its beginning is left alone, as a new mark would cover that up. Resolves to how many went.
 */
export async function trimAudit(ctx: Context, most: number): Promise<number> {
  const { retentionMs } = ctx.config.audit;
  if (retentionMs === undefined) return 0;
  const before = ctx.now() - retentionMs;
  const trimmed = await transaction(ctx, async (ctx) => {
    const trimmed = await trimSome(ctx, before, most);
    // Faults in the same transaction: nothing else knows of them once the rows are gone, and the program may end before it tells.
    if (trimmed && trimmed.faults.length > 0) await tell(ctx, sinceTold(ctx, trimmed));
    return trimmed;
  });
  if (trimmed === undefined) return 0;
  if (trimmed.faults.length > 0) untold.delete(ctx.keys);
  else untold.set(ctx.keys, sinceTold(ctx, trimmed));
  return trimmed.upTo.seq - trimmed.from + 1;
}

const sinceTold = ({ keys }: Context, trimmed: Trimmed): Trimmed => ({
  ...trimmed,
  from: untold.get(keys)?.from ?? trimmed.from,
});

async function tellTrimmed(ctx: Context): Promise<void> {
  const trimmed = untold.get(ctx.keys);
  if (!trimmed) return;
  await tell(ctx, trimmed);
  // Unless more went meanwhile, which is told the next time.
  if (untold.get(ctx.keys) === trimmed) untold.delete(ctx.keys);
}

/**
 * Writes down what went. Whether it was genuine has been asked a last time: its faults are told in the log itself, which would else
 * end with them.
 */
async function tell(ctx: Context, { from, upTo, faults }: Trimmed): Promise<void> {
  const what = `rows ${from} to ${upTo.seq}, up to ${instant(upTo.at)}`;
  const which = `${faults.slice(0, MOST_NAMED).join(", ")}${faults.length > MOST_NAMED ? " and more" : ""}`;
  const reason =
    faults.length === 0 ? what : `${what}; ${faults.length} of them not genuine or missing: ${which}`;
  if (faults.length > 0) ctx.log.error("audit log was tampered with", { reason });
  await audit.append(ctx, audit.serverItself(ctx), { event: "audit.trimmed", reason });
}

/** Writes down what was counted only, or done without a request. */
export async function tellAudit(ctx: Context): Promise<void> {
  await audit.tellSuppressed(ctx);
  await tellTrimmed(ctx);
}

async function trimSome(ctx: Context, before: number, most: number): Promise<Trimmed | undefined> {
  const base = (await findMark(ctx, "base")) ?? { ...NOTHING, isGenuine: true };
  const rows = await listAfter(ctx, base.seq, { limit: most });
  // A row before an old one is old too, whatever time a clock that was wrong gave it.
  // But whether one is old only a genuine one says: else a forger would have the log remove what they must not (NIST SP 800-92 §4.2).
  const old = rows.slice(0, rows.findLastIndex((row) => row.at < before && isGenuine(ctx, row)) + 1);
  const [first, last] = [old[0], old.at(-1)];
  if (!first || !last) return undefined;
  if (!base.isGenuine || (first.seq !== base.seq + 1 && !isBreak(ctx, first, base))) {
    ctx.log.error("audit log not trimmed", { reason: "its beginning is missing: ostiary audit verify" });
    return undefined;
  }
  await endUpTo(ctx, last.seq);
  await putMark(ctx, "base", markOf(last));
  return { from: first.seq, upTo: markOf(last), faults: faultsIn(ctx, old, base) };
}

function faultsIn(ctx: Context, rows: AuditRow[], base: Mark): number[] {
  const faults: number[] = [];
  let before = base;
  for (const row of rows) {
    for (let seq = before.seq + 1; seq < row.seq && faults.length < MOST_FAULTS; seq++) faults.push(seq);
    if (!isGenuine(ctx, row) || row.prev !== before.mac) faults.push(row.seq);
    before = row;
  }
  return faults;
}

/** Tells the head of the chain to the log of the program: of what is kept there, no row can be taken back in the database. */
export async function witnessAudit(ctx: Context): Promise<number> {
  const head = await findMark(ctx, "head");
  if (head?.isGenuine) ctx.log.info("audit head", { head: `${head.seq}:${head.mac}` });
  return 0;
}
