// What a browser sees behind the link that confirms an email address. Works without a script: a mail scanner that follows the link
// confirms nothing, and a person needs one click.
import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { html } from "./html.ts";
import { goOn, messagePage, page } from "./layout.ts";
import { VERIFY_EMAIL } from "./texts.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Asks whose address it is. The form leads back to where the page came from, with the answer. */
export const askPage = (tenant: Branded, token: string): Response =>
  page({
    tenant,
    title: VERIFY_EMAIL.title,
    body: html`<h1>${VERIFY_EMAIL.title}</h1>
      <p>${VERIFY_EMAIL.intro(brandOf(tenant))}</p>
      <form method="get">
        <input type="hidden" name="token" value="${token}" />
        <button class="button" type="submit" name="answer" value="confirm">${VERIFY_EMAIL.confirm}</button>
        <button
          class="button other"
          type="submit"
          name="answer"
          value="disown"
          aria-describedby="disown-hint"
        >
          ${VERIFY_EMAIL.disown}
        </button>
        <p class="hint" id="disown-hint">${VERIFY_EMAIL.disownHint}</p>
      </form>`,
  });

/** The address is confirmed. `redirectUri`: the way on into the app. */
export const verifiedPage = (tenant: Branded, redirectUri: string | null): Response =>
  messagePage(tenant, VERIFY_EMAIL.verified(brandOf(tenant)), { more: goOn(redirectUri) });

export const disownedPage = (tenant: Branded): Response =>
  messagePage(tenant, VERIFY_EMAIL.disowned(brandOf(tenant)));

/** The token is unknown, expired or spent. */
export const deadLinkPage = (tenant: Branded): Response =>
  messagePage(tenant, VERIFY_EMAIL.dead(brandOf(tenant), LIFETIME_MS.verify_email / HOUR_MS), {
    status: 400,
  });
