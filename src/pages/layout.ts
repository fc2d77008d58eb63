// The frame around every page: head, brand, and the policy that keeps strangers out of it. The other headers are the front door's.
import { type Branded, brandOf, colorsPath, logoOf } from "./brand.ts";
import { type Html, html } from "./html.ts";
import { ANSWERS, LANGUAGE, type Message } from "./texts.ts";

/** The one difference from the strictest: logos come from wherever the tenant keeps them. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export interface Page {
  tenant: Branded;
  title: string;
  body: Html;
  status?: number;
  /** Brings form-script.js along. */
  withForm?: boolean;
}

/** A whole page as an answer. */
export const page = ({ tenant, title, body, status = 200, withForm = false }: Page): Response =>
  new Response(frame(tenant, title, body, withForm).markup, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": PAGE_POLICY,
    },
  });

const frame = (tenant: Branded, title: string, body: Html, withForm: boolean): Html =>
  html`<!doctype html>
    <html lang="${LANGUAGE}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${brandOf(tenant)}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pages/page.css" />
        <link rel="stylesheet" href="${colorsPath(tenant)}" />
        ${withForm ? html`<script type="module" src="/pages/form.js"></script>` : null}
      </head>
      <body>
        <div class="card">
          <header>
            ${logo(tenant)}
            <p><bdi>${brandOf(tenant)}</bdi></p>
          </header>
          <main>${body}</main>
        </div>
      </body>
    </html> `;

/** The name stands beside it, so it needs no other text. */
function logo(tenant: Branded): Html | null {
  const url = logoOf(tenant);
  return url === undefined
    ? null
    : html`<img src="${url}" alt="" height="48" referrerpolicy="no-referrer" />`;
}

/** What something came to. Where it is one of several outcomes, form-script.js shows it by its id. */
export const message = ({ title, text }: Message, more: Html | null = null): Html =>
  html`<h1 tabindex="-1">${title}</h1>
    <p>${text}</p>
    ${more}`;

/** A page that says one thing. */
export const messagePage = (
  tenant: Branded,
  said: Message,
  { status = 200, more = null }: { status?: number; more?: Html | null } = {},
): Response => page({ tenant, title: said.title, body: message(said, more), status });

/** The way on into the app. Nothing when there is none, or it is not of the web. */
export function goOn(uri: string | null): Html | null {
  if (uri === null || !/^https?:\/\//i.test(uri) || !URL.canParse(uri)) return null;
  const label = ANSWERS.goOn.replace("{host}", () => new URL(uri).host);
  return html`<p><a class="button" href="${uri}">${label}</a></p>`;
}
