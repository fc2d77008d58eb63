// Signing in: of the whole instance, where the email comes first, and of one tenant, where email and password stand on one card. The
// steps are all there, and the script shows one at a time (browser/sign-in.ts).
import type { Tenant } from "../core/tenants.ts";
import { defaultRedirect } from "../flows/redirects.ts";
import { type Branded, brandOf } from "./brand.ts";
import { factorSteps } from "./factors.ts";
import { findingWords } from "./findings.ts";
import { checkbox, field, form, passwordField } from "./form.ts";
import { type Html, html } from "./html.ts";
import { page } from "./layout.ts";
import type { Reader } from "./reader.ts";
import { step } from "./step.ts";

export interface Visitor {
  reader: Reader;
  /** The browser has a session, alive or not; those who are asked to sign in again have none that counts. */
  hasSession: boolean;
}

/** /login */
export function instanceSignInPage({ reader, hasSession }: Visitor, brand: Branded): Response {
  const { signIn } = reader.texts;
  const start = form({
    isEarly: true,
    fields: emailField(reader),
    submit: signIn.next,
    more: passkeyButton(reader),
  });
  const body = html`${step("start", signIn.title, start, { session: hasSession ? "yes" : null })}
  ${step("choose", signIn.choose, choices(reader))}
  ${step("organization", signIn.organization, organization(reader))}
  ${step("enter-password", signIn.enterPassword, passwordStep(reader))} ${laterSteps(reader)}`;
  return signInPage(reader, brand, signIn.title, body);
}

/** /t/{slug}/login */
export function tenantSignInPage({ reader, hasSession }: Visitor, tenant: Tenant): Response {
  const { signIn } = reader.texts;
  const title = signIn.titleAt(brandOf(tenant));
  const links = html`${passkeyButton(reader)}
    <p class="links">
      <a href="/t/${tenant.slug}/forgot">${signIn.forgot}</a>
      ${
        tenant.settings.self_registration
          ? html`<a href="/t/${tenant.slug}/register">${signIn.register}</a>`
          : null
      }
    </p>`;
  const start = form({
    isEarly: true,
    fields: html`${emailField(reader)} ${password(reader)}`,
    submit: signIn.submit,
    more: links,
  });
  const data = {
    slug: tenant.slug,
    tenant: tenant.id,
    session: hasSession ? "yes" : null,
    next: defaultRedirect(tenant),
  };
  return signInPage(reader, tenant, title, html`${step("start", title, start, data)} ${laterSteps(reader)}`);
}

const signInPage = (reader: Reader, tenant: Branded, title: string, body: Html): Response =>
  page({
    reader,
    tenant,
    title,
    body,
    script: "sign-in",
    words: { ...reader.texts.signInAnswers, ...findingWords(reader) },
  });

/** Passkeys of this browser are offered behind the field (WebAuthn L3 §5.1.4, conditional mediation). */
const emailField = ({ texts }: Reader): Html =>
  field({
    name: "email",
    label: texts.signIn.email,
    type: "email",
    inputmode: "email",
    autocomplete: "username webauthn",
    hasFocus: true,
  });

const password = (reader: Reader): Html =>
  html`${passwordField(reader, {
    name: "password",
    label: reader.texts.signIn.password,
    autocomplete: "current-password",
  })}
  ${checkbox("remember_me", reader.texts.signIn.remember)}`;

const passkeyButton = ({ texts }: Reader): Html =>
  html`<button class="button other" type="button" data-passkey disabled>${texts.signIn.withPasskey}</button>`;

const backToStart = (label: string): Html =>
  html`<p class="links"><button type="button" class="link" data-go="start">${label}</button></p>`;

/** Filled by the script. */
const choices = ({ texts }: Reader): Html =>
  html`<p><bdi data-text="{email}"></bdi></p>
    <ul class="choices">
      <template
        ><li>
          <button class="button other" type="button"><bdi></bdi> <small></small></button></li
      ></template>
    </ul>
    ${backToStart(texts.signIn.change)}`;

const organization = (reader: Reader): Html => {
  const { signIn } = reader.texts;
  const slug = field({
    name: "slug",
    label: signIn.slug,
    hint: signIn.slugHint,
    autocomplete: "organization",
  });
  return form({ fields: slug, submit: signIn.next, more: backToStart(signIn.change) });
};

/** The field that nobody sees tells password managers whose password it is. */
const passwordStep = (reader: Reader): Html => {
  const { signIn } = reader.texts;
  const fields = html`<p><bdi data-text="{email}"></bdi><span data-text="{tenant}"></span></p>
    <input type="text" name="username" autocomplete="username" hidden />
    ${password(reader)}`;
  const more = html`<p class="links">
    <a href="/login" data-forgot>${signIn.forgot}</a>
    <button type="button" class="link" data-go="start">${signIn.change}</button>
  </p>`;
  return form({ fields, submit: signIn.submit, more });
};

/** What follows a right password, and what meets those who are signed in. */
function laterSteps(reader: Reader): Html {
  const { signIn } = reader.texts;
  const signedIn = html`<p><bdi data-text="{account}"></bdi></p>
    <p><a class="button" href="/account" data-go-on data-text="${signIn.goOnAs}"></a></p>
    <p class="links"><button type="button" class="link" data-go="start">${signIn.asAnother}</button></p>`;
  const unverified = html`<p data-text="${signIn.unverifiedText}"></p>
    <p><button type="button" class="button" data-go="start">${signIn.back}</button></p>`;
  const done = html`<p>${reader.texts.answers.waiting}</p>
    <p><a class="button" href="/account" data-go-on>${signIn.doneGoOn}</a></p>`;
  return html`${factorSteps(reader)} ${step("signed-in", signIn.signedIn, signedIn)}
  ${step("unverified", signIn.unverified, unverified)} ${step("done", signIn.done, done)}`;
}
