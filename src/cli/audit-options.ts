// Which entries of the audit log are meant, for every command that reads them.
import type { Context } from "../context.ts";
import type { RowFilter } from "../core/audit-rows.ts";
import * as tenants from "../core/tenants.ts";
import { BadUsage, type Given, type Option } from "./command.ts";

export const FILTER_OPTIONS = {
  user: { value: "<id>", about: "done by or to that account" },
  tenant: { value: "<id or slug>", about: "in that tenant; of a deleted one, the id" },
  event: { value: "<event>", about: "such as login.failed" },
  since: { value: "<time>", about: "from then on: RFC 3339, such as 2026-01-31 or 2026-01-31T08:00:00Z" },
} satisfies Record<string, Option>;

/** What the options say; the tenant is looked up with the context that comes later. Throws BadUsage. */
export function filterOf(given: Given): (ctx: Context) => Promise<RowFilter> {
  const since = sinceOf(given);
  return async (ctx) => {
    const tenant = given.text("tenant");
    const tenantId = tenant === undefined ? undefined : ((await tenants.find(ctx, tenant))?.id ?? tenant);
    return { userId: given.text("user"), tenantId, event: given.text("event"), since };
  };
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
