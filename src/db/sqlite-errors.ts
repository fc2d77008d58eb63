// What SQLite's errors mean to a request.
import { Unavailable } from "../errors.ts";

/** How long a locked database is asked again before the request is answered 503, in milliseconds. */
const LOCKED_FOR_MS = 5_000;
/** How often, in milliseconds. Most locks are those of our own checkpoints, which are over soon. */
const RETRY_EVERY_MS = 2;
const RETRY_AFTER_S = 5;

/** Acts again while the database is locked. Throws Unavailable after 5 s, and for storage that is full or broken. */
export async function retrying<T>(act: () => T): Promise<T> {
  const started = performance.now();
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || performance.now() - started >= LOCKED_FOR_MS) throw unavailable(error);
    }
    await Bun.sleep(RETRY_EVERY_MS);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

/**
 * Whether the disk failed to keep what was written. It may have dropped that, and would call the next sync a success
 * (https://wiki.postgresql.org/wiki/Fsync_Errors): not to be tried again.
 */
export function isOfSync(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return syscall === "fdatasync" || code === "SQLITE_IOERR_FSYNC";
}

/** The storage being locked, full, read-only or broken is for now, and no fault of the request. */
export const unavailable = (error: unknown): unknown =>
  /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN)/.test(codeOf(error))
    ? new Unavailable(`database: ${codeOf(error)}`, RETRY_AFTER_S, error)
    : error;

/** The disk failed before: this time nothing was tried. */
export const lost = (cause: Error): Unavailable =>
  new Unavailable("the database is broken", RETRY_AFTER_S, cause);

export const moved = (): Unavailable =>
  new Unavailable("database: moved or replaced while in use; put it back, or restart", RETRY_AFTER_S);

export const closed = (): Unavailable => new Unavailable("the database is closed", RETRY_AFTER_S);
