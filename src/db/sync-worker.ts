// Waits for the disk, so that the thread that serves requests need not.
import { fdatasyncSync } from "node:fs";
import type { SyncAnswer, SyncRequest } from "./log-file.ts";

declare const self: Worker;

self.onmessage = ({ data: { fd } }: MessageEvent<SyncRequest>) => {
  postMessage(sync(fd));
};
postMessage("ready" satisfies SyncAnswer);

function sync(fd: number): SyncAnswer {
  try {
    fdatasyncSync(fd);
    return "synced";
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
