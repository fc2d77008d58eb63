// Moves what was committed from the write-ahead log into the database file, away from the thread that serves requests.
//
// The log is used again from its start when all of it is moved and nobody reads from it. Whoever writes first then waits for the
// disk (the log's new header has to be there before what follows it), and that must not be the main thread. So a reader here,
// the pin, always stands in the log and keeps it from being restarted, but for when this Worker does that itself.
import { Database } from "bun:sqlite";
import type { CheckpointOptions } from "./checkpoint.ts";

declare const self: Worker;

const LOCKED_FOR_MS = 1_000;
const LOOK_AGAIN_AFTER_MS = 1;
/**
 * Somebody who reads for long keeps the log from being restarted, and writers are held up while that is found out. So it is tried
 * again only after so many times as long: they have to wait for a hundredth of the time at most.
 */
const REST_FACTOR = 100;

self.onmessage = ({ data }: MessageEvent<CheckpointOptions>) => {
  const checkpoints = open(data);
  const next = () => {
    try {
      checkpoints.round();
    } catch {
      // Locked or full: the log keeps everything, and the next round tries again.
    }
    timer = setTimeout(next, data.everyMs);
  };
  let timer = setTimeout(next, 0);
  self.onmessage = () => {
    clearTimeout(timer);
    checkpoints.close();
    postMessage("stopped");
  };
};

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
  const count = mover.query<Counts, []>("pragma wal_checkpoint(noop)");
  const checkpoint = mover.query<Counts, []>("pragma wal_checkpoint(passive)");

  let isRestarted = false;
  let restAfterFailureUntil = 0;

  /** The pages that the log has, and that are left in it. */
  const counted = (row: Counts | null) => {
    const { log, checkpointed } = row ?? { log: 0, checkpointed: 0 };
    return { inLog: log, left: log - checkpointed };
  };

  /** Only where something is left, and before it is moved: who reads when all is in the file stands in no log. */
  function movePin(): void {
    leave(nextPin);
    nextPin.run("begin");
    nextPin.query("select 1 from sqlite_master limit 1").get();
    [pin, nextPin] = [nextPin, pin];
    leave(nextPin);
  }

  /** Moves what no reader still needs. Makes nobody wait. */
  function advance(): { inLog: number; left: number } {
    const found = counted(count.get());
    if (found.left === 0) return found;
    movePin();
    return counted(checkpoint.get());
  }

  /** Holds up whoever wants to write until all is moved and the log begins anew; or gives up, for this round. */
  function restart(): void {
    const started = performance.now();
    if (started < restAfterFailureUntil) return;
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
    round() {
      const isLong = advance().inLog * pageBytes > restartAboveBytes;
      // Once in any case: a log that a broken disk left is not to be built upon.
      if (isLong || !isRestarted) restart();
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
