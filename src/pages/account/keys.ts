import { field, form } from "../form.ts";
import { html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { failing, line, list, put, type Section } from "./section.ts";

/** browser/account/keys.ts */
export function keys(reader: Reader): Section {
  const { texts } = reader;
  const { keys: words, sessions } = texts.account;
  const naming = form({
    fields: field({
      id: "key-name",
      name: "name",
      label: words.name,
      hint: words.nameHint,
      autocomplete: "off",
    }),
    submit: words.make,
  });
  const body = html`${failing(reader)}
    <p>${words.intro}</p>
    <div class="secret" id="key-shown" hidden>
      <h3 tabindex="-1">${words.shown}</h3>
      <p>${words.shownText}</p>
      <p><code id="key-text"></code></p>
      <p>
        <button class="button other small" type="button" data-copies="key-text">${texts.copying.copy}</button>
      </p>
      <p class="outcome" role="status"></p>
      <button class="button" type="button" id="key-kept">${words.kept}</button>
    </div>
    ${list(
      {
        id: "key",
        name: put("name"),
        lines: [
          line(sessions.organization, "organization"),
          line(words.begun, "begun"),
          line(words.used, "used"),
          line(words.until, "until"),
        ],
        end: words.remove,
      },
      words.none,
    )}
    ${naming}`;
  return { id: "keys", title: words.title, whom: "all", body };
}
