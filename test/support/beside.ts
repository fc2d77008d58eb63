import { Database } from "bun:sqlite";

const WAIT_MS = 5000;

/**
 * A database opened by a test beside whoever has it open, most often a server. It waits for its turn, up to 5 s: SQLite does not
 * by itself, and fails with SQLITE_BUSY whenever the other one happens to write. Throws what bun:sqlite throws.
 */
export function openBeside(path: string, options?: ConstructorParameters<typeof Database>[1]): Database {
  const database = new Database(path, options);
  database.run(`pragma busy_timeout = ${WAIT_MS}`);
  return database;
}
