// What somebody can do to the audit log who can write to the database and has no key: each thing is found, and named.
import { describe, expect, test } from "bun:test";
import { verifyAudit } from "../../src/flows/verify-audit.ts";
import { appendOne, faults, headOf, type Log, logOf } from "../support/audit-log.ts";
import { dump } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

const ROWS = 9;

test("a log that nobody touched is whole, also an empty one, and says from when to where it goes", async () => {
  await using w = await logOf(0);
  expect(await verifyAudit(w.ctx)).toEqual({
    rows: 0,
    since: undefined,
    head: undefined,
    base: undefined,
    faults: [],
    faultCount: 0,
  });
  for (let i = 0; i < ROWS; i++) await appendOne(w.ctx);
  const { rows, since, head, faults } = await verifyAudit(w.ctx);
  const [first, last] = [w.copyOf("seq = 1")[0], w.copyOf(`seq = ${ROWS}`)[0]];
  expect({ rows, since, head, faults }).toEqual({
    rows: ROWS,
    since: new Date(Number(first?.["at"])).toISOString(),
    head: { seq: ROWS, mac: String(last?.["mac"]), at: Number(last?.["at"]) },
    faults: [],
  });
});

/** What is done, and what is found. */
const TAMPERING: Record<string, [(w: Log) => unknown, string[]]> = {
  "the time changed": [(w) => w.forge("update audit set at = at + 1 where seq = 5"), ["edited 5"]],
  "the same time in another form": [
    (w) =>
      w.forge("update audit set at = strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') where seq = 5"),
    ["edited 5"],
  ],
  "no time at all": [(w) => w.forge("update audit set at = 1e300 where seq = 5"), ["edited 5"]],
  ...Object.fromEntries(
    [
      "id",
      "event",
      "actor_id",
      "user_id",
      "tenant_id",
      "address",
      "user_agent",
      "request_id",
      "reason",
    ].flatMap((column): [string, [(w: Log) => unknown, string[]]][] => [
      [
        `${column} changed`,
        [(w) => w.forge(`update audit set ${column} = 'other' where seq = 5`), ["edited 5"]],
      ],
      [
        `one character taken from ${column}`,
        [(w) => w.forge(`update audit set ${column} = substr(${column}, 2) where seq = 5`), ["edited 5"]],
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["actor_id", "user_id", "tenant_id", "user_agent", "reason"].map(
      (column): [string, [(w: Log) => unknown, string[]]] => [
        `${column} emptied`,
        [(w) => w.forge(`update audit set ${column} = null where seq = 5`), ["edited 5"]],
      ],
    ),
  ),
  "a value moved from one column to the next": [
    (w) => w.forge("update audit set user_id = actor_id || user_id, actor_id = '' where seq = 5"),
    ["edited 5"],
  ],
  "its mac changed": [(w) => w.forge("update audit set mac = prev where seq = 5"), ["edited 5"]],
  "its link changed": [(w) => w.forge("update audit set prev = mac where seq = 5"), ["edited 5"]],
  "two rows changed": [
    (w) => w.forge("update audit set reason = 'x' where seq in (2, 3)"),
    ["edited 2", "edited 3"],
  ],
  "the first row changed": [(w) => w.forge("update audit set reason = 'x' where seq = 1"), ["edited 1"]],
  "the last row changed": [
    (w) => w.forge(`update audit set reason = 'x' where seq = ${ROWS}`),
    [`edited ${ROWS}`],
  ],
  "the first row removed": [(w) => w.forge("delete from audit where seq = 1"), ["missing 1"]],
  "rows in the middle removed": [
    (w) => w.forge("delete from audit where seq between 5 and 7"),
    ["missing 5-7"],
  ],
  "the last row removed": [(w) => w.forge(`delete from audit where seq = ${ROWS}`), [`missing ${ROWS}`]],
  "its end removed": [(w) => w.forge("delete from audit where seq > 3"), [`missing 4-${ROWS}`]],
  "all rows removed": [(w) => w.forge("delete from audit"), [`missing 1-${ROWS}`]],
  "all rows removed, with the head": [
    // Like a new one: only a head that was kept elsewhere knows better (below).
    (w) => w.forge("delete from audit; delete from audit_marks"),
    [],
  ],
  "a gap closed by new numbers": [
    (w) => {
      w.forge("delete from audit where seq = 5");
      for (let seq = 6; seq <= ROWS; seq++) w.forge(`update audit set seq = ${seq - 1} where seq = ${seq}`);
    },
    ["moved 5", "moved 6", "moved 7", "moved 8", `missing ${ROWS}`],
  ],
  "two rows swapped": [
    (w) =>
      w.forge(
        "update audit set seq = -1 where seq = 5; update audit set seq = 5 where seq = 7; update audit set seq = 7 where seq = -1",
      ),
    ["moved 5", "moved 7"],
  ],
  "a row moved behind the end": [
    (w) => w.forge("update audit set seq = 100 where seq = 5"),
    ["missing 5", `missing ${ROWS + 1}-99`, "moved 100", `head ${ROWS}`],
  ],
  "a row put in between": [
    (w) => {
      const [row = {}] = w.copyOf("seq = 5");
      w.put({ ...row, id: "aud_0", seq: 5.5 });
    },
    ["inserted 5.5"],
  ],
  "a row without a place": [
    (w) => {
      const [row = {}] = w.copyOf("seq = 5");
      w.put({ ...row, id: "aud_0", seq: null });
    },
    ["inserted"],
  ],
  "a row in a place that is taken, before the one that belongs there": [
    (w) => {
      const [row = {}] = w.copyOf("seq = 5");
      w.forge("drop index audit_seq; create index audit_seq on audit (seq, id)");
      w.put({ ...row, id: "aud_0" });
    },
    ["edited 5"],
  ],
  "a row in a place that is taken, after the one that belongs there": [
    (w) => {
      const [row = {}] = w.copyOf("seq = 5");
      w.forge("drop index audit_seq; create index audit_seq on audit (seq, id)");
      w.put({ ...row, id: "aud_zzz" });
    },
    ["inserted 5"],
  ],
  "a row put behind the end": [
    (w) => {
      const [row = {}] = w.copyOf(`seq = ${ROWS}`);
      w.put({ ...row, id: "aud_0", seq: ROWS + 1, prev: String(row["mac"]) });
    },
    [`inserted ${ROWS + 1}`, `head ${ROWS}`],
  ],
  "the head removed": [(w) => w.forge("delete from audit_marks"), ["head"]],
  "the head moved back, with the rows after it": [
    (w) => {
      const [row = {}] = w.copyOf("seq = 3");
      w.forge("delete from audit where seq > 3");
      w.forge(`update audit_marks set seq = 3, mac = '${row["mac"]}', at = ${row["at"]} where name = 'head'`);
    },
    ["head"],
  ],
  "the head's time changed": [(w) => w.forge("update audit_marks set at = at + 1"), ["head"]],
  "a base made of the head": [
    (w) => {
      w.forge("delete from audit where seq < 9");
      w.forge(
        "insert into audit_marks select 'base', seq, mac, at, tag from audit_marks where name = 'head'",
      );
    },
    ["base"],
  ],
};

for (const [what, [tamper, found]] of Object.entries(TAMPERING)) {
  test(`${what} shows as ${found.join(", ") || "nothing"}`, async () => {
    await using w = await logOf(ROWS);
    await tamper(w);
    expect((await faults(w)).toSorted()).toEqual(found.toSorted());
  });
}

test("a fault names the row by its number, id, time and event, and a gap by its ends", async () => {
  await using w = await logOf(ROWS);
  const [row] = w.copyOf("seq = 5");
  w.forge("update audit set reason = 'x' where seq = 5; delete from audit where seq between 7 and 8");
  expect((await verifyAudit(w.ctx)).faults).toEqual([
    {
      kind: "edited",
      seq: 5,
      id: String(row?.["id"]),
      at: new Date(Number(row?.["at"])).toISOString(),
      event: "login.succeeded",
      text: "row 5 was changed",
    },
    { kind: "missing", seq: 7, upTo: 8, text: "rows 7 to 8 are missing" },
  ]);
});

test("rows that share a place are found where one batch ends and the next begins, too", async () => {
  await using w = await logOf(1_001);
  const [row = {}] = w.copyOf("seq = 1000");
  w.forge("drop index audit_seq; create index audit_seq on audit (seq, id)");
  w.put({ ...row, id: "aud_zzz" });
  expect(await faults(w)).toEqual(["inserted"]);
});

test("more faults than there is room for are counted", async () => {
  await using w = await logOf(1_100);
  w.forge("update audit set reason = 'x'");
  const { faults, faultCount } = await verifyAudit(w.ctx);
  expect([faults.length, faultCount]).toEqual([1_000, 1_100]);
});

describe("a head that was kept elsewhere", () => {
  test("is part of the log for as long as that grows", async () => {
    await using w = await logOf(ROWS);
    const expected = await headOf(w);
    expect(await faults(w, { expected })).toEqual([]);
    await appendOne(w.ctx);
    expect(await faults(w, { expected })).toEqual([]);
  });

  test("finds a log that was started anew", async () => {
    await using w = await logOf(ROWS);
    const expected = await headOf(w);
    w.forge("delete from audit; delete from audit_marks");
    expect(await faults(w)).toEqual([]);
    expect(await faults(w, { expected })).toEqual([`expected ${ROWS}`]);
    for (let i = 0; i < ROWS; i++) await appendOne(w.ctx);
    expect(await faults(w)).toEqual([]);
    expect(await faults(w, { expected })).toEqual([`expected ${ROWS}`]);
  });

  test("finds an older copy of the database that was put back, which nothing else does", async () => {
    await using w = await logOf(ROWS);
    const { databasePath } = w.ctx.config;
    using database = openBeside(databasePath);
    const aside = `${databasePath}.older`;
    database.run(`vacuum into '${aside}'`);
    await appendOne(w.ctx);
    const expected = await headOf(w);
    database.run(`attach '${aside}' as older`);
    for (const table of ["audit", "audit_marks"])
      database.run(`delete from main.${table}; insert into main.${table} select * from older.${table}`);
    expect(await faults(w)).toEqual([]);
    expect(await faults(w, { expected })).toEqual([`expected ${ROWS + 1}`]);
    await appendOne(w.ctx, "of another branch");
    expect(await faults(w)).toEqual([]);
    expect(await faults(w, { expected })).toEqual([`expected ${ROWS + 1}`]);
  });
});

test("a genuine row of another copy of the log shows where it does not follow", async () => {
  await using w = await logOf(ROWS);
  const { databasePath } = w.ctx.config;
  using database = openBeside(databasePath);
  database.run(`vacuum into '${databasePath}.older'`);
  for (const reason of ["a", "b", "c"]) await appendOne(w.ctx, reason);
  const [other = {}] = w.copyOf(`seq = ${ROWS + 2}`);
  database.run(`attach '${databasePath}.older' as older`);
  for (const table of ["audit", "audit_marks"])
    database.run(`delete from main.${table}; insert into main.${table} select * from older.${table}`);
  for (const reason of ["d", "e", "f"]) await appendOne(w.ctx, reason);
  expect(await faults(w)).toEqual([]);
  w.forge(`delete from audit where seq = ${ROWS + 2}`);
  w.put(other);
  expect(await faults(w)).toEqual([`spliced ${ROWS + 2}`, `spliced ${ROWS + 3}`]);
});

test("a genuine head of another copy of the log does not fit the row it stands at", async () => {
  await using w = await logOf(ROWS);
  const { databasePath } = w.ctx.config;
  using database = openBeside(databasePath);
  database.run(`vacuum into '${databasePath}.older'`);
  await appendOne(w.ctx, "here");
  const head = database.query<Record<string, string | number>, []>("select * from audit_marks").get();
  database.run(`attach '${databasePath}.older' as older`);
  for (const table of ["audit", "audit_marks"])
    database.run(`delete from main.${table}; insert into main.${table} select * from older.${table}`);
  await appendOne(w.ctx, "there");
  database.run("update main.audit_marks set mac = ?, at = ?, tag = ?", [
    head?.["mac"] ?? "",
    head?.["at"] ?? 0,
    head?.["tag"] ?? "",
  ]);
  expect(await faults(w)).toEqual([`head ${ROWS + 1}`]);
});

describe("once its end is not to be trusted, the log goes on, and that shows for ever", () => {
  const BROKEN: Record<string, (w: Log) => unknown> = {
    "its head is missing": (w) => w.forge("delete from audit where seq > 6; delete from audit_marks"),
    "its head is not ours": (w) => {
      const [row = {}] = w.copyOf("seq = 6");
      w.forge("delete from audit where seq > 6");
      w.forge(`update audit_marks set seq = 6, mac = '${row["mac"]}', at = ${row["at"]}`);
    },
  };
  for (const [reason, tamper] of Object.entries(BROKEN)) {
    test(reason, async () => {
      await using w = await logOf(ROWS);
      await tamper(w);
      await appendOne(w.ctx, "afterwards");
      const { faults } = await verifyAudit(w.ctx);
      expect(faults).toEqual([expect.objectContaining({ kind: "broken", seq: 8, event: "audit.broken" })]);
      expect(faults[0]?.text).toBe(`row 8: ${reason}; what came after row 6 may be gone`);
      expect(w.copyOf("seq > 6").map((row) => [row["seq"], row["event"], row["reason"]])).toEqual([
        [8, "audit.broken", reason],
        [9, "login.succeeded", "afterwards"],
      ]);
      expect(w.log.join("")).toContain(`"event":"audit log broken","reason":"${reason}"`);
    });
  }

  test("a row stood behind its end", async () => {
    await using w = await logOf(ROWS);
    const [row = {}] = w.copyOf(`seq = ${ROWS}`);
    w.put({ ...row, id: "aud_0", seq: ROWS + 1 });
    await appendOne(w.ctx, "afterwards");
    expect((await faults(w)).toSorted()).toEqual([`broken ${ROWS + 3}`, `edited ${ROWS + 1}`]);
    expect(w.copyOf(`seq = ${ROWS + 4}`)[0]?.["reason"]).toBe("afterwards");
  });

  test("a beginning that is not there is not made good by appending either", async () => {
    await using w = await logOf(ROWS);
    w.forge("delete from audit where seq < 4");
    await appendOne(w.ctx);
    expect(await faults(w)).toEqual(["missing 1-3"]);
  });
});

test("with another master secret every row is a forgery", async () => {
  await using w = await logOf(2);
  const ctx = { ...w.ctx, keys: { ...w.ctx.keys, audit: new Uint8Array(32) } };
  expect(await faults({ ctx })).toEqual(["edited 1", "edited 2", "head"]);
});

test("verifying changes nothing", async () => {
  await using w = await logOf(ROWS);
  w.forge("delete from audit where seq = 5");
  const before = dump(w);
  await verifyAudit(w.ctx);
  expect(dump(w)).toEqual(before);
});
