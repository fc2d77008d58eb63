// Versions: new, current, older, newer, not ours, and two processes at once.
import { describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCHEMA, type Schema, SchemaMismatch } from "../../src/db/migrate.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { freePort, runProgram } from "../support/process.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "ostiary-migrate-")), "ostiary.db");

/** The shipped schema, with two later steps as a future version would have them. */
const FUTURE: Schema = {
  version: 3,
  sql: `${SCHEMA.sql}; create table extra (id text primary key, note text not null);`,
  migrations: [
    { to: 3, sql: "alter table extra rename column text to note" },
    {
      to: 2,
      sql: "create table extra (id text primary key, text text not null); insert into extra values ('a', 'kept');",
    },
  ],
};

const withVersion = (found: number): Schema => ({ ...SCHEMA, version: found });

describe("a database", () => {
  test("that is new gets the whole schema and the version", async () => {
    const { db, close } = openSqlite(fresh());
    expect(await db.get`select value from instance where name = 'schema_version'`).toEqual({
      value: String(SCHEMA.version),
    });
    await close();
  });

  test("that is older gets the missing steps in order, and keeps its rows", async () => {
    const path = fresh();
    const old = openSqlite(path, withVersion(1));
    await old.db.run`insert into instance (name, value) values ('mine', 'x')`;
    await old.close();
    const { db, close } = openSqlite(path, FUTURE);
    expect(await db.all`select id, note from extra`).toEqual([{ id: "a", note: "kept" }]);
    expect(await db.get`select value from instance where name = 'mine'`).toEqual({ value: "x" });
    expect(await db.get`select value from instance where name = 'schema_version'`).toEqual({ value: "3" });
    await close();
  });

  test("whose upgrade fails half-way stays as it was", async () => {
    const path = fresh();
    await openSqlite(path, withVersion(1)).close();
    const broken: Schema = {
      ...FUTURE,
      migrations: [
        { to: 2, sql: "create table extra (id text)" },
        { to: 3, sql: "alter table nothing drop column x" },
      ],
    };
    expect(() => openSqlite(path, broken)).toThrow("nothing");
    const { db, close } = openSqlite(path, withVersion(1));
    expect(await db.get`select 1 as found from sqlite_master where name = 'extra'`).toBeUndefined();
    await close();
  });

  test("that a newer program made is refused, and says so on the command line", async () => {
    const path = fresh();
    await openSqlite(path, FUTURE).close();
    expect(() => openSqlite(path)).toThrow(SchemaMismatch);
    const args = ["serve", "--port", String(await freePort()), "--data", join(path, "..")];
    const { code, err } = await runProgram(args, {
      OSTIARY_SECRET: "a master secret for tests, 32 bytes or more",
    });
    expect(code).toBe(1);
    expect(err).toContain(
      `the database has version 3, this program knows versions up to ${SCHEMA.version}; run the newer Ostiary`,
    );
  });

  test("from which no steps lead here is refused", async () => {
    const path = fresh();
    await openSqlite(path, withVersion(1)).close();
    expect(() => openSqlite(path, { ...FUTURE, migrations: FUTURE.migrations.slice(0, 1) })).toThrow(
      "no way from database version 1 to 3",
    );
  });

  test("of another program is refused and left alone", () => {
    const path = fresh();
    const other = new Database(path);
    other.run("create table songs (id text)");
    other.close();
    expect(() => openSqlite(path)).toThrow("another program's data");
  });

  test("that two processes create at once has one schema", async () => {
    const path = fresh();
    const code = `const { openSqlite } = await import(${JSON.stringify(new URL("../../src/db/sqlite.ts", import.meta.url).pathname)}); await openSqlite(${JSON.stringify(path)}).close();`;
    const children = Array.from({ length: 6 }, () =>
      Bun.spawn([process.execPath, "-e", code], { stderr: "pipe" }),
    );
    const errors = await Promise.all(children.map((child) => new Response(child.stderr).text()));
    expect(errors).toEqual(Array<string>(6).fill(""));
    const { db, close } = openSqlite(path);
    expect(await db.all`select value from instance`).toEqual([{ value: String(SCHEMA.version) }]);
    await close();
  });
});
