// What is answered, and what is read, while the disk takes its time; and when it fails.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Db } from "../../src/db/db.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { NotDurable } from "../../src/db/sqlite-durability.ts";
import { Unavailable } from "../../src/errors.ts";
import { rejected, rejection } from "../support/rejected.ts";
import { openBeside } from "../support/beside.ts";

let directory: string;
let connection: Connection;
let db: Db;
let disk: ReturnType<typeof slowDisk>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ostiary-disk-"));
  disk = slowDisk();
  connection = openSqlite(join(directory, "ostiary.db"), { openLog: () => disk });
  db = connection.db;
});
afterEach(async () => {
  disk.isPrompt = true;
  disk.finish();
  await connection.close().catch((error: unknown) => {
    if (!(error instanceof NotDurable)) throw error;
  });
  rmSync(directory, { recursive: true, force: true });
});

/** A disk that is done when it is told so. */
function slowDisk() {
  const syncs: PromiseWithResolvers<void>[] = [];
  return {
    isPrompt: false,
    /** Syncs that were begun so far. */
    begun: 0,
    async sync() {
      this.begun++;
      if (this.isPrompt) return;
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    },
    close() {},
    finish: () => syncs.shift()?.resolve(),
    fail: () => syncs.shift()?.reject(new Error("EIO: i/o error, fdatasync")),
  };
}

const add = (db: Db, name: string) => db.run`insert into instance (name, value) values (${name}, 'x')`;
const names = async (db: Db) =>
  (
    await db.all<{ name: string }>`select name from instance where name <> 'schema_version' order by name`
  ).map((row) => row.name);

/** Collects what was answered, in order. */
function answersTo(promises: Record<string, Promise<unknown>>): string[] {
  const answers: string[] = [];
  for (const [name, promise] of Object.entries(promises)) {
    promise.then(
      () => answers.push(name),
      (error: unknown) => answers.push(`${name}: ${error instanceof Error ? error.name : ""}`),
    );
  }
  return answers;
}

