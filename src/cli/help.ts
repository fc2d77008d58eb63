import { version } from "../../package.json";
import { flagOf, SETTING_NAMES, SETTINGS, type Setting, variableOf } from "../settings.ts";

export const versionText = (): string => `ostiary ${version}\n`;

export const helpText = (): string => `Ostiary ${version}: a self-hosted authentication server

Usage: ostiary [command] [flags]

Commands:
  serve      serve the API (what happens without a command)
  version    print the version
  help       print this

Settings of serve. A flag wins over its variable; every variable can also be read from the file named by <variable>_FILE.

${SETTING_NAMES.map(settingText).join("\n")}

Exit status: 0 done, 1 refused or failed, 2 bad usage.
`;

function settingText(name: keyof typeof SETTINGS): string {
  const { about, default: fallback, secret }: Setting = SETTINGS[name];
  const names = secret ? variableOf(name) : `${flagOf(name)}, ${variableOf(name)}`;
  return `  ${names}\n      ${about}${fallback ? ` (default ${fallback})` : ""}`;
}
