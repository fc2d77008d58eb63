import { form, passwordField } from "../form.ts";
import { html } from "../html.ts";
import type { Reader } from "../reader.ts";
import type { Section } from "./section.ts";

/** How long it has to be only the tenant knows that its owner is signed in to: the API says it when it is too short. */
export function password(reader: Reader): Section {
  const { password: words } = reader.texts.account;
  const fields = html`<input type="text" id="password-owner" autocomplete="username" readonly hidden />
    ${passwordField(reader, {
      name: "current_password",
      label: words.current,
      autocomplete: "current-password",
    })}
    ${passwordField(reader, {
      name: "new_password",
      label: words.next,
      hint: words.hint,
      autocomplete: "new-password",
    })}`;
  const body = html`<p>${words.intro}</p>
    ${form({ fields, submit: words.submit })}`;
  return { id: "password", title: words.title, whom: "all", body };
}
