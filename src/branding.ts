// What pages and mails make of a brand: its colour made readable, and its logo.

type Rgb = readonly [red: number, green: number, blue: number];

export interface Colors {
  /** The brand's own. */
  brand: string;
  /** What can be read on it: black or white. */
  onBrand: string;
  /** Its nearest shade that can be read on the surface, light and dark. */
  accent: { light: string; dark: string };
}

const DEFAULT_COLOR = "#1f5fbf";
/** What text stands on, in page.css too. */
export const SURFACE = { light: "#ffffff", dark: "#1b1e24" };

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
/** WCAG 2.2 §1.4.3. */
const READABLE = 4.5;
const STEP = 0.05;

/** Of a `#rrggbb`; the product's where it is none. */
export function colorsOf(text: string | null): Colors {
  const brand = (/^#[\da-f]{6}$/i.exec(text ?? "")?.[0] ?? DEFAULT_COLOR).toLowerCase();
  const color = rgb(brand);
  const ink = contrast(color, BLACK) >= contrast(color, WHITE) ? BLACK : WHITE;
  const light = hex(readableOn(rgb(SURFACE.light), color, BLACK));
  const dark = hex(readableOn(rgb(SURFACE.dark), color, WHITE));
  return { brand, onBrand: hex(ink), accent: { light, dark } };
}

/** Only https: an image over http tells everybody on the way who reads what. Undefined when there is none to show. */
export function logoAt(logoUrl: string | null): string | undefined {
  if (logoUrl === null || !URL.canParse(logoUrl)) return undefined;
  const url = new URL(logoUrl);
  return url.protocol === "https:" && !url.username && !url.password ? url.href : undefined;
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

const rgb = (color: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
