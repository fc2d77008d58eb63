// A page that a mailed link leads to: a form, and the outcomes that the script shows instead (browser/link.ts).
import { defaultRedirect } from "../flows/redirects.ts";
import type { Message } from "../texts/en.ts";
import type { Branded } from "./brand.ts";
import { findingWords } from "./findings.ts";
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
  /** The name of the submit button's value, where there are several buttons. */
  value?: string;
  /** Below the submit button. */
  more?: Html;
  /** Where the fields go, with the token of the link: as JSON, or in the query; below the tenant's part of the API. */
  endpoint: string;
  method?: "GET" | "POST";
  done: Message;
  /** Another thing that it may come to. */
  other?: Html;
  /** When the token is no longer good. */
  dead: Message;
}

export function linkPage(shown: LinkPage): Response {
  const { reader, tenant, title, intro, endpoint, method = "POST", done, dead, other = null } = shown;
  const data = {
    api: `/api/v1/auth/tenants/${tenant.slug}/${endpoint}`,
    method,
    next: defaultRedirect(tenant),
  };
  const { fields, submit, value = "", more = null } = shown;
  const body = html`<section id="ask">
      <h1 tabindex="-1">${title}</h1>
      <p data-first>${intro}</p>
      ${form({ fields, submit, data, value, more })}
    </section>
    <div aria-live="polite">
      ${outcome("done", done, toSignIn(reader, tenant))} ${other} ${outcome("dead", dead)}
      ${outcome("incomplete", reader.texts.link.incomplete)}
    </div>`;
  const words = findingWords(reader);
  return page({ reader, tenant, title, body, script: "link", words });
}

const toSignIn = ({ texts }: Reader, { slug }: Branded): Html =>
  html`<p><a class="button" href="/t/${slug}/login">${texts.link.signIn}</a></p>`;

/** Hidden until the script shows it. */
export const outcome = (id: string, said: Message, more: Html | null = null): Html =>
  html`<section id="${id}" hidden>${message(said, more)}</section>`;
