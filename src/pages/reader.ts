// Who reads a page: in which language, and how they choose another.
import { LANGUAGE_COOKIE, languageWanted } from "../api/http/language.ts";
import type { Config } from "../config.ts";
import { DEFAULT_LANGUAGE, type Language, languageOf, type Texts, textsIn } from "../texts/texts.ts";

const YEAR_S = 365 * 24 * 60 * 60;

export interface Reader {
  language: Language;
  texts: Texts;
  /** The address of the page that they read, with what it was asked. */
  url: URL;
  /** They have chosen just now. */
  hasChosen: boolean;
}

/** `?lang=` chooses for a year; else what was chosen before, what the browser says, what the instance is set to. */
export function readerOf({ config }: { config: Pick<Config, "language"> }, request: Request): Reader {
  const url = new URL(request.url);
  const chosen = languageOf(url.searchParams.get("lang") ?? "");
  const language = chosen ?? languageWanted(request) ?? languageOf(config.language) ?? DEFAULT_LANGUAGE;
  return { language, texts: textsIn(language), url, hasChosen: chosen !== undefined };
}

/** The `Set-Cookie` header that keeps the choice. */
export const languageCookie = ({ language }: Reader): string =>
  `${LANGUAGE_COOKIE}=${language}; Path=/; SameSite=Lax; Max-Age=${YEAR_S}`;

/** The same page in that language. */
export function inLanguage({ url }: Reader, language: Language): string {
  const query = new URLSearchParams(url.search);
  query.set("lang", language);
  return `${url.pathname}?${query.toString()}`;
}
