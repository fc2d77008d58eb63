// What the seam promises: isolation, durability, and one answer for what passes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Db } from "../../src/db/db.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { Unavailable } from "../../src/errors.ts";
import { rejection } from "../support/rejected.ts";
import { openBeside } from "../support/beside.ts";

let directory: string;
let path: string;
let connection: Connection;
let db: Db;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ostiary-db-"));
  path = join(directory, "ostiary.db");
  connection = openSqlite(path);
  db = connection.db;
});
afterEach(async () => {
  await connection.close();
  rmSync(directory, { recursive: true, force: true });
});

const add = (db: Db, name: string) => db.run`insert into instance (name, value) values (${name}, 'x')`;
const names = async (db: Db) =>
  (
    await db.all<{ name: string }>`select name from instance where name <> 'schema_version' order by name`
  ).map((row) => row.name);

describe("transactions", () => {
  test("a concurrent acknowledged write survives another's rollback", async () => {
    const failing = db.tx(async (tx) => {
      await add(tx, "undone");
      await add(tx, "undone too");
      throw new Error("no");
    });
    const other = add(db, "kept");
    expect(await rejection(failing)).toBe("no");
    expect(await other).toBe(1);
    expect(await names(db)).toEqual(["kept"]);
  });

  test("a hundred at once, every third rolled back, keep exactly the others", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        db.tx(async (tx) => {
          await add(tx, `row ${String(i).padStart(2, "0")}`);
          await tx.get`select 1 as one`;
          if (i % 3 === 0) throw new Error("no");
        }),
      ),
    );
    const kept = results.flatMap(({ status }, i) =>
      status === "fulfilled" ? [`row ${String(i).padStart(2, "0")}`] : [],
    );
    expect(kept).toHaveLength(66);
    expect(await names(db)).toEqual(kept);
  });

  test("no reader sees an uncommitted row", async () => {
    const seen: string[][] = [];
    await db.tx(async (tx) => {
      await add(tx, "secret");
      seen.push(await names(db));
      expect(await names(tx)).toEqual(["secret"]);
    });
    seen.push(await names(db));
    expect(seen).toEqual([[], ["secret"]]);
  });

  test("is answered only when another connection sees the row", async () => {
    const independent = openBeside(path, { readonly: true });
    await db.tx((tx) => add(tx, "there"));
    expect(independent.query("select 1 as one from instance where name = 'there'").get()).toEqual({ one: 1 });
    independent.close();
  });

  test("a nested one is undone alone", async () => {
    await db.tx(async (tx) => {
      await add(tx, "outer");
      const inner = tx.tx(async (nested) => {
        await add(nested, "inner");
        throw new Error("no");
      });
      expect(await rejection(inner)).toBe("no");
      await tx.tx((nested) => add(nested, "second"));
    });
    expect(await names(db)).toEqual(["outer", "second"]);
  });

  test("keeps what it could be undone by in memory, however much that is, and in no file outside the data directory", async () => {
    if (process.platform !== "linux") return;
    const openFiles = () =>
      readdirSync("/proc/self/fd").flatMap((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return [];
        }
      });
    await db.tx(async (tx) => {
      for (let i = 0; i < 200; i++)
        await tx.run`insert into instance (name, value) values (${`row ${i}`}, ${"x".repeat(3_000)})`;
    });
    const before = openFiles();
    await db.tx(async (tx) => {
      await tx.run`update instance set value = value || 'y'`;
      expect(openFiles().filter((file) => !before.includes(file))).toEqual([]);
    });
  });

  test("one that awaits something other than SQL is refused and undone, and holds nobody up", async () => {
    const slow = db.tx(async (tx) => {
      await add(tx, "slow");
      await Bun.sleep(5);
      await add(tx, "after the sleep");
    });
    const other = add(db, "other");
    expect(await rejection(slow)).toContain("something other than SQL");
    await other;
    await Bun.sleep(10);
    expect(await names(db)).toEqual(["other"]);
  });

  test("one that waits for the database outside itself is refused instead of waiting for ever", async () => {
    expect(await rejection(db.tx(() => add(db, "deadlock")))).toContain("something other than SQL");
    expect(await add(db, "next")).toBe(1);
  });

  test("its handle is of no use afterwards", async () => {
    let leaked: Db | undefined;
    await db.tx(async (tx) => {
      leaked = tx;
    });
    expect(await rejection(add(leaked ?? db, "late"))).toBe("the transaction is over");
    expect(await names(db)).toEqual([]);
  });

  test("a failed statement fails its own job only", async () => {
    await add(db, "twice");
    const [again, other] = await Promise.allSettled([add(db, "twice"), add(db, "other")]);
    expect([again?.status, other?.status]).toEqual(["rejected", "fulfilled"]);
  });
});

