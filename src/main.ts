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
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE")
    return { text: "The port is taken. Stop the other program or choose another: --port", code: 1 };
  if (code === "EACCES" || code === "EROFS" || code === "SQLITE_CANTOPEN") {
    return { text: `The data directory cannot be written (${code}). Choose another: --data`, code: 1 };
  }
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
