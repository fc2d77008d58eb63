// Whether the audit log is what was written: from the mark where it begins, row by row, to the mark where it ends.
import type { Context } from "../context.ts";
import {
  type AuditRow,
  instant,
  isBreak,
  isGenuine,
  isPlace,
  type Mark,
  markOf,
  NOTHING,
} from "../core/audit-chain.ts";
import { findMark, type FoundMark } from "../core/audit-marks.ts";
import { count, findHighest, listAfter, listStray } from "../core/audit-rows.ts";
import { whereMoved } from "./moved-rows.ts";

const BATCH = 1_000;
/** More than this are counted only. */
const MOST_FAULTS = 1_000;

/**
 * edited: some column of that row was changed. moved: it was written in another place. inserted: it is in no place of the chain.
 * missing: rows from `seq` to `upTo` are gone. spliced: a genuine row that does not follow the one before it, as when one is from
 * another copy of the database. broken: the program found a head that was not its own, and went on after a gap. base, head: that mark
 * is missing or forged. expected: a head that was kept elsewhere is not part of this log.
 */
export type FaultKind =
  "edited" | "moved" | "inserted" | "missing" | "spliced" | "broken" | "base" | "head" | "expected";

export interface Fault {
  kind: FaultKind;
  seq: number | null;
  upTo?: number;
  id?: string;
  at?: string;
  event?: string;
  text: string;
}

export interface Verdict {
  /** How many are genuine and in their place. */
  rows: number;
  /** Since when; undefined when there is none. */
  since: string | undefined;
  /** The last row, to be kept elsewhere; undefined when the log is empty or has no head of ours. */
  head: Mark | undefined;
  /** The last row that retention has removed, if it has removed any. */
  base: Mark | undefined;
  faults: Fault[];
  /** Of `faults`, and those there is no room for. */
  faultCount: number;
}

export interface VerifyOptions {
  /** A head that was kept elsewhere. */
  expected?: { seq: number; mac: string } | undefined;
  onProgress?: (done: number, total: number) => void;
}

/** The walk so far. */
interface Walk {
  verdict: Verdict;
  /** The row that was looked at last; undefined at the beginning of a log whose base is not ours. */
  last: Mark | undefined;
  /** Whether that row was as it was written. */
  isLastGood: boolean;
  seen: number;
  suspects: AuditRow[];
  expected: VerifyOptions["expected"];
}

/** In constant memory, also while the server appends to it and removes old rows. */
export async function verifyAudit(
  ctx: Context,
  { expected, onProgress }: VerifyOptions = {},
): Promise<Verdict> {
  const base = await findMark(ctx, "base");
  const verdict: Verdict = {
    rows: 0,
    since: undefined,
    head: undefined,
    base: base?.isGenuine ? bare(base) : undefined,
    faults: [],
    faultCount: 0,
  };
  const walk: Walk = {
    verdict,
    last: start(verdict, base),
    isLastGood: true,
    seen: 0,
    suspects: [],
    expected,
  };
  const from = walk.last?.seq ?? 0;
  if (expected && expected.seq < from) {
    const text = `row ${expected.seq} is older than what the log keeps: hold it against a younger head`;
    fault(walk, { kind: "expected", seq: expected.seq, text });
  }
  if (walk.last) judgeExpected(walk, walk.last);
  await walkRows(ctx, walk, onProgress);
  await judgeHead(ctx, walk);
  await judgeStrays(ctx, walk, from);
  const end = walk.last?.seq ?? 0;
  if (expected && expected.seq > end) {
    const text = `the log ends at row ${end}, but had a row ${expected.seq}: its end was cut off, or an older copy was put back`;
    fault(walk, { kind: "expected", seq: expected.seq, text });
  }
  whereMoved(ctx, verdict.faults, walk.suspects);
  return verdict;
}

function start(verdict: Verdict, base: FoundMark | undefined): Mark | undefined {
  if (!base) return NOTHING;
  if (base.isGenuine) return base;
  verdict.faults.push({ kind: "base", seq: null, text: "the mark of its beginning was forged" });
  verdict.faultCount = 1;
  return undefined;
}

async function walkRows(ctx: Context, walk: Walk, onProgress: VerifyOptions["onProgress"]): Promise<void> {
  const total = await findHighest(ctx);
  for (let after = walk.last?.seq ?? 0; ;) {
    const rows = await listAfter(ctx, after, { limit: BATCH });
    for (const row of rows) await judgeRow(ctx, walk, row);
    after = rows.at(-1)?.seq ?? after; // Past whole batches of rows that were put in, too.
    onProgress?.(walk.last?.seq ?? 0, Math.max(total, walk.last?.seq ?? 0));
    if (rows.length < BATCH) return;
  }
}

