// What every command but serve does first and last.
import type { Config } from "../config.ts";
import type { Client, Context } from "../context.ts";
import { createLog } from "../log.ts";
import { version } from "../../package.json";
import { type Given, type Option } from "./command.ts";
import { now, openDataDirectory } from "./data-directory.ts";
import type { Terminal } from "./terminal.ts";

/** Opens the data directory, works on it, closes it. The work is audited as done from the command line. */
export async function withContext<T>(
  config: Config,
  terminal: Terminal,
  work: (ctx: Context, client: Client) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const log = createLog({ level: "silent", pretty: false, now, write: () => {} });
  const { ctx, close } = await openDataDirectory(config, { log, warn: terminal.err, create });
  try {
    return await work(ctx, {
      requestId: ctx.id("req"),
      address: "command line",
      network: "command line",
      userAgent: `ostiary ${version}`,
      language: null,
      device: null,
      trustedDevice: null,
      isLocal: true,
    });
  } finally {
    await close();
  }
}

/** All pages of a list; its cursor is the last id. */
export async function allPages<Entry>(
  page: (cursor: string) => Promise<Entry[]>,
  idOf: (entry: Entry) => string,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor = ""; ;) {
    const next = await page(cursor);
    const last = next.at(-1);
    if (last === undefined) return entries;
    entries.push(...next);
    cursor = idOf(last);
  }
}

export const YES_OPTION = { yes: { about: "do not ask" } } satisfies Record<string, Option>;

/** Asks before something that cannot be undone, where there is somebody to ask. */
export async function confirm(terminal: Terminal, given: Given, question: string): Promise<boolean> {
  if (given.has("yes") || !terminal.canAsk) return true;
  if (/^y(es)?$/i.test((await terminal.ask(`${question} [y/N] `)).trim())) return true;
  terminal.err("Nothing was changed.\n");
  return false;
}
