import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { failing, line, list, put, type Section } from "./section.ts";

/** What one is signed in with, and what need not show the second factor. browser/account/sessions.ts and devices.ts fill it. */
export function sessions(reader: Reader): Section {
  const { sessions: words } = reader.texts.account;
  const body = html`<p>${words.intro}</p>
    ${signIns(reader)} ${devices(reader)}`;
  return { id: "sessions", title: words.title, whom: "all", body };
}

/** With the mark of the one that the page is shown in. */
const agent = html`${put("agent")} <strong class="state" data-put="current"></strong>`;

function signIns(reader: Reader): Html {
  const { texts } = reader;
  const { sessions: words } = texts.account;
  return html`<div id="sign-ins">
    ${failing(reader)}
    ${list(
      {
        id: "session",
        name: agent,
        lines: [
          line(words.whose, "acting"),
          line(words.organization, "organization"),
          line(texts.devices.address, "address"),
          line(words.begun, "begun"),
          line(words.seen, "seen"),
        ],
        end: words.end,
      },
      null,
    )}
    <p><button class="button other small" type="button" id="end-others">${words.endOthers}</button></p>
  </div>`;
}

function devices(reader: Reader): Html {
  const { texts } = reader;
  const { devices: words, sessions } = texts.account;
  return html`<div class="way" id="devices">
    <h3>${words.title}</h3>
    ${failing(reader)}
    <p>${words.intro}</p>
    ${list(
      {
        id: "device",
        name: agent,
        lines: [
          line(sessions.organization, "organization"),
          line(texts.devices.address, "address"),
          line(words.begun, "begun"),
          line(words.until, "until"),
        ],
        end: words.forget,
      },
      words.none,
    )}
  </div>`;
}
