// What the audit log needs from time to time: old rows go, and its head is told to a place outside the database.
import { type Context, type Keys, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import { type AuditRow, instant, isGenuine, type Mark, markOf, NOTHING } from "../core/audit-chain.ts";
import { findMark, putMark } from "../core/audit-marks.ts";
import { endUpTo, listAfter } from "../core/audit-rows.ts";

/** Verified and removed in one transaction, while others wait: about 2 ms. */
const STEP = 200;
/** In one round, an hour's: more than an hour brings. */
const MOST_STEPS = 2_000;
const MOST_NAMED = 20;
/** Rounds, and signs of life before the first one, are closer to one another than this. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** When each open data directory had its last round. */
const rounds = new WeakMap<Keys, number>();

/**
 * Removes what is older than the retention setting says, from the beginning, and leaves the mark from which the rest can be verified.
 * Whether the removed rows were genuine is asked a last time: their faults are told in the log itself, which would end with them. What
 * lacks its beginning is left alone, as a new mark would cover that up.
 */
export async function trimAudit(ctx: Context): Promise<void> {
  const { retentionMs } = ctx.config.audit;
  if (retentionMs === undefined || !(await isClockSteady(ctx))) return;
  const gone: Trimmed[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    const trimmed = await transaction(ctx, (ctx) => trimSome(ctx, ctx.now() - retentionMs));
    if (trimmed === undefined) break;
    gone.push(trimmed);
  }
  const [first, last] = [gone[0], gone.at(-1)];
  if (!first || !last) return;
  const faults = gone.flatMap((trimmed) => trimmed.faults);
  const what = `rows ${first.from} to ${last.upTo.seq}, up to ${instant(last.upTo.at)}`;
  const which = `${faults.slice(0, MOST_NAMED).join(", ")}${faults.length > MOST_NAMED ? " and more" : ""}`;
  const reason =
    faults.length === 0 ? what : `${what}; ${faults.length} of them not genuine or missing: ${which}`;
  if (faults.length > 0) ctx.log.error("audit log was tampered with", { reason });
  await audit.append(ctx, audit.serverItself(ctx), { event: "audit.trimmed", reason });
}

/** A clock that has just been moved may be moved back: what it would remove waits for the next round. */
async function isClockSteady(ctx: Context): Promise<boolean> {
  const now = ctx.now();
  const before = rounds.get(ctx.keys) ?? (await findMark(ctx, "head"))?.at ?? now;
  rounds.set(ctx.keys, now);
  if (Math.abs(now - before) <= DAY_MS) return true;
  ctx.log.warn("audit log not trimmed", { reason: "the clock has jumped, or nothing happened for a day" });
  return false;
}

interface Trimmed {
  from: number;
  upTo: Mark;
  /** Numbers of rows that were changed, put in, or taken out before this. */
  faults: number[];
}

async function trimSome(ctx: Context, before: number): Promise<Trimmed | undefined> {
  const base = (await findMark(ctx, "base")) ?? { ...NOTHING, isGenuine: true };
  const rows = await listAfter(ctx, base.seq, { limit: STEP });
  // A row before an old one is old too, whatever time a clock that was wrong gave it.
  const old = rows.slice(0, rows.findLastIndex(({ at }) => at < before) + 1);
  const [first, last] = [old[0], old.at(-1)];
  if (!first || !last) return undefined;
  if (!base.isGenuine || first.seq !== base.seq + 1) {
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
    for (let seq = before.seq + 1; seq < row.seq && faults.length <= STEP; seq++) faults.push(seq);
    if (!isGenuine(ctx, row) || row.prev !== before.mac) faults.push(row.seq);
    before = row;
  }
  return faults;
}

/** Tells the head of the chain to the log of the program: of what is kept there, no row can be taken back in the database. */
export async function witnessAudit(ctx: Context): Promise<void> {
  const head = await findMark(ctx, "head");
  if (head?.isGenuine) ctx.log.info("audit head", { head: `${head.seq}:${head.mac}` });
}
