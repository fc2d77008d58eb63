// Rows that are answered from memory: never other than what the database would answer.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import type { Connection, Db } from "../../src/db/db.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { freshDirectory, ROOT } from "../support/process.ts";
import { rejection } from "../support/rejected.ts";
import { openBeside } from "../support/beside.ts";

let path: string;
let connection: Connection;
let db: Db;

beforeEach(() => {
  path = join(freshDirectory(), "ostiary.db");
  connection = openSqlite(path);
  db = connection.db;
});
afterEach(() => connection.close());

const set = (db: Db, name: string, value: string) => db.run`
  insert into instance (name, value) values (${name}, ${value}) on conflict (name) do update set value = excluded.value`;
const recall = (db: Db, name: string) => db.recall<{ value: string }>`
  select value from instance where name = ${name}`;
const valueOf = async (db: Db, name: string) => (await recall(db, name))?.value;
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test("a row is read once, and again only when something was written", async () => {
  await set(db, "a", "1");
  const first = await recall(db, "a");
  await nextTurn();
  expect(await recall(db, "a")).toBe(first);
  await set(db, "another", "1");
  expect(await recall(db, "a")).not.toBe(first);
  expect(await recall(db, "a")).toEqual(first);
});

test("what was just written is seen, in the very turn in which that is answered", async () => {
  for (let i = 0; i < 200; i++) {
    await set(db, "a", `${i}`);
    expect(await valueOf(db, "a")).toBe(`${i}`);
  }
  await db.run`delete from instance where name = 'a'`;
  expect(await valueOf(db, "a")).toBeUndefined();
});

test("what others write is seen in the next turn, by another connection and by another process", async () => {
  await set(db, "a", "ours");
  expect(await valueOf(db, "a")).toBe("ours");
  using other = openBeside(path);
  other.run("update instance set value = 'theirs' where name = 'a'");
  await nextTurn();
  expect(await valueOf(db, "a")).toBe("theirs");
  const script = `new (require("bun:sqlite").Database)(${JSON.stringify(path)}).run("update instance set value = 'its' where name = 'a'")`;
  expect(Bun.spawnSync([process.execPath, "-e", script]).exitCode).toBe(0);
  await nextTurn();
  expect(await valueOf(db, "a")).toBe("its");
});

test("what is not there is looked for each time", async () => {
  expect(await valueOf(db, "late")).toBeUndefined();
  await set(db, "late", "there");
  expect(await valueOf(db, "late")).toBe("there");
});

test("a transaction sees its own writes; undone, they were never there", async () => {
  await set(db, "a", "before");
  expect(await valueOf(db, "a")).toBe("before");
  const failing = db.tx(async (tx) => {
    await set(tx, "a", "inside");
    expect(await valueOf(tx, "a")).toBe("inside");
    expect(await valueOf(db, "a")).toBe("before");
    throw new Error("no");
  });
  expect(await rejection(failing)).toBe("no");
  expect(await valueOf(db, "a")).toBe("before");
});

test("questions that differ in one of several values are told apart", async () => {
  await set(db, "a", "1");
  await set(db, "b", "2");
  const both = (one: string, other: string) => db.recall<{ found: string }>`
    select group_concat(value) as found from instance where name in (${one}, ${other})`;
  expect(await both("a", "b")).toEqual({ found: "1,2" });
  expect(await both("a", "x")).toEqual({ found: "1" });
  expect(await both("a", "b")).toEqual({ found: "1,2" });
});

test("no more than 10,000 rows are remembered", async () => {
  await db.tx(async (tx) => {
    for (let i = 0; i <= 10_000; i++) await set(tx, `many ${i}`, `${i}`);
  });
  const first = await recall(db, "many 0");
  for (let i = 1; i < 10_000; i++) await recall(db, `many ${i}`);
  expect(await recall(db, "many 0")).toBe(first);
  expect(await valueOf(db, "many 10000")).toBe("10000");
  expect(await recall(db, "many 0")).not.toBe(first);
  expect(await recall(db, "many 0")).toEqual(first);
});

test("a row from memory cannot be changed under others' hands", async () => {
  await set(db, "a", "1");
  const row = (await recall(db, "a")) as { value: string };
  expect(() => (row.value = "2")).toThrow();
  expect(await valueOf(db, "a")).toBe("1");
});

test("no text that is answered from memory compares with a clock", () => {
  const texts = [...new Glob("src/**/*.ts").scanSync(ROOT)].flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/\.recall(?:<[^`]*?>)?`([^`]*)`/g)].map(
      ([, text = ""]) => text,
    ),
  );
  expect(texts.length).toBeGreaterThanOrEqual(6);
  for (const text of texts) expect(text).not.toMatch(/now|Date|_at"?\s*(<|>|=|between)|random/i);
});
