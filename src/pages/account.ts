// Whoever is signed in looks after their account. The page knows nobody: browser/account.ts fills it by the API.
import { dialogs } from "./account/dialogs.ts";
import { keys } from "./account/keys.ts";
import { password } from "./account/password.ts";
import { profile } from "./account/profile.ts";
import { type Section, sectionOf } from "./account/section.ts";
import { sessions } from "./account/sessions.ts";
import { twoStep } from "./account/two-step.ts";
import type { Branded } from "./brand.ts";
import { findingWords } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { page } from "./layout.ts";
import { pendingSignIns, pendingWords } from "./pending-sign-ins.ts";
import type { Reader } from "./reader.ts";

export function accountPage(reader: Reader, brand: Branded): Response {
  const { account } = reader.texts;
  const sections = sectionsFor(reader);
  const body = html`<div class="top">
      <h1 tabindex="-1">${account.title}</h1>
      <button class="button other small" type="button" id="sign-out" disabled>${account.signOut}</button>
    </div>
    <p class="problem error" id="problem" role="alert"></p>
    <button class="button other" type="button" id="load-again" hidden>${account.tryAgain}</button>
    <p class="waiting" id="loading" role="status">${account.loading}</p>
    <div class="notice" id="acting" role="status" hidden>
      <p><strong id="acting-who"></strong> ${account.actingHint}</p>
      <button class="button other small" type="button" id="acting-stop">${account.actingStop}</button>
    </div>
    <div class="notice" data-for="enrolling" hidden>
      <p><strong>${account.enrolFirst.title}</strong> ${account.enrolFirst.text}</p>
    </div>
    <div class="parts" id="parts" hidden>
      <nav class="contents" aria-label="${account.sections}" data-for="all">
        <ul>
          ${sections.map(link)}
        </ul>
      </nav>
      <div>${sections.map(sectionOf)}</div>
    </div>
    ${dialogs(reader)}`;
  const words = {
    ...pendingWords(reader),
    ...reader.texts.copying,
    ...findingWords(reader),
    ...account.words,
  };
  return page({ reader, tenant: brand, title: account.title, body, script: "account", words, isWide: true });
}

const sectionsFor = (reader: Reader): Section[] => [
  {
    id: "pending",
    title: reader.texts.account.pending.title,
    whom: "all",
    body: html`<p>${reader.texts.account.pending.intro}</p>
      ${pendingSignIns(reader)}`,
  },
  profile(reader),
  password(reader),
  twoStep(reader),
  sessions(reader),
  keys(reader),
];

const link = ({ id, title }: Section): Html => html`<li><a href="#${id}">${title}</a></li>`;
