import type { Context } from "../context.ts";
import { type FieldError, Invalid } from "../errors.ts";
import { canonicalEmail } from "./emails.ts";
import type { Realm, TenantId } from "./ids.ts";
import { isName, LONGEST_NAME } from "./names.ts";
import {
  checkSettings,
  DEFAULT_SETTINGS,
  isSlug,
  LONGEST_SLUG,
  type TenantSettings,
} from "./tenant-settings.ts";

export interface Tenant {
  id: TenantId;
  slug: string;
  name: string;
  /** Fixed at creation. */
  identity: "shared" | "isolated";
  /** All of them, defaults filled in. */
  settings: TenantSettings;
  disabledAt: number | null;
  createdAt: number;
}

export interface NewTenant {
  slug: string;
  name: string;
  identity: Tenant["identity"];
  /** What is absent follows the instance. */
  settings: Partial<TenantSettings>;
}

export interface TenantChanges {
  slug?: string | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  settings?: Partial<TenantSettings>;
}

interface Row extends Omit<Tenant, "settings"> {
  settings: string;
}

/** Where the emails and usernames of a tenant's users are unique. */
export const realmOf = ({ id, identity }: Pick<Tenant, "id" | "identity">): Realm =>
  identity === "isolated" ? id : "instance";

/** By id or slug; the two cannot be mixed up, since no slug has an underscore. */
export async function find(ctx: Context, idOrSlug: string): Promise<Tenant | undefined> {
  return resolve(
    await ctx.db.get<Row>`
      select id, slug, name, identity, settings, disabled_at as "disabledAt", created_at as "createdAt"
      from tenants where id = ${idOrSlug} or slug = ${idOrSlug}`,
  );
}

/** Undefined also when it is disabled. */
export async function findLive(ctx: Context, id: TenantId): Promise<Tenant | undefined> {
  return resolve(
    await ctx.db.get<Row>`
      select id, slug, name, identity, settings, disabled_at as "disabledAt", created_at as "createdAt"
      from tenants where id = ${id} and disabled_at is null`,
  );
}

/** Undefined also when it is disabled. */
export async function findLiveBySlug(ctx: Context, slug: string): Promise<Tenant | undefined> {
  return resolve(
    await ctx.db.get<Row>`
      select id, slug, name, identity, settings, disabled_at as "disabledAt", created_at as "createdAt"
      from tenants where slug = ${slug} and disabled_at is null`,
  );
}

/** In the order of their creation, those after `cursor`; without those that something damaged. `only`: that one or none. */
export async function list(
  ctx: Context,
  { limit, cursor = "", only }: { limit: number; cursor?: string; only?: TenantId | undefined },
): Promise<Tenant[]> {
  const found: Tenant[] = [];
  for (let after = cursor; found.length < limit;) {
    const wanted = limit - found.length;
    const rows = await ctx.db.all<Row>`
      select id, slug, name, identity, settings, disabled_at as "disabledAt", created_at as "createdAt"
      from tenants where id > ${after} and id = coalesce(${only ?? null}, id)
      order by id limit ${wanted}`;
    found.push(...rows.flatMap((row) => resolveOrLeaveOut(ctx, row)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < wanted) break;
    after = last.id;
  }
  return found;
}

function resolveOrLeaveOut(ctx: Context, row: Row): Tenant[] {
  try {
    return [resolve(row)].filter((tenant) => tenant !== undefined);
  } catch (error) {
    if (!(error instanceof UnreadableSettings)) throw error;
    ctx.log.error("tenant left out", { tenant: row.id, reason: error.message });
    return [];
  }
}

/** Undefined when the slug is taken. Throws Invalid, naming what cannot be used. */
export async function create(ctx: Context, tenant: NewTenant): Promise<TenantId | undefined> {
  checkNames(tenant);
  const settings = set(tenant.settings);
  checkSettings({ ...DEFAULT_SETTINGS, ...settings });
  const row = await ctx.db.get<{ id: TenantId }>`
    insert into tenants (id, slug, name, identity, settings, created_at)
    values (${ctx.id("tnt")}, ${tenant.slug}, ${tenant.name}, ${tenant.identity}, ${JSON.stringify(settings)}, ${ctx.now()})
    on conflict do nothing
    returning id`;
  return row?.id;
}

/**
 * Changes what is given. False when the slug is taken or the tenant is gone. Throws Invalid, naming what cannot be used. Run
 * inside the transaction that read the tenant.
 */
export async function update(ctx: Context, tenant: Tenant, changes: TenantChanges): Promise<boolean> {
  const { slug = tenant.slug, name = tenant.name, disabled = tenant.disabledAt !== null } = changes;
  checkNames({ slug, name });
  const settings = { ...tenant.settings, ...set(changes.settings ?? {}) };
  checkSettings(settings);
  const changed = await ctx.db.run`
    update tenants set slug = ${slug}, name = ${name}, settings = ${JSON.stringify(differing(settings))},
      disabled_at = ${disabled ? (tenant.disabledAt ?? ctx.now()) : null}
    where id = ${tenant.id} and not exists (select 1 from tenants where slug = ${slug} and id <> ${tenant.id})`;
  return changed === 1;
}

/** Deletes it, and with it its memberships and all that hangs on them. False when there is none. */
export async function end(ctx: Context, id: TenantId): Promise<boolean> {
  return (await ctx.db.run`delete from tenants where id = ${id}`) === 1;
}

function resolve(row: Row | undefined): Tenant | undefined {
  return row && { ...row, settings: { ...DEFAULT_SETTINGS, ...storedSettings(row) } };
}

/** Something damaged the row. */
export class UnreadableSettings extends Error {}

/** Throws UnreadableSettings: by the defaults a tenant that asks for second factors would do without them. */
function storedSettings({ id, settings }: Row): Partial<TenantSettings> {
  try {
    const stored: unknown = JSON.parse(settings);
    if (typeof stored === "object" && stored !== null && !Array.isArray(stored)) return stored;
  } catch {
    // No JSON: as below.
  }
  throw new UnreadableSettings(`settings unreadable: ${id}`);
}

/** Without what was not given; the address in the form that is compared. */
function set(settings: Partial<TenantSettings>): Partial<TenantSettings> {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const { mail_from_address: address } = settings;
  return typeof address === "string"
    ? { ...given, mail_from_address: canonicalEmail(address) ?? address }
    : given;
}

/** What is not as the instance has it. */
const differing = (settings: TenantSettings): Partial<TenantSettings> =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(DEFAULT_SETTINGS[name as keyof TenantSettings]),
    ),
  );

function checkNames({ slug, name }: { slug: string; name: string }): void {
  const fields: FieldError[] = [];
  if (!isSlug(slug)) {
    const msg = `Slug should have 1 to ${LONGEST_SLUG} characters: a-z, 0-9 and single dashes between them`;
    fields.push({ loc: ["slug"], msg, type: "string_pattern_mismatch" });
  }
  if (!isName(name)) {
    const msg = `Name should have 1 to ${LONGEST_NAME} printable characters`;
    fields.push({ loc: ["name"], msg, type: "value_error" });
  }
  if (fields.length > 0) throw new Invalid(fields);
}
