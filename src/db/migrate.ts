// Which SQL brings a database to this program's version. Forward only; a driver runs it in one transaction, under its lock.
import schema from "../../schema.sql" with { type: "text" };
import toVersion2 from "./migrations/2.sql" with { type: "text" };
import toVersion3 from "./migrations/3.sql" with { type: "text" };
import toVersion4 from "./migrations/4.sql" with { type: "text" };
import toVersion5 from "./migrations/5.sql" with { type: "text" };
import toVersion6 from "./migrations/6.sql" with { type: "text" };
import toVersion7 from "./migrations/7.sql" with { type: "text" };
import toVersion8 from "./migrations/8.sql" with { type: "text" };

/** One step from the version before `to`. Steps are never edited once released: `schema.sql` is what they add up to. */
export interface Migration {
  to: number;
  sql: string;
}

export interface Schema {
  version: number;
  /** The whole schema, for a new database. */
  sql: string;
  migrations: Migration[];
}

export const SCHEMA: Schema = {
  version: 8,
  sql: schema,
  migrations: [
    { to: 2, sql: toVersion2 },
    { to: 3, sql: toVersion3 },
    { to: 4, sql: toVersion4 },
    { to: 5, sql: toVersion5 },
    { to: 6, sql: toVersion6 },
    { to: 7, sql: toVersion7 },
    { to: 8, sql: toVersion8 },
  ],
};

/** What was found on opening: nothing at all, tables of another program, or an Ostiary schema of some version. */
export type Found = "empty" | "foreign" | number;

/** The database cannot be used by this program; the message says what to do about it. */
export class SchemaMismatch extends Error {
  override readonly name = "SchemaMismatch";
}

/** The texts to run, in order; none when the database is up to date. Throws SchemaMismatch rather than touch what it does not know. */
export function scriptsFor(found: Found, { version, sql, migrations }: Schema): string[] {
  if (found === "empty") return [sql];
  if (found === "foreign")
    throw new SchemaMismatch("the file holds another program's data; choose another data directory");
  if (found > version) {
    throw new SchemaMismatch(
      `the database has version ${found}, this program knows versions up to ${version}; run the newer Ostiary, or restore a backup from before the upgrade`,
    );
  }
  const steps = migrations.filter((step) => step.to > found).toSorted((a, b) => a.to - b.to);
  if (steps.length !== version - found) {
    throw new SchemaMismatch(
      `no way from database version ${found} to ${version}; upgrade by way of an older Ostiary`,
    );
  }
  return steps.map((step) => step.sql);
}
