// Versions: new, current, older, newer, not ours, and two processes at once.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCHEMA, type Schema, SchemaMismatch } from "../../src/db/migrate.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { freePort, runProgram } from "../support/process.ts";
import { openBeside } from "../support/beside.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "ostiary-migrate-")), "ostiary.db");

const { version } = SCHEMA;

/** The shipped schema, with two later steps as a future version would have them. */
const FUTURE: Schema = {
  version: version + 2,
  sql: `${SCHEMA.sql}; create table extra (id text primary key, note text not null);`,
  migrations: [
    { to: version + 2, sql: "alter table extra rename column text to note" },
    {
      to: version + 1,
      sql: "create table extra (id text primary key, text text not null); insert into extra values ('a', 'kept');",
    },
  ],
};

const withVersion = (found: number): Schema => ({ ...SCHEMA, version: found });

/** As it was when version 1 was released. */
const FIRST: Schema = {
  version: 1,
  sql: readFileSync(join(import.meta.dir, "fixtures/schema-1.sql"), "utf8"),
  migrations: [],
};

/** Tables with their columns, keys and indexes, whatever order they were made in. */
function shapeOf(path: string): unknown {
  using database = openBeside(path, { readonly: true });
  const all = (sql: string) => database.query<Record<string, unknown>, []>(sql).all();
  const sorted = (rows: Record<string, unknown>[]) => rows.map((row) => JSON.stringify(row)).toSorted();
  const names = all("select name from sqlite_master where type = 'table' order by name").map(({ name }) =>
    String(name),
  );
  return names.map((name) => ({
    name,
    columns: sorted(all(`select name, type, "notnull", dflt_value, pk from pragma_table_info('${name}')`)),
    references: sorted(
      all(`select "table", "from", "to", on_delete from pragma_foreign_key_list('${name}')`),
    ),
    indexes: sorted(all(`select name, sql from sqlite_master where type = 'index' and tbl_name = '${name}'`)),
  }));
}

describe("the steps from the first version", () => {
  test("lead to the same schema that a new database has", async () => {
    const [old, fresh_] = [fresh(), fresh()];
    await openSqlite(old, { schema: FIRST }).close();
    await openSqlite(old).close();
    await openSqlite(fresh_).close();
    expect(shapeOf(old)).toEqual(shapeOf(fresh_));
  });

  test("keep the admin and their key", async () => {
    const path = fresh();
    const old = openSqlite(path, { schema: FIRST });
    await old.db.run`insert into tenants (id, slug, name, identity, settings, created_at)
      values ('t', 'default', 'Default', 'shared', '{}', 1)`;
    await old.db.run`insert into users (id, realm, username, username_canonical, created_at)
      values ('u', 'instance', 'admin', 'admin', 7)`;
    await old.db.run`insert into memberships (tenant_id, user_id, role, status, created_at)
      values ('t', 'u', 'owner', 'active', 1)`;
    await old.db.run`
      insert into api_keys (id, user_id, tenant_id, token_hash, kind, amr, created_at, last_used_at, expires_at)
      values ('k', 'u', 't', 'hash', 'login', 'pwd', 1, 2, 3)`;
    await old.close();
    const { db, close } = openSqlite(path);
    expect(await db.get`select id, token_hash, last_used_at, expires_at from api_keys`).toEqual({
      id: "k",
      token_hash: "hash",
      last_used_at: 2,
      expires_at: 3,
    });
    expect(await db.get`select active_at from users`).toEqual({ active_at: 7 });
    await close();
  });
});

test("the step to version 7 keeps what was spent, and takes the new kind", async () => {
  const path = fresh();
  const old = openSqlite(path, { schema: FIRST });
  await old.close();
  const before = SCHEMA.migrations.filter(({ to }) => to <= 6);
  const sixth = openSqlite(path, { schema: { ...SCHEMA, version: 6, migrations: before } });
  await sixth.db.run`
    insert into continuations (jti, kind, tries, spent_at, expires_at) values ('j', 'mfa', 2, 3, 4)`;
  await sixth.close();
  const { db, close } = openSqlite(path);
  await db.run`insert into continuations (jti, kind, tries, expires_at) values ('k', 'passkey', 1, 5)`;
  expect(await db.all`select * from continuations order by jti`).toEqual([
    { jti: "j", kind: "mfa", tries: 2, spent_at: 3, expires_at: 4 },
    { jti: "k", kind: "passkey", tries: 1, spent_at: null, expires_at: 5 },
  ]);
  await close();
});

test("the step to version 8 keeps users, of whom no language is known", async () => {
  const path = fresh();
  await openSqlite(path, { schema: FIRST }).close();
  const before = SCHEMA.migrations.filter(({ to }) => to <= 7);
  const seventh = openSqlite(path, { schema: { ...SCHEMA, version: 7, migrations: before } });
  await seventh.db.run`
    insert into users (id, realm, username, username_canonical, created_at)
    values ('u', 'instance', 'admin', 'admin', 7)`;
  await seventh.close();
  const { db, close } = openSqlite(path);
  expect(await db.all`select id, language from users`).toEqual([{ id: "u", language: null }]);
  await db.run`update users set language = 'de' where id = 'u'`;
  await close();
});

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
    const old = openSqlite(path, { schema: withVersion(version) });
    await old.db.run`insert into instance (name, value) values ('mine', 'x')`;
    await old.close();
    const { db, close } = openSqlite(path, { schema: FUTURE });
    expect(await db.all`select id, note from extra`).toEqual([{ id: "a", note: "kept" }]);
    expect(await db.get`select value from instance where name = 'mine'`).toEqual({ value: "x" });
    expect(await db.get`select value from instance where name = 'schema_version'`).toEqual({
      value: String(version + 2),
    });
    await close();
  });

  test("whose upgrade fails half-way stays as it was", async () => {
    const path = fresh();
    await openSqlite(path, { schema: withVersion(version) }).close();
    const broken: Schema = {
      ...FUTURE,
      migrations: [
        { to: version + 1, sql: "create table extra (id text)" },
        { to: version + 2, sql: "alter table nothing drop column x" },
      ],
    };
    expect(() => openSqlite(path, { schema: broken })).toThrow("nothing");
    const { db, close } = openSqlite(path, { schema: withVersion(version) });
    expect(await db.get`select 1 as found from sqlite_master where name = 'extra'`).toBeUndefined();
    await close();
  });

  test("that a newer program made is refused, and says so on the command line", async () => {
    const path = fresh();
    await openSqlite(path, { schema: FUTURE }).close();
    expect(() => openSqlite(path)).toThrow(SchemaMismatch);
    const args = ["serve", "--port", String(await freePort()), "--data", join(path, "..")];
    const { code, err } = await runProgram(args, {
      OSTIARY_SECRET: "a master secret for tests, 32 bytes or more",
    });
    expect(code).toBe(1);
    expect(err).toContain(
      `the database has version ${version + 2}, this program knows versions up to ${SCHEMA.version}; run the newer Ostiary`,
    );
  });

  test("from which no steps lead here is refused", async () => {
    const path = fresh();
    await openSqlite(path, { schema: withVersion(version) }).close();
    expect(() =>
      openSqlite(path, { schema: { ...FUTURE, migrations: FUTURE.migrations.slice(0, 1) } }),
    ).toThrow(`no way from database version ${version} to ${version + 2}`);
  });

  test("of another program is refused and left alone", () => {
    const path = fresh();
    const other = openBeside(path);
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
