import { rotateSigningKeys } from "../flows/rotate-signing-keys.ts";
import { rfc3339 } from "../flows/describe.ts";
import type { Command } from "./command.ts";
import { JSON_OPTION, printDone } from "./output.ts";
import { confirm, withContext, YES_OPTION } from "./with-context.ts";

export const keysRotate: Command = {
  name: "keys rotate",
  about: "follow the key that signs access tokens by a new one, in 10 minutes",
  options: {
    now: { about: "at once, for a key that was stolen: every access token there is stops working" },
    ...YES_OPTION,
    ...JSON_OPTION,
  },
  settings: ["DATA", "TOKEN_ALGORITHM"],
  async run(given, config, terminal) {
    const atOnce = given.has("now");
    const question =
      "Take the present keys back? Every access token stops working; refreshing gives new ones.";
    if (atOnce && !(await confirm(terminal, given, question))) return 1;
    const { kid, alg, startsAt } = await withContext(config, terminal, (ctx, client) =>
      rotateSigningKeys(ctx, { atOnce }, client),
    );
    const starts_at = rfc3339(startsAt);
    printDone(
      terminal,
      given,
      { kid, alg, starts_at },
      `Made the ${alg} key ${kid}, which signs from ${starts_at}.`,
    );
    return 0;
  },
};
