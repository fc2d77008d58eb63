export interface CheckpointOptions {
  path: string;
  everyMs: number;
  /** Above this size the log is emptied even if writers have to wait a moment. */
  truncateAboveBytes: number;
}

/** Keeps the write-ahead log of the database at `path` short, from a Worker, until the returned function is called. */
export function startCheckpoints(path: string): () => void {
  const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url).href);
  worker.postMessage({
    path,
    everyMs: 500,
    truncateAboveBytes: 32 * 1024 * 1024,
  } satisfies CheckpointOptions);
  return () => worker.terminate();
}
