// `ostiary user disable`, `ostiary user enable` and `ostiary user reset-mfa`.
import type { Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import { parseLogin } from "../core/logins.ts";
import { realmOf } from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { findManaged, OPERATOR } from "../flows/authority.ts";
import { describeAccount } from "../flows/describe.ts";
import { changeUser } from "../flows/manage-users.ts";
import { resetFactors } from "../flows/reset-factors.ts";
import type { Command, Given } from "./command.ts";
import { JSON_OPTION, printDone } from "./output.ts";
import { confirm, withContext, YES_OPTION } from "./with-context.ts";

const USER = "<id, email or username>";
const TENANT_OPTION = {
  tenant: { value: "<id or slug>", about: "the isolated tenant whose account is meant" },
};

export const userDisable: Command = {
  name: "user disable",
  about: "end every sign-in of an account and let nobody sign in to it",
  operands: [USER],
  options: { ...TENANT_OPTION, ...YES_OPTION, ...JSON_OPTION },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const question = `Disable ${given.operands[0]} and end every sign-in?`;
    if (!(await confirm(terminal, given, question))) return 1;
    const account = await withContext(config, terminal, async (ctx, client) =>
      changeUser(ctx, OPERATOR, (await findNamed(ctx, given)).id, { disabled: true }, client),
    );
    printDone(terminal, given, describeAccount(account), `Disabled ${account.id}.`);
    return 0;
  },
};

export const userEnable: Command = {
  name: "user enable",
  about: "let an account be used again",
  operands: [USER],
  options: { ...TENANT_OPTION, ...JSON_OPTION },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const account = await withContext(config, terminal, async (ctx, client) =>
      changeUser(ctx, OPERATOR, (await findNamed(ctx, given)).id, { disabled: false }, client),
    );
    printDone(terminal, given, describeAccount(account), `Enabled ${account.id}.`);
    return 0;
  },
};

export const userResetMfa: Command = {
  name: "user reset-mfa",
  about: "remove every second factor of an account and end every sign-in",
  operands: [USER],
  options: { ...TENANT_OPTION, ...YES_OPTION, ...JSON_OPTION },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const question = `Remove every second factor of ${given.operands[0]} and end every sign-in?`;
    if (!(await confirm(terminal, given, question))) return 1;
    const account = await withContext(config, terminal, async (ctx, client) =>
      resetFactors(ctx, OPERATOR, (await findNamed(ctx, given)).id, client),
    );
    const done = `Removed every second factor of ${account.id} and ended every sign-in.`;
    printDone(terminal, given, describeAccount(account), done);
    return 0;
  },
};

/** Throws Refused NOT_FOUND. */
async function findNamed(ctx: Context, given: Given): Promise<accounts.Account> {
  const [name = ""] = given.operands;
  const slug = given.text("tenant");
  const realm = slug === undefined ? "instance" : realmOf(await findManaged(ctx, OPERATOR, slug));
  const login = parseLogin(name);
  const byName = async () => {
    if (!login) return undefined;
    return "email" in login
      ? accounts.findByEmail(ctx, realm, login.email)
      : accounts.findByUsername(ctx, realm, login.username);
  };
  const account = (await accounts.find(ctx, name)) ?? (await byName());
  if (!account) throw new Refused("NOT_FOUND");
  return account;
}
