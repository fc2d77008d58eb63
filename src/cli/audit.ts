import * as audit from "../core/audit.ts";
import { describeEntry } from "../flows/describe.ts";
import { FILTER_OPTIONS, filterOf } from "./audit-options.ts";
import { BadUsage, type Command, type Given } from "./command.ts";
import { JSON_OPTION, printList } from "./output.ts";
import { withContext } from "./with-context.ts";

const MOST = 10_000;

export const auditCommand: Command = {
  name: "audit",
  about: "what happened, the latest last",
  options: {
    ...FILTER_OPTIONS,
    limit: {
      value: "<number>",
      about: `at most so many, the latest (default 50, at most ${MOST}; all of them: ostiary audit export)`,
    },
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const limit = limitOf(given);
    const filter = filterOf(given);
    const entries = await withContext(config, terminal, async (ctx) =>
      audit.list(ctx, { ...(await filter(ctx)), limit }),
    );
    const columns = ["at", "event", "reason", "actor_id", "user_id", "tenant_id", "address"] as const;
    printList(terminal, given, entries.toReversed().map(describeEntry), columns);
    return 0;
  },
};

function limitOf(given: Given): number {
  const text = given.text("limit") ?? "50";
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST) throw new BadUsage(`--limit is a whole number from 1 to ${MOST}`);
  return limit;
}
