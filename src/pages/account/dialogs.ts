// What the account page asks before it does something. Escape closes each of them.
import { type Field, field, form } from "../form.ts";
import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";

export const dialogs = (reader: Reader): Html[] => [
  confirming(reader),
  reauthentication(reader),
  totpOn(reader),
  totpOff(reader),
  passkey(reader),
  emailOn(reader),
  emailOff(reader),
  newCodes(reader),
];

const dialog = (id: string, title: string, body: Html): Html =>
  html`<dialog id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title" tabindex="-1">${title}</h2>
    ${body}
  </dialog>`;

const cancel = ({ texts }: Reader): Html =>
  html`<button class="button other" type="button" data-close>${texts.account.cancel}</button>`;

/** Six digits, or a backup code. */
const codeField = (id: string, label: string, inputmode: Field["inputmode"] = "numeric"): Html =>
  field({ id, name: "code", label, autocomplete: "one-time-code", inputmode: inputmode ?? "text" });

/** Its words come from the script. */
const confirming = (reader: Reader): Html =>
  dialog(
    "confirm",
    "",
    html`<p id="confirm-text"></p>
      ${form({ fields: html``, submit: "", more: cancel(reader) })}`,
  );

function reauthentication(reader: Reader): Html {
  const { title, text, go } = reader.texts.account.reauth;
  return dialog(
    "reauth",
    title,
    html`<p>${text}</p>
      <a class="button" href="/login" id="reauth-go">${go}</a>
      ${cancel(reader)}`,
  );
}

function totpOn(reader: Reader): Html {
  const { totp: words } = reader.texts.account;
  return dialog(
    "totp-on-dialog",
    words.setUp,
    html`<p>${words.scan}</p>
      <p><img class="qr" id="totp-qr" alt="${words.qr}" /></p>
      <p>${words.key}: <code id="totp-key"></code></p>
      <p>
        <button class="button other small" type="button" data-copies="totp-key">
          ${reader.texts.copying.copy}
        </button>
      </p>
      <p class="outcome" role="status"></p>
      ${form({ fields: codeField("totp-code", words.code), submit: words.confirm, more: cancel(reader) })}`,
  );
}

function totpOff(reader: Reader): Html {
  const { totp: words, twoStep } = reader.texts.account;
  const fields = codeField("totp-off-code", words.offCode, "text");
  return dialog(
    "totp-off-dialog",
    words.off,
    html`<p>${words.offText}</p>
      ${form({ fields, submit: twoStep.turnOff, more: cancel(reader) })}`,
  );
}

function passkey(reader: Reader): Html {
  const { passkeys: words } = reader.texts.account;
  const fields = field({
    id: "passkey-name",
    name: "name",
    label: words.name,
    hint: words.nameHint,
    autocomplete: "off",
  });
  return dialog("passkey-dialog", words.add, form({ fields, submit: words.add, more: cancel(reader) }));
}

function emailOn(reader: Reader): Html {
  const { emailCodes: words, twoStep } = reader.texts.account;
  const fields = codeField("email-code", words.code);
  return dialog(
    "email-on-dialog",
    words.confirm,
    html`<p data-sent></p>
      ${form({ fields, submit: twoStep.turnOn, more: cancel(reader) })}`,
  );
}

/** Which code it asks for depends on what else is on. */
function emailOff(reader: Reader): Html {
  const { emailCodes: words, twoStep } = reader.texts.account;
  const fields = codeField("email-off-code", "", "text");
  return dialog(
    "email-off-dialog",
    words.off,
    html`<p data-sent></p>
      ${form({
        fields,
        submit: twoStep.turnOff,
        data: { app: words.appCode, mail: words.mailCode },
        more: cancel(reader),
      })}`,
  );
}

function newCodes(reader: Reader): Html {
  const { backupCodes: words } = reader.texts.account;
  const fields = codeField("codes-code", "", "text");
  return dialog(
    "codes-dialog",
    words.title,
    html`<p>${words.makeText}</p>
      ${form({
        fields,
        submit: words.make,
        data: { app: words.appCode, old: words.oldCode },
        more: cancel(reader),
      })}`,
  );
}
