// The write-ahead log beside a busy writer: short, restarted by nobody but the Worker, and empty in the end.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCheckpoints } from "../../src/db/checkpoint.ts";
import type { Connection } from "../../src/db/db.ts";
import { openSqlite } from "../../src/db/sqlite.ts";
import { openBeside } from "../support/beside.ts";

const MIB = 1024 * 1024;
const PACE = { everyMs: 5, fastMs: 5, restartAboveBytes: 2 * MIB };

let directory: string;
let path: string;
let connection: Connection;
let stop: () => Promise<void>;
const failures: unknown[] = [];
const note = (reason: unknown) => void failures.push(reason);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ostiary-checkpoint-"));
  path = join(directory, "ostiary.db");
  connection = openSqlite(path);
  stop = startCheckpoints(path, { failed: note, broken: note }, PACE);
});
afterEach(async () => {
  await stop();
  await connection.close();
  rmSync(directory, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

const write = (text: string) => connection.db.run`
  insert into instance (name, value) values ('x', ${text}) on conflict (name) do update set value = excluded.value`;

/** What a restart of the log changes (https://sqlite.org/fileformat2.html#the_write_ahead_log). */
function salts(): string {
  const header = Buffer.alloc(32);
  const file = openSync(`${path}-wal`, "r");
  readSync(file, header, 0, 32, 0);
  closeSync(file);
  return header.subarray(16, 24).toString("hex");
}

const walBytes = () => statSync(`${path}-wal`).size;

/** Waits until the file holds all that was written. */
async function allMoved(): Promise<void> {
  using looker = openBeside(path, { readwrite: true });
  const state = looker.query<{ log: number; checkpointed: number }, []>("pragma wal_checkpoint(noop)");
  for (;;) {
    const { log, checkpointed } = state.get() ?? { log: 0, checkpointed: -1 };
    if (log > 0 && log === checkpointed) return;
    await Bun.sleep(5);
  }
}

describe("checkpoints", () => {
  test("let nobody else begin the log anew, who would then wait for the disk", async () => {
    await allMoved();
    const before = salts();
    for (const text of ["second", "third", "fourth"]) {
      await allMoved();
      await write(text);
      expect(salts()).toBe(before);
    }
  });

  test("take hold of a log again that another program has begun anew", async () => {
    await allMoved();
    const other = openSqlite(path);
    await other.db.run`insert into instance (name, value) values ('theirs', 'x')`;
    await other.close();
    await write("first");
    await allMoved();
    const before = salts();
    await write("second");
    expect(salts()).toBe(before);
  });

  test("begin it anew when it is long, time and again under constant load, so that it stays short", async () => {
    const seen = new Set<string>();
    let written = 0;
    while (seen.size < 5 && written < 500 * MIB) {
      await Promise.all(Array.from({ length: 4 }, (_, i) => write(String(i).repeat(100_000))));
      written += 100_000;
      seen.add(salts());
    }
    expect(seen.size).toBe(5);
    expect(walBytes()).toBeLessThan(written / 2);
  }, 60_000);

  test("take back their pin when they stop, so that closing empties the log", async () => {
    await write("something");
    await allMoved();
    await stop();
    await connection.close();
    expect(walBytes()).toBe(0);
    connection = openSqlite(path);
  });
});
