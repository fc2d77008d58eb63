/**
 * Starts the Worker whose file lies at `path` below src/. In the compiled program all modules have the place of src/main.ts,
 * so a path relative to any other file would lead nowhere there; each Worker is an entry point of its own in `bun run build`.
 */
export const startWorker = (path: `./${string}-worker.ts`): Worker =>
  new Worker(new URL(path, import.meta.url).href);

/** What need not be up before the first answer begins so much later: the first Workers cost a start 30 ms. */
export const WORKERS_START_AFTER_MS = 100;
