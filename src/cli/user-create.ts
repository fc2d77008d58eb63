import { ROLES } from "../core/memberships.ts";
import { OPERATOR } from "../flows/authority.ts";
import { describeMember } from "../flows/describe.ts";
import { createUser } from "../flows/manage-users.ts";
import { BadUsage, type Command } from "./command.ts";
import { JSON_OPTION, printDone } from "./output.ts";
import { givenPassword } from "./password.ts";
import { withContext } from "./with-context.ts";

export const userCreate: Command = {
  name: "user create",
  about: "put a person into tenants: one account for all that share, one for each that is isolated",
  options: {
    email: { value: "<address>", about: "counts as verified; email, username or both" },
    username: { value: "<name>", about: "1 to 64 characters without spaces and @" },
    "first-name": { value: "<name>", about: "of a new account" },
    "last-name": { value: "<name>", about: "of a new account" },
    tenant: { value: "<id or slug>", many: true, about: "where to; give it once for each" },
    role: { value: "<role>", about: `${ROLES.join(", ")} (default member)` },
    invite: { about: "send an invitation by which the person chooses the password; its link leads to --url" },
    "password-stdin": {
      about: "read the password from standard input; without it there is none until a mailed link sets one",
    },
    ...JSON_OPTION,
  },
  settings: ["DATA", "URL"],
  async run(given, config, terminal) {
    const tenants = given.texts("tenant");
    if (tenants.length === 0) throw new BadUsage("missing: --tenant <id or slug>");
    const role = ROLES.find((role) => role === (given.text("role") ?? "member"));
    if (!role) throw new BadUsage(`--role is one of ${ROLES.join(", ")}`);
    const person = {
      email: given.text("email"),
      username: given.text("username"),
      firstName: given.text("first-name"),
      lastName: given.text("last-name"),
      invite: given.has("invite"),
      password: await givenPassword(terminal, given),
    };
    const placed = await withContext(config, terminal, (ctx, client) =>
      createUser(ctx, OPERATOR, { ...person, role, tenants }, client),
    );
    const said = placed.map(({ member, tenant, isNewAccount }) => ({
      tenant: tenant.slug,
      new_account: isNewAccount,
      ...describeMember(member, tenant),
    }));
    const sentences = said.map(
      ({ tenant, new_account, user_id, role, status }) =>
        `${new_account ? "Made" : "Added"} ${user_id}: ${role} of ${tenant}, ${status}.`,
    );
    // This process knows the server's address from its own settings only: a wrong one shows here, not in the mailbox.
    const isInvited = said.some(({ status }) => status === "invited");
    const link = isInvited ? [`The mailed link leads to ${config.url}.`] : [];
    printDone(terminal, given, said, [...sentences, ...link].join(" "));
    return 0;
  },
};
