// Appending to the audit log: one chain without a gap, whoever appends at once, and nothing in a row that was not meant for it.
import { describe, expect, test } from "bun:test";
import { createHmac, hkdfSync } from "node:crypto";
import { Glob } from "bun";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { type Context, transaction } from "../../src/context.ts";
import * as audit from "../../src/core/audit.ts";
import { inVain } from "../../src/flows/in-vain.ts";
import { appendOne, faults, logOf, someClient } from "../support/audit-log.ts";
import { ROOT, startProgram } from "../support/process.ts";
import { volley } from "../support/hammer.ts";
import { commandLine } from "../support/command-line.ts";
import { ADMIN, BASE } from "../support/key-group.ts";
import { SECRET, send } from "../support/world.ts";

test("rows are numbered from 1 without a gap, each with the mac of the one before", async () => {
  await using w = await logOf(4);
  const rows = w.copyOf("1 = 1 order by seq");
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(rows.map(({ prev }) => prev)).toEqual(["", ...rows.slice(0, -1).map(({ mac }) => mac ?? null)]);
});

test("a mac is what the documentation says, by node:crypto alone", async () => {
  await using w = await logOf(2);
  await audit.append(w.ctx, someClient(w.ctx, { userAgent: 'Möz"illa\\ 😀' }), { event: "logout" });
  const key = new Uint8Array(hkdfSync("sha256", SECRET, "", "ostiary/audit", 32));
  for (const row of w.copyOf("1 = 1 order by seq")) {
    const {
      seq,
      prev,
      id,
      at,
      event,
      actor_id,
      user_id,
      tenant_id,
      address,
      user_agent,
      request_id,
      reason,
    } = row;
    const who = [actor_id, user_id, tenant_id];
    const values = [
      seq,
      prev,
      id,
      new Date(Number(at)).toISOString(),
      event,
      ...who,
      address,
      user_agent,
      request_id,
      reason,
    ];
    const mac = createHmac("sha256", key).update(JSON.stringify(values)).digest("base64url");
    expect(row["mac"]).toBe(mac);
  }
});

describe("in a transaction", () => {
  test("that is undone a row goes with it, and leaves no gap", async () => {
    await using w = await logOf(1);
    const failing = transaction(w.ctx, async (ctx) => {
      await appendOne(ctx);
      await inVain(ctx, appendOne);
      throw new Error("undone");
    });
    expect(String(await failing.catch((error: unknown) => error))).toContain("undone");
    await appendOne(w.ctx);
    expect(w.copyOf("1 = 1").map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await faults(w)).toEqual([]);
  });

  test("several rows stand in their order", async () => {
    await using w = await logOf(0);
    await transaction(w.ctx, async (ctx) => {
      for (const reason of ["a", "b", "c"]) await appendOne(ctx, reason);
    });
    expect(w.copyOf("1 = 1 order by seq").map(({ reason }) => reason)).toEqual(["a", "b", "c"]);
    expect(await faults(w)).toEqual([]);
  });
});

test("a refusal is told once it has been committed, and not when it was undone, whoever has its number then", async () => {
  await using w = await logOf(1);
  const client = someClient(w.ctx);
  const refuse = (ctx: Context) => audit.append(ctx, client, { event: "login.failed" });
  expect(await audit.isTold(w.ctx, client)).toBe(false);
  const undone = transaction(w.ctx, async (ctx) => {
    await refuse(ctx);
    throw new Error("undone");
  });
  expect(String(await undone.catch((error: unknown) => error))).toContain("undone");
  expect(await audit.isTold(w.ctx, client)).toBe(false);
  await appendOne(w.ctx);
  expect(await audit.isTold(w.ctx, client)).toBe(false);
  await refuse(w.ctx);
  expect(await audit.isTold(w.ctx, client)).toBe(true);
});

test("a hundred at once, every third undone, are one chain", async () => {
  await using w = await logOf(0);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) =>
      transaction(w.ctx, async (ctx) => {
        await appendOne(ctx, `number ${i}`);
        if (i % 3 === 0) throw new Error("undone");
      }),
    ),
  );
  const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
  expect(w.copyOf("1 = 1 order by seq").map(({ seq }) => seq)).toEqual(
    Array.from({ length: kept }, (_, i) => i + 1),
  );
  expect(await faults(w)).toEqual([]);
});

