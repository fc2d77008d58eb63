// A forgotten password: asks for the email, and says the same whether or not it has an account (decisions §2 tenant).
import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { findingWords } from "./findings.ts";
import { field, form } from "./form.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import type { Reader } from "./reader.ts";
import { step } from "./step.ts";

const MINUTE_MS = 60 * 1000;

/** /t/{slug}/forgot */
export function forgotPage(reader: Reader, tenant: Branded): Response {
  const { forgot } = reader.texts;
  const back = html`<a href="/t/${tenant.slug}/login">${forgot.signIn}</a>`;
  const email = field({
    name: "email",
    label: forgot.email,
    type: "email",
    inputmode: "email",
    autocomplete: "username",
    hasFocus: true,
  });
  const start = html`<p>${forgot.intro(brandOf(tenant))}</p>
    ${form({
      isEarly: true,
      fields: email,
      submit: forgot.submit,
      data: { api: `/api/v1/auth/tenants/${tenant.slug}` },
      more: html`<p class="links">${back}</p>`,
    })}`;
  const sent = html`<p data-text="${forgot.sentText(LIFETIME_MS.reset / MINUTE_MS)}"></p>
    <p class="links"><button type="button" class="link" data-go="start">${forgot.again}</button>${back}</p>`;
  const body = html`${step("start", forgot.title, start)} ${step("sent", forgot.sent, sent)}`;
  return page({ reader, tenant, title: forgot.title, body, script: "forgot", words: findingWords(reader) });
}
