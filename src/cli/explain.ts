// What a person reads when it did not work, and the exit code: 1 refused or failed, 2 bad usage.
import { BadSettings } from "../config.ts";
import { SchemaMismatch } from "../db/migrate.ts";
import { NotDurable } from "../db/sqlite-durability.ts";
import { Invalid, type Refusal, Refused, Unavailable } from "../errors.ts";
import { BadUsage } from "./command.ts";
import { BadData } from "./data-directory.ts";
import { Interrupted } from "./prompt.ts";

/** What can be refused here. */
const SENTENCES: Partial<Record<Refusal, string>> = {
  EMAIL_TAKEN:
    "There is an account with that email already; user create adds it to tenants when no password is given",
  LAST_OWNER: "A tenant needs an active owner",
  LAST_SUPERUSER: "The last superuser who can sign in cannot be removed or shut out",
  MEMBER_EXISTS: "That account is a member of the tenant already",
  NOT_FOUND: "There is no such tenant or user",
  SETUP_ALREADY_COMPLETED: "Setup was completed before: there is an admin already",
  SLUG_TAKEN: "Another tenant has that slug",
  USERNAME_TAKEN: "Another account has that username",
};

export function explain(error: unknown): { text: string; code: number } {
  if (error instanceof BadUsage) return { text: `${error.message}\nSee: ostiary --help`, code: 2 };
  if (error instanceof BadSettings) {
    return { text: `Settings that cannot be used:\n${lines(error.problems)}`, code: 2 };
  }
  if (error instanceof Invalid) {
    const faults = error.fields.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`);
    return { text: `Values that cannot be used:\n${lines(faults)}`, code: 1 };
  }
  if (error instanceof Interrupted) return { text: "interrupted; nothing was changed", code: 1 };
  if (error instanceof Refused) return { text: SENTENCES[error.code] ?? `refused: ${error.code}`, code: 1 };
  if (error instanceof Unavailable) {
    const text = KNOWN_TROUBLE[troubleOf(error.cause)];
    return { text: text ?? `The database cannot be written now (${error.message}). Try again.`, code: 1 };
  }
  if (error instanceof NotDurable) {
    return {
      text: `${error.message}\nWhat was not confirmed before may be missing. Look after the disk.`,
      code: 1,
    };
  }
  if (error instanceof BadData || error instanceof SchemaMismatch) return { text: error.message, code: 1 };
  return { text: explainFault(error), code: 1 };
}

const lines = (texts: readonly string[]): string => texts.map((text) => `  ${text}`).join("\n");

const NOT_WRITABLE = "The data directory cannot be written. Choose another, or other rights: --data";
const NOT_A_DIRECTORY =
  "The data directory cannot be used: a file stands where a directory should be, or the reverse. Choose another: --data";
const NOT_A_DATABASE =
  "ostiary.db is damaged, or no database at all. Restore it from a backup, or choose another data directory: --data";
const DISK_FULL = "The disk that holds the data directory is full.";

/** What stops a start on a machine that is not as the settings have it, by `troubleOf`. */
const KNOWN_TROUBLE: Record<string, string> = {
  "listen EADDRINUSE": "The port is taken. Stop the other program or choose another: --port",
  "listen EADDRNOTAVAIL": "This machine has no such address to listen on. Choose another: --host",
  "listen EACCES": "This user may not listen on that port. Choose one above 1023: --port",
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  SQLITE_CANTOPEN: NOT_WRITABLE,
  SQLITE_READONLY: NOT_WRITABLE,
  EEXIST: NOT_A_DIRECTORY,
  ENOTDIR: NOT_A_DIRECTORY,
  EISDIR: NOT_A_DIRECTORY,
  SQLITE_NOTADB: NOT_A_DATABASE,
  SQLITE_CORRUPT: NOT_A_DATABASE,
  ENOSPC: DISK_FULL,
  SQLITE_FULL: DISK_FULL,
};

/** The error's code; before it `listen`, where the network refused and not the disk. */
function troubleOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const code = String(error.code);
  return "syscall" in error && error.syscall === "listen" ? `listen ${code}` : code;
}

const explainFault = (error: unknown): string =>
  KNOWN_TROUBLE[troubleOf(error)] ??
  (error instanceof Error ? (error.stack ?? error.message) : String(error));
