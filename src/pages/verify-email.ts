// Confirming an email address. The mailed link leads to a page that keeps its token in the fragment, so that whatever fetches the link
// fetches nothing but a question. Links of earlier mails lead into the API, where browsers are asked the same without a script.
import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { type Html, html } from "./html.ts";
import { goOn, messagePage, page } from "./layout.ts";
import { linkPage, outcome } from "./link.ts";
import type { Reader } from "./reader.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Where the mailed link leads: two buttons. */
export function verifyEmailPage(reader: Reader, tenant: Branded): Response {
  const brand = brandOf(tenant);
  const { verifyEmail } = reader.texts;
  return linkPage({
    reader,
    tenant,
    title: verifyEmail.title,
    intro: verifyEmail.intro(brand),
    fields: html``,
    submit: verifyEmail.confirm,
    value: "confirm",
    more: disownButton(reader, html`value="disown"`),
    endpoint: "verify-email",
    method: "GET",
    done: verifyEmail.verified(brand),
    other: outcome("disowned", verifyEmail.disowned(brand)),
    dead: verifyEmail.dead(brand, LIFETIME_MS.verify_email / HOUR_MS),
  });
}

const disownButton = ({ texts: { verifyEmail } }: Reader, answer: Html): Html =>
  html`<button class="button other" type="submit" ${answer} aria-describedby="disown-hint">
      ${verifyEmail.disown}
    </button>
    <p class="hint" id="disown-hint">${verifyEmail.disownHint}</p>`;

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
        ${disownButton(reader, html`name="answer" value="disown"`)}
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
