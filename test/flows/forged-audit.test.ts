// What somebody writes into the table of the audit log who has no key: it is found, and stops neither the log nor who looks.
import { describe, expect, test } from "bun:test";
import { commandLine } from "../support/command-line.ts";
import { appendOne, faults, type Log, logOf } from "../support/audit-log.ts";
import { SECRET } from "../support/world.ts";
import { tellAudit, trimAudit } from "../../src/flows/keep-audit.ts";

const DAY = 24 * 60 * 60 * 1000;

/** So many rows, copies of the fifth, each at the place that `place` says in SQL. */
const forgeMany = (w: Log, rows: number, place: string) =>
  w.forge(`insert into audit (id, at, event, address, request_id, prev, mac, seq)
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})
    select 'aud_f' || i, at, event, address, request_id, prev, mac, ${place} from audit, n where audit.seq = 5`);

const trim = async ({ ctx }: Log) => {
  while ((await trimAudit(ctx, 50)) >= 50);
  await tellAudit(ctx);
};

describe("rows at places that are none", () => {
  for (const [what, place] of [
    ["before the first", "1 - i"],
    ["between two", "5 + i / 100000.0"],
    ["that are text", "'x' || i"],
    ["that are bytes", "cast('x' || i as blob)"],
    ["beyond what a number can say", "9007199254740992 + i"],
  ] as const) {
    for (const rows of [3, 2_500])
      test(`${rows} of them, ${what}, are all found`, async () => {
        await using w = await logOf(9);
        forgeMany(w, rows, place);
        const found = await faults(w);
        expect(found.length).toBe(Math.min(rows, 1_000));
        expect(found.every((fault) => fault.startsWith("inserted"))).toBe(true);
      }, 20_000);
  }

  test("before where retention has left the log are found", async () => {
    await using w = await logOf(60, { AUDIT_RETENTION: "3" });
    w.clock.advance(4 * DAY);
    await appendOne(w.ctx);
    const [row = {}] = w.copyOf("seq = 5");
    await trim(w);
    expect(await faults(w)).toEqual([]);
    w.put({ ...row, reason: "forged" });
    expect(await faults(w)).toEqual(["inserted 5"]);
  });
});

test("a forged time has nothing removed: only a genuine row says that it, and those before it, are old", async () => {
  await using w = await logOf(120, { AUDIT_RETENTION: "3" });
  w.forge("update audit set at = 1 where seq in (50, 100, 119)");
  await trim(w);
  expect(w.copyOf("event = 'audit.trimmed'")).toEqual([]);
  expect(await faults(w)).toEqual(["edited 50", "edited 100", "edited 119"]);
  w.clock.advance(4 * DAY);
  for (let round = 0; round < 3; round++) await trim(w);
  expect(await faults(w)).toEqual([]);
  const told = w
    .copyOf("event = 'audit.trimmed' order by seq")
    .map(({ reason }) => String(reason))
    .join();
  for (const seq of [50, 100, 119]) expect(told).toContain(String(seq));
});

test("an export is not cut short by a row at a place that is none", async () => {
  await using w = await logOf(9);
  forgeMany(w, 2, "'x' || i");
  const { out, code } = await commandLine(w.ctx.config.dataDirectory, { OSTIARY_SECRET: SECRET }).run([
    "audit",
    "export",
  ]);
  expect([code, out.trim().split("\n").length]).toEqual([0, 9]);
});

test("a log whose marks are gone goes on behind its last row, whatever stands behind that", async () => {
  await using w = await logOf(50);
  w.forge("delete from audit_marks");
  forgeMany(w, 1, "'x' || i");
  await appendOne(w.ctx, "next");
  expect(w.copyOf("reason = 'next'")).toEqual([expect.objectContaining({ seq: 53 })]);
});

test("a log that was made to look like one from before the chain is taken in, and verify says so for ever", async () => {
  await using w = await logOf(9);
  w.forge(`delete from audit where seq = 5;
    update audit set seq = null, prev = null, mac = null;
    delete from audit_marks;
    insert into audit_marks values ('head', 0, '', 0, '')`);
  const { run, json } = commandLine(w.ctx.config.dataDirectory, { OSTIARY_SECRET: SECRET });
  const { out } = await run(["audit", "verify"]);
  expect(out).toMatch(/^8 rows from before the chain were taken in at 2\d{3}-.* as they were found/m);
  expect(await json<object>(["audit", "verify"])).toMatchObject({
    chained: [{ at: expect.any(String), what: "8 rows from before the chain" }],
  });
});
