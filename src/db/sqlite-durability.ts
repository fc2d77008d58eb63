// When a commit is on disk, and what reads see until then.
//
// A commit only writes to the log (synchronous = normal); a sync brings that to disk, off the main thread. Until it is there,
// reads keep to what was there before, by a snapshot: so they neither wait for the disk nor tell of anything that a power cut
// could undo. (But for interim outcomes, db.ts: those are seen as soon as they are committed.)
import type { Database } from "bun:sqlite";
import type { LogFile } from "./log-file.ts";
import { isOfSync } from "./sqlite-errors.ts";
import { createMemo, type Memo } from "./sqlite-memo.ts";
import { type Verbs, verbs } from "./sqlite-verbs.ts";

/** What was committed may be on disk or not, and nobody can tell any more. Nothing goes on until the program starts anew. */
export class NotDurable extends Error {
  override readonly name = "NotDurable";
  constructor(cause: unknown) {
    super(
      `the disk did not keep what was written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** What says, anywhere among the causes of an error, that the disk did not keep what was written. */
export function diskFailureOf(error: unknown): NotDurable | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof NotDurable) return at;
    if (isOfSync(at)) return new NotDurable(at);
  }
  return undefined;
}

export interface Durability {
  /**
   * For what is on disk, as far as this process has written it. All that is read in one turn of the event loop is of one moment,
   * but for what interim outcomes add to it.
   */
  reads(): Verbs & Pick<Memo, "recall">;
  /** To be called with the lock of writers, before the commit: until `settle`, reads see nothing newer. */
  hold(): void;
  /** To be called after a commit. Resolves when it is on disk; else rejects with NotDurable, and is not to be called again. */
  sync(): Promise<void>;
  /** To be called when all that must last is on disk, or nothing came of it. After a failure reads see nothing newer all the same. */
  settle(): void;
  /** To be called when a sync failed (sqlite-errors.ts): nothing goes on, and `sync` is not to be called again. */
  fail(cause: unknown): NotDurable;
  /** Why nothing can be promised any more. */
  failure(): NotDurable | undefined;
  /** Resolves when there is a failure. */
  broken: Promise<NotDurable>;
  /** Closes both. */
  close(): void;
}

export function createDurability(log: LogFile, reader: Database): Durability {
  const begin = reader.prepare("begin");
  const look = reader.prepare("select 1 from sqlite_master limit 1");
  const end = reader.prepare("rollback");
  const { promise: broken, resolve } = Promise.withResolvers<NotDurable>();
  const plain = verbs(reader);
  const memo = createMemo(reader, plain);
  const reads = { ...plain, recall: memo.recall };
  let failure: NotDurable | undefined;
  let isHeld = false;
  let isClosed = false;
  const release = () => {
    if (!isClosed && !isHeld && reader.inTransaction) end.run();
  };
  /** A look-up by key takes 1 µs in a transaction; by itself 6, most of it for locks. */
  const beginForThisTurn = () => {
    if (reader.inTransaction) return;
    begin.run();
    memo.expire();
    setImmediate(release);
  };
  const fail = (cause: unknown): NotDurable => {
    failure = new NotDurable(cause);
    resolve(failure);
    return failure;
  };
  return {
    fail,
    reads() {
      beginForThisTurn();
      return reads;
    },
    hold() {
      beginForThisTurn();
      // Not before the first read does SQLite choose what a transaction sees.
      look.get();
      isHeld = true;
    },
    async sync() {
      try {
        await log.sync();
      } catch (error) {
        throw fail(error);
      }
    },
    settle() {
      if (failure) return;
      isHeld = false;
      release();
    },
    failure: () => failure,
    broken,
    close() {
      isClosed = true;
      // Else what was read in this very turn keeps its snapshot, and the log could not be emptied.
      if (reader.inTransaction) end.run();
      reader.close();
      log.close();
    },
  };
}
