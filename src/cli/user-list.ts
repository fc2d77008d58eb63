import * as accounts from "../core/accounts.ts";
import * as memberships from "../core/memberships.ts";
import { OPERATOR, findManaged } from "../flows/authority.ts";
import { describeAccount } from "../flows/describe.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION, printList } from "./output.ts";
import { allPages, withContext } from "./with-context.ts";

export const userList: Command = {
  name: "user list",
  about: "list the accounts",
  options: {
    tenant: { value: "<id or slug>", about: "members of that tenant only" },
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const slug = given.text("tenant");
    const found = await withContext(config, terminal, async (ctx) => {
      const tenantId = slug === undefined ? undefined : (await findManaged(ctx, OPERATOR, slug)).id;
      const users = await allPages(
        (cursor) => accounts.list(ctx, { tenantId, limit: 200, cursor }),
        ({ id }) => id,
      );
      return Promise.all(
        users.map(async (user) => {
          const places = await memberships.listOfUser(ctx, user.id);
          return {
            ...describeAccount(user),
            tenants: places.map(({ slug, role, status }) => ({ slug, role, status })),
          };
        }),
      );
    });
    if (given.has("json")) printList(terminal, given, found, []);
    else {
      const rows = found.map(({ tenants, ...user }) => ({
        ...user,
        tenants: tenants.map(({ slug, role, status }) => `${slug} ${status === "active" ? role : status}`),
      }));
      printList(terminal, given, rows, [
        "id",
        "email",
        "username",
        "status",
        "superuser",
        "tenants",
        "created_at",
      ]);
    }
    return 0;
  },
};
