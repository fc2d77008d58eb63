import { needsLocalSetup, setUpLocally } from "../flows/setup.ts";
import { Refused } from "../errors.ts";
import type { Command } from "./command.ts";
import { askPassword, givenPassword, PASSWORD_OPTION } from "./password.ts";
import { withContext } from "./with-context.ts";

export const setup: Command = {
  name: "setup",
  about: "make the first admin and the tenant default; the password is asked for",
  options: {
    username: { value: "<name>", about: "the admin's username (default admin)" },
    email: { value: "<address>", about: "the admin's email address, for forgotten passwords" },
    ...PASSWORD_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const username = given.text("username") ?? "admin";
    await withContext(
      config,
      terminal,
      async (ctx, client) => {
        // Before asking for a password in vain.
        if (!(await needsLocalSetup(ctx))) throw new Refused("SETUP_ALREADY_COMPLETED");
        const password = (await givenPassword(terminal, given)) ?? (await askPassword(terminal));
        await setUpLocally(ctx, { username, email: given.text("email") ?? null, password }, client);
      },
      { create: true },
    );
    terminal.out(`Made the admin ${username} and the tenant default.\n`);
    return 0;
  },
};
