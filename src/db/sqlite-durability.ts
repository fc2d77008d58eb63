// When a commit is on disk, and what reads see until then.
//
// A commit only writes to the log (synchronous = normal); one sync at a time brings it to disk, each for all that was committed
// when it began. Meanwhile reads keep to what was on disk before, by a snapshot of their own: so they neither wait for the disk
// nor tell of anything that a power cut could undo. Two readers take turns: one serves, the other holds what the sync under way
// will make durable.
import type { Database } from "bun:sqlite";
import type { LogFile } from "./log-file.ts";
import { type Verbs, verbs } from "./sqlite-verbs.ts";

/** What was committed may be on disk or not, and nobody can tell any more. Nothing goes on until the program starts anew. */
export class NotDurable extends Error {
  override readonly name = "NotDurable";
  constructor(cause: unknown) {
    super(
      `the disk failed to keep what was written (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
}

export interface Durability {
  /** Reads what is on disk, as far as this process has written it. */
  reads(): Verbs;
  /** Why nothing can be promised any more. */
  failure(): NotDurable | undefined;
  /** To be called with the lock of writers, before anything is committed. */
  beginWriting(): void;
  /** To be called after the commit. Resolves when it is on disk; rejects with NotDurable, then and for ever. */
  committed(): Promise<void>;
  /** To be called instead when nothing was committed. */
  rolledBack(): void;
  /** Resolves with the reason when a sync failed. */
  broken: Promise<NotDurable>;
  close(): Promise<void>;
}

export function createDurability(log: LogFile, connections: [Database, Database]): Durability {
  let [serving, spare] = [createReader(connections[0]), createReader(connections[1])];
  let isWriting = false;
  /** The sync under way, and the one that waits for its end to cover what was committed meanwhile. */
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  let failure: NotDurable | undefined;
  const broken = Promise.withResolvers<NotDurable>();

  /** All that is committed is on disk: reads may see it, and what other processes commit from now on. */
  function followIfSettled(): void {
    if (!running && !waiting && !isWriting) serving.release();
  }

  async function sync(): Promise<void> {
    running = waiting;
    waiting = undefined;
    try {
      if (failure) throw failure;
      // Where it cannot be held, reads will see what comes next a moment too early.
      spare.hold();
      await log.sync();
      serving.release();
      [serving, spare] = [spare, serving];
    } catch (error) {
      // What failed once must not be tried again: the kernel may have dropped the pages and call the next sync a success.
      failure ??= new NotDurable(error);
      broken.resolve(failure);
      throw failure;
    } finally {
      running = undefined;
      followIfSettled();
    }
  }

  return {
    reads: () => serving.verbs,
    failure: () => failure,
    beginWriting() {
      isWriting = true;
      if (!running && !waiting) serving.hold();
    },
    committed() {
      isWriting = false;
      waiting ??= (running ?? Promise.resolve()).catch(() => {}).then(sync);
      return waiting;
    },
    rolledBack() {
      isWriting = false;
      followIfSettled();
    },
    broken: broken.promise,
    async close() {
      while (waiting || running) await (waiting ?? running)?.catch(() => {});
      for (const connection of connections) connection.close();
      log.close();
    },
  };
}

/** A connection that sees what is committed, or goes on seeing what was committed when it was told to hold that. */
function createReader(connection: Database) {
  const begin = connection.prepare("begin");
  const look = connection.prepare("select 1 from sqlite_master limit 1");
  const end = connection.prepare("rollback");
  return {
    verbs: verbs(connection),
    hold() {
      if (connection.inTransaction) return;
      begin.run();
      try {
        look.get();
      } catch {
        end.run();
      }
    },
    release() {
      if (connection.inTransaction) end.run();
    },
  };
}
