// How a tenant looks: its name, its logo, and its colour made readable.
import type { Context } from "../context.ts";
import { DEFAULT_SETTINGS } from "../core/tenant-settings.ts";
import { findLiveBySlug, type Tenant } from "../core/tenants.ts";

export type Branded = Pick<Tenant, "name" | "slug" | "settings">;

type Rgb = readonly [red: number, green: number, blue: number];

const DEFAULT_COLOR = "1f5fbf";
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
/** What text stands on, in page.css too: --surface, light and dark. */
const LIGHT_SURFACE: Rgb = WHITE;
const DARK_SURFACE: Rgb = [27, 30, 36];
/** WCAG 2.2 §1.4.3. */
const READABLE = 4.5;
const STEP = 0.05;

/** How the pages of the whole instance look: by the settings of the tenant `default`, which setup makes. */
export async function instanceBrand(ctx: Context): Promise<Branded> {
  const settings = (await findLiveBySlug(ctx, "default"))?.settings ?? DEFAULT_SETTINGS;
  return { name: "Ostiary", slug: "default", settings };
}

/** What its people know the tenant by. */
export const brandOf = ({ name, settings }: Branded): string => settings.brand_name ?? name;

/** The logo's URL. Only https: an image over http tells everybody on the way who reads which page. */
export function logoOf({ settings }: Branded): string | undefined {
  const url = settings.brand_logo_url;
  return url !== null && /^https:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}

/** Where the stylesheet of its colours is; the policy of the pages lets no style stand in them. */
export function colorsPath({ settings }: Branded): string {
  const [, digits = DEFAULT_COLOR] = /^#([\da-f]{6})$/i.exec(settings.brand_color ?? "") ?? [];
  return `/pages/colors/${digits.toLowerCase()}`;
}

/**
 * Custom properties for page.css out of six hex digits: the brand's colour, what can be read on it, and its nearest shade that can
 * be read on the surface, light and dark. Undefined when it is no colour.
 */
export function colorsFrom(digits: string): string | undefined {
  if (!/^[\da-f]{6}$/.test(digits)) return undefined;
  const color: Rgb = [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)) as unknown as Rgb;
  const ink = contrast(color, BLACK) >= contrast(color, WHITE) ? BLACK : WHITE;
  const light = hex(readableOn(LIGHT_SURFACE, color, BLACK));
  const dark = hex(readableOn(DARK_SURFACE, color, WHITE));
  return `:root { --brand: #${digits}; --on-brand: ${hex(ink)}; --accent: ${light}; }
@media (prefers-color-scheme: dark) { :root { --accent: ${dark}; } }
`;
}

/** The colour, as far towards `end` as it takes to be read on the surface. */
function readableOn(surface: Rgb, color: Rgb, end: Rgb): Rgb {
  for (let share = 0; share < 1; share += STEP) {
    const shade = color.map((part, i) => Math.round(part + ((end[i] ?? 0) - part) * share));
    if (contrast(shade as unknown as Rgb, surface) >= READABLE) return shade as unknown as Rgb;
  }
  return end;
}

/** 1 to 21 (WCAG 2.2, "contrast ratio"). */
function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
