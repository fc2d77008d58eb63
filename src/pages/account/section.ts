// The parts of the account page.
import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";

/**
 * Who sees something: all: who may do everything with the account. acting: who acts as its user, and may only look.
 * enrolling: who has to set up a second step before anything else.
 */
export type Whom = "all" | "all acting" | "all enrolling" | "all acting enrolling" | "enrolling";

export interface Section {
  /** Also of its place in the page's address. */
  id: string;
  title: string;
  whom: Whom;
  body: Html;
}

/** With a line for what came of what was done there. */
export const sectionOf = ({ id, title, whom, body }: Section): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title" data-for="${whom}">
    <h2 id="${id}-title" tabindex="-1">${title}</h2>
    <p class="outcome" role="status" tabindex="-1"></p>
    ${body}
  </section>`;

/** Why what follows in this place could not be loaded; then nothing of it is shown. browser/account/place.ts shows it. */
export const failing = ({ texts }: Reader): Html =>
  html`<div class="failed" hidden>
    <p class="problem error" role="alert"></p>
    <button class="button other small" type="button">${texts.account.tryAgain}</button>
  </div>`;

/** What the script puts there by that name, and what it is. */
export const line = (label: string, name: string): Html =>
  html`<div data-line>
    <dt>${label}</dt>
    <dd data-put="${name}"></dd>
  </div>`;

export interface Row {
  /** Of its name, which its button is named after as well. */
  id: string;
  /** What stands in its name. */
  name: Html;
  lines: readonly Html[];
  /** The label of the button that ends it. */
  end: string;
}

/** A place for a list, each entry a row as browser/rows.ts makes them; `none`: what is said where there is none. */
export const list = ({ id, name, lines, end }: Row, none: string | null): Html =>
  html`${none === null ? null : html`<p data-none hidden>${none}</p>`}
    <ul class="rows" data-rows></ul>
    <template>
      <li class="row">
        <div>
          <p class="name" id="${id}">${name}</p>
          <dl>${lines}</dl>
        </div>
        <button
          class="button other small"
          type="button"
          id="${id}-end"
          data-for="all"
          aria-labelledby="${id}-end ${id}"
        >
          ${end}
        </button>
      </li>
    </template>`;

/** What the script puts there by that name. */
export const put = (name: string): Html => html`<span data-put="${name}"></span>`;
