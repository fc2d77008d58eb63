// Which language a client asks for, where pages and mails are written in it.
import { bestLanguage, type Language, languageOf } from "../../texts/texts.ts";
import { readNamedCookie } from "./cookies.ts";

/** No secret, and read by nobody but us: so it needs no prefix, and keeps its name whatever the URL is. */
export const LANGUAGE_COOKIE = "ostiary_language";

/** What was chosen on a page before, else what the browser says. Undefined when neither names one that we have. */
export const languageWanted = (request: Request): Language | undefined =>
  languageOf(readNamedCookie(request, LANGUAGE_COOKIE) ?? "") ??
  bestLanguage(request.headers.get("accept-language"));
