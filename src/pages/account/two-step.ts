// Second factors, and the backup codes that come with them. browser/account/two-step.ts and its neighbours fill it.
import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { failing, line, list, put, type Section } from "./section.ts";

export function twoStep(reader: Reader): Section {
  const { twoStep: words } = reader.texts.account;
  const body = html`${failing(reader)}
    <p>${words.intro}</p>
    ${shownCodes(reader)} ${authenticatorApp(reader)} ${passkeys(reader)} ${emailCodes(reader)}
    ${backupCodes(reader)}`;
  return { id: "two-step", title: words.title, whom: "all acting enrolling", body };
}

/** Also what is printed, and nothing else of the page. */
function shownCodes({ texts }: Reader): Html {
  const { backupCodes: words } = texts.account;
  return html`<div class="secret paper" id="codes" hidden>
    <h3 tabindex="-1">${words.shown}</h3>
    <p class="unprinted">${words.shownText}</p>
    <p id="codes-for"></p>
    <pre class="codes" id="codes-list"></pre>
    <div class="buttons unprinted">
      <button class="button other small" type="button" data-copies="codes-list">${texts.copying.copy}</button>
      <button class="button other small" type="button" id="codes-download">${words.download}</button>
      <button class="button other small" type="button" id="codes-print">${words.print}</button>
    </div>
    <p class="outcome unprinted" role="status"></p>
    <button class="button unprinted" type="button" id="codes-kept">${words.kept}</button>
  </div>`;
}

function authenticatorApp({ texts }: Reader): Html {
  const { totp: words, twoStep } = texts.account;
  return html`<div class="way" id="totp">
    <h3>${words.title} <span class="state" data-put="state"></span></h3>
    <p>${words.intro}</p>
    <dl>${line(twoStep.added, "added")} ${line(twoStep.lastUsed, "used")}</dl>
    ${switches("totp", words.title, twoStep)}
  </div>`;
}

function passkeys({ texts }: Reader): Html {
  const { passkeys: words, twoStep } = texts.account;
  return html`<div class="way" id="passkeys">
    <h3>${words.title}</h3>
    <p>${words.intro}</p>
    ${list(
      {
        id: "passkey",
        name: put("name"),
        lines: [line(twoStep.added, "added"), line(twoStep.lastUsed, "used")],
        end: words.remove,
      },
      words.none,
    )}
    <p data-for="all enrolling">
      <button class="button other small" type="button" id="passkey-add">${words.add}</button>
    </p>
    <p class="hint" id="passkey-unsupported" hidden>${words.unsupported}</p>
  </div>`;
}

function emailCodes({ texts }: Reader): Html {
  const { emailCodes: words, twoStep } = texts.account;
  return html`<div class="way" id="email-codes">
    <h3>${words.title} <span class="state" data-put="state"></span></h3>
    <p>${words.intro}</p>
    <dl>${line(twoStep.added, "added")} ${line(twoStep.lastUsed, "used")}</dl>
    ${switches("email", words.title, twoStep)}
  </div>`;
}

function backupCodes({ texts }: Reader): Html {
  const { backupCodes: words } = texts.account;
  return html`<div class="way" id="backup-codes">
    <h3>${words.title}</h3>
    <p>${words.intro} <strong data-put="left"></strong></p>
    <p data-for="all enrolling">
      <button class="button other small" type="button" id="codes-make">${words.make}</button>
    </p>
  </div>`;
}

/** On, or off; the script shows one of them. */
const switches = (
  id: string,
  what: string,
  { turnOn, turnOff }: Reader["texts"]["account"]["twoStep"],
): Html =>
  html`<p data-for="all enrolling">
    <button class="button other small" type="button" id="${id}-on" aria-label="${turnOn}: ${what}">
      ${turnOn}
    </button>
    <button class="button other small" type="button" id="${id}-off" aria-label="${turnOff}: ${what}">
      ${turnOff}
    </button>
  </p>`;
