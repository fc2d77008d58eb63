// What a person reads when it did not work, and the exit code: 1 refused or failed, 2 bad usage.
import { BadSettings } from "../config.ts";
import { SchemaMismatch } from "../db/migrate.ts";
import { Invalid, type Refusal, Refused, Unavailable } from "../errors.ts";
import { BadUsage } from "./command.ts";
import { BadData } from "./data-directory.ts";
import { Interrupted } from "./prompt.ts";

/** What can be refused here. */
const SENTENCES: Partial<Record<Refusal, string>> = {
  EMAIL_TAKEN:
    "There is an account with that email already; without a password it would be added to the tenants",
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
    return { text: `The database cannot be written now (${error.message}). Try again.`, code: 1 };
  }
  if (error instanceof BadData || error instanceof SchemaMismatch) return { text: error.message, code: 1 };
  return { text: explainFault(error), code: 1 };
}

const lines = (texts: readonly string[]): string => texts.map((text) => `  ${text}`).join("\n");

function explainFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") return "The port is taken. Stop the other program or choose another: --port";
  if (code === "EACCES" || code === "EROFS" || code === "SQLITE_CANTOPEN") {
    return `The data directory cannot be written (${code}). Choose another: --data`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
