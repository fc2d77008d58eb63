// The seam between Ostiary and its database: five verbs over whole SQL texts. A driver stands beside this file.
// Texts must run on SQLite and PostgreSQL alike: `text` and `bigint` columns, `on conflict`, `returning`, no `now()`.

/** What a column may hold: text, or a whole number (times are epoch milliseconds). */
export type Value = string | number | null;

export interface Db {
  /** The first row, or undefined. */
  get<Row>(text: TemplateStringsArray, ...values: Value[]): Promise<Row | undefined>;
  /**
   * The first row, as `get`, of what is asked again and again with the same values: a driver may answer from memory until anybody
   * writes anything, so that the row is shared and not to be changed. Nothing but a select, and one that no passing of time
   * changes: its text compares with no clock.
   */
  recall<Row>(text: TemplateStringsArray, ...values: Value[]): Promise<Readonly<Row> | undefined>;
  /** All rows. */
  all<Row>(text: TemplateStringsArray, ...values: Value[]): Promise<Row[]>;
  /** The number of rows inserted, updated or deleted. Acknowledged only once it is on disk. */
  run(text: TemplateStringsArray, ...values: Value[]): Promise<number>;
  /**
   * Runs `work` as one transaction, apart from every other request: all of it is on disk when this resolves (see TxOptions),
   * none of it when this rejects. Inside, nothing but SQL may be awaited. Inside another transaction it is a savepoint.
   */
  tx<T>(work: (db: Db) => Promise<T>, options?: TxOptions<T>): Promise<T>;
}

export interface TxOptions<T> {
  /**
   * Whether nobody hears of this outcome before another transaction has resolved, or its work has thrown, which puts on disk
   * what was committed before it too: then this one resolves when it is committed, and reads see it (PostgreSQL:
   * `synchronous_commit = off`). Where the other one cannot be had (Unavailable), nobody may be told either.
   */
  isInterim?: (outcome: T) => boolean;
}

/** An open database. `close` waits for what is under way; rejects where the disk failed to keep what was written, as below. */
export interface Connection {
  db: Db;
  /**
   * Resolves with the reason when the disk failed to keep what was written. What was not answered by then may be there or not;
   * nothing works from then on. The program is to end, and start anew from what is on disk.
   */
  broken: Promise<Error>;
  close: () => Promise<void>;
}
