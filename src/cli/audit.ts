import * as audit from "../core/audit.ts";
import * as tenants from "../core/tenants.ts";
import { describeEntry } from "../flows/describe.ts";
import { BadUsage, type Command, type Given } from "./command.ts";
import { JSON_OPTION, printList } from "./output.ts";
import { withContext } from "./with-context.ts";

const MOST = 10_000;

export const auditCommand: Command = {
  name: "audit",
  about: "what happened, the latest last",
  options: {
    user: { value: "<id>", about: "done by or to that account" },
    tenant: { value: "<id or slug>", about: "in that tenant; of a deleted one, the id" },
    event: { value: "<event>", about: "such as login.failed" },
    since: { value: "<time>", about: "from then on: RFC 3339, such as 2026-01-31 or 2026-01-31T08:00:00Z" },
    limit: { value: "<number>", about: `at most so many, the latest (default 50, at most ${MOST})` },
    ...JSON_OPTION,
  },
  settings: ["DATA"],
  async run(given, config, terminal) {
    const limit = limitOf(given);
    const since = sinceOf(given);
    const entries = await withContext(config, terminal, async (ctx) => {
      const tenant = given.text("tenant");
      const tenantId = tenant === undefined ? undefined : ((await tenants.find(ctx, tenant))?.id ?? tenant);
      return audit.list(ctx, {
        userId: given.text("user"),
        tenantId,
        event: given.text("event"),
        since,
        limit,
      });
    });
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

function sinceOf(given: Given): number | undefined {
  const text = given.text("since");
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.test(text)
    ? Date.parse(text.replace(" ", "T"))
    : Number.NaN;
  if (Number.isNaN(at)) throw new BadUsage("--since is a time such as 2026-01-31 or 2026-01-31T08:00:00Z");
  return at;
}