describe("what goes wrong inside a job", () => {
  test("a second transaction beside an open nested one is refused, and the first one is whole", async () => {
    const outcome = await db.tx(async (tx) =>
      Promise.allSettled([
        tx.tx(async (nested) => {
          await add(nested, "first");
          await nested.get`select 1 as one`;
        }),
        tx.tx((nested) => add(nested, "second")),
        add(tx, "third"),
      ]),
    );
    expect(outcome.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await names(db)).toEqual(["first"]);
  });

  test("a full disk undoes the job and its neighbours as Unavailable, even when the job ignores it", async () => {
    await db.tx((tx) => tx.get`pragma max_page_count = 1`);
    const big = "x".repeat(1_000_000);
    const stubborn = db.tx(async (tx) => {
      await tx.run`insert into instance (name, value) values ('big', ${big})`.catch(() => {});
      await add(tx, "stubborn").catch(() => {});
    });
    const results = await Promise.allSettled([add(db, "before"), stubborn, add(db, "after")]);
    const unavailable = results.map(
      (result) => result.status === "rejected" && result.reason instanceof Unavailable,
    );
    expect(unavailable).toEqual([true, true, true]);
    expect(await names(db)).toEqual([]);
    expect(await add(db, "next")).toBe(1);
  });

  test("a job that commits or rolls back by itself leaves nobody unanswered", async () => {
    for (const stray of ["commit", "rollback"]) {
      const rude = db.tx((tx) => (stray === "commit" ? tx.run`commit` : tx.run`rollback`));
      const [first, second] = await Promise.allSettled([rude, add(db, stray)]);
      expect([first.status, second.status]).toEqual(["rejected", "rejected"]);
    }
    expect(await add(db, "next")).toBe(1);
  });

  test("closing right after a read empties the log all the same", async () => {
    await add(db, "kept");
    await names(db);
    await connection.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    connection = openSqlite(path);
  });

  test("after closing, every verb is refused as Unavailable", async () => {
    const waiting = add(db, "waiting");
    const closing = connection.close();
    const late = await Promise.allSettled([add(db, "late"), names(db), db.tx(async () => {})]);
    expect(
      late.map((result) => result.status === "rejected" && result.reason instanceof Unavailable),
    ).toEqual([true, true, true]);
    expect(await waiting).toBe(1);
    await closing;
    connection = openSqlite(path);
    expect(await names(connection.db)).toEqual(["waiting"]);
  });
});

describe("statements", () => {
  test("a write that returns a row goes through the writer", async () => {
    const row =
      await db.get`insert into instance (name, value) values ('a', 'b') returning name as "theName"`;
    expect(row).toEqual({ theName: "a" });
    expect(await db.get`select value from instance where name = 'nothing'`).toBeUndefined();
  });

  test("values are never part of the text", async () => {
    const name = "'); drop table instance; --\u0000\n\"";
    await add(db, name);
    expect(await names(db)).toEqual([name]);
  });

  test("foreign keys hold and cascade", async () => {
    const orphan = db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at) values ('t', 'u', 'owner', 'active', 1)`;
    expect(await rejection(orphan)).toContain("FOREIGN KEY");
  });
});

describe("pragmas", () => {
  test("both connections have them", async () => {
    // Through the seam itself: on other connections they would say nothing.
    const read = async (of: Db) => [
      (await of.get<Record<string, unknown>>`select foreign_keys from pragma_foreign_keys`)?.["foreign_keys"],
      (await of.get<Record<string, unknown>>`select synchronous from pragma_synchronous`)?.["synchronous"],
      (await of.get<Record<string, unknown>>`select journal_mode from pragma_journal_mode`)?.["journal_mode"],
      (await of.get<Record<string, unknown>>`select timeout from pragma_busy_timeout`)?.["timeout"],
    ];
    const NORMAL = 1;
    const FULL = 2;
    expect(await read(db)).toEqual([1, FULL, "wal", 0]);
    expect(await db.tx(read)).toEqual([1, NORMAL, "wal", 0]);
  });
});

describe("a database held by another program", () => {
  test("is waited for without blocking reads, then served", async () => {
    const other = openBeside(path);
    other.run("begin immediate");
    const write = add(db, "patient");
    await Bun.sleep(60);
    expect(await names(db)).toEqual([]);
    other.run("commit");
    other.close();
    expect(await write).toBe(1);
  });

  test("for too long is Unavailable, with nothing written, and recovers by itself", async () => {
    const other = openBeside(path);
    other.run("begin immediate");
    const first = add(db, "lost").catch((error: unknown) => error);
    await Bun.sleep(500);
    let isSecondAnswered = false;
    const second = add(db, "lost too").catch((error: unknown) => {
      isSecondAnswered = true;
      return error;
    });
    expect(await first).toBeInstanceOf(Unavailable);
    // In the same breath: who came later does not wait for 5 s of their own.
    await Bun.sleep(1);
    expect(isSecondAnswered).toBe(true);
    expect(await second).toBeInstanceOf(Unavailable);
    other.run("rollback");
    other.close();
    expect(await names(db)).toEqual([]);
    expect(await add(db, "found")).toBe(1);
  }, 15_000);

  test("a full disk is Unavailable, what was acknowledged stays, and it recovers by itself", async () => {
    await add(db, "before");
    // Clamped to the size the file has: from here on it cannot grow.
    await db.tx((tx) => tx.get`pragma max_page_count = 1`);
    const big = "x".repeat(1_000_000);
    const write = (name: string) => db.run`insert into instance (name, value) values (${name}, ${big})`;
    const results = await Promise.allSettled([write("a"), write("b"), write("c")]);
    for (const result of results)
      expect(result.status === "rejected" && result.reason).toBeInstanceOf(Unavailable);
    expect(await names(db)).toEqual(["before"]);
    await db.tx((tx) => tx.get`pragma max_page_count = 1000000`);
    expect(await write("after")).toBe(1);
    expect(await db.get`select integrity_check as result from pragma_integrity_check`).toEqual({
      result: "ok",
    });
  });
});
