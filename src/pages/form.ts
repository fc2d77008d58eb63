// A page with a form that form-script.js sends to the API, and the outcomes that it shows instead.
import { defaultRedirect } from "../flows/redirects.ts";
import { type Branded, brandOf } from "./brand.ts";
import { type Html, html } from "./html.ts";
import { message, page } from "./layout.ts";
import { ANSWERS, FORM, type Message, passwordHint } from "./texts.ts";

export interface FormPage {
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

/** Nothing can be sent before the script runs: the browser itself would send it to the wrong place. */
export const formPage = (form: FormPage): Response => {
  const { tenant, title, intro, fields, submit, done, dead } = form;
  const body = html`<noscript><p class="error">${FORM.needsScript}</p></noscript>
    <section id="ask">
      <h1 tabindex="-1">${title}</h1>
      <p data-first>${intro}</p>
      <form
        method="post"
        novalidate
        data-api="/api/v1/auth/tenants/${tenant.slug}/${form.endpoint}"
        data-next="${defaultRedirect(tenant)}"
        data-brand="${brandOf(tenant)}"
        data-texts="${JSON.stringify(ANSWERS)}"
      >
        <fieldset disabled>
          ${fields}
          <p id="problem" class="error" role="alert"></p>
          <button class="button" type="submit">${submit}</button>
          <p id="waiting" role="status"></p>
        </fieldset>
      </form>
    </section>
    <div aria-live="polite">
      ${outcome("done", done)} ${outcome("dead", dead)} ${outcome("incomplete", FORM.incomplete)}
    </div>`;
  return page({ tenant, title, body, withForm: true });
};

const outcome = (id: string, said: Message): Html =>
  html`<section id="${id}" hidden>${message(said)}</section>`;

/** A field with room for what is wrong with it. */
function field(name: string, label: string | Html, input: Html, hint: string | null = null): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint === null ? null : html`<p class="hint" id="${name}-hint">${hint}</p>`}
    <p class="error" id="${name}-error"></p>
    ${input}
  </div>`;
}

export const nameField = (name: string, label: string, autocomplete: "given-name" | "family-name"): Html =>
  field(
    name,
    html`${label} <small>(${FORM.optional})</small>`,
    html`<input
      id="${name}"
      name="${name}"
      type="text"
      autocomplete="${autocomplete}"
      aria-describedby="${name}-error"
    />`,
  );

/** No maxlength: it would cut a pasted password in silence. */
export const newPasswordField = (name: string, label: string, { settings }: Branded): Html =>
  html`${field(
      name,
      label,
      html`<input
        id="${name}"
        name="${name}"
        type="password"
        autocomplete="new-password"
        required
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="${name}-hint ${name}-error"
      />`,
      passwordHint(settings.password_min_length),
    )} <label class="check"><input type="checkbox" data-shows="${name}" />${FORM.showPassword}</label>`;
