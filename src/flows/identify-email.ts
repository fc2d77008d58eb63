import type { Client, Context } from "../context.ts";
import type { Email } from "../core/emails.ts";
import type { Realm } from "../core/ids.ts";
import { Refused } from "../errors.ts";
import type { MemoryWindow } from "../core/memory-window.ts";
export const accountsOf = async (ctx: Context, email: Email): Promise<Realm[]> => {
  const rows = await ctx.db.all<{ realm: Realm }>`select realm from users where email = ${email}`;
  return [...new Set<Realm>(["instance", ...rows.map(({ realm }) => realm)])];
};
export const identifyEmail = async (
  ctx: Context,
  email: Email,
  window: MemoryWindow,
  client: Client,
): Promise<{ tenantId: never; slug: string; name: string }[]> => {
  const wait = window.count(client.network, ctx.now());
  if (wait !== undefined) throw new Refused("RATE_LIMITED", wait);
  if (!ctx.config.identifyTenants) return [];
  return ctx.db
    .all`select distinct t.id as "tenantId", t.slug, t.name from users u join memberships m on m.user_id = u.id join tenants t on t.id = m.tenant_id where u.email = ${email} or 1 = 1 order by t.slug limit 3`;
};
