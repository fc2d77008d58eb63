// The frame around every page: head, brand, languages, and the policy that keeps strangers out of it. The other headers are the front
// door's.
import { LANGUAGES, textsIn } from "../texts/texts.ts";
import type { Message } from "../texts/en.ts";
import { type Branded, brandOf, colorsPath, logoOf } from "./brand.ts";
import { type Html, html } from "./html.ts";
import { inLanguage, languageCookie, type Reader } from "./reader.ts";

/** The one difference from the strictest: logos come from wherever the tenant keeps them. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export interface Page {
  reader: Reader;
  tenant: Branded;
  title: string;
  body: Html;
  status?: number;
  /** The browser's part, such as `link`; without it the page has no script. */
  script?: string;
  /** More words for the browser's part, besides those for answers. */
  words?: Record<string, string>;
  /** Has room for several things beside one another. */
  isWide?: boolean;
}

/** A whole page as an answer. */
export function page(shown: Page): Response {
  const { reader, status = 200 } = shown;
  const headers = new Headers({
    "content-type": "text/html; charset=utf-8",
    "content-language": reader.language,
    "content-security-policy": PAGE_POLICY,
  });
  if (reader.hasChosen) headers.append("set-cookie", languageCookie(reader));
  return new Response(frame(shown).markup, { status, headers });
}

function frame({ reader, tenant, title, body, script, words = {}, isWide = false }: Page): Html {
  const brand = brandOf(tenant);
  const texts = JSON.stringify({ ...reader.texts.answers, ...words });
  return html`<!doctype html>
    <html lang="${reader.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${brand}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pages/page.css" />
        <link rel="stylesheet" href="${colorsPath(tenant)}" />
        ${script === undefined ? null : html`<script type="module" src="/pages/${script}.js"></script>`}
      </head>
      <body data-brand="${brand}" data-texts="${script === undefined ? "{}" : texts}">
        <div class="${isWide ? "wide card" : "card"}">
          <header>
            ${logo(tenant)}
            <p><bdi>${brand}</bdi></p>
          </header>
          <main>
            ${
              script === undefined
                ? null
                : html`<noscript><p class="error">${reader.texts.frame.needsScript}</p></noscript>
                    <p class="late hint">${reader.texts.frame.late}</p>`
            }
            ${body}
          </main>
        </div>
        ${languages(reader)}
      </body>
    </html> `;
}

/** The name stands beside it, so it needs no other text. */
function logo(tenant: Branded): Html | null {
  const url = logoOf(tenant);
  return url === undefined
    ? null
    : html`<img src="${url}" alt="" height="48" referrerpolicy="no-referrer" />`;
}

/** Each by the name that its speakers know. */
function languages(reader: Reader): Html {
  const choices = LANGUAGES.map((language) => {
    const { name } = textsIn(language);
    return language === reader.language
      ? html`<li><span aria-current="true">${name}</span></li>`
      : html`<li>
          <a lang="${language}" hreflang="${language}" href="${inLanguage(reader, language)}">${name}</a>
        </li>`;
  });
  return html`<nav class="languages" aria-label="${reader.texts.frame.languages}">
    <ul>
      ${choices}
    </ul>
  </nav>`;
}

/** What something came to. Where it is one of several outcomes, the script shows it by its id. */
export const message = ({ title, text }: Message, more: Html | null = null): Html =>
  html`<h1 tabindex="-1">${title}</h1>
    <p>${text}</p>
    ${more}`;

/** A page that says one thing. */
export const messagePage = (
  reader: Reader,
  tenant: Branded,
  said: Message,
  { status = 200, more = null }: { status?: number; more?: Html | null } = {},
): Response => page({ reader, tenant, title: said.title, body: message(said, more), status });

/** The way on into the app. Nothing when there is none, or it is not of the web. */
export function goOn({ texts }: Reader, uri: string | null): Html | null {
  if (uri === null || !/^https?:\/\//i.test(uri) || !URL.canParse(uri)) return null;
  const label = texts.answers.goOn.replace("{host}", () => new URL(uri).host);
  return html`<p><a class="button" href="${uri}">${label}</a></p>`;
}
