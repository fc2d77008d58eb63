// Who reads a page: in which language, and how they choose another.
import { readNamedCookie } from "../api/http/cookies.ts";
import {
  bestLanguage,
  DEFAULT_LANGUAGE,
  type Language,
  languageOf,
  type Texts,
  textsIn,
} from "../texts/texts.ts";

/** No secret, and read by nobody but us: so it needs no prefix, and keeps its name whatever the URL is. */
const COOKIE = "ostiary_language";
const YEAR_S = 365 * 24 * 60 * 60;

export interface Reader {
  language: Language;
  texts: Texts;
  /** The address of the page that they read, with what it was asked. */
  url: URL;
  /** They have chosen just now. */
  hasChosen: boolean;
}

/** `?lang=` chooses for a year; else what was chosen before, else what the browser says. */
export function readerOf(request: Request): Reader {
  const url = new URL(request.url);
  const chosen = languageOf(url.searchParams.get("lang") ?? "");
  const language =
    chosen ??
    languageOf(readNamedCookie(request, COOKIE) ?? "") ??
    bestLanguage(request.headers.get("accept-language")) ??
    DEFAULT_LANGUAGE;
  return { language, texts: textsIn(language), url, hasChosen: chosen !== undefined };
}

/** The `Set-Cookie` header that keeps the choice. */
export const languageCookie = ({ language }: Reader): string =>
  `${COOKIE}=${language}; Path=/; SameSite=Lax; Max-Age=${YEAR_S}`;

/** The same page in that language. */
export function inLanguage({ url }: Reader, language: Language): string {
  const query = new URLSearchParams(url.search);
  query.set("lang", language);
  return `${url.pathname}?${query.toString()}`;
}
