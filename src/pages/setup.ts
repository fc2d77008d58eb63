// The first start: whoever holds the setup token makes the first account. Afterwards only that there is one.
import { DEFAULT_SETTINGS } from "../core/tenant-settings.ts";
import type { Branded } from "./brand.ts";
import { field, form, newPasswordField } from "./form.ts";
import { findingWords } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { message, messagePage, page } from "./layout.ts";
import type { Reader } from "./reader.ts";

/** Asks for the account. The script brings the field of the token out where the link did not bring one and `asksForToken`. */
export function setupPage(reader: Reader, brand: Branded, asksForToken: boolean): Response {
  const { setup } = reader.texts;
  const minLength = DEFAULT_SETTINGS.password_min_length;
  const fields = html`<div id="token" hidden>
      ${field({ name: "setup_token", label: setup.token, hint: setup.tokenHint, autocomplete: "off" })}
    </div>
    ${field({
      name: "email",
      label: setup.email,
      hint: setup.emailHint,
      type: "email",
      inputmode: "email",
      // What a password manager is to keep beside the password: it is what people sign in with.
      autocomplete: "username",
    })}
    ${field({
      name: "username",
      label: setup.username,
      hint: setup.usernameHint,
      autocomplete: "off",
      value: "admin",
    })}
    ${newPasswordField(reader, "password", setup.password, minLength)}`;
  const data = { token: asksForToken ? "wanted" : "unwanted" };
  const body = html`<section id="ask">
      <h1 tabindex="-1">${setup.title}</h1>
      <p>${setup.intro}</p>
      ${form({ fields, submit: setup.submit, data })}
    </section>
    <div aria-live="polite">
      <section id="made" hidden>${message(setup.made, signInLink(reader))}</section>
      <section id="done" hidden>${message(setup.done, signInLink(reader))}</section>
    </div>`;
  const words = { ...findingWords(reader), ...setup.findings, SETUP_TOKEN_REQUIRED: setup.wrongToken };
  return page({ reader, tenant: brand, title: setup.title, body, script: "setup", words });
}

export const setUpPage = (reader: Reader, brand: Branded): Response =>
  messagePage(reader, brand, reader.texts.setup.done, { more: signInLink(reader) });

const signInLink = ({ texts }: Reader): Html =>
  html`<p><a class="button" href="/login">${texts.setup.signIn}</a></p>`;
