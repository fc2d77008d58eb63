// The audit log of a version without a chain gets one: once, in the order in which its rows were made.
import { type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import { markOf } from "../core/audit-chain.ts";
import { dropHead, findMark, type FoundMark, putMark } from "../core/audit-marks.ts";
import { chain, findHighest, findRow, listLoose } from "../core/audit-rows.ts";

/** In one transaction: it must not hold up another process for long. */
const BATCH = 500;

/**
 * To be called before anything is appended. Goes on where it was interrupted; nothing happens where it is done. It can only vouch for
 * what it finds: a row that was changed before is in the chain as it is, and a row of the log says how many there were.
 */
export async function chainAudit(ctx: Context): Promise<void> {
  while (await transaction(ctx, chainSome)) {
    // The next batch.
  }
}

/** Whether there may be more. */
async function chainSome(ctx: Context): Promise<boolean> {
  const head = await findMark(ctx, "head", "chaining");
  // A head that looks untouched while rows have their place was put back, to have other rows taken in: it is no head of ours.
  if (!head || !isUnderWay(head) || (await findHighest(ctx)) !== head.seq) return false;
  const last = head.seq === 0 ? undefined : await findRow(ctx, head.seq);
  const loose = await listLoose(ctx, last?.id ?? "", BATCH);
  let end = head;
  for (const row of loose) end = { ...head, ...markOf(await chain(ctx, end, row)) };
  if (loose.length === BATCH) {
    await putMark(ctx, "head", end, "chaining");
    return true;
  }
  if (end.seq === 0) {
    await dropHead(ctx);
    return false;
  }
  await putMark(ctx, "head", end);
  const reason = `${end.seq} rows from before the chain`;
  await audit.append(ctx, audit.serverItself(ctx), { event: "audit.chained", reason });
  ctx.log.info("audit log chained", { rows: end.seq });
  return false;
}

/** As the migration leaves it (src/db/migrations/5.sql), or as the last batch did. */
const isUnderWay = ({ seq, tag, isGenuine }: FoundMark): boolean => (seq === 0 && tag === "") || isGenuine;
