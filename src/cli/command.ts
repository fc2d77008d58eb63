// What a command is, and how one is told from another on the command line.
import { parseArgs } from "node:util";
import type { Config } from "../config.ts";
import type { SettingName } from "../settings.ts";
import type { Terminal } from "./terminal.ts";

/** The command line makes no sense. */
export class BadUsage extends Error {}

export interface Option {
  about: string;
  /** What stands for its value in the help; without it the option is a switch. */
  value?: string;
  /** May be given several times. */
  many?: true;
}

export interface Given {
  operands: readonly string[];
  /** The value of an option given at most once. */
  text(name: string): string | undefined;
  /** The values of an option that may be given several times. */
  texts(name: string): readonly string[];
  /** Whether a switch is on. */
  has(name: string): boolean;
}

export interface Command {
  /** One or two words. */
  name: string;
  about: string;
  /** What its own help says besides; sentences. */
  details?: string;
  /** What follows the name, as the help shows it; each must be given. */
  operands?: readonly string[];
  options?: Readonly<Record<string, Option>>;
  /** The settings that have flags here; all others come from the environment. */
  settings: readonly SettingName[];
  /** Resolves to the exit code. */
  run(given: Given, config: Config, terminal: Terminal): Promise<number>;
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

type Type = "string" | "boolean";

export interface Parsed {
  command: Command | undefined;
  /** What stands where a command should, and after it. */
  words: readonly string[];
  values: Values;
  given: Given;
}

/** Finds the command. Flags of all commands are understood first, so they may stand before it too. Throws BadUsage. */
export function parse(args: string[], commands: readonly Command[], settingFlags: readonly string[]): Parsed {
  const types = new Map(settingFlags.map((flag): [string, Type] => [flag, "string"]));
  for (const { options = {} } of commands) {
    for (const [name, { value }] of Object.entries(options)) types.set(name, value ? "string" : "boolean");
  }
  const { values, positionals } = understand(args, types);
  const named = (words: number) =>
    commands.find(({ name }) => name === positionals.slice(0, words).join(" "));
  const command = named(2) ?? named(1);
  const operands = positionals.slice(command?.name.split(" ").length ?? 0);
  return { command, words: positionals, values, given: givenBy(operands, values) };
}

function understand(
  args: string[],
  types: ReadonlyMap<string, Type>,
): { values: Values; positionals: string[] } {
  const options = Object.fromEntries([...types].map(([name, type]) => [name, { type, multiple: true }]));
  const [help, version] = [
    { type: "boolean" as const, short: "h" },
    { type: "boolean" as const, short: "v" },
  ];
  try {
    return parseArgs({ args, allowPositionals: true, options: { ...options, help, version } });
  } catch (error) {
    throw new BadUsage(error instanceof Error ? error.message : String(error));
  }
}

function givenBy(operands: readonly string[], values: Values): Given {
  const texts = (name: string) =>
    [values[name]].flat().filter((value): value is string => typeof value === "string");
  return {
    operands,
    texts,
    text: (name) => texts(name)[0],
    has: (name) => [values[name]].flat().includes(true),
  };
}

/** Throws BadUsage when options or operands do not go with the command. */
export function checkUsage(command: Command, { given, values }: Parsed, flags: readonly string[]): void {
  const { name, operands = [], options = {} } = command;
  const own = new Set([...Object.keys(options), ...flags, "help", "version"]);
  for (const option of Object.keys(values)) {
    if (!own.has(option)) throw new BadUsage(`--${option} does not go with ${name}`);
    // Of two values, readers disagree which one counts.
    if ([values[option]].flat().length > 1 && options[option]?.many !== true) {
      throw new BadUsage(`given twice: --${option}`);
    }
  }
  const extra = given.operands[operands.length];
  if (extra !== undefined) throw new BadUsage(`unexpected argument: ${extra}`);
  const absent = operands[given.operands.length];
  if (absent !== undefined) throw new BadUsage(`missing: ${absent}`);
}