const turns = async (count = 10) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe("while the disk takes its time", () => {
  test("no write is answered, not even one that failed or only looked", async () => {
    const answers = answersTo({
      write: add(db, "a"),
      transaction: db.tx((tx) => add(tx, "b")),
      refused: db.tx(async (tx) => {
        await add(tx, "c");
        throw new Error("no");
      }),
      look: db.tx(names),
    });
    await turns();
    expect(answers).toEqual([]);
    disk.finish();
    await turns();
    expect(answers).toEqual(["write", "transaction", "refused: Error", "look"]);
  });

  test("what nobody hears of yet is committed without it, and is on disk with whatever must last", async () => {
    const isInterim = (outcome: string) => outcome === "interim";
    const answers = answersTo({
      interim: db.tx((tx) => add(tx, "a").then(() => "interim"), { isInterim }),
    });
    await turns();
    expect([answers, disk.begun]).toEqual([["interim"], 0]);
    expect(await names(db)).toEqual(["a"]);
    const more = answersTo({
      interim: db.tx((tx) => add(tx, "b").then(() => "interim"), { isInterim }),
      final: db.tx((tx) => add(tx, "c").then(() => "final"), { isInterim }),
    });
    await turns();
    expect([more, disk.begun]).toEqual([[], 1]);
    expect(await names(db)).toEqual(["a"]);
    disk.finish();
    await turns();
    expect(more).toEqual(["interim", "final"]);
    expect(await names(db)).toEqual(["a", "b", "c"]);
  });

  test("what nobody else hears of yet is seen by whoever wrote it, even in a turn that has read before", async () => {
    const written = db.tx((tx) => add(tx, "a"), { isInterim: () => true });
    await names(db);
    await written;
    expect(await names(db)).toEqual(["a"]);
  });

  test("reads are answered, by what was on disk before", async () => {
    disk.isPrompt = true;
    await add(db, "before");
    disk.isPrompt = false;
    const recalled = async () =>
      (
        await db.recall<{
          n: number;
        }>`select count(*) as n from instance where name in (${"before"}, ${"new"})`
      )?.n;
    expect(await recalled()).toBe(1);
    const answers = answersTo({ write: add(db, "new") });
    await turns();
    expect(disk.begun).toBe(2);
    for (let i = 0; i < 2; i++) {
      expect([await names(db), await recalled()]).toEqual([["before"], 1]);
      await turns();
    }
    expect(answers).toEqual([]);
    disk.finish();
    await turns();
    expect(answers).toEqual(["write"]);
    expect([await names(db), await recalled()]).toEqual([["before", "new"], 2]);
  });

  test("who comes then shares the next commit, and is answered by the next sync and not by this one", async () => {
    const first = answersTo({ first: add(db, "first") });
    await turns();
    const later = answersTo({ second: add(db, "second"), third: add(db, "third") });
    await turns();
    expect(disk.begun).toBe(1);
    disk.finish();
    await turns();
    expect([first, later]).toEqual([["first"], []]);
    expect(disk.begun).toBe(2);
    expect(await names(db)).toEqual(["first"]);
    disk.finish();
    await turns();
    expect(later).toEqual(["second", "third"]);
    expect(await names(db)).toEqual(["first", "second", "third"]);
  });

  test("closing waits for it, and for what had to wait", async () => {
    const answers = answersTo({ first: add(db, "first") });
    await turns();
    answersTo({ second: add(db, "second") });
    const closing = answersTo({ closed: connection.close() });
    await turns();
    expect([answers, closing]).toEqual([[], []]);
    disk.isPrompt = true;
    disk.finish();
    await turns();
    expect([answers, closing]).toEqual([["first"], ["closed"]]);
    connection = openSqlite(join(directory, "ostiary.db"), { openLog: () => disk });
    expect(await names(connection.db)).toEqual(["first", "second"]);
  });

  test("closing right after a read leaves nothing in the log", async () => {
    const path = join(directory, "read-last.db");
    const own = openSqlite(path);
    await add(own.db, "first");
    await names(own.db);
    await own.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });

  test("what another program writes is seen as soon as nothing of ours waits", async () => {
    const other = openSqlite(join(directory, "ostiary.db"));
    await add(other.db, "theirs");
    await other.close();
    expect(await names(db)).toEqual(["theirs"]);
  });
});

describe("what is read", () => {
  test("in one turn of the event loop is of one moment, and in the next one new", async () => {
    await turns();
    using other = openBeside(join(directory, "ostiary.db"));
    expect(await names(db)).toEqual([]);
    other.run("insert into instance (name, value) values ('theirs', 'x')");
    expect(await names(db)).toEqual([]);
    await turns(1);
    expect(await names(db)).toEqual(["theirs"]);
  });
});

describe("when the disk fails", () => {
  test("closing says so, and leaves the log as it is", async () => {
    const path = join(directory, "doubtful.db");
    const own = openSqlite(path, { openLog: () => disk });
    const written = rejection(add(own.db, "a"));
    await turns();
    const closing = rejected(own.close());
    disk.fail();
    expect(await written).toContain("EIO");
    expect(await closing).toBeInstanceOf(NotDurable);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  });

  test("nothing is acknowledged, then or later, and nobody tries again", async () => {
    disk.isPrompt = true;
    await add(db, "before");
    disk.isPrompt = false;
    const doubtful = [add(db, "a"), db.tx((tx) => add(tx, "b"))];
    const settled = Promise.allSettled(doubtful);
    await turns();
    const queued = add(db, "queued").catch((error: unknown) => error);
    disk.fail();
    for (const result of await settled) {
      expect(result.status === "rejected" && result.reason).toBeInstanceOf(NotDurable);
    }
    expect(await queued).toBeInstanceOf(Unavailable);
    disk.isPrompt = true;
    const late = await Promise.allSettled([add(db, "late"), names(db), db.tx(async () => {})]);
    for (const result of late)
      expect(result.status === "rejected" && result.reason).toBeInstanceOf(Unavailable);
    expect(disk.begun).toBe(2);
  });

  test("whoever runs the program is told", async () => {
    const lost = add(db, "lost").catch(() => {});
    await turns();
    disk.fail();
    expect((await connection.broken).message).toContain("EIO");
    await lost;
  });
});
