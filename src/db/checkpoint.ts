import { startWorker } from "../workers.ts";

export interface CheckpointOptions {
  path: string;
  everyMs: number;
  /** Above this size the log is emptied even if writers have to wait a moment. */
  truncateAboveBytes: number;
}

/** Keeps the write-ahead log of the database at `path` short, from a Worker, until the returned function is called. */
export function startCheckpoints(path: string): () => void {
  const worker = startWorker("./db/checkpoint-worker.ts");
  worker.postMessage({
    path,
    everyMs: 500,
    truncateAboveBytes: 32 * 1024 * 1024,
  } satisfies CheckpointOptions);
  return () => worker.terminate();
}
