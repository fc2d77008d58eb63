// What a browser sees behind the link that confirms an email address. Works without a script: a mail scanner that follows the link
// confirms nothing, and a person needs one click.
import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { html } from "./html.ts";
import { goOn, messagePage, page } from "./layout.ts";
import type { Reader } from "./reader.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Asks whose address it is. The form leads back to where the page came from, with the answer. */
export const askPage = (reader: Reader, tenant: Branded, token: string): Response =>
  page({
    reader,
    tenant,
    title: reader.texts.verifyEmail.title,
    body: html`<h1>${reader.texts.verifyEmail.title}</h1>
      <p>${reader.texts.verifyEmail.intro(brandOf(tenant))}</p>
      <form method="get">
        <input type="hidden" name="token" value="${token}" />
        <button class="button" type="submit" name="answer" value="confirm">
          ${reader.texts.verifyEmail.confirm}
        </button>
        <button
          class="button other"
          type="submit"
          name="answer"
          value="disown"
          aria-describedby="disown-hint"
        >
          ${reader.texts.verifyEmail.disown}
        </button>
        <p class="hint" id="disown-hint">${reader.texts.verifyEmail.disownHint}</p>
      </form>`,
  });

/** The address is confirmed. `redirectUri`: the way on into the app. */
export const verifiedPage = (reader: Reader, tenant: Branded, redirectUri: string | null): Response =>
  messagePage(reader, tenant, reader.texts.verifyEmail.verified(brandOf(tenant)), {
    more: goOn(reader, redirectUri),
  });

export const disownedPage = (reader: Reader, tenant: Branded): Response =>
  messagePage(reader, tenant, reader.texts.verifyEmail.disowned(brandOf(tenant)));

/** The token is unknown, expired or spent. */
export const deadLinkPage = (reader: Reader, tenant: Branded): Response =>
  messagePage(
    reader,
    tenant,
    reader.texts.verifyEmail.dead(brandOf(tenant), LIFETIME_MS.verify_email / HOUR_MS),
    {
      status: 400,
    },
  );
