// What SQLite's errors mean to a request.
import { Unavailable } from "../errors.ts";

/** How long a locked database is asked again before the request is answered 503, in milliseconds. */
const LOCKED_FOR_MS = 5_000;
const RETRY_EVERY_MS = 20;
const RETRY_AFTER_S = 5;
/** The driver itself waits only this long, in milliseconds: it blocks the event loop, our own retries do not. */
export const BUSY_TIMEOUT_MS = 5;

/** Acts again while the database is locked. Throws Unavailable after 5 s, and for storage that is full or broken. */
export async function retrying<T>(act: () => T): Promise<T> {
  for (let waited = 0; ; waited += RETRY_EVERY_MS + BUSY_TIMEOUT_MS) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || waited >= LOCKED_FOR_MS) throw unavailable(error);
    }
    await Bun.sleep(RETRY_EVERY_MS);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

/** The storage being locked, full, read-only or broken is for now, and no fault of the request. */
export const unavailable = (error: unknown): unknown =>
  /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN)/.test(codeOf(error))
    ? new Unavailable(`database: ${codeOf(error)}`, RETRY_AFTER_S, error)
    : error;

export const moved = (): Unavailable =>
  new Unavailable("database: moved or replaced while in use; put it back, or restart", RETRY_AFTER_S);

export const closed = (): Unavailable => new Unavailable("the database is closed", RETRY_AFTER_S);
