// kill -9 at random moments of everything at once, round after round.
import { expect } from "bun:test";
import { broken, faultsOfFile, isUp, newLedger, newSeed, seeded } from "./ledger.ts";
import { openMailbox } from "./mailbox.ts";
import { makeTenant } from "./people.ts";
import { processWorld } from "./process-world.ts";
import { MAIL_FROM } from "./world.ts";
import { work } from "./workload.ts";

/** No limit of ours may come between. */
export const UNLIMITED = {
  LIMIT_FREE_FAILURES: "100",
  LIMIT_MAIL_GAP: "0",
  LIMIT_MAILS_HOUR: "10000",
  LIMIT_MAILS_DAY: "10000",
  LIMIT_INSTANCE_FAILURES: "1000000",
} as const;

export async function killInRounds(rounds: number): Promise<void> {
  const seed = newSeed();
  const random = seeded(seed);
  await using mailbox = await openMailbox();
  await using bare = await processWorld({ ...UNLIMITED, LOG: "info", SMTP_URL: mailbox.url, MAIL_FROM });
  const acme = await makeTenant(bare, "acme", { self_registration: true });
  const w = Object.assign(bare, { mailbox, acme });
  const ledger = newLedger();
  const lost: string[] = [];
  let looked = 0;
  console.log(`kill -9: seed ${seed}`);
  for (let round = 1; round <= rounds; round++) {
    const over = new AbortController();
    const working = work(w, ledger, random, over.signal);
    // Somewhere in the middle: by what was done and not by the clock, so that a slow machine does as much.
    const enough = ledger.acknowledged + 10 + random() * 80;
    while (ledger.acknowledged < enough) await Bun.sleep(1);
    await Bun.sleep(random() * 20);
    await w.program().end("SIGKILL");
    over.abort();
    await working;
    lost.push(...faultsOfFile(w.ctx.config.databasePath, ledger));
    await w.start();
    expect(await isUp(w)).toBe(true);
    looked += ledger.claims.size;
    lost.push(...(await broken(ledger)).map((what) => `round ${round}: ${what}`));
  }
  const revived = lost.filter((what) => what.includes("dead: ")).length;
  console.log(
    `kill -9: ${rounds} rounds, ${ledger.acknowledged} writes acknowledged, ${ledger.unanswered} unanswered, ${looked} looked at again; ` +
      `${lost.length - revived} lost, ${revived} revived, ${ledger.odd.length} odd answers`,
  );
  expect(lost).toEqual([]);
  expect(ledger.odd).toEqual([]);
  expect(ledger.unavailable).toBe(0);
  expect(ledger.acknowledged).toBeGreaterThan(rounds * 10);
  expect(await w.program().end("SIGTERM")).toBe(0);
  expect(faultsOfFile(w.ctx.config.databasePath, ledger)).toEqual([]);
}
