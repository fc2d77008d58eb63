import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { nameField, newPasswordField } from "./form.ts";
import { html } from "./html.ts";
import { linkPage } from "./link.ts";
import type { Reader } from "./reader.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Where the link of an invitation leads: a button. Whether the account is new nobody is told before the token is shown: the script
 * brings the fields out when the API asks for them.
 */
export function invitationPage(reader: Reader, tenant: Branded): Response {
  const brand = brandOf(tenant);
  const { invitation } = reader.texts;
  const fields = html`<div data-later hidden role="group" aria-labelledby="newcomer">
    <p id="newcomer">${invitation.newcomer}</p>
    <div class="pair">
      ${nameField(reader, "first_name", invitation.firstName, "given-name")}
      ${nameField(reader, "last_name", invitation.lastName, "family-name")}
    </div>
    ${newPasswordField(reader, "password", invitation.password, tenant.settings.password_min_length)}
  </div>`;
  return linkPage({
    reader,
    tenant,
    title: invitation.title(brand),
    intro: invitation.intro(brand),
    fields,
    submit: invitation.submit,
    endpoint: "invitations/accept",
    done: invitation.done(brand),
    dead: invitation.dead(LIFETIME_MS.invitation / DAY_MS),
  });
}
