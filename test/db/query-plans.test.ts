// How SQLite would run every statement of the source: none may cost more the more users, sessions, codes or entries there are.
import { describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCHEMA } from "../../src/db/migrate.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { type SourceStatement, statementsInSource } from "../support/statements.ts";
import { openBeside } from "../support/beside.ts";

/** Tables that stay small: as many rows as an operator makes by hand. */
const SMALL = new Set(["instance", "tenants", "signing_keys", "audit_marks"]);

/** Columns of which many rows have the same value: a search by nothing else looks at a good part of the table. */
const COMMON = new Set(["tenant_id", "realm", "status", "kind", "event", "scope", "purpose"]);

/** What may look at many rows, and why. */
const ALLOWED: Record<string, string> = {
  "accounts.ts disable": "superusers only, by their own index: few",
  "accounts.ts end": "superusers only, by their own index: few",
  "accounts.ts hasReachableSuperuser": "superusers only, by their own index: few",
  "accounts.ts listDisabled": "disabled accounts only, by their own index; those of one tenant among them",
  "accounts.ts listAll": "the filter keeps nearly all, so the walk is over at the limit",
  "accounts.ts listOfTenant": "the filter keeps nearly all, so the walk is over at the limit",
  "accounts.ts endOfRealm": "deletes all that it looks at",
  "api-keys.ts endAllOfTenant": "deletes all that it looks at",
  "audit-rows.ts count": "what was just walked through, on the command line",
  "audit-rows.ts endUpTo": "deletes all that it looks at",
  "audit-rows.ts findHighest": "the last of its index is the answer",
  "audit-rows.ts listAfter":
    "without a filter its limit is reached; export, on the command line, walks through all of it",
  "credentials.ts signOutMembers": "changes all that it looks at",
  "decoys.ts nextFrom": "the next on the ring: neighbours are passed over only when they can sign in nowhere",
  "instance.ts hasUsers": "the first row it meets is the answer",
  "instance.ts completeSetup": "the first row it meets is the answer",
  "login-challenges.ts endAllOfTenant": "deletes all that it looks at",
  "login-requests.ts endAllOfTenant": "deletes all that it looks at",
  "memberships.ts findReachable": "any will do, and nearly all can be mailed: the first is the answer",
  "memberships.ts findAnyReachable": "any will do, and nearly all can be mailed: the first is the answer",
  "memberships.ts findSomeone": "the first row it meets is the answer",
  "memberships.ts list": "by role or by a status that few have; else the filter keeps nearly all",
  "one-time-secrets.ts endAllOfTenant": "deletes all that it looks at",
  "outbox.ts isAnythingDue": "the first that is due is the answer; two ranges of one index",
  "outbox.ts claim": "the first that is due; two ranges of one index",
  "outbox.ts expire": "only what is due",
  "sessions.ts endAllOfTenant": "deletes all that it looks at",
  "trusted-devices.ts endAllOfTenant": "deletes all that it looks at",
};

interface Access {
  table: string;
  /** Columns that are compared by `=`. */
  equal: string[];
  isScan: boolean;
}

/** What a statement does with each table, in the words of `explain query plan`. */
function accesses(database: Database, { sql }: SourceStatement): { tables: Access[]; sorts: boolean } {
  // As src/db/sqlite-verbs.ts hands it over.
  const text = `explain query plan ${sql.replaceAll("?", "+?")}`;
  const values = Array.from({ length: sql.split("?").length - 1 }, () => null);
  const details = database
    .query<{ detail: string }, null[]>(text)
    .all(...values)
    .map(({ detail }) => detail);
  const tables = details.flatMap((detail): Access[] => {
    const [, verb, name = "", constraint = ""] = /^(SCAN|SEARCH) (\w+)(?:.*\((.*)\))?/.exec(detail) ?? [];
    const table = tableOf(sql, name);
    if (verb === undefined || table === undefined) return [];
    const equal = [...constraint.matchAll(/(\w+)=\?/g)].map(([, column = ""]) => column);
    return [{ table, equal, isScan: verb === "SCAN" }];
  });
  return { tables, sorts: details.some((detail) => /TEMP B-TREE FOR ORDER BY/.test(detail)) };
}

/** The table behind a name or an alias; undefined for a subquery. */
function tableOf(sql: string, name: string): string | undefined {
  if (new RegExp(`\\b(from|join|into|update)\\s+${name}\\b`).test(sql)) return name;
  return new RegExp(`\\b(?:from|join|update)\\s+(\\w+)\\s+(?:as\\s+)?${name}\\b`).exec(sql)?.[1];
}

