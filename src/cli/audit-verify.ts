import * as audit from "../core/audit.ts";
import { instant } from "../core/audit-chain.ts";
import { type Verdict, verifyAudit } from "../flows/verify-audit.ts";
import type { Context } from "../context.ts";
import { BadUsage, type Command, type Given } from "./command.ts";
import { JSON_OPTION, visible } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import { withContext } from "./with-context.ts";

export const auditVerify: Command = {
  name: "audit verify",
  about: "whether the audit log is what was written",
  details: `Names every row that was changed, taken out, put in or moved, and exits with 1 then. Prints the head, <seq>:<mac>: keep it
elsewhere, and hold the log against it later. The server writes it to its log too, every hour. Whoever puts a whole older copy of
the database in its place is found by nothing else.`,
  options: {
    expect: {
      value: "<seq>:<mac>",
      about: "a head that was kept elsewhere must be part of the log",
    },
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const expected = expectedOf(given);
    const onProgress = progressOn(terminal);
    const { verdict, chained } = await withContext(config, terminal, async (ctx) => ({
      verdict: await verifyAudit(ctx, { expected, onProgress }),
      chained: await findChained(ctx),
    }));
    const json = { ...describe(verdict), chained };
    terminal.out(
      given.has("json") ? `${JSON.stringify(json, undefined, 2)}\n` : textOf(verdict) + chainedText(chained),
    );
    return verdict.faultCount === 0 ? 0 : 1;
  },
};

interface Chained {
  at: string;
  what: string;
}

/**
 * When rows were taken in as they were found. Whoever can write to the database can make it look like one of version 4, whose rows
 * are taken in at the next start: that this happened, and when, is all that a database can tell of it.
 */
async function findChained(ctx: Context): Promise<Chained[]> {
  const rows = await audit.list(ctx, { event: "audit.chained", limit: 10 });
  return rows.map(({ at, reason }) => ({ at: instant(at), what: reason ?? "" }));
}

const chainedText = (chained: Chained[]): string =>
  chained
    .map(({ at, what }) =>
      visible(
        `${what} were taken in at ${at} as they were found: by an upgrade from before then, or by a forger.`,
      ),
    )
    .map((line) => `${line}\n`)
    .join("");

function expectedOf(given: Given): { seq: number; mac: string } | undefined {
  const text = given.text("expect");
  if (text === undefined) return undefined;
  const [, seq, mac] = /^([1-9]\d{0,14}):([\w-]{43})$/.exec(text) ?? [];
  if (seq === undefined || mac === undefined)
    throw new BadUsage("--expect is a head as this command prints it: <seq>:<mac>");
  return { seq: Number(seq), mac };
}

const progressOn = ({ showsProgress, err }: Terminal) =>
  showsProgress
    ? (done: number, total: number) => err(`\rRow ${done} of ${total}${done === total ? "\n" : ""}`)
    : () => {};

const describe = ({ rows, since, head, base, faults, faultCount }: Verdict) => ({
  whole: faultCount === 0,
  rows,
  since: since ?? null,
  head: head ? { head: `${head.seq}:${head.mac}`, at: instant(head.at) } : null,
  base: base ? { seq: base.seq, at: instant(base.at) } : null,
  fault_count: faultCount,
  faults: faults.map(({ upTo, ...fault }) => (upTo === undefined ? fault : { ...fault, up_to: upTo })),
});

function textOf({ rows, since, head, base, faults, faultCount }: Verdict): string {
  const lines = faults.map(({ text, id, at, event }) =>
    [text, ...(id === undefined ? [] : [` (${id}, ${at}, ${event})`])].join(""),
  );
  if (faultCount > faults.length) lines.push(`and ${faultCount - faults.length} more`);
  const older = base ? `; those up to row ${base.seq} are gone by the retention setting` : "";
  lines.push(
    rows === 0 && faultCount === 0
      ? `The audit log is empty${older}.`
      : `${rows} ${rows === 1 ? "row" : "rows"} since ${since ?? "no time"}: ${faultCount === 0 ? "whole" : "genuine"}${older}.`,
  );
  if (faultCount > 0) lines.push(`Faults: ${faultCount}. The audit log was tampered with.`);
  if (head) lines.push(`Head ${head.seq}:${head.mac}`);
  return `${lines.map(visible).join("\n")}\n`;
}
