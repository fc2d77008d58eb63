// The catalogues of what people read, one a language, and which of them a reader wants. Another language is another file, and a line
// here.
import { de } from "./de.ts";
import { en } from "./en.ts";

/** What a catalogue holds. */
export type Texts = typeof en;

const CATALOGUES = { en, de } satisfies Record<string, Texts>;

/** A BCP 47 tag. */
export type Language = keyof typeof CATALOGUES;

export const LANGUAGES = Object.keys(CATALOGUES) as Language[];

/** Where nobody has said otherwise. */
export const DEFAULT_LANGUAGE: Language = "en";

export const textsIn = (language: Language): Texts => CATALOGUES[language];

/** Undefined for a tag without a catalogue. Of `de-AT` the `de` counts. */
export function languageOf(tag: string): Language | undefined {
  const [primary = ""] = tag.trim().toLowerCase().split("-");
  return LANGUAGES.find((language) => language === primary);
}

/** The first that the reader wants, of those that we have (RFC 9110 §12.5.4). Undefined when there is none, or no header. */
export function bestLanguage(acceptLanguage: string | null): Language | undefined {
  if (acceptLanguage === null) return undefined;
  const ranges = acceptLanguage.split(",", MOST_RANGES).map((range) => {
    const [tag = "", ...parameters] = range.split(";");
    const quality = parameters.find((parameter) => parameter.trim().startsWith("q="));
    return { tag, quality: quality === undefined ? 1 : Number(quality.trim().slice(2)) };
  });
  const wanted = ranges.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality);
  return wanted.map(({ tag }) => languageOf(tag)).find((language) => language !== undefined);
}

/** Browsers send a handful. */
const MOST_RANGES = 20;