/** A filter that is not always there: an index cannot serve it, and a limit may never be reached. */
const hasOptionalFilter = (sql: string) => /\bas \w+\) is null\s+or\b|= coalesce\(\?/.test(sql);

/** A filter by which one would look rather, and does not: the limit is reached late, if ever. */
const passesOver = (sql: string, tables: Access[]) =>
  [...sql.matchAll(/\b(\w+_(?:id|hash|canonical)|email) = \?/g)].some(
    ([, column = ""]) => !COMMON.has(column) && !tables.some(({ equal }) => equal.includes(column)),
  );

/** What would grow with the table; undefined where nothing does. */
function complaint(database: Database, statement: SourceStatement): string | undefined {
  const { tables, sorts } = accesses(database, statement);
  const { sql, place } = statement;
  for (const { table, equal, isScan } of tables) {
    if (SMALL.has(table)) continue;
    if (isScan) return `${place} looks at all of ${table}`;
    if (equal.some((column) => !COMMON.has(column))) continue;
    // In the order of an index, so many and no more.
    const isBounded = /\blimit \?/.test(sql) && !sorts && !hasOptionalFilter(sql) && !passesOver(sql, tables);
    if (!isBounded) return `${place} looks at many of ${table}`;
  }
  return undefined;
}

function freshDatabase(): Database {
  const database = new Database(":memory:");
  database.run(SCHEMA.sql);
  return database;
}

/** As one of the first version is after all the steps: the order of the indexes may be another. */
async function upgradedDatabase(): Promise<Database> {
  const path = join(mkdtempSync(join(tmpdir(), "ostiary-plans-")), "ostiary.db");
  const sql = readFileSync(join(import.meta.dir, "fixtures/schema-1.sql"), "utf8");
  await openSqlite(path, { schema: { version: 1, sql, migrations: [] } }).close();
  await openSqlite(path).close();
  return openBeside(path);
}

const STATEMENTS = statementsInSource();

describe("every statement", () => {
  test("is found in the source", () => {
    expect(STATEMENTS.length).toBeGreaterThan(200);
    expect(STATEMENTS.map(({ place }) => place)).toContain("sessions.ts findLive");
  });

  for (const [what, open] of [
    ["a new database", freshDatabase],
    ["an upgraded database", upgradedDatabase],
  ] as const) {
    test(`looks only at what it is about, in ${what}`, async () => {
      using database = await open();
      const complaints = STATEMENTS.filter(({ place }) => !(place in ALLOWED)).flatMap(
        (statement) => complaint(database, statement) ?? [],
      );
      expect(complaints).toEqual([]);
    });
  }

  test("that is allowed more needs it", () => {
    using database = freshDatabase();
    const needy = new Set(
      STATEMENTS.filter((statement) => complaint(database, statement)).map(({ place }) => place),
    );
    expect(Object.keys(ALLOWED).filter((place) => !needy.has(place))).toEqual([]);
  });
});

describe("every reference", () => {
  test("has an index, so that deleting what is referred to looks at nothing else", () => {
    using database = freshDatabase();
    const all = <Row>(sql: string) => database.query<Row, []>(sql).all();
    const tables = all<{ name: string }>("select name from sqlite_master where type = 'table'");
    const missing = tables.flatMap(({ name: table }) => {
      const keys = Map.groupBy(
        all<{ id: number; from: string }>(`select id, "from" from pragma_foreign_key_list('${table}')`),
        ({ id }) => id,
      );
      const indexes = all<{ name: string; isPartial: number }>(
        `select name, partial as "isPartial" from pragma_index_list('${table}')`,
      ).map(({ name, isPartial }) => ({
        columns: all<{ name: string }>(`select name from pragma_index_info('${name}') order by seqno`),
        sql:
          all<{ sql: string | null }>(`select sql from sqlite_master where name = '${name}'`)[0]?.sql ?? "",
        isPartial: isPartial === 1,
      }));
      return [...keys.values()]
        .map((key) => key.map(({ from }) => from))
        .filter(
          (columns) =>
            !indexes.some(
              (index) =>
                columns.every((column) =>
                  index.columns.slice(0, columns.length).some(({ name }) => name === column),
                ) &&
                (!index.isPartial || index.sql.endsWith(`where ${columns[0]} is not null`)),
            ),
        )
        .map((columns) => `${table} (${columns.join(", ")})`);
    });
    expect(missing).toEqual([]);
  });
});

describe("the checker catches", () => {
  const caught: [string, string, string][] = [
    ["a look at everything", "select id from users where first_name = ?", "all of users"],
    ["under another name", "select u.id from users u where u.first_name = ?", "all of users"],
    ["by what many share", "select id from audit where event = ?", "many of audit"],
    ["a range without an end", "delete from sessions where expires_at <= ?", "many of sessions"],
    [
      "a filter that may not be there",
      "select id from users where id > ? and (cast(? as text) is null or email = ?) order by id limit ?",
      "many of users",
    ],
    [
      "a look by the wrong index",
      "select id from audit where event = 'login.failed' and user_id = ? order by id desc limit ?",
      "many of audit",
    ],
    [
      "an order that no index has",
      "select id from outbox where status = ? order by created_at limit ?",
      "many of outbox",
    ],
  ];
  for (const [what, sql, words] of caught) {
    test(what, () => {
      using database = freshDatabase();
      expect(complaint(database, { place: "x", sql })).toContain(words);
    });
  }
});
