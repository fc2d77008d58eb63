// argv → one command. The only file that touches process, signals and the environment.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { helpText, versionText } from "./cli/help.ts";
import { BadData } from "./cli/data-directory.ts";
import { serve } from "./cli/serve.ts";
import type { Terminal } from "./cli/terminal.ts";
import { BadSettings, loadConfig, type Sources } from "./config.ts";
import { SchemaMismatch } from "./db/migrate.ts";
import { flagOf, SETTING_NAMES, SETTINGS, type Setting, type SettingName } from "./settings.ts";

/** The command line makes no sense. */
class BadUsage extends Error {}

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  stopped: new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve(signal));
  }),
};

async function main(args: string[]): Promise<number> {
  const { command, flags, wantsHelp } = parse(args);
  if (wantsHelp || command === "help") terminal.out(helpText());
  else if (command === "version") terminal.out(versionText());
  else if (command === "serve") return serve(loadConfig(sources(flags)), terminal);
  else throw new BadUsage(`unknown command: ${command}`);
  return 0;
}

const sources = (flags: Sources["flags"]): Sources => ({
  env: Bun.env,
  flags,
  readFile: (path) => readFileSync(path, "utf8"),
  cwd: process.cwd(),
});

function parse(args: string[]): { command: string; flags: Sources["flags"]; wantsHelp: boolean } {
  const open = SETTING_NAMES.filter((name) => !("secret" in (SETTINGS[name] satisfies Setting)));
  const nameOf = new Map<string, SettingName>(open.map((name) => [flagOf(name).slice(2), name]));
  const options = Object.fromEntries([...nameOf.keys()].map((flag) => [flag, { type: "string" as const }]));
  try {
    const { values, positionals } = parseArgs({
      args,
      options: {
        ...options,
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new BadUsage(`unexpected argument: ${positionals[1]}`);
    const flags: Sources["flags"] = {};
    for (const [flag, value] of Object.entries(values)) {
      const name = nameOf.get(flag);
      if (name && typeof value === "string") flags[name] = value;
    }
    const command = values["version"] === true ? "version" : (positionals[0] ?? "serve");
    return { command, flags, wantsHelp: values["help"] === true };
  } catch (error) {
    throw error instanceof BadUsage
      ? error
      : new BadUsage(error instanceof Error ? error.message : String(error));
  }
}

const NOT_WRITABLE = "The data directory cannot be written. Choose another, or other rights: --data";
const NOT_A_DIRECTORY =
  "The data directory cannot be used: a file stands where a directory should be, or the reverse. Choose another: --data";
const NOT_A_DATABASE =
  "ostiary.db is damaged, or no database at all. Restore it from a backup, or choose another data directory: --data";
const DISK_FULL = "The disk that holds the data directory is full.";

/** What stops a start on a machine that is not as the settings have it, by `troubleOf`. */
const KNOWN_TROUBLE: Record<string, string> = {
  "listen EADDRINUSE": "The port is taken. Stop the other program or choose another: --port",
  "listen EADDRNOTAVAIL": "This machine has no such address to listen on. Choose another: --host",
  "listen EACCES": "This user may not listen on that port. Choose one above 1023: --port",
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  SQLITE_CANTOPEN: NOT_WRITABLE,
  SQLITE_READONLY: NOT_WRITABLE,
  EEXIST: NOT_A_DIRECTORY,
  ENOTDIR: NOT_A_DIRECTORY,
  EISDIR: NOT_A_DIRECTORY,
  SQLITE_NOTADB: NOT_A_DATABASE,
  SQLITE_CORRUPT: NOT_A_DATABASE,
  ENOSPC: DISK_FULL,
  SQLITE_FULL: DISK_FULL,
};

/** The error's code; before it `listen`, where the network refused and not the disk. */
function troubleOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const code = String(error.code);
  return "syscall" in error && error.syscall === "listen" ? `listen ${code}` : code;
}

/** What a person reads when it did not work, and the exit code. */
function explain(error: unknown): { text: string; code: number } {
  if (error instanceof BadUsage) return { text: `${error.message}\nSee: ostiary --help`, code: 2 };
  if (error instanceof BadSettings) {
    return {
      text: `Settings that cannot be used:\n${error.problems.map((line) => `  ${line}`).join("\n")}`,
      code: 2,
    };
  }
  if (error instanceof BadData || error instanceof SchemaMismatch) return { text: error.message, code: 1 };
  const known = KNOWN_TROUBLE[troubleOf(error)];
  if (known !== undefined) return { text: known, code: 1 };
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 };
}

// The database and everything beside it is for the eyes of the owner only.
process.umask(0o077);
try {
  process.exitCode = await main(Bun.argv.slice(2));
} catch (error) {
  const { text, code } = explain(error);
  terminal.err(`ostiary: ${text}\n`);
  process.exit(code);
}
