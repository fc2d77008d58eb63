// The second factor of a sign-in: a step for each kind, and ways from one to the others (browser/factor-step.ts).
import { checkbox, field, form } from "./form.ts";
import { type Html, html } from "./html.ts";
import type { Reader } from "./reader.ts";
import { step } from "./step.ts";

const METHODS = ["totp", "webauthn", "email", "backup_code"] as const;

type Method = (typeof METHODS)[number];

export const factorSteps = (reader: Reader): Html[] =>
  METHODS.map((method) => {
    const { title, content } = PARTS[method](reader);
    const { factor } = reader.texts;
    const submit = method === "webauthn" ? factor.useWebauthn : factor.submit;
    const trust = checkbox("trust_device", factor.trust);
    // Who types the last digit of a code has no time left for the box.
    const fields = method === "webauthn" ? html`${content} ${trust}` : html`${trust} ${content}`;
    const more = html`${method === "email" ? resend(reader) : null} ${otherWays(reader, method)}`;
    return step(`factor-${method}`, title, form({ fields, submit, more, data: { method } }));
  });

const PARTS: Record<Method, (reader: Reader) => { title: string; content: Html }> = {
  totp: ({ texts: { factor } }) => ({
    title: factor.totp,
    content: codeField("totp_code", factor.totpCode, factor.totpHint),
  }),
  email: ({ texts: { factor } }) => ({
    title: factor.email,
    content: codeField("email_code", factor.emailCode, html`<span data-text="${factor.emailHint}"></span>`),
  }),
  webauthn: ({ texts: { factor } }) => ({
    title: factor.webauthn,
    content: html`<p>${factor.webauthnText}</p>`,
  }),
  backup_code: ({ texts: { factor } }) => ({
    title: factor.backupCode,
    content: field({
      name: "backup_code",
      label: factor.backupCodeLabel,
      hint: factor.backupCodeHint,
      autocomplete: "off",
    }),
  }),
};

/** Six digits. The hint says that they are sent without a further press (WCAG 2.2 §3.2.2). */
const codeField = (name: string, label: string, hint: string | Html): Html =>
  field({ name, label, hint, inputmode: "numeric", autocomplete: "one-time-code" });

/** What the button came to is read out; how long to wait still is only shown. */
const resend = ({ texts: { factor } }: Reader): Html =>
  html`<button class="button other" type="button" data-resend>${factor.resend}</button>
    <p class="hint" role="status" data-resent></p>`;

const otherWays = ({ texts: { factor } }: Reader, shown: Method): Html => {
  const labels: Record<Method, string> = {
    totp: factor.byTotp,
    webauthn: factor.byWebauthn,
    email: factor.byEmail,
    backup_code: factor.byBackupCode,
  };
  const buttons = METHODS.filter((method) => method !== shown).map(
    (method) => html`<button type="button" class="link" data-way="${method}">${labels[method]}</button>`,
  );
  return html`<p class="links" role="group" aria-label="${factor.ways}">${buttons}</p>`;
};
