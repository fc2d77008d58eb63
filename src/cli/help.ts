import { version } from "../../package.json";
import { flagOf, SETTING_NAMES, SETTINGS, type Setting, type SettingName, variableOf } from "../settings.ts";
import type { Command } from "./command.ts";

export const versionText = (): string => `ostiary ${version}\n`;

export const helpText = (
  commands: readonly Command[],
): string => `Ostiary ${version}: a self-hosted authentication server

Usage: ostiary [command] [flags]

To begin, run ostiary and open the link that it prints: it leads to the page that makes the first account.

Commands (ostiary <command> --help says more):
${overview([...commands, { name: "version", about: "print the version" }, { name: "help", about: "print this" }])}

Settings of serve. A flag wins over its variable; every variable can also be read from the file named by <variable>_FILE.

${SETTING_NAMES.map(settingText).join("\n")}

Exit status: 0 done, 1 refused or failed, 2 bad usage.
`;

/** Of commands that share their first word. */
export const familyHelpText = (commands: readonly Command[]): string =>
  `Commands (ostiary <command> --help says more):\n${overview(commands)}\n`;

export function commandHelpText(command: Command): string {
  const { name, about, details, operands = [], options = {}, settings } = command;
  const usage = ["ostiary", name, ...operands, "[flags]"].join(" ");
  const own = Object.entries(options).map(
    ([option, { value, about }]) => `  --${option}${value === undefined ? "" : ` ${value}`}\n      ${about}`,
  );
  return `Usage: ${usage}\n\n${capital(about)}.\n${details === undefined ? "" : `\n${details}\n`}\nFlags:\n${[...own, ...settings.map(settingText)].join("\n")}\n`;
}

const overview = (commands: readonly Pick<Command, "name" | "about">[]): string => {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join("\n");
};

function settingText(name: SettingName): string {
  const { about, default: fallback, secret }: Setting = SETTINGS[name];
  const names = secret ? variableOf(name) : `${flagOf(name)}, ${variableOf(name)}`;
  return `  ${names}\n      ${about}${fallback ? ` (default ${fallback})` : ""}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
