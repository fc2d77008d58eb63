// A page that a mailed link leads to: a form, and the outcomes that the script shows instead (browser/link.ts).
import { defaultRedirect } from "../flows/redirects.ts";
import type { Message } from "../texts/en.ts";
import type { Branded } from "./brand.ts";
import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { message, page } from "./layout.ts";
import type { Reader } from "./reader.ts";

export interface LinkPage {
  reader: Reader;
  tenant: Branded;
  title: string;
  intro: string;
  fields: Html;
  submit: string;
  /** Where the fields go, as JSON with the token of the link; below the tenant's part of the API. */
  endpoint: string;
  done: Message;
  /** When the token is no longer good. */
  dead: Message;
}

export function linkPage(shown: LinkPage): Response {
  const { reader, tenant, title, intro, fields, submit, endpoint, done, dead } = shown;
  const data = { api: `/api/v1/auth/tenants/${tenant.slug}/${endpoint}`, next: defaultRedirect(tenant) };
  const body = html`<section id="ask">
      <h1 tabindex="-1">${title}</h1>
      <p data-first>${intro}</p>
      ${form({ fields, submit, data })}
    </section>
    <div aria-live="polite">
      ${outcome("done", done)} ${outcome("dead", dead)} ${outcome("incomplete", reader.texts.link.incomplete)}
    </div>`;
  return page({ reader, tenant, title, body, script: "link" });
}

/** Hidden until the script shows it. */
export const outcome = (id: string, said: Message): Html =>
  html`<section id="${id}" hidden>${message(said)}</section>`;
