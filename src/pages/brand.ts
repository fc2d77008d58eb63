// How a tenant looks: its name, its logo, and its colour made readable.
import { colorsOf, logoAt } from "../branding.ts";
import type { Context } from "../context.ts";
import { DEFAULT_SETTINGS } from "../core/tenant-settings.ts";
import { findLiveBySlug, type Tenant, UnreadableSettings } from "../core/tenants.ts";

export type Branded = Pick<Tenant, "name" | "slug" | "settings">;

/** What its people know the tenant by. */
export const brandOf = ({ name, settings }: Branded): string => settings.brand_name ?? name;

/** What the pages wear that belong to no tenant: what the tenant `default` has set, and the name of the program where it has none. */
export async function instanceBrand(ctx: Context): Promise<Branded> {
  const settings = (await findDefault(ctx))?.settings ?? DEFAULT_SETTINGS;
  return { name: "Ostiary", slug: "default", settings };
}

/** Undefined also where its settings are damaged: pages that are nobody's in particular go on without a brand. */
async function findDefault(ctx: Context): Promise<Tenant | undefined> {
  try {
    return await findLiveBySlug(ctx, "default");
  } catch (error) {
    if (!(error instanceof UnreadableSettings)) throw error;
    ctx.log.error("brand left out", { reason: error.message });
    return undefined;
  }
}

/** The logo's URL. */
export const logoOf = ({ settings }: Branded): string | undefined => logoAt(settings.brand_logo_url);

/** Where the stylesheet of its colours is; the policy of the pages lets no style stand in them. */
export const colorsPath = ({ settings }: Branded): string =>
  `/pages/colors/${colorsOf(settings.brand_color).brand.slice(1)}`;

/** Custom properties for page.css out of six hex digits, in lower case. Undefined when they are no colour. */
export function colorsFrom(digits: string): string | undefined {
  const { brand, onBrand, accent } = colorsOf(`#${digits}`);
  if (brand !== `#${digits}`) return undefined;
  return `:root { --brand: ${brand}; --on-brand: ${onBrand}; --accent: ${accent.light}; }
@media (prefers-color-scheme: dark) { :root { --accent: ${accent.dark}; } }
`;
}
