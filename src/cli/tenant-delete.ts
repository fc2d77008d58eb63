import { OPERATOR } from "../flows/authority.ts";
import { deleteTenant } from "../flows/manage-tenants.ts";
import type { Command } from "./command.ts";
import { confirm, withContext, YES_OPTION } from "./with-context.ts";

export const tenantDelete: Command = {
  name: "tenant delete",
  about: "delete a tenant with its memberships and sign-ins; an isolated one with its accounts",
  operands: ["<id or slug>"],
  options: YES_OPTION,
  settings: ["DATA"],
  async run(given, config, terminal) {
    const [idOrSlug = ""] = given.operands;
    if (!(await confirm(terminal, given, `Delete ${idOrSlug} for good?`))) return 1;
    await withContext(config, terminal, (ctx, client) => deleteTenant(ctx, OPERATOR, idOrSlug, client));
    terminal.out(`Deleted the tenant ${idOrSlug}.\n`);
    return 0;
  },
};