async function judgeRow(ctx: Context, walk: Walk, row: AuditRow): Promise<void> {
  walk.seen += 1;
  if (isStray(ctx, walk, row)) {
    const text = `row ${row.id} was put in at ${row.seq}`;
    return fault(walk, { kind: "inserted", ...named(row), text });
  }
  await judgePlace(ctx, walk, row);
  const { last, verdict } = walk;
  verdict.since ??= instant(row.at);
  const isGood = isGenuine(ctx, row);
  if (!isGood) {
    fault(walk, { kind: "edited", ...named(row), text: `row ${row.seq} was changed` });
    if (walk.suspects.length < MOST_FAULTS) walk.suspects.push(row);
  } else if (last && last.seq === row.seq - 1 && row.prev !== last.mac && walk.isLastGood) {
    const text = `row ${row.seq} does not follow row ${last.seq}: one of them is from another copy of the log`;
    fault(walk, { kind: "spliced", ...named(row), text });
  } else verdict.rows += 1;
  walk.last = markOf(row);
  walk.isLastGood = isGood;
  judgeExpected(walk, walk.last);
}

/** Between two places, or in one that is taken by the row that belongs there. */
function isStray(ctx: Context, { last, isLastGood }: Walk, row: AuditRow): boolean {
  if (!isPlace(row.seq)) return true;
  return row.seq === last?.seq && (isLastGood || !isGenuine(ctx, row));
}

/** Whether rows are missing before this one. Retention may have removed them meanwhile. */
async function judgePlace(ctx: Context, walk: Walk, row: AuditRow): Promise<void> {
  if (!walk.last || row.seq === walk.last.seq + 1 || row.seq === walk.last.seq) return;
  const base = await findMark(ctx, "base");
  if (base?.isGenuine && base.seq > walk.last.seq && base.seq < row.seq) {
    walk.last = base;
    walk.isLastGood = true;
    walk.verdict.base = bare(base);
    return judgePlace(ctx, walk, row);
  }
  const [seq, upTo] = [walk.last.seq + 1, row.seq - 1];
  if (isBreak(ctx, row, walk.last)) {
    const text = `row ${row.seq}: ${row.reason}; what came after row ${seq - 1} may be gone`;
    return fault(walk, { kind: "broken", ...named(row), text });
  }
  fault(walk, missing(seq, upTo));
}

async function judgeHead(ctx: Context, walk: Walk): Promise<void> {
  // Read after the rows: it stands at the last of them, or further on when more were appended meanwhile.
  let head = await findMark(ctx, "head");
  while (head?.isGenuine && head.seq > (walk.last?.seq ?? 0)) {
    const before = walk.last?.seq;
    await walkRows(ctx, walk, undefined);
    if (walk.last?.seq === before) break;
    head = await findMark(ctx, "head");
  }
  const last = walk.last ?? NOTHING;
  if (!head && last.seq === 0) return;
  if (!head?.isGenuine) {
    const text = `the mark of its end ${head ? "was forged" : "is missing"}: rows after ${last.seq} may be gone`;
    return fault(walk, { kind: "head", seq: null, text });
  }
  walk.verdict.head = bare(head);
  if (head.seq > last.seq) return fault(walk, missing(last.seq + 1, head.seq));
  // Else a row was put behind it, or it is an older one that was put back.
  if (head.seq < last.seq) {
    for (const found of walk.verdict.faults) {
      if (found.kind !== "edited" || found.seq === null || found.seq <= head.seq) continue;
      found.kind = "inserted";
      found.text = `row ${found.seq} was put behind the end of the log`;
    }
    const text = `the log ended at row ${head.seq}, but there are rows up to ${last.seq}`;
    return fault(walk, { kind: "head", seq: head.seq, text });
  }
  if (head.mac !== last.mac && walk.isLastGood) {
    const text = `the mark of its end speaks of another row ${head.seq}: one of them is from another copy of the log`;
    fault(walk, { kind: "head", seq: head.seq, text });
  }
}

/** Rows without a number, before the first or sharing one, which no walk from number to number meets. */
async function judgeStrays(ctx: Context, walk: Walk, from: number): Promise<void> {
  for (const row of await listStray(ctx, from, BATCH)) {
    fault(walk, {
      kind: "inserted",
      ...named(row),
      text: `row ${row.id} is in no place of the log`,
    });
  }
  const there = await count(ctx, from, walk.last?.seq ?? 0);
  if (there > walk.seen) {
    const text = `${there - walk.seen} rows stand in places that are taken`;
    fault(walk, { kind: "inserted", seq: null, text });
  }
}

function judgeExpected({ expected, verdict }: Walk, { seq, mac }: Mark): void {
  if (expected?.seq !== seq || expected.mac === mac) return;
  const text = `row ${seq} is not the one that was kept elsewhere: this is another copy of the log`;
  fault({ verdict }, { kind: "expected", seq, text });
}

const named = ({ seq, id, at, event }: { seq: number | null; id: string; at: number; event: string }) => ({
  seq,
  id,
  at: instant(at),
  event,
});

const missing = (seq: number, upTo: number): Fault => ({
  kind: "missing",
  seq,
  upTo,
  text: seq === upTo ? `row ${seq} is missing` : `rows ${seq} to ${upTo} are missing`,
});

const bare = ({ seq, mac, at }: Mark): Mark => ({ seq, mac, at });

function fault({ verdict }: Pick<Walk, "verdict">, found: Fault): void {
  verdict.faultCount += 1;
  if (verdict.faults.length < MOST_FAULTS) verdict.faults.push(found);
}
