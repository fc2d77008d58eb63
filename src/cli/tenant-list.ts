import * as tenants from "../core/tenants.ts";
import { describeTenant } from "../flows/describe.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION, printList } from "./output.ts";
import { allPages, withContext } from "./with-context.ts";

export const tenantList: Command = {
  name: "tenant list",
  about: "list the tenants",
  options: JSON_OPTION,
  settings: ["DATA"],
  async run(given, config, terminal) {
    const found = await withContext(config, terminal, (ctx) =>
      allPages(
        (cursor) => tenants.list(ctx, { limit: 200, cursor }),
        ({ id }) => id,
      ),
    );
    const columns = ["slug", "name", "identity", "status", "id", "created_at"] as const;
    printList(terminal, given, found.map(describeTenant), columns);
    return 0;
  },
};
