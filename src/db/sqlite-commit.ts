// Group commit: the jobs that wait together share one transaction, each in a savepoint of its own.
import type { Database } from "bun:sqlite";
import type { Db } from "./db.ts";
import { retrying, unavailable } from "./sqlite-errors.ts";
import type { Verbs } from "./sqlite-verbs.ts";

export interface Job {
  work: (db: Db) => Promise<unknown>;
  isInterim: ((outcome: never) => boolean) | undefined;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** The next turn of the event loop, when all promises that wait for nothing else have settled. */
export const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Opens the transaction that the jobs will share. Throws Unavailable when the database stays locked. */
export async function begin(writer: Database): Promise<void> {
  rollBack(writer);
  await retrying(() => writer.run("begin immediate"));
}

export interface Committed {
  answers: (() => void)[];
  /** Whether one of the answers has to wait for the disk. */
  mustLast: boolean;
}

/**
 * Runs the jobs in the transaction just begun and commits it. Returns the answers to be given, once that is on disk if it must
 * last: `hold` is called before it is committed then. Rejects when all is lost, of which the jobs are to be told.
 */
export async function commitTogether(
  writer: Database,
  writes: Verbs,
  jobs: Job[],
  hold: () => void,
): Promise<Committed> {
  const done: Done[] = [];
  for (const job of jobs) done.push(await runJob(writer, writes, job));
  const mustLast = done.some(({ isInterim }) => !isInterim);
  if (mustLast) hold();
  writer.run("commit");
  return { answers: done.map(({ answer }) => answer), mustLast };
}

/** Tells the jobs that nothing came of them. */
export function rejectAll(jobs: Job[], error: unknown): void {
  const reason = unavailable(error);
  for (const job of jobs) job.reject(reason);
}

/** Leaves whatever transaction is open. What cannot be rolled back now is tried again before the next one begins. */
export function rollBack(writer: Database): void {
  try {
    if (writer.inTransaction) writer.run("rollback");
  } catch {
    // The storage is broken; the jobs have been told.
  }
}

/** One job's time with the writer. */
interface Scope {
  isOpen: boolean;
  /** Why SQLite undid the whole transaction, savepoints and neighbours included, as it does when the disk is full. */
  lost?: unknown;
}

interface Done {
  answer: () => void;
  isInterim: boolean;
}

/** Runs one job inside its savepoint and says how to answer it after the commit. Throws when all jobs are lost. */
async function runJob(writer: Database, writes: Verbs, job: Job): Promise<Done> {
  writer.run("savepoint job");
  const scope: Scope = { isOpen: true };
  try {
    const value = await onlySql(job.work(within(writer, writes, scope, 1)));
    if (!writer.inTransaction) throw new Error("the job ended the transaction itself");
    const outcome = value as never;
    const isInterim = job.isInterim?.(outcome) ?? false;
    writer.run("release job");
    return { answer: () => job.resolve(outcome), isInterim };
  } catch (error) {
    if (!writer.inTransaction) throw scope.lost ?? error;
    writer.run("rollback to job");
    writer.run("release job");
    const reason = unavailable(error);
    return { answer: () => job.reject(reason), isInterim: false };
  } finally {
    scope.isOpen = false;
  }
}

/** The database as seen from inside a transaction. Of no use once that is over, so a stray promise cannot write into another's. */
function within(writer: Database, writes: Verbs, scope: Scope, depth: number): Db {
  let isNesting = false;
  const act = <T>(statement: () => T): T => {
    if (!scope.isOpen) throw new Error("the transaction is over");
    if (isNesting) throw new Error("a transaction inside this one is still open");
    if (!writer.inTransaction) throw scope.lost ?? new Error("the transaction is lost");
    try {
      return statement();
    } catch (error) {
      if (!writer.inTransaction) scope.lost ??= error;
      throw error;
    }
  };
  return {
    get: async (text, ...values) => act(() => writes.get(text, values)),
    recall: async (text, ...values) => act(() => writes.get(text, values)),
    all: async (text, ...values) => act(() => writes.all(text, values)),
    run: async (text, ...values) => act(() => writes.run(text, values)),
    async tx(work) {
      act(() => writer.run(`savepoint nested${depth}`));
      isNesting = true;
      try {
        return await work(within(writer, writes, scope, depth + 1));
      } catch (error) {
        if (scope.isOpen && writer.inTransaction) writer.run(`rollback to nested${depth}`);
        throw error;
      } finally {
        isNesting = false;
        if (scope.isOpen && writer.inTransaction) writer.run(`release nested${depth}`);
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
