// Sign-ins that wait for a yes from here: at /account and /approve. browser/pending-sign-ins.ts fills it.
import { field, form } from "./form.ts";
import { type Html, html } from "./html.ts";
import type { Reader } from "./reader.ts";

/**
 * Without a title of its own. A page that shows it brings along `pendingWords`. `intro`: what is said while some
 * wait. `looksByItself`: nobody needs to ask for it.
 */
export function pendingSignIns(
  { texts }: Reader,
  { intro = null, looksByItself = false }: { intro?: Html | null; looksByItself?: boolean } = {},
): Html {
  const { pendingSignIns: words } = texts;
  const answer = form({
    fields: field({
      id: "number",
      name: "number",
      label: words.number,
      hint: words.numberHint,
      autocomplete: "off",
      inputmode: "numeric",
    }),
    submit: words.approve,
    value: "approve",
    more: html`<a class="button other" hidden>${words.signInAgain}</a>
      <button class="button other" type="submit" value="reject" formnovalidate>${words.reject}</button>`,
  });
  return html`<div id="pending-sign-ins">
    <p class="outcome" id="pending-outcome" role="status" tabindex="-1"></p>
    <p data-none hidden>${words.none}</p>
    ${intro}
    <ul class="rows" data-rows></ul>
    <template>
      <li class="row">
        <div>
          <p class="name" data-put="agent"></p>
          <dl>
            <div data-line>
              <dt>${words.organization}</dt>
              <dd data-put="organization"></dd>
            </div>
            <div data-line>
              <dt>${texts.devices.address}</dt>
              <dd data-put="address"></dd>
            </div>
            <div data-line>
              <dt>${words.begun}</dt>
              <dd data-put="begun"></dd>
            </div>
            <div data-line>
              <dt>${words.ends}</dt>
              <dd data-put="ends"></dd>
            </div>
          </dl>
        </div>
        ${answer}
      </li>
    </template>
    ${
      looksByItself
        ? null
        : html`<p><button class="button other small" type="button" data-again>${words.again}</button></p>`
    }
  </div>`;
}

/** What browser/pending-sign-ins.ts says. */
export const pendingWords = ({ texts }: Reader): Record<string, string> => ({
  ...texts.devices.words,
  ...texts.pendingSignIns.words,
});
