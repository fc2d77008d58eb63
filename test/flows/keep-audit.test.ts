// Retention, and the head in the log of the program: old rows go from the beginning only, and what is left can be verified.
import { describe, expect, test } from "bun:test";
import { lastTenantOf } from "../../src/flows/last-tenant.ts";
import { createUpkeep } from "../../src/flows/upkeep.ts";
import { tellAudit, trimAudit } from "../../src/flows/keep-audit.ts";
import { verifyAudit } from "../../src/flows/verify-audit.ts";
import { appendOne, faults, headOf, type Log, logOf } from "../support/audit-log.ts";
import { PASSWORD } from "../support/people.ts";
import { ADA, town } from "../support/second-factors.ts";
import { tenantOf } from "../support/tenant-group.ts";

const DAY = 24 * 60 * 60 * 1000;

/** As the rounds of so many half days do it; something happens every other time. */
async function live(w: Log, halfDays: number): Promise<void> {
  for (let round = 1; round <= halfDays; round++) {
    w.clock.advance(DAY / 2);
    if (round % 2 === 0) await appendOne(w.ctx, "daily");
    await trim(w);
  }
}

/** A round, as small as upkeep makes its steps. */
async function trim({ ctx }: Pick<Log, "ctx">): Promise<void> {
  while ((await trimAudit(ctx, 50)) >= 50) {
    // The next step.
  }
  await tellAudit(ctx);
}

const seqs = (w: Log) => w.copyOf("1 = 1 order by seq").map(({ seq }) => Number(seq));
const eventsOf = (w: Log, event: string) =>
  w.copyOf(`event = '${event}' order by seq`).map(({ reason }) => reason);

