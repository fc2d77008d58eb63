import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { formPage, nameField, newPasswordField } from "./form.ts";
import { html } from "./html.ts";
import { INVITATION } from "./texts.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Where the link of an invitation leads: a button. Whether the account is new nobody is told before the token is shown: form-script.js
 * brings the fields out when the API asks for them.
 */
export const invitationPage = (tenant: Branded): Response => {
  const brand = brandOf(tenant);
  const fields = html`<div data-later hidden role="group" aria-labelledby="newcomer">
    <p id="newcomer">${INVITATION.newcomer}</p>
    <div class="pair">
      ${nameField("first_name", INVITATION.firstName, "given-name")}
      ${nameField("last_name", INVITATION.lastName, "family-name")}
    </div>
    ${newPasswordField("password", INVITATION.password, tenant)}
  </div>`;
  return formPage({
    tenant,
    title: INVITATION.title(brand),
    intro: INVITATION.intro(brand),
    fields,
    submit: INVITATION.submit,
    endpoint: "invitations/accept",
    done: INVITATION.done(brand),
    dead: INVITATION.dead(LIFETIME_MS.invitation / DAY_MS),
  });
};
