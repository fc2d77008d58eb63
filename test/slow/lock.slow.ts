// Another program that holds the database, under the real program at work: for a moment it is waited for, for longer it is 503.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { commandLine } from "../support/command-line.ts";
import { UNLIMITED } from "../support/kill.ts";
import { broken, faultsOfFile, isUp, newLedger, newSeed, seeded } from "../support/ledger.ts";
import { openMailbox } from "../support/mailbox.ts";
import { until } from "../support/outbox.ts";
import { makeTenant } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { processWorld } from "../support/process-world.ts";
import { signInForKey } from "../support/sessions.ts";
import { newPerson, work } from "../support/workload.ts";
import { MAIL_FROM, SECRET } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

/** Holds it until it is disposed of. */
function hold(path: string, how: "immediate" | "exclusive"): Disposable {
  const other = openBeside(path);
  other.run(`begin ${how}`);
  return {
    [Symbol.dispose]() {
      other.run("rollback");
      other.close();
    },
  };
}

test("for 1 s it is waited for, for 10 s it is 503 with nothing spent, and then everything goes on", async () => {
  const seed = newSeed();
  await using mailbox = await openMailbox();
  const settings = { ...UNLIMITED, LOG: "info", SMTP_URL: mailbox.url, MAIL_FROM } as const;
  await using bare = await processWorld(settings);
  const acme = await makeTenant(bare, "acme", { self_registration: true });
  const w = Object.assign(bare, { mailbox, acme });
  const path = w.ctx.config.databasePath;
  const { userId, email, password } = await newPerson(w);
  const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
  const { flow_token } = (await portal(w).identify(email)).body;
  const ledger = newLedger();
  const over = new AbortController();
  const working = work(w, ledger, seeded(seed), over.signal).catch((error: unknown) => error);
  await until(() => ledger.acknowledged > 40);

  for (const how of ["immediate", "exclusive"] as const) {
    using _ = hold(path, how);
    await Bun.sleep(1_000);
  }
  expect(ledger.unavailable).toBe(0);

  const done = ledger.acknowledged;
  const held = hold(path, "exclusive");
  const lasting = Bun.sleep(10_000);
  const [refused, isReady] = await Promise.all([portal(w).authenticate({ flow_token, password }), isUp(w)]);
  expect([refused.status, isReady]).toEqual([503, false]);
  const reads = [
    await w.send("GET", "/healthz"),
    await w.send("GET", "/v1/auth/load", { key }),
    await portal(w).identify(email),
  ];
  expect(reads.map(({ status }) => status)).toEqual([200, 200, 200]);
  await lasting;
  held[Symbol.dispose]();
  await until(() => isUp(w));
  await until(() => ledger.acknowledged > done + 20);
  over.abort();
  expect(await working).toBeUndefined();
  expect((await portal(w).authenticate({ flow_token, password })).status).toBe(200);
  const lost = [...faultsOfFile(path, ledger), ...(await broken(ledger))];
  console.log(
    `foreign lock: seed ${seed}, ${ledger.acknowledged} writes acknowledged, ${ledger.unavailable} answered 503, ` +
      `${lost.length} lost or revived, ${ledger.odd.length} odd answers`,
  );
  expect([lost, ledger.odd, ledger.unanswered]).toEqual([[], [], 0]);
  expect(ledger.unavailable).toBeGreaterThan(0);
}, 60_000);

test("commands wait for a moment, and after 5 s say that they could not", async () => {
  await using w = await processWorld();
  await makeTenant(w, "acme");
  const path = w.ctx.config.databasePath;
  const { run } = commandLine(join(w.directory, "data"), { OSTIARY_SECRET: SECRET });
  const moment = hold(path, "immediate");
  const waiting = run(["tenant", "create", "beta", "--name", "Beta"]);
  await Bun.sleep(1_500);
  moment[Symbol.dispose]();
  const short = await waiting;
  expect([short.code, short.err]).toEqual([0, ""]);
  const longer = hold(path, "immediate");
  const long = await run(["tenant", "create", "gamma", "--name", "Gamma"]);
  longer[Symbol.dispose]();
  expect(long.code).toBe(1);
  expect(long.err).toContain("cannot be written now");
  expect((await run(["tenant", "create", "gamma", "--name", "Gamma"])).code).toBe(0);
}, 60_000);

test("it ends when told to, though the database is held, and loses nothing", async () => {
  await using w = await processWorld();
  await makeTenant(w, "acme");
  {
    using _ = hold(w.ctx.config.databasePath, "immediate");
    expect(await w.program().end("SIGTERM")).toBe(0);
  }
  await w.start();
  expect(await isUp(w)).toBe(true);
}, 60_000);

test("a reader that never ends its transaction lets the log grow, and holds nobody up", async () => {
  await using mailbox = await openMailbox();
  await using bare = await processWorld({ ...UNLIMITED, LOG: "info", SMTP_URL: mailbox.url, MAIL_FROM });
  const acme = await makeTenant(bare, "acme", { self_registration: true });
  const w = Object.assign(bare, { mailbox, acme });
  using reader = openBeside(w.ctx.config.databasePath, { readonly: true });
  reader.run("begin");
  reader.query("select count(*) from users").get();
  const ledger = newLedger();
  const over = new AbortController();
  const working = work(w, ledger, seeded(newSeed()), over.signal);
  await until(() => ledger.acknowledged > 60);
  reader.run("rollback");
  over.abort();
  await working;
  expect([ledger.unavailable, ledger.odd, await broken(ledger)]).toEqual([0, [], []]);
}, 60_000);
