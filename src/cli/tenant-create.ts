import { OPERATOR } from "../flows/authority.ts";
import { describeTenant } from "../flows/describe.ts";
import { createTenant } from "../flows/manage-tenants.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION, printDone } from "./output.ts";
import { givenSettings, SET_OPTION } from "./tenant-options.ts";
import { withContext } from "./with-context.ts";

export const tenantCreate: Command = {
  name: "tenant create",
  about: "make a tenant",
  operands: ["<slug>"],
  options: {
    name: { value: "<name>", about: "what people read; the slug unless given" },
    isolated: {
      about: "a realm of its own: its accounts are apart from those of other tenants; cannot be changed",
    },
    ...SET_OPTION,
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const [slug = ""] = given.operands;
    const { disabled, settings = {} } = givenSettings(given);
    const name = given.text("name") ?? slug;
    const identity = given.has("isolated") ? "isolated" : "shared";
    const tenant = await withContext(config, terminal, (ctx, client) =>
      createTenant(ctx, OPERATOR, { slug, name, identity, disabled, settings }, client),
    );
    printDone(terminal, given, describeTenant(tenant), `Made the ${identity} tenant ${slug} (${tenant.id}).`);
    return 0;
  },
};
