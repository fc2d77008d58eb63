// Making an account of one's own, where the tenant lets people do that.
import { MOST_TRIES } from "../core/captcha.ts";
import type { Tenant } from "../core/tenants.ts";
import { brandOf } from "./brand.ts";
import { findingWords } from "./findings.ts";
import { field, form, newPasswordField } from "./form.ts";
import { type Html, html } from "./html.ts";
import { messagePage, page } from "./layout.ts";
import type { Reader } from "./reader.ts";
import { step } from "./step.ts";

/** /t/{slug}/register */
export function registerPage(reader: Reader, tenant: Tenant): Response {
  const { register } = reader.texts;
  const { slug, settings } = tenant;
  const brand = brandOf(tenant);
  const signIn = `/t/${slug}/login`;
  if (!settings.self_registration) {
    const more = html`<p><a class="button" href="${signIn}">${register.toSignIn}</a></p>`;
    return messagePage(reader, tenant, register.off(brand), { more });
  }
  const start = form({
    isEarly: true,
    fields: html`${fields(reader, settings.password_min_length)}
    ${settings.captcha ? robotCheck(reader) : null}`,
    submit: register.submit,
    data: { api: `/api/v1/auth/tenants/${slug}`, tries: settings.captcha ? String(MOST_TRIES) : null },
    more: html`<p class="links"><a href="${signIn}">${register.signIn}</a></p>`,
  });
  const pending = html`<p data-text="${register.pendingText}"></p>
    <p class="links"><button type="button" class="link" data-go="start">${register.again}</button></p>`;
  const active = html`<p>${register.activeText}</p>
    <p><a class="button" href="${signIn}">${register.toSignIn}</a></p>`;
  const title = register.title(brand);
  const body = html`${step("start", title, start)} ${step("pending", register.pending, pending)}
  ${step("active", register.active, active)}`;
  const { CAPTCHA_REQUIRED, REGISTRATION_DISABLED } = register;
  const words = {
    ...findingWords(reader),
    CAPTCHA_REQUIRED,
    REGISTRATION_DISABLED,
  };
  return page({ reader, tenant, title, body, script: "register", words });
}

const fields = (reader: Reader, minLength: number): Html => {
  const { register } = reader.texts;
  return html`${field({
      name: "email",
      label: register.email,
      type: "email",
      inputmode: "email",
      // What a password manager is to keep beside the password.
      autocomplete: "username",
      hasFocus: true,
    })}
    <div class="pair">
      ${field({ name: "first_name", label: register.firstName, autocomplete: "given-name" })}
      ${field({ name: "last_name", label: register.lastName, autocomplete: "family-name" })}
    </div>
    ${newPasswordField(reader, "password", register.password, minLength)}`;
};

/** How far the browser's proof of work is. */
const robotCheck = ({ texts }: Reader): Html =>
  html`<p data-robot hidden>
    <label>${texts.register.robot} <progress max="${MOST_TRIES}" value="0"></progress></label>
  </p>`;