describe("rows that are older than the setting says", () => {
  test("go, from the beginning, and what is left is whole and knows what went", async () => {
    await using w = await logOf(500, { AUDIT_RETENTION: "3" });
    await live(w, 5);
    expect(seqs(w).length).toBe(502);
    await live(w, 2);
    expect(seqs(w)[0]).toBe(501);
    const { faults, base, head } = await verifyAudit(w.ctx);
    expect({ faults, base: base?.seq, head: head?.seq }).toEqual({ faults: [], base: 500, head: 504 });
    expect(eventsOf(w, "audit.trimmed")).toEqual([expect.stringMatching(/^rows 1 to 500, up to 2\d{3}-/)]);
    await live(w, 40);
    expect(await verifyAudit(w.ctx)).toMatchObject({ faults: [] });
    expect(seqs(w).length).toBeLessThan(12);
  });

  test("stay where the setting is 0, and where they are younger", async () => {
    await using w = await logOf(3, { AUDIT_RETENTION: "0" });
    await live(w, 100);
    expect(await verifyAudit(w.ctx)).toMatchObject({ faults: [], rows: 53 });
  });

  test("go all, when nothing happens any more, and the next one follows the last that went", async () => {
    await using w = await logOf(3, { AUDIT_RETENTION: "3" });
    w.clock.advance(4 * DAY);
    await trim(w);
    expect(eventsOf(w, "audit.trimmed")).toEqual([expect.stringContaining("rows 1 to 3")]);
    expect(seqs(w)).toEqual([4]);
    expect(await verifyAudit(w.ctx)).toMatchObject({ faults: [], base: { seq: 3 } });
  });

  test("go also where a step ends right before the program went on after a gap", async () => {
    await using w = await logOf(51, { AUDIT_RETENTION: "3" });
    w.forge("delete from audit where seq > 50; delete from audit_marks");
    await appendOne(w.ctx, "afterwards");
    expect(seqs(w).slice(-2)).toEqual([52, 53]);
    w.clock.advance(4 * DAY);
    await trim(w);
    expect(eventsOf(w, "audit.trimmed")).toEqual([
      expect.stringMatching(/^rows 1 to 53,.*; 2 of them not genuine or missing: 51, 52$/),
    ]);
    expect(await faults(w)).toEqual([]);
  });

  test("go with those that a wrong clock made look younger, or older", async () => {
    await using w = await logOf(2, { AUDIT_RETENTION: "3" });
    w.clock.advance(9_000 * DAY);
    await appendOne(w.ctx, "far ahead");
    w.clock.advance(-9_000 * DAY);
    await appendOne(w.ctx);
    w.clock.advance(-DAY);
    await appendOne(w.ctx, "a day back");
    w.clock.advance(DAY);
    await appendOne(w.ctx);
    await live(w, 10);
    expect(eventsOf(w, "login.succeeded")).not.toContain("far ahead");
    expect(await faults(w)).toEqual([]);
  });

  test("do not go in the round in which the clock has jumped", async () => {
    await using w = await logOf(5, { AUDIT_RETENTION: "30" });
    const keepUp = createUpkeep(w.ctx);
    await keepUp();
    w.clock.advance(400 * DAY);
    await keepUp();
    expect(seqs(w)).toEqual([1, 2, 3, 4, 5]);
    w.clock.advance(-400 * DAY);
    await keepUp();
    await keepUp();
    expect(seqs(w)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("nobody without the key trims the log", () => {
  const TRIMMING: Record<string, [(w: Log) => unknown, string[]]> = {
    "by removing more than retention did": [
      (w) => w.forge("delete from audit where seq < 504"),
      ["missing 501-503"],
    ],
    "by moving the mark along": [
      (w) => {
        const [row = {}] = w.copyOf("seq = 502");
        w.forge("delete from audit where seq <= 502");
        w.forge(
          `update audit_marks set seq = 502, mac = '${row["mac"]}', at = ${row["at"]} where name = 'base'`,
        );
      },
      ["base"],
    ],
    "by removing the mark": [
      (w) => w.forge("delete from audit_marks where name = 'base'"),
      ["missing 1-500"],
    ],
  };
  for (const [how, [trim, found]] of Object.entries(TRIMMING)) {
    test(`${how}, and the next round does not cover it up`, async () => {
      await using w = await logOf(500, { AUDIT_RETENTION: "3" });
      await live(w, 7);
      await trim(w);
      expect(await faults(w)).toEqual(found);
      await live(w, 12);
      expect(await faults(w)).toEqual(found);
      expect(w.log.join("")).toContain("audit log not trimmed");
    });
  }

  test("nor loses the traces of what was done to rows that go", async () => {
    await using w = await logOf(500, { AUDIT_RETENTION: "3" });
    w.forge("update audit set reason = 'x' where seq = 7; delete from audit where seq between 10 and 12");
    await live(w, 7);
    expect(await faults(w)).toEqual([]);
    expect(eventsOf(w, "audit.trimmed")).toEqual([
      expect.stringMatching(/^rows 1 to 53, .*; 5 of them not genuine or missing: 7, 10, 11, 12, 13$/),
      expect.stringMatching(/^rows 54 to 500, up to [^;]*$/),
    ]);
    expect(w.log.join("")).toContain("audit log was tampered with");
  });
});

test("what was not genuine is told with its going, even where the program ends right then", async () => {
  await using w = await logOf(60, { AUDIT_RETENTION: "3" });
  w.forge("update audit set reason = 'x' where seq = 7");
  w.clock.advance(4 * DAY);
  expect(await trimAudit(w.ctx, 50)).toBe(50);
  expect(eventsOf(w, "audit.trimmed")).toEqual([
    expect.stringMatching(/^rows 1 to 50, .*; 1 of them not genuine or missing: 7$/),
  ]);
});

test("a verification that runs while rows are trimmed does not take them for missing", async () => {
  await using w = await logOf(2_500, { AUDIT_RETENTION: "3" });
  await live(w, 5);
  let rounds = 0;
  const onProgress = () => void (rounds += 1);
  // The first batch has been read; the second one is gone by the time it is asked for.
  const { ctx } = w;
  let reads = 0;
  const all: typeof ctx.db.all = async (text, ...values) => {
    reads += 1;
    if (reads === 2) await live(w, 2);
    return ctx.db.all(text, ...values);
  };
  const { faults: found, base } = await verifyAudit({ ...ctx, db: { ...ctx.db, all } }, { onProgress });
  expect([found, base?.seq, rounds > 1]).toEqual([[], 2_500, true]);
});

test("a head that is older than what is kept has to be held against a younger one", async () => {
  await using w = await logOf(5, { AUDIT_RETENTION: "3" });
  const kept = await headOf(w);
  await live(w, 5);
  expect(await faults(w, { expected: kept })).toEqual([]);
  await live(w, 2);
  expect(await faults(w, { expected: kept })).toEqual([]);
  expect(await faults(w, { expected: { ...kept, mac: "x".repeat(43) } })).toEqual(["expected 5"]);
  await live(w, 2);
  expect(await faults(w, { expected: kept })).toEqual(["expected 5"]);
});

test("upkeep trims, and tells the head to the log of the program", async () => {
  await using w = await logOf(120, { AUDIT_RETENTION: "1" });
  const keepUp = createUpkeep(w.ctx);
  await keepUp();
  w.clock.advance(DAY + 1);
  await keepUp();
  await keepUp();
  await tellAudit(w.ctx);
  expect(seqs(w)).toEqual([121]);
  const { seq, mac } = await headOf(w);
  await keepUp();
  const heads = w.log.map((line) => JSON.parse(line)).filter(({ event }) => event === "audit head");
  expect([heads.length, heads.at(-1)?.head]).toEqual([4, `${seq}:${mac}`]);
});

test("where a user signed in last is known for longer than the log is kept", async () => {
  await using w = await town({ AUDIT_RETENTION: "1" });
  expect((await tenantOf(w, "beta").login(ADA, PASSWORD)).status).toBe(200);
  await w.ctx.db.run`delete from sessions`;
  w.clock.advance(2 * DAY);
  await trim(w);
  expect(await w.ctx.db.all`select id from audit where event = 'login.succeeded'`).toEqual([]);
  expect(await lastTenantOf(w.ctx, w.userId)).toBe(w.beta.id);
});
