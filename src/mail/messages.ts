// What mails say. Words only: plain ASCII, so that the plain text arrives as it stands here; mail/render.ts gives them form.
import type { FactorChange, MailContent } from "../core/outbox.ts";
import { oneLine } from "./one-line.ts";

/** One part of a mail, in plain text and HTML alike. */
export type Block = { paragraph: string } | { label: string; link: string } | { code: string };

export interface Message {
  subject: string;
  blocks: Block[];
}

type Kind = MailContent["kind"];
type Words<K extends Kind> = (content: Extract<MailContent, { kind: K }>, service: string) => Message;

/** The words for one mail. `brand` is what the reader knows the service by. */
export function messageFor(content: MailContent, brand: string): Message {
  const words = WORDS[content.kind] as (content: MailContent, service: string) => Message;
  return words(content, name(brand));
}

/** Every mail ends with what to do for those who did not ask for it. */
const WORDS: { [K in Kind]: Words<K> } = {
  verify_email: ({ link }, service) => ({
    subject: `Confirm your email address for ${service}`,
    blocks: [
      p(`Welcome to ${service}. Please confirm that this email address is yours.`),
      { label: "Confirm email address", link },
      p("The link works for 24 hours."),
      p(
        "If you did not sign up, somebody gave your address, perhaps by mistake. Ignore this mail and nothing " +
          "comes of it, or open the link and say that it was not you.",
      ),
    ],
  }),

  already_registered: ({ tenantSlug }, service) => ({
    subject: `You already have an account at ${service}`,
    blocks: [
      p(
        `Somebody, most likely you, tried to sign up at ${service} (${name(tenantSlug)}) with this email ` +
          "address. It already has an account there.",
      ),
      p("Sign in as usual. If you do not remember your password, ask for a new one there."),
      p("If this was not you, you need not do anything: your account has not changed."),
    ],
  }),

  reset_password: ({ link, minutes }, service) => ({
    subject: `Set a new password for ${service}`,
    blocks: [
      p(`Somebody asked for a new password for your account at ${service}.`),
      { label: "Set a new password", link },
      p(`The link works once, within ${minutes} minutes. Do not pass it on to anyone.`),
      p("If this was not you, you need not do anything: your password stays as it is."),
    ],
  }),

  password_changed: (_content, service) => ({
    subject: `Your password for ${service} was changed`,
    blocks: [
      p(`The password of your account at ${service} was changed, and your other devices were signed out.`),
      p(`If this was not you, somebody else may have your account: ${alarm("ask for a new password")}`),
    ],
  }),

  invitation: ({ link, tenantName, role, invitedBy }) => {
    const what = `to join "${name(tenantName)}" as ${name(role)}`;
    return {
      subject: `Invitation to ${name(tenantName)}`,
      blocks: [
        p(invitedBy === null ? `You are invited ${what}.` : `"${name(invitedBy)}" invites you ${what}.`),
        { label: "See the invitation", link },
        p("If you do not know what this is about, ignore this mail: nothing happens unless you accept."),
      ],
    };
  },

  key_created: ({ keyName }, service) => ({
    subject: `A new API key for your account at ${service}`,
    blocks: [
      p(`A new API key named "${name(keyName)}" was made for your account at ${service}.`),
      p(
        `If this was not you, somebody else may have your account: ${alarm("delete the key, change your password")}`,
      ),
    ],
  }),

  code: ({ code, purpose, minutes }, service) => ({
    subject: `Your code for ${service}: ${code}`,
    blocks: [
      p(`${CODE_FOR[purpose]} ${service}:`),
      { code },
      p(
        `It works once, within ${minutes} minutes. Nobody who works for ${service} will ever ask you for it.`,
      ),
      p(
        purpose === "login"
          ? "If you are not signing in, somebody else knows your password: change it."
          : "If you did not ask for this, ignore this mail: nothing changes without the code.",
      ),
    ],
  }),

  magic_code: ({ code, minutes }, service) => ({
    subject: `Your code for ${service}: ${code}`,
    blocks: [
      p(`This code signs you in to ${service}:`),
      { code },
      p(
        `It works once, within ${minutes} minutes, and only where it was asked for. Nobody who works for ` +
          `${service} will ever ask you for it.`,
      ),
      p("If you did not ask for this, ignore this mail: nobody gets in without the code."),
    ],
  }),

  login_waiting: ({ id, address, userAgent, minutes }, service) => ({
    subject: `A sign-in to ${service} waits for you`,
    blocks: [
      p(`Somebody who knows your password is signing in to ${service}.`),
      p(`From: ${name(address)}${userAgent === null ? "" : `, ${name(userAgent)}`}. Sign-in: ${name(id)}.`),
      p(
        `If this is you, finish it there with a code, or approve it within ${minutes} minutes where you are ` +
          "signed in already: type the number that the waiting screen shows.",
      ),
      p("If this is not you, reject it there and change your password: somebody else knows it."),
    ],
  }),

  factor_changed: ({ change }, service) => ({
    subject: `How you sign in to ${service} has changed`,
    blocks: [
      p(`On your account at ${service}, ${CHANGED[change]}.`),
      p(`If this was not you, somebody else may have your account: ${alarm("change your password")}`),
    ],
  }),

  backup_code_used: ({ left }, service) => ({
    subject: `A backup code signed in to ${service}`,
    blocks: [
      p(`Somebody, most likely you, signed in to your account at ${service} with one of your backup codes.`),
      p(
        left === 0
          ? "It was the last one. Make new ones while you can still sign in."
          : `That code is spent; ${left} ${left === 1 ? "is" : "are"} left.`,
      ),
      p(
        `If this was not you, somebody has your password and your backup codes: ${alarm("change your password, make new codes")}`,
      ),
    ],
  }),

  signed_in_elsewhere: ({ address, userAgent, at }, service) => ({
    subject: `A sign-in to ${service} from a new place`,
    blocks: [
      p(`On ${minute(at)}, somebody, most likely you, signed in to your account at ${service}.`),
      p(`From: ${name(address)}${userAgent === null ? "" : `, ${name(userAgent)}`}.`),
      p(
        "You have signed in before, but of late neither from this address nor on this device: that is why we tell you.",
      ),
      p(`If this was not you, somebody else has your account: ${alarm("change your password")}`),
    ],
  }),

  impersonated: ({ by, at }, service) => ({
    subject: `An administrator looked into your account at ${service}`,
    blocks: [
      p(
        `On ${minute(at)}, "${name(by)}" began to act as you at ${service}, for at most 15 minutes, and sees what you ` +
          "see there. Your password and the ways in which you sign in cannot be changed like that, and every step is on record.",
      ),
      p("If you do not know what this is about, ask those who run the service."),
    ],
  }),
};

/** 2026-01-31 08:00 UTC */
const minute = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\..*$/, " UTC");

const CODE_FOR: Record<Extract<MailContent, { kind: "code" }>["purpose"], string> = {
  login: "This code finishes your sign-in to",
  enrol: "This code turns on sign-in codes by email for",
  disable: "This code turns off sign-in codes by email for",
};

const CHANGED: Record<FactorChange, string> = {
  totp_enabled: "codes from an authenticator app were turned on",
  totp_disabled: "codes from an authenticator app were turned off",
  email_enabled: "sign-in codes by email were turned on",
  email_disabled: "sign-in codes by email were turned off",
  passkey_added: "a passkey was added",
  passkey_removed: "a passkey was removed",
  backup_codes_made: "new backup codes were made, and the old ones are void",
  all_removed: "every second factor was removed",
};

const p = (paragraph: string): Block => ({ paragraph });

const alarm = (remedy: string): string => `${remedy} at once, and tell those who run the service.`;

/** Names are chosen by others: long enough for every honest one, too short for a letter of their own. */
const LONGEST_NAME = 64;
const name = (text: string): string => oneLine(text, LONGEST_NAME);
