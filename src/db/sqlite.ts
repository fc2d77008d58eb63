// The SQLite driver: one connection that writes, one that reads, and group commit.
//
// Every write waits in one queue. What waits in the same tick of the event loop shares one commit, each job inside its own
// savepoint, and is answered after that commit: a job that fails undoes only itself, and nobody is told of a write that
// could still be lost. Reads outside a transaction use the other connection, so they see committed rows only.
// (Bun.SQL over SQLite does not isolate transactions: design/stack-notes.md.)
import { Database } from "bun:sqlite";
import type { Connection, Db } from "./db.ts";
import { type Found, SCHEMA, type Schema, scriptsFor } from "./migrate.ts";
import { sameFile } from "./same-file.ts";
import { begin, commitTogether, type Job, nextTick } from "./sqlite-commit.ts";
import { BUSY_TIMEOUT_MS, closed, moved, retrying, unavailable } from "./sqlite-errors.ts";
import { verbs } from "./sqlite-verbs.ts";

/** How long opening waits for another process that opens too, in milliseconds. Nothing is served yet. */
const OPEN_TIMEOUT_MS = 5_000;

/** How often reads look whether the file is still in its place; writes look each time. */
const LOOK_EVERY_MS = 500;

/** Opens the file at `path`, creating or upgrading its schema first. Throws SchemaMismatch. */
export function openSqlite(path: string, schema: Schema = SCHEMA): Connection {
  const writer = new Database(path, { create: true, readwrite: true });
  configure(writer, OPEN_TIMEOUT_MS);
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
  let isClosed = false;
  const isInPlace = sameFile(path);
  let wasInPlace = isInPlace();
  const looking = setInterval(() => (wasInPlace = isInPlace()), LOOK_EVERY_MS);
  looking.unref();

  function enqueue<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (isClosed) throw closed();
      queue.push({ work, resolve, reject });
      // Not at once: what else arrives in this tick of the event loop shares the commit.
      draining ??= nextTick().then(drain);
    });
  }

  async function drain(): Promise<void> {
    try {
      while (queue.length > 0) {
        if (!isInPlace()) throw moved();
        await begin(writer);
        await commitTogether(writer, writes, queue.splice(0));
      }
    } catch (error) {
      // It could not be begun for 5 s: those who came meanwhile need not wait as long again.
      for (const job of queue.splice(0)) job.reject(unavailable(error));
    } finally {
      draining = undefined;
    }
  }

  async function read<T>(act: () => T): Promise<T> {
    if (isClosed) throw closed();
    if (!wasInPlace) throw moved();
    return retrying(act);
  }

  const db: Db = {
    get: (text, ...values) =>
      isRead(text) ? read(() => reads.get(text, values)) : enqueue((tx) => tx.get(text, ...values)),
    all: (text, ...values) =>
      isRead(text) ? read(() => reads.all(text, values)) : enqueue((tx) => tx.all(text, ...values)),
    run: (text, ...values) => enqueue((tx) => tx.run(text, ...values)),
    tx: enqueue,
  };

  return {
    db,
    async close() {
      isClosed = true;
      clearInterval(looking);
      await draining;
      reader.close();
      try {
        writer.run("pragma wal_checkpoint(truncate)");
      } catch {
        // The disk is full: the log keeps everything, and whoever opens it next goes on from there.
      }
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

const isRead = (text: TemplateStringsArray): boolean => /^\s*select\b/i.test(text[0] ?? "");
