// Moves what was committed from the write-ahead log into the database file, away from the thread that serves requests.
//
// The log is used again from its start when all of it is moved and nobody reads from it. Whoever writes first then waits for the
// disk (the log's new header has to be there before what follows it), and that must not be the main thread. So a reader here,
// the pin, always stands in the log and keeps it from being restarted, but for when this Worker does that itself.
import { Database } from "bun:sqlite";
import { fdatasyncSync, openSync } from "node:fs";
import type { CheckpointOptions, CheckpointReport } from "./checkpoint.ts";
import { isOfSync } from "./sqlite-errors.ts";

declare const self: Worker;

const LOCKED_FOR_MS = 1_000;
const LOOK_AGAIN_AFTER_MS = 1;
/**
 * Somebody who reads for long keeps the log from being restarted, and writers are held up while that is found out. So it is tried
 * again only after so many times as long: they have to wait for a hundredth of the time at most.
 */
const REST_FACTOR = 100;
/** So much is written that rounds follow faster: many short ones hold up the log's own syncs less than a few long ones. */
const FAST_BYTES_PER_MS = 10 * 1024;

self.onmessage = ({ data }: MessageEvent<CheckpointOptions>) => {
  const checkpoints = open(data);
  let isFast = false;
  const next = () => {
    const before = performance.now();
    try {
      const movedBytes = checkpoints.round();
      const sinceMs = before - last + 1;
      isFast = movedBytes / sinceMs > FAST_BYTES_PER_MS;
    } catch (error) {
      if (isOfSync(error)) return report({ lost: String(error) });
      // Locked or full: the log keeps everything, and the next round tries again.
    }
    last = before;
    timer = setTimeout(next, isFast ? data.fastMs : data.everyMs);
  };
  let last = performance.now();
  let timer = setTimeout(next, 0);
  self.onmessage = () => {
    clearTimeout(timer);
    checkpoints.close();
    report("stopped");
  };
};

const report = (message: CheckpointReport): void => postMessage(message);

interface Counts {
  log: number;
  checkpointed: number;
}

function open({ path, restartAboveBytes }: CheckpointOptions) {
  const connect = () => {
    const connection = new Database(path, { create: false, readwrite: true });
    connection.run(`pragma busy_timeout = ${LOCKED_FOR_MS}`);
    connection.run("pragma wal_autocheckpoint = 0");
    return connection;
  };
  const mover = connect();
  const restarter = connect();
  // After a restart, the file gives back what it took beyond this.
  restarter.run(`pragma journal_size_limit = ${restartAboveBytes * 2}`);
  let [pin, nextPin] = [connect(), connect()];
  const connections = [mover, restarter, pin, nextPin];
  const pageBytes = mover.query<{ page_size: number }, []>("pragma page_size").get()?.page_size ?? 0;
  // Never closed: with any descriptor that a process closes go all locks that it has on the file, SQLite's too.
  let file: number | undefined;
  const count = mover.query<Counts, []>("pragma wal_checkpoint(noop)");
  const checkpoint = mover.query<Counts, []>("pragma wal_checkpoint(passive)");

  let isRestarted = false;
  let restAfterFailureUntil = 0;

  /** The pages that the log has, that were moved, and that are left in it. */
  const counted = (row: Counts | null) => {
    const { log, checkpointed } = row ?? { log: 0, checkpointed: 0 };
    return { inLog: log, moved: checkpointed, left: log - checkpointed };
  };

  /** Only where something is left, and before it is moved: who reads when all is in the file stands in no log. */
  function movePin(): void {
    leave(nextPin);
    nextPin.run("begin");
    nextPin.query("select 1 from sqlite_master limit 1").get();
    [pin, nextPin] = [nextPin, pin];
    leave(nextPin);
  }

  /** Moves what no reader still needs, to the file if not to the disk. Makes nobody wait. Returns pages. */
  function advance(): { inLog: number; movedNow: number; left: number } {
    const found = counted(count.get());
    if (found.left === 0) return { ...found, movedNow: 0 };
    movePin();
    const { moved, ...rest } = counted(checkpoint.get());
    // Below zero: another process moves just now.
    return rest.inLog < 0 ? { ...found, movedNow: 0 } : { ...rest, movedNow: moved - found.moved };
  }

  /** What has been moved is on disk then: else all of that would be left to the restart, while everybody waits. */
  const toDisk = () => fdatasyncSync((file ??= openSync(path, "r")));

  /** Holds up whoever wants to write until all is moved and the log begins anew; or gives up, for this round. */
  function restart(): void {
    if (performance.now() < restAfterFailureUntil) return;
    // What came while the last was brought to disk.
    if (isRestarted && advance().movedNow > 0) toDisk();
    const started = performance.now();
    let isDone = false;
    try {
      restarter.run("begin immediate");
      for (let tries = 0; advance().left > 0; tries++) {
        if (tries * LOOK_AGAIN_AFTER_MS > LOCKED_FOR_MS) return;
        Bun.sleepSync(LOOK_AGAIN_AFTER_MS);
      }
      // A transaction that began when something was left writes behind that. The next one begins anew; unless somebody writes
      // between the two, whom the pin keeps from doing so, and the next round tries again.
      restarter.run("rollback");
      restarter.run("begin immediate");
      leave(pin);
      const { user_version: last } = restarter
        .query<{ user_version: number }, []>("pragma user_version")
        .get() ?? { user_version: 0 };
      // Any write would do. Nobody reads this one.
      restarter.run(`pragma user_version = ${1 - last}`);
      restarter.run("commit");
      movePin();
      isRestarted = isDone = true;
    } finally {
      leave(restarter);
      const now = performance.now();
      if (!isDone) restAfterFailureUntil = now + (now - started) * REST_FACTOR;
    }
  }

  return {
    /** Returns how much was moved. */
    round(): number {
      const { inLog, movedNow } = advance();
      const isLong = inLog * pageBytes > restartAboveBytes;
      // Before, the restart is far enough away.
      if (movedNow > 0 && inLog * pageBytes > restartAboveBytes / 4) toDisk();
      // Once in any case: a log that a broken disk left is not to be built upon.
      if (isLong || !isRestarted) restart();
      return movedNow * pageBytes;
    },
    close() {
      for (const connection of connections) {
        leave(connection);
        connection.close();
      }
    },
  };
}

function leave(connection: Database): void {
  if (connection.inTransaction) connection.run("rollback");
}
