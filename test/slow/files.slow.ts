// What a power cut, a disk or a person leaves of the database's files, before a start.
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, BASE } from "../support/key-group.ts";
import { runProgram, startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";

describe("before a start", () => {
  const isGood = async ({ origin }: { origin: string }, key: string) =>
    (await send(origin, "GET", `${BASE}/me/`, { key })).status;

  /** Ends it in the middle, with its last writes in the log alone: a reader that stays has held it where it is. */
  async function crashed() {
    const program = await startProgram();
    const { origin, directory } = program;
    const path = join(directory, "data/ostiary.db");
    const before = String((await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body.key);
    const reader = new Database(path);
    reader.run("pragma wal_checkpoint(truncate)");
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
      using database = new Database(path);
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
