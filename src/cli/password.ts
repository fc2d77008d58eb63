// Passwords never stand on a command line, where every user of the machine can read them.
import { BadUsage, type Given, type Option } from "./command.ts";
import type { Terminal } from "./terminal.ts";

export const PASSWORD_OPTION = {
  "password-stdin": { about: "read the password from standard input" },
} satisfies Record<string, Option>;

/** All of standard input but its last line end; null without --password-stdin. */
export async function givenPassword({ readInput }: Terminal, given: Given): Promise<string | null> {
  return given.has("password-stdin") ? (await readInput()).replace(/\r?\n$/, "") : null;
}

/** Typed twice. Throws BadUsage where there is nobody to ask. */
export async function askPassword(terminal: Terminal): Promise<string> {
  if (!terminal.canAsk)
    throw new BadUsage("there is no terminal to ask for a password: use --password-stdin");
  for (;;) {
    const password = await terminal.askSecretly("Password: ");
    if (password === (await terminal.askSecretly("The same again: "))) return password;
    terminal.err("The two differ.\n");
  }
}
