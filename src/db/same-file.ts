import { statSync } from "node:fs";

/**
 * Whether the database at `path`, and its write-ahead log, are still the files that were opened. SQLite goes on with a file that
 * was moved, removed or replaced as if nothing had happened, and what it is told to keep is gone with the next start.
 */
export function sameFile(path: string): () => boolean {
  const opened = idOf(path);
  let log: string | undefined;
  return () => {
    if (idOf(path) !== opened) return false;
    const now = idOf(`${path}-wal`);
    log ??= now;
    return now === log;
  };
}

/** Undefined when there is no such file. */
function idOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
