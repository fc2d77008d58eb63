// A sign-in that waits for a yes from here. The page knows nobody: browser/approve.ts fills it by the API.
import type { Branded } from "./brand.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import { pendingSignIns, pendingWords } from "./pending-sign-ins.ts";
import type { Reader } from "./reader.ts";

/** All that wait, or with `?id=` that one: the id is public, and opens nothing by itself. */
export function approvePage(reader: Reader, brand: Branded): Response {
  const { approve, answers } = reader.texts;
  const body = html`<h1 tabindex="-1">${approve.title}</h1>
    <p class="problem error" id="problem" role="alert"></p>
    <p class="waiting" id="loading" role="status">${answers.waiting}</p>
    <div id="waiting-sign-ins" hidden>
      <p id="who"></p>
      <p class="outcome" id="gone" role="status" hidden>${approve.gone}</p>
      ${pendingSignIns(reader, { intro: html`<p data-some hidden>${approve.intro}</p>`, looksByItself: true })}
      <p class="hint">${approve.looking}</p>
    </div>
    <p><a class="button other" href="/account">${approve.account}</a></p>`;
  const words = { ...pendingWords(reader), ...approve.refusals, signedInAs: approve.signedInAs };
  return page({ reader, tenant: brand, title: approve.title, body, script: "approve", words });
}
