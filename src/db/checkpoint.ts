import { startWorker } from "../workers.ts";

export interface CheckpointOptions {
  path: string;
  everyMs: number;
  /** Above this size the log is emptied even if writers have to wait a moment. */
  truncateAboveBytes: number;
}

const RESTART_AFTER_MS = 1_000;

/**
 * Keeps the write-ahead log of the database at `path` short, from a Worker, until the returned function is called. A Worker
 * that fails is reported and replaced: without one the log would grow for ever.
 */
export function startCheckpoints(path: string, onFailure: (reason: string) => void): () => void {
  let worker: Worker | undefined;
  let restart: Timer | undefined;
  const start = () => {
    const started = startWorker("./db/checkpoint-worker.ts");
    started.onerror = ({ message }) => {
      onFailure(message);
      started.terminate();
      restart = setTimeout(start, RESTART_AFTER_MS);
    };
    started.postMessage({
      path,
      everyMs: 500,
      truncateAboveBytes: 32 * 1024 * 1024,
    } satisfies CheckpointOptions);
    worker = started;
  };
  start();
  return () => {
    clearTimeout(restart);
    worker?.terminate();
  };
}