test("32 appends at once at a server while a command appends at the same database are one chain", async () => {
  await using program = await startProgram();
  const { origin, directory } = program;
  await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN });
  const cli = commandLine(join(directory, "data"));
  const requests = Array.from({ length: 32 }, () => ({
    method: "POST",
    path: `${BASE}/token/`,
    body: { ...ADMIN, password: "wrong" },
  }));
  const [hits, ...done] = await Promise.all([
    volley({ origin, requests }),
    ...["a", "b", "c", "d"].map((slug) => cli.run(["tenant", "create", slug])),
  ]);
  expect(hits.map(({ status }) => status)).toEqual(Array<number>(32).fill(401));
  expect(done.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const { whole, rows, head } = await cli.json<{ whole: boolean; rows: number; head: { head: string } }>([
    "audit",
    "verify",
  ]);
  expect([whole, head.head.split(":")[0]]).toEqual([true, String(rows)]);
  // Setting up, four tenants, and the tries: five that were judged, and the first of those that have to wait.
  expect(rows).toBeGreaterThanOrEqual(1 + 4 + 6);
}, 60_000);

test("the chain survives kill -9, round after round", async () => {
  let program = await startProgram();
  const { directory } = program;
  await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
  const cli = commandLine(join(directory, "data"));
  let last = 0;
  for (let round = 0; round < 3; round++) {
    const { origin } = program;
    const signedIn: string[] = [];
    const stopped = new AbortController();
    const client = async () => {
      while (!stopped.signal.aborted) {
        const answer = await send(origin, "POST", `${BASE}/token/`, { body: ADMIN }).catch(() => undefined);
        if (answer?.status === 200) signedIn.push(answer.body.key);
      }
    };
    const clients = Array.from({ length: 4 }, client);
    const enough = 10 + round * 3;
    while (signedIn.length < enough) await Bun.sleep(1);
    await program.end("SIGKILL");
    stopped.abort();
    await Promise.all(clients);
    const { whole, rows } = await cli.json<{ whole: boolean; rows: number }>(["audit", "verify"]);
    expect([whole, rows - last >= signedIn.length]).toEqual([true, true]);
    last = rows;
    program = await startProgram({ directory });
  }
  expect(await program.end("SIGTERM")).toBe(0);
}, 60_000);

test("what others wrote forges no line, steers no terminal, and fills no disk", async () => {
  await using w = await logOf(0);
  const hostile = `a\r\n{"event":"logout"}\u001b[2J\u0000\u0085\u2028\u202e\ud800${"x".repeat(2_000)}`;
  await audit.append(w.ctx, someClient(w.ctx, { userAgent: hostile }), { event: "logout", reason: hostile });
  const [row] = w.copyOf("1 = 1");
  for (const text of [String(row?.["user_agent"]), String(row?.["reason"])]) {
    expect(text).toStartWith('a\ufffd\ufffd{"event":"logout"}\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffdxx');
    expect(text.length).toBe(512);
  }
  expect(await faults(w)).toEqual([]);
});

test("no SQL but that of the chain and of retention changes or removes a row of the log", () => {
  const changing = [...new Glob("src/**/*.ts").scanSync(ROOT)]
    .toSorted()
    .flatMap((path) =>
      [
        ...readFileSync(join(ROOT, path), "utf8").matchAll(
          /\b(update|delete from|drop table|replace into)\s+audit\b[^`]*/gi,
        ),
      ].map(([sql]) => `${path}: ${sql.replaceAll(/\s+/g, " ")}`),
    );
  expect(changing).toEqual([
    // Gives a place to rows from before the chain, once.
    "src/core/audit-rows.ts: update audit set seq = ${chained.seq}, prev = ${chained.prev}, mac = ${chained.mac} where id = ${chained.id} and seq is null",
    "src/core/audit-rows.ts: delete from audit where seq <= ${seq}",
  ]);
  const calls = [...new Glob("src/**/*.ts").scanSync(ROOT)]
    .toSorted()
    .flatMap((path) =>
      [...readFileSync(join(ROOT, path), "utf8").matchAll(/(?<!function )\b(endUpTo|chain)\(ctx/g)].map(
        ([, name]) => `${path}: ${name}`,
      ),
    );
  expect(calls).toEqual(["src/flows/chain-audit.ts: chain", "src/flows/keep-audit.ts: endUpTo"]);
});
