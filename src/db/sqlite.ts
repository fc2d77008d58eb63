// The SQLite driver: one connection that writes, one that reads, and group commit.
//
// Every write waits in one queue. What waits in the same tick of the event loop shares one commit, each job inside its own
// savepoint, and is answered when that commit is on disk: a job that fails undoes only itself, and nobody is told of a write
// that could still be lost. (What nobody hears of yet, an interim outcome, waits for the next sync in silence.) The disk is waited
// for elsewhere (log-file.ts), while requests that only read go on; who comes to write meanwhile shares the next commit. Reads
// outside a transaction never wait, and see only what is on disk (sqlite-durability.ts).
// (Bun.SQL over SQLite does not isolate transactions: design/stack-notes.md.)
import { Database } from "bun:sqlite";
import type { Connection, Db, TxOptions } from "./db.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { type Found, SCHEMA, type Schema, scriptsFor } from "./migrate.ts";
import { sameFile } from "./same-file.ts";
import { begin, commitTogether, type Job, nextTick, rejectAll, rollBack } from "./sqlite-commit.ts";
import { createDurability, NotDurable } from "./sqlite-durability.ts";
import { closed, isOfSync, lost, moved, retrying } from "./sqlite-errors.ts";
import { verbs } from "./sqlite-verbs.ts";

/** How long opening waits for another process that opens too, in milliseconds. Nothing is served yet. */
const OPEN_TIMEOUT_MS = 5_000;

/** How often reads look whether the file is still in its place; writes look each time. */
const LOOK_EVERY_MS = 500;

export interface SqliteOptions {
  schema?: Schema;
  openLog?: (path: string) => LogFile;
}

/** Opens the file at `path`, creating or upgrading its schema first. Throws SchemaMismatch. */
export function openSqlite(
  path: string,
  { schema = SCHEMA, openLog = openLogFile }: SqliteOptions = {},
): Connection {
  const writer = openWriter(path, schema);
  const writes = verbs(writer);
  const disk = createDurability(openLog(`${path}-wal`), openReader(path));
  const queue: Job[] = [];
  let draining: Promise<void> | undefined;
  let isClosed = false;
  const isInPlace = sameFile(path);
  let wasInPlace = isInPlace();
  const looking = setInterval(() => (wasInPlace = isInPlace()), LOOK_EVERY_MS);
  looking.unref();

  const requireWhole = () => {
    const failure = disk.failure();
    if (failure) throw lost(failure);
  };
  const requireOpen = () => {
    if (isClosed) throw closed();
    requireWhole();
  };

  function enqueue<T>(work: (db: Db) => Promise<T>, { isInterim }: TxOptions<T> = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      requireOpen();
      queue.push({ work, isInterim, resolve, reject });
      // Not at once: what else arrives in this tick of the event loop shares the commit.
      draining ??= nextTick().then(drain);
    });
  }

  async function drain(): Promise<void> {
    try {
      while (queue.length > 0) {
        requireWhole();
        if (!isInPlace()) throw moved();
        await begin(writer);
        await commit(queue.splice(0));
      }
    } catch (error) {
      // It could not be begun for 5 s, or never will be: those who came meanwhile need not wait as long again.
      rejectAll(queue.splice(0), error);
      rollBack(writer);
      disk.settle();
    } finally {
      draining = undefined;
    }
  }

  /** Never rejects. Who comes while the disk is waited for shares the next commit, which could not be on disk any sooner. */
  async function commit(jobs: Job[]): Promise<void> {
    try {
      const { answers, mustLast } = await commitTogether(writer, writes, jobs, () => disk.hold());
      if (mustLast) await disk.sync();
      disk.settle();
      for (const answer of answers) answer();
    } catch (error) {
      // The first commit to a new log syncs by itself.
      rejectAll(jobs, isOfSync(error) ? disk.fail(error) : error);
      rollBack(writer);
      disk.settle();
    }
  }

  /** Tries at once, without the detour that waiting takes. */
  function read<T>(act: () => T): Promise<T> {
    try {
      requireOpen();
      if (!wasInPlace) throw moved();
    } catch (error) {
      return Promise.reject(error);
    }
    try {
      return Promise.resolve(act());
    } catch {
      return retrying(act);
    }
  }

  const db: Db = {
    get: (text, ...values) =>
      isRead(text) ? read(() => disk.reads().get(text, values)) : enqueue((tx) => tx.get(text, ...values)),
    recall: (text, ...values) => read(() => disk.reads().recall(text, values)),
    all: (text, ...values) =>
      isRead(text) ? read(() => disk.reads().all(text, values)) : enqueue((tx) => tx.all(text, ...values)),
    run: (text, ...values) => enqueue((tx) => tx.run(text, ...values)),
    tx: enqueue,
  };

  return {
    db,
    broken: disk.broken,
    async close() {
      isClosed = true;
      clearInterval(looking);
      await draining;
      disk.close();
      // Nor is the writer to be closed then: that would try once more what failed, and perhaps call it a success.
      const failure = disk.failure();
      if (failure) throw failure;
      try {
        writer.run("pragma wal_checkpoint(truncate)");
      } catch (error) {
        if (isOfSync(error)) throw new NotDurable(error);
        // The disk is full: the log keeps everything, and whoever opens it next goes on from there.
      }
      writer.close();
    },
  };
}

function openWriter(path: string, schema: Schema): Database {
  const writer = new Database(path, { create: true, readwrite: true });
  writer.run(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
  writer.run("pragma journal_mode = wal");
  writer.run("pragma foreign_keys = on");
  writer.run("pragma synchronous = full");
  upgrade(writer, schema);
  // From here on the driver waits for no lock: that would block the event loop. Our own retries do not.
  writer.run("pragma busy_timeout = 0");
  // A log that a broken disk left may look whole and not be, so that nothing could be added to it that lasts: begin a new one.
  // (Where another process uses this one, that is left to it.)
  writer.run("pragma wal_checkpoint(truncate)");
  // Checkpoints happen in a Worker (checkpoint.ts): on this thread each would stall every request for 10 to 35 ms.
  writer.run("pragma wal_autocheckpoint = 0");
  // With this a commit alone does not reach the disk, and a power cut could undo it: hence sqlite-durability.ts. Checkpoints,
  // and the first write to a new log, still do.
  writer.run("pragma synchronous = normal");
  // What a savepoint would be undone by. Beyond 64 KiB, as most sign-ins have it, SQLite would make a file for that each time, in
  // /var/tmp: slower, outside the data directory, and not to be had where nothing else may be written.
  writer.run("pragma temp_store = memory");
  return writer;
}

function openReader(path: string): Database {
  const reader = new Database(path, { readonly: true });
  reader.run("pragma busy_timeout = 0");
  reader.run("pragma foreign_keys = on");
  return reader;
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

const kinds = new WeakMap<TemplateStringsArray, boolean>();

function isRead(text: TemplateStringsArray): boolean {
  let known = kinds.get(text);
  if (known === undefined) {
    known = /^\s*select\b/i.test(text[0] ?? "");
    kinds.set(text, known);
  }
  return known;
}
