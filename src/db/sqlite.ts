// The SQLite driver: one connection that writes, one that reads, and group commit.
//
// Every write waits in one queue. What waits in the same tick of the event loop shares one commit, each job inside its own
// savepoint, and is answered after that commit: a job that fails undoes only itself, and nobody is told of a write that
// could still be lost. Reads outside a transaction use the other connection, so they see committed rows only.
// (Bun.SQL over SQLite does not isolate transactions: design/stack-notes.md.)
import { Database, type Statement } from "bun:sqlite";
import { Unavailable } from "../errors.ts";
import type { Connection, Db, Value } from "./db.ts";
import { type Found, SCHEMA, type Schema, scriptsFor } from "./migrate.ts";

/** How long a locked database is asked again before the request is answered 503, in milliseconds. */
const LOCKED_FOR_MS = 5_000;
const RETRY_AFTER_S = 5;
/** The driver itself waits only this long: it blocks the event loop, our own retries do not. */
const BUSY_TIMEOUT_MS = 5;
const RETRY_EVERY_MS = 20;

interface Job {
  work: (db: Db) => Promise<unknown>;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** Opens the file at `path`, creating or upgrading its schema first. Throws SchemaMismatch. */
export function openSqlite(path: string, schema: Schema = SCHEMA): Connection {
  const writer = new Database(path, { create: true, readwrite: true });
  configure(writer, LOCKED_FOR_MS);
  upgrade(writer, schema);
  // Checkpoints happen in a Worker (checkpoint.ts): on this thread each would stall every request for 10 to 35 ms.
  writer.run("pragma wal_autocheckpoint = 0");
  writer.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const reader = new Database(path, { readonly: true });
  configure(reader, BUSY_TIMEOUT_MS);

  const reads = verbs(reader);
  const writes = verbs(writer);
  const queue: Job[] = [];
  let draining: Promise<void> | undefined;

  function enqueue<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      queue.push({ work, resolve, reject });
      // Not at once: what else arrives in this tick of the event loop shares the commit.
      draining ??= nextTick().then(drain);
    });
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) await commitTogether(writer, writes, queue.splice(0));
    draining = undefined;
  }

  const db: Db = {
    get: (text, ...values) =>
      isRead(text) ? retrying(() => reads.get(text, values)) : enqueue((tx) => tx.get(text, ...values)),
    all: (text, ...values) =>
      isRead(text) ? retrying(() => reads.all(text, values)) : enqueue((tx) => tx.all(text, ...values)),
    run: (text, ...values) => enqueue((tx) => tx.run(text, ...values)),
    tx: enqueue,
  };

  return {
    db,
    async close() {
      await draining;
      reader.close();
      writer.run("pragma wal_checkpoint(truncate)");
      writer.close();
    },
  };
}

function configure(connection: Database, busyTimeoutMs: number): void {
  connection.run(`pragma busy_timeout = ${busyTimeoutMs}`);
  connection.run("pragma journal_mode = wal");
  // With NORMAL a power cut undoes the last commits, and a spent token would be good again.
  connection.run("pragma synchronous = full");
  connection.run("pragma foreign_keys = on");
}

function upgrade(writer: Database, schema: Schema): void {
  if (look(writer) === schema.version) return;
  // Several processes may start at once: whoever gets the lock looks again before changing anything.
  writer
    .transaction(() => {
      for (const script of scriptsFor(look(writer), schema)) writer.run(script);
      writer.run(
        "insert into instance (name, value) values ('schema_version', ?) on conflict (name) do update set value = excluded.value",
        [String(schema.version)],
      );
    })
    .immediate();
}

function look(writer: Database): Found {
  const names = writer
    .query<{ name: string }, []>("select name from sqlite_master where type = 'table'")
    .all();
  if (names.length === 0) return "empty";
  if (!names.some(({ name }) => name === "instance")) return "foreign";
  const row = writer
    .query<{ value: string }, []>("select value from instance where name = 'schema_version'")
    .get();
  return row ? Number(row.value) : "foreign";
}

