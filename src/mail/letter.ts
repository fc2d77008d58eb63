// From a mail of the outbox to what a transport sends.
import type { SendMailOptions } from "nodemailer";
import type { Config } from "../config.ts";
import { canonicalEmail } from "../core/emails.ts";
import type { ClaimedMail, MailBody } from "../core/outbox.ts";
import type { MailId } from "../core/ids.ts";
import { DEFAULT_LANGUAGE, languageOf } from "../texts/texts.ts";
import { messageFor } from "./messages.ts";
import { oneLine } from "./one-line.ts";
import { render } from "./render.ts";

export interface Letter {
  id: MailId;
  /** Each transport encodes the plain text as its way allows. */
  message: SendMailOptions & { text: string };
}

/** Sends one letter, and throws Undelivered when it could not. Stops when the signal says so. */
export type Transport = (letter: Letter, signal: AbortSignal) => Promise<void>;

/** The reason is for administrators and the log: without addresses, links or secrets. */
export class Undelivered extends Error {
  override readonly name = "Undelivered";
  constructor(
    readonly reason: string,
    /** It would be refused again, however often it is tried. */
    readonly isPermanent: boolean,
    cause: unknown,
  ) {
    super(reason, { cause });
  }
}

const LONGEST_NAME = 64;
/** Octets, before the line break (RFC 5322 §2.1.1). */
const LONGEST_LINE = 998;

/**
 * The letter of one mail: the same Message-ID and date however often it is sent, so that a mailbox that gets it twice can
 * tell. Addresses go to nodemailer as structure, names as single lines: nothing in them can become a header.
 */
export function letterOf(
  { url, mailFrom }: Pick<Config, "url" | "mailFrom">,
  { id, createdAt }: Pick<ClaimedMail, "id" | "createdAt">,
  { to, sender, content, language }: MailBody,
): Letter {
  const { hostname } = new URL(url);
  const ours = mailFrom ?? `no-reply@${hostname}`;
  const address = (sender.address !== null && canonicalEmail(sender.address)) || ours;
  const letterhead = {
    brand: sender.brand,
    url,
    language: languageOf(language ?? "") ?? DEFAULT_LANGUAGE,
  };
  const { subject, text, html } = render(messageFor(content, letterhead), sender);
  const message = {
    from: { name: headerText(oneLine(sender.name ?? sender.brand, LONGEST_NAME)), address },
    to: { name: "", address: to },
    subject: headerText(subject),
    text,
    html,
    messageId: `<${id}@${hostname}>`,
    date: new Date(createdAt),
    // No machine shall answer it (RFC 3834 §5).
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return { id, message };
}

/** What looks like an encoded word (RFC 2047 §2) would be read as one, line breaks and all. */
const headerText = (line: string): string => line.replaceAll("=?", "= ?");

/**
 * A plain text part without any encoding, line by line as it stands: nodemailer would cut longer lines with quoted-printable, and
 * nobody could copy a link out of the source. Undefined where lines are too long for that, or, for a way that takes seven bits only,
 * where there is more than ASCII.
 */
export function unencoded(text: string, bits: 7 | 8): { raw: string } | undefined {
  const isAscii = /^[\x20-\x7e\n]*$/.test(text);
  const isShort = text.split("\n").every((line) => Buffer.byteLength(line) <= LONGEST_LINE);
  if (!isShort || (bits === 7 && !isAscii)) return undefined;
  const encoding = isAscii ? "7bit" : "8bit";
  return {
    raw: `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text.replaceAll("\n", "\r\n")}`,
  };
}
