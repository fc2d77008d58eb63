// argv → one command. The only file that touches process, signals and the environment.
// A dependency of WebAuthn asks for this polyfill; anywhere but here the bundler puts it behind that, and no passkey is good.
import "reflect-metadata";
import { readFileSync } from "node:fs";
import { BadUsage, checkUsage, parse } from "./cli/command.ts";
import { COMMANDS, SERVE } from "./cli/commands.ts";
import { explain } from "./cli/explain.ts";
import { commandHelpText, familyHelpText, helpText, versionText } from "./cli/help.ts";
import { ask, askSecretly } from "./cli/prompt.ts";
import type { Terminal } from "./cli/terminal.ts";
import { loadConfig, type Sources } from "./config.ts";
import { diskFailureOf } from "./db/sqlite-durability.ts";
import { flagOf, type SettingName } from "./settings.ts";

/** Whoever told us to end does not wait for a reader of the log that does not read. */
const FLUSH_WITHIN_MS = 1_000;
let isToldToEnd = false;

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  stream: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    }),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  showsProgress: process.stderr.isTTY,
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"]) {
        process.once(signal, () => {
          isToldToEnd = true;
          resolve(signal);
        });
      }
    }),
  canAsk: process.stdin.isTTY && process.stderr.isTTY,
  ask: (question) => ask(process.stdin, process.stderr, question),
  askSecretly: (question) => askSecretly(process.stdin, process.stderr, question),
  readInput: () => Bun.stdin.text(),
};

/** The flag of each setting that may be one, without its dashes. */
const NAME_OF_FLAG = new Map<string, SettingName>(
  SERVE.settings.map((name) => [flagOf(name).slice(2), name]),
);

async function main(args: string[]): Promise<number> {
  const parsed = parse(args, COMMANDS, [...NAME_OF_FLAG.keys()]);
  const { command, words, values, given } = parsed;
  if (values["version"] === true || words[0] === "version") return say(versionText());
  if (words[0] === "help" || (words.length === 0 && values["help"] === true)) return say(helpText(COMMANDS));
  const chosen = words.length === 0 ? SERVE : command;
  if (chosen === undefined) return sayFamily(words, values["help"] === true);
  if (values["help"] === true) return say(chosen === SERVE ? helpText(COMMANDS) : commandHelpText(chosen));
  checkUsage(
    chosen,
    parsed,
    chosen.settings.map((name) => flagOf(name).slice(2)),
  );
  const flags: Sources["flags"] = {};
  for (const [flag, name] of NAME_OF_FLAG) {
    const value = given.text(flag);
    if (value !== undefined) flags[name] = value;
  }
  return chosen.run(given, loadConfig(sources(flags)), terminal);
}

function say(text: string): number {
  terminal.out(text);
  return 0;
}

/** `ostiary tenant --help`, or a command that does not exist. */
function sayFamily(words: readonly string[], wantsHelp: boolean): number {
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${words[0]} `));
  if (wantsHelp && words.length === 1 && family.length > 0) return say(familyHelpText(family));
  const choice = family.map(({ name }) => name).join(", ");
  throw new BadUsage(
    `unknown command: ${words.slice(0, family.length > 0 ? 2 : 1).join(" ")}${choice && ` (there are: ${choice})`}`,
  );
}

const sources = (flags: Sources["flags"]): Sources => ({
  env: Bun.env,
  flags,
  readFile: (path) => readFileSync(path, "utf8"),
  cwd: process.cwd(),
});

// The database and everything beside it is for the eyes of the owner only.
process.umask(0o077);
// A reader of our output that is gone, or a disk that it fills, stops the output and nothing else: serve goes on without a log.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
try {
  process.exitCode = await main(Bun.argv.slice(2));
  if (isToldToEnd) setTimeout(() => process.exit(), FLUSH_WITHIN_MS).unref();
} catch (error) {
  const failure = diskFailureOf(error);
  const { text, code } = explain(failure ?? error);
  terminal.err(`ostiary: ${text}\n`);
  // The runtime closes databases as it exits: SQLite would move once more what the disk has just dropped, and cut the log.
  if (failure) {
    process.kill(process.pid, "SIGKILL");
    // The first process of a container cannot be killed.
    process.abort();
  }
  process.exit(code);
}
