// What a power cut, a disk or a person leaves of the database's files, before a start.
import type { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCHEMA } from "../../src/db/migrate.ts";
import { ADMIN, BASE } from "../support/key-group.ts";
import { freePort, freshDirectory, FROM_SOURCE, runProgram, startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

describe("before a start", () => {
  const isGood = async ({ origin }: { origin: string }, key: string) =>
    (await send(origin, "GET", `${BASE}/me/`, { key })).status;

  /** Ends it in the middle, with its last writes in the log alone: a reader that stays has held it where it is. */
  async function crashed() {
    const program = await startProgram();
    const { origin, directory } = program;
    const path = join(directory, "data/ostiary.db");
    const before = String((await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body.key);
    const reader = openBeside(path);
    // The program's own reader may stand in the log for a while.
    const isMoved = () => {
      const moved = reader
        .query<{ log: number; checkpointed: number }, []>("pragma wal_checkpoint(passive)")
        .get();
      return moved?.log === moved?.checkpointed;
    };
    while (!isMoved()) await Bun.sleep(20);
    reader.run("begin");
    reader.query("select count(*) from users").get();
    const later: string[] = [];
    for (let i = 0; i < 6; i++)
      later.push(String((await send(origin, "POST", `${BASE}/token/`, { body: ADMIN })).body.key));
    await program.end("SIGKILL");
    const files = [path, `${path}-wal`].map((file) => [file, readFileSync(file)] as const);
    reader.close();
    for (const [file, bytes] of files) writeFileSync(file, bytes);
    rmSync(`${path}-shm`, { force: true });
    return { directory, path, before, later };
  }

  const damage: [what: string, act: (wal: string) => void, kept: "all" | "a beginning"][] = [
    ["whole", () => {}, "all"],
    [
      "cut to half, as after a power cut",
      (wal) => truncateSync(wal, Math.floor(statSync(wal).size / 2)),
      "a beginning",
    ],
    [
      "with garbage at its end",
      (wal) => writeFileSync(wal, Buffer.alloc(10_000, 0xa5), { flag: "a" }),
      "all",
    ],
    [
      "with garbage in its middle",
      (wal) => overwrite(wal, Math.floor(statSync(wal).size / 2)),
      "a beginning",
    ],
    ["with a garbled head", (wal) => overwrite(wal, 0), "a beginning"],
  ];
  for (const [what, act, kept] of damage) {
    test(`a log left by a crash, ${what}: ${kept === "all" ? "everything is there" : "a beginning of what was written is there, whole"}`, async () => {
      const { directory, path, before, later } = await crashed();
      act(`${path}-wal`);
      await using program = await startProgram({ directory });
      expect(await isGood(program, before)).toBe(200);
      const statuses = [];
      for (const key of later) statuses.push(await isGood(program, key));
      // As it went on, so it is kept: nothing later without what came before.
      expect(statuses.join(" ")).toMatch(kept === "all" ? /^200( 200)*$/ : /^(200 )*(200|401)( 401)*$/);
      using database = openBeside(path);
      expect(database.query("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
      expect(database.query("pragma foreign_key_check").all()).toEqual([]);
      expect((await send(program.origin, "GET", "/readyz")).status).toBe(200);
    }, 30_000);
  }

  function overwrite(file: string, at: number): void {
    const bytes = readFileSync(file);
    bytes.fill(0x5a, at, at + 24);
    writeFileSync(file, bytes);
  }

  test("a database cut short is refused in words, or serves without a fault what is left of it", async () => {
    const first = await startProgram();
    const data = join(first.directory, "data");
    await first.end("SIGTERM");
    const path = join(data, "ostiary.db");
    const whole = readFileSync(path);
    for (const bytes of [100, 4096, 20_480, Math.floor(whole.length / 2)]) {
      writeFileSync(path, whole.subarray(0, bytes));
      const { code, err } = await runProgram(["user", "list", "--data", data]);
      expect([bytes, code, err]).toEqual([bytes, 1, expect.stringContaining("ostiary.db is damaged")]);
    }
    writeFileSync(path, whole);
    await using again = await startProgram({ directory: first.directory });
    expect(again.output().out).toContain("listening");
  }, 30_000);
});

const OLD_USERS = 100_000;

/** A directory as version 1 left it, with so much in it that bringing it up to date takes a moment. */
function oldDirectory(): string {
  const data = join(freshDirectory(), "data");
  mkdirSync(data);
  using database = openBeside(join(data, "ostiary.db"), { create: true });
  database.run("pragma journal_mode = wal");
  database.run(readFileSync(join(import.meta.dir, "../db/fixtures/schema-1.sql"), "utf8"));
  database.transaction(() => {
    database.run("insert into instance (name, value) values ('schema_version', '1')");
    database.run(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${OLD_USERS})
       insert into users (id, realm, username, username_canonical, created_at)
       select 'usr_' || i, 'instance', 'u' || i, 'u' || i, 1 from n`,
    );
  })();
  database.run("pragma wal_checkpoint(truncate)");
  writeFileSync(join(data, "secret.key"), "a master secret of long ago, 32 bytes or more\n", { mode: 0o600 });
  return data;
}

/** Whether somebody is writing. For a connection that does not wait. */
function isBusy(database: Database): boolean {
  try {
    database.run("begin immediate");
    database.run("rollback");
    return false;
  } catch {
    return true;
  }
}

test("kill -9 in the middle of an upgrade leaves the old database or the new one, never half, and the next start brings it up", async () => {
  const data = oldDirectory();
  const path = join(data, "ostiary.db");
  const version = () => {
    using database = openBeside(path);
    const row = database
      .query<{ value: string }, []>("select value from instance where name = 'schema_version'")
      .get();
    const columns = database.query<{ name: string }, []>("select name from pragma_table_info('users')").all();
    const active = columns.some(({ name }) => name === "active_at")
      ? (database
          .query<{ count: number }, []>("select count(*) as count from users where active_at is not null")
          .get()?.count ?? 0)
      : 0;
    expect(database.query("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    return { version: Number(row?.value), active };
  };
  let caught = 0;
  for (let round = 0; round < 8; round++) {
    const words = [...FROM_SOURCE, "serve", "--port", String(await freePort()), "--data", data];
    const child = Bun.spawn(words, {
      env: { PATH: process.env["PATH"] ?? "" },
      stdout: "ignore",
      stderr: "ignore",
    });
    using watching = openBeside(path);
    watching.run("pragma busy_timeout = 0");
    while (child.exitCode === null && !isBusy(watching)) await Bun.sleep(1);
    await Bun.sleep(round * 20);
    child.kill("SIGKILL");
    await child.exited;
    const found = version();
    expect([
      { version: 1, active: 0 },
      { version: SCHEMA.version, active: OLD_USERS },
    ]).toContainEqual(found);
    if (found.version === 1) caught++;
    else break;
  }
  console.log(`upgrade: killed ${caught} times in its middle, 0 half done`);
  expect(caught).toBeGreaterThan(0);
  const words = [...FROM_SOURCE, "serve", "--port", String(await freePort()), "--data", data];
  const child = Bun.spawn(words, {
    env: { PATH: process.env["PATH"] ?? "" },
    stdout: "pipe",
    stderr: "ignore",
  });
  for await (const chunk of child.stdout) if (Buffer.from(chunk).includes("listening")) break;
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(version()).toEqual({ version: SCHEMA.version, active: OLD_USERS });
}, 60_000);