/** The verbs of one connection; a statement is prepared once for each place in the source that names it. */
function verbs(connection: Database) {
  const prepared = new WeakMap<TemplateStringsArray, Statement<unknown, Value[]>>();
  const statement = (text: TemplateStringsArray) => {
    const known = prepared.get(text);
    if (known) return known;
    const fresh = connection.prepare<unknown, Value[]>(text.join("?"));
    prepared.set(text, fresh);
    return fresh;
  };
  return {
    get: <Row>(text: TemplateStringsArray, values: Value[]) =>
      (statement(text).get(...values) ?? undefined) as Row | undefined,
    all: <Row>(text: TemplateStringsArray, values: Value[]) => statement(text).all(...values) as Row[],
    run: (text: TemplateStringsArray, values: Value[]) => statement(text).run(...values).changes,
  };
}

type Verbs = ReturnType<typeof verbs>;

const isRead = (text: TemplateStringsArray): boolean => /^\s*select\b/i.test(text[0] ?? "");

const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

async function commitTogether(writer: Database, writes: Verbs, jobs: Job[]): Promise<void> {
  const answers: (() => void)[] = [];
  try {
    await retrying(() => writer.run("begin immediate"));
    for (const job of jobs) answers.push(await runJob(writer, writes, job));
    writer.run("commit");
  } catch (error) {
    if (writer.inTransaction) writer.run("rollback");
    const reason = unavailable(error);
    for (const job of jobs) job.reject(reason);
    return;
  }
  for (const answer of answers) answer();
}

/** Runs one job inside its savepoint and says how to answer it once the commit is on disk. */
async function runJob(writer: Database, writes: Verbs, job: Job): Promise<() => void> {
  writer.run("savepoint job");
  const scope = { open: true };
  try {
    const value = await onlySql(job.work(within(writer, writes, scope, 1)));
    writer.run("release job");
    return () => job.resolve(value as never);
  } catch (error) {
    // A full disk rolls the whole transaction back, savepoints and neighbours included.
    if (!writer.inTransaction) throw error;
    writer.run("rollback to job");
    writer.run("release job");
    const reason = unavailable(error);
    return () => job.reject(reason);
  } finally {
    scope.open = false;
  }
}

/** The database as seen from inside a transaction. Unusable once that is over, so a stray promise cannot write into another's. */
function within(writer: Database, writes: Verbs, scope: { open: boolean }, depth: number): Db {
  const ifOpen = async <T>(act: () => T): Promise<T> => {
    if (!scope.open) throw new Error("the transaction is over");
    return act();
  };
  return {
    get: (text, ...values) => ifOpen(() => writes.get(text, values)),
    all: (text, ...values) => ifOpen(() => writes.all(text, values)),
    run: (text, ...values) => ifOpen(() => writes.run(text, values)),
    async tx(work) {
      await ifOpen(() => writer.run(`savepoint nested${depth}`));
      try {
        const value = await work(within(writer, writes, scope, depth + 1));
        await ifOpen(() => writer.run(`release nested${depth}`));
        return value;
      } catch (error) {
        if (scope.open && writer.inTransaction) {
          writer.run(`rollback to nested${depth}`);
          writer.run(`release nested${depth}`);
        }
        throw error;
      }
    },
  };
}

/**
 * SQL here completes within the microtasks of one tick. Work that is still going when the tick is over awaits something else
 * (a hash, a mail, a connection that waits for this very transaction), which would hold up every other writer.
 */
async function onlySql<T>(work: Promise<T>): Promise<T> {
  const late = Symbol("late");
  const first = await Promise.race([work, nextTick().then((): typeof late => late)]);
  if (first !== late) return first;
  work.catch(() => {});
  throw new Error("a transaction awaited something other than SQL");
}

async function retrying<T>(act: () => T): Promise<T> {
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
const unavailable = (error: unknown): unknown =>
  /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN)/.test(codeOf(error))
    ? new Unavailable(`database: ${codeOf(error)}`, RETRY_AFTER_S, error)
    : error;
