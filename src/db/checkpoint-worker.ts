// Moves what was committed from the write-ahead log into the database file, away from the thread that serves requests.
import { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import type { CheckpointOptions } from "./checkpoint.ts";

declare const self: Worker;

self.onmessage = ({ data: { path, everyMs, truncateAboveBytes } }: MessageEvent<CheckpointOptions>) => {
  const connection = new Database(path, { create: false, readwrite: true });
  connection.run("pragma busy_timeout = 1000");
  const checkpoint = () => {
    // PASSIVE never makes a writer wait, but under constant writes it also never gets to restart the log: hence the bound.
    const tooLong = walBytes(`${path}-wal`) > truncateAboveBytes;
    connection.run(`pragma wal_checkpoint(${tooLong ? "truncate" : "passive"})`);
  };
  const again = () => {
    try {
      checkpoint();
    } catch {
      // Locked or full: the log keeps everything, and the next round tries again.
    }
    setTimeout(again, everyMs);
  };
  again();
};

function walBytes(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
