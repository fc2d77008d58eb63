// The write-ahead log as a file of which the driver wants one thing: to know that it is on disk.
import { closeSync, fdatasyncSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { startWorker, WORKERS_START_AFTER_MS } from "../workers.ts";

export interface SyncRequest {
  fd: number;
}
export type SyncAnswer = "ready" | "synced" | { failed: string };

export interface LogFile {
  /**
   * Resolves when everything that was written to the log before this call is on disk. One at a time. Rejects when that cannot
   * be known any more: it is not to be tried again.
   */
  sync(): Promise<void>;
  /** Not while a sync is under way. */
  close(): void;
}

/**
 * Opens the log that SQLite keeps at `path`, which is there as long as a connection is. It is the same file until then: it is
 * restarted and cut short, but never replaced. Nor does SQLite lock it, so unlike the database and its index it may be opened
 * and closed beside SQLite (POSIX locks of a file go with the first descriptor that a process closes).
 *
 * The syncs run in a Worker of their own. Bun's `fs.fdatasync` shares its few threads with the signing of tokens, and a disk
 * that stalls would soon have them all (design/stack-notes.md).
 */
export function openLogFile(path: string): LogFile {
  syncDirectory(dirname(path));
  const fd = openSync(path, "r");
  let worker: Worker | undefined;
  let isReady = false;
  let pending: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const start = () => {
    worker = startWorker("./db/sync-worker.ts");
    worker.onmessage = ({ data }: MessageEvent<SyncAnswer>) => {
      if (data === "ready") isReady = true;
      else if (data === "synced") pending?.resolve();
      else pending?.reject(new Error(data.failed));
    };
    worker.onerror = ({ message }) => {
      // From now on on this thread, which is slow, but true.
      isReady = false;
      pending?.reject(new Error(message));
    };
  };
  const starting = setTimeout(start, WORKERS_START_AFTER_MS);
  return {
    async sync() {
      // Until the Worker is up everybody waits for the disk; a command is over before that.
      if (!isReady) return fdatasyncSync(fd);
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        worker?.postMessage({ fd } satisfies SyncRequest);
      });
    },
    close() {
      clearTimeout(starting);
      worker?.terminate();
      closeSync(fd);
    },
  };
}

/** A file is only there after a power cut if its name is. Where a file system cannot do this, SQLite goes on too. */
function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } catch {
    // As above.
  } finally {
    closeSync(fd);
  }
}
