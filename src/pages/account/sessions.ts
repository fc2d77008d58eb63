import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { line, type Section } from "./section.ts";

/** What one is signed in with, and what need not show the second factor. browser/account/sessions.ts and devices.ts fill it. */
export function sessions(reader: Reader): Section {
  const { sessions: words } = reader.texts.account;
  const body = html`<p>${words.intro}</p>
    ${signIns(reader)} ${devices(reader)}`;
  return { id: "sessions", title: words.title, whom: "all", body };
}

function signIns({ texts }: Reader): Html {
  const { sessions: words } = texts.account;
  return html`<div id="sign-ins">
    <ul class="rows" data-rows></ul>
    <template>
      <li class="row">
        <div>
          <p class="name" id="session">
            <span data-put="agent"></span>
            <strong class="state" data-put="current"></strong>
          </p>
          <p data-put="acting"></p>
          <dl>
            ${line(words.organization, "organization")} ${line(texts.devices.address, "address")}
            ${line(words.begun, "begun")} ${line(words.seen, "seen")}
          </dl>
        </div>
        <button
          class="button other small"
          type="button"
          id="session-end"
          aria-labelledby="session-end session"
        >
          ${words.end}
        </button>
      </li>
    </template>
    <p><button class="button other small" type="button" id="end-others">${words.endOthers}</button></p>
  </div>`;
}

function devices({ texts }: Reader): Html {
  const { devices: words, sessions } = texts.account;
  return html`<div class="way" id="devices">
    <h3>${words.title}</h3>
    <p>${words.intro}</p>
    <p data-none hidden>${words.none}</p>
    <ul class="rows" data-rows></ul>
    <template>
      <li class="row">
        <div>
          <p class="name" data-put="agent" id="device"></p>
          <dl>
            ${line(sessions.organization, "organization")} ${line(texts.devices.address, "address")}
            ${line(words.begun, "begun")} ${line(words.until, "until")}
          </dl>
        </div>
        <button
          class="button other small"
          type="button"
          id="device-forget"
          aria-labelledby="device-forget device"
        >
          ${words.forget}
        </button>
      </li>
    </template>
  </div>`;
}
