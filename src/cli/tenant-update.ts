import { OPERATOR } from "../flows/authority.ts";
import { describeTenant } from "../flows/describe.ts";
import { updateTenant } from "../flows/manage-tenants.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION, printDone } from "./output.ts";
import { givenSettings, SET_OPTION } from "./tenant-options.ts";
import { confirm, withContext, YES_OPTION } from "./with-context.ts";

export const tenantUpdate: Command = {
  name: "tenant update",
  about: "change a tenant; with --set disabled=true end every sign-in there",
  operands: ["<id or slug>"],
  options: {
    slug: { value: "<slug>", about: "another slug" },
    name: { value: "<name>", about: "another name" },
    ...SET_OPTION,
    ...YES_OPTION,
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const [idOrSlug = ""] = given.operands;
    const changes = { slug: given.text("slug"), name: given.text("name"), ...givenSettings(given) };
    const question = `Disable ${idOrSlug} and end every sign-in there?`;
    if (changes.disabled && !(await confirm(terminal, given, question))) return 1;
    const tenant = await withContext(config, terminal, (ctx, client) =>
      updateTenant(ctx, OPERATOR, idOrSlug, changes, client),
    );
    printDone(terminal, given, describeTenant(tenant), `Changed the tenant ${tenant.slug} (${tenant.id}).`);
    return 0;
  },
};
