// A sign-in handed on by a code, both ways: from this browser to a command line, and from there to this browser.
import { LIFETIME_MS } from "../core/exchange-codes.ts";
import type { Branded } from "./brand.ts";
import { form } from "./form.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import { outcome } from "./link.ts";
import type { Reader } from "./reader.ts";

/** Nothing happens before somebody presses a button: no code is made, and none is spent. */
export function cliPage(reader: Reader, brand: Branded): Response {
  const { cli, copying } = reader.texts;
  const seconds = LIFETIME_MS / 1000;
  const body = html`<section id="wait"><h1 tabindex="-1">${cli.title}</h1></section>
    <section id="make" hidden>
      <h1 tabindex="-1">${cli.title}</h1>
      <p data-who hidden></p>
      <p>${cli.intro(seconds)}</p>
      ${form({ fields: html``, submit: cli.make, data: { makes: "" } })}
    </section>
    <section id="code" hidden>
      <h1 tabindex="-1">${cli.codeTitle}</h1>
      <p>${cli.codeIntro}</p>
      <p><code class="long-code" id="exchange-code"></code></p>
      <button class="button" type="button" data-copies="exchange-code">${copying.copy}</button>
      <p class="waiting" role="status"></p>
      <p class="hint" role="timer" aria-live="off" data-remains></p>
    </section>
    <section id="take" hidden>
      <h1 tabindex="-1">${cli.takeTitle}</h1>
      <p>${cli.takeIntro}</p>
      <p data-who hidden></p>
      ${form({ fields: html``, submit: cli.take, data: { takes: "" } })}
    </section>
    <div aria-live="polite">
      <section id="over" hidden>
        <h1 tabindex="-1">${cli.over.title}</h1>
        <p>${cli.over.text}</p>
        ${form({ fields: html``, submit: cli.makeAnother, data: { makes: "" } })}
      </section>
      ${outcome("dead", cli.dead(seconds))}
    </div>`;
  const words = {
    signedInAs: cli.signedInAs,
    takesPlaceOf: cli.takesPlaceOf,
    remains: cli.remains,
    copied: copying.copied,
    notCopied: copying.notCopied,
    ...cli.refusals,
  };
  return page({ reader, tenant: brand, title: cli.title, body, script: "cli", words });
}
