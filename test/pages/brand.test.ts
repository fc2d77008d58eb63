// Whatever colour a tenant picks, its pages can be read (WCAG 2.2 §1.4.3).
import { describe, expect, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../src/core/tenant-settings.ts";
import { brandOf, colorsFrom, colorsPath, logoOf } from "../../src/pages/brand.ts";

const branded = (settings: Partial<typeof DEFAULT_SETTINGS>) => ({
  name: "Acme Ltd",
  slug: "acme",
  settings: { ...DEFAULT_SETTINGS, ...settings },
});

/** By the formula of the standard, written down a second time. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const linear = [...(color.match(/[\da-f]{2}/g) ?? [])].map((part) => {
      const share = Number.parseInt(part, 16) / 255;
      return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    });
    return (linear[0] ?? 0) * 0.2126 + (linear[1] ?? 0) * 0.7152 + (linear[2] ?? 0) * 0.0722;
  };
  const [a, b] = [luminance(one) + 0.05, luminance(other) + 0.05];
  return Math.max(a, b) / Math.min(a, b);
}

const values = (css: string, name: string) =>
  [...css.matchAll(new RegExp(`--${name}: (#[\\da-f]{6});`, "g"))].map(([, value = ""]) => value);

/** The surfaces that page.css says, light and dark. */
const surfaces = values(
  await Bun.file(new URL("../../src/pages/page.css", import.meta.url)).text(),
  "surface",
);

/** Every eighth step of each channel. */
const colors = Array.from({ length: 9 ** 3 }, (_, i) =>
  [i % 9, Math.floor(i / 9) % 9, Math.floor(i / 81)]
    .map((step) =>
      Math.min(255, step * 32)
        .toString(16)
        .padStart(2, "0"),
    )
    .join(""),
);

describe("the colours of a brand", () => {
  test("can be read on one another and on the page, light and dark, whatever they are", () => {
    expect(surfaces).toHaveLength(2);
    for (const color of colors) {
      const css = colorsFrom(color) ?? "";
      const [ink = ""] = values(css, "on-brand");
      expect([color, contrast(`#${color}`, ink) >= 4.5]).toEqual([color, true]);
      const accents = values(css, "accent");
      const ratios = accents.map((accent, i) => contrast(accent, surfaces[i] ?? ""));
      expect([color, ratios.map((ratio) => ratio >= 4.5)]).toEqual([color, [true, true]]);
    }
  });

  test("stay as they are where they can be read", () => {
    expect(colorsFrom("1f5fbf")).toContain("--brand: #1f5fbf; --on-brand: #ffffff; --accent: #1f5fbf;");
    expect(colorsFrom("ffee00")).toContain("--brand: #ffee00; --on-brand: #000000;");
  });

  test("are six hex digits and nothing else", () => {
    const unusable = ["", "fff", "1f5fbf0", "#1f5fbf", "1F5FBF", "red;}", "1f5fb\n", "1f5fbf\n", "зzzzzz"];
    for (const text of unusable) expect([text, colorsFrom(text)]).toEqual([text, undefined]);
  });

  test("are the product's where a tenant has none, or none that is one", () => {
    const path = "/pages/colors/1f5fbf";
    expect(colorsPath(branded({}))).toBe(path);
    for (const brand_color of ["red", "#12345", "#1234567", "#12345g", `#123456"`, "../../x"]) {
      expect(colorsPath(branded({ brand_color }))).toBe(path);
    }
    expect(colorsPath(branded({ brand_color: "#ABCDEF" }))).toBe("/pages/colors/abcdef");
  });
});

test("the name is the brand's, else the tenant's", () => {
  expect(brandOf(branded({}))).toBe("Acme Ltd");
  expect(brandOf(branded({ brand_name: "Acme" }))).toBe("Acme");
});

test("a logo comes over https or not at all", () => {
  const url = "https://cdn.example.com/logo.svg";
  expect(logoOf(branded({ brand_logo_url: url }))).toBe(url);
  for (const brand_logo_url of [
    null,
    "http://example.com/a.png",
    "data:image/png,",
    "javascript:alert(1)",
    "https://",
  ]) {
    expect(logoOf(branded({ brand_logo_url }))).toBeUndefined();
  }
});
