import { form, nameField } from "../form.ts";
import { html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { line, type Section } from "./section.ts";

/** browser/account/profile.ts */
export function profile(reader: Reader): Section {
  const { profile: words } = reader.texts.account;
  const names = form({
    fields: html`<div class="pair">
      ${nameField(reader, "first_name", words.firstName, "given-name")}
      ${nameField(reader, "last_name", words.lastName, "family-name")}
    </div>`,
    submit: words.save,
  });
  const body = html`<dl>
      ${line(words.email, "email")} ${line(words.username, "username")}
      <div>
        <dt>${words.organizations}</dt>
        <dd id="organizations">
          <ul data-rows></ul>
          <template><li data-put="organization"></li></template>
        </dd>
      </div>
    </dl>
    <div data-for="all">${names}</div>`;
  return { id: "profile", title: words.title, whom: "all acting", body };
}
