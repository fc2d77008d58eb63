// From a mail of the outbox to what a transport sends.
import type { SendMailOptions } from "nodemailer";
import type { Config } from "../config.ts";
import { canonicalEmail } from "../core/emails.ts";
import type { ClaimedMail, MailBody } from "../core/outbox.ts";
import type { MailId } from "../core/ids.ts";
import { messageFor } from "./messages.ts";
import { oneLine } from "./one-line.ts";
import { render } from "./render.ts";

export interface Letter {
  id: MailId;
  message: SendMailOptions;
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
/** RFC 5322 §2.1.1: 998 octets and a line break. */
const SEVEN_BIT = /^(?:[\x20-\x7e]{0,998}\n)*$/;

/**
 * The letter of one mail: the same Message-ID and date however often it is sent, so that a mailbox that gets it twice can
 * tell. Addresses go to nodemailer as structure, names as single lines: nothing in them can become a header.
 */
export function letterOf(
  { url, mailFrom }: Pick<Config, "url" | "mailFrom">,
  { id, createdAt }: Pick<ClaimedMail, "id" | "createdAt">,
  { to, sender, content }: MailBody,
): Letter {
  const { hostname } = new URL(url);
  const ours = mailFrom ?? `no-reply@${hostname}`;
  const address = (sender.address !== null && canonicalEmail(sender.address)) || ours;
  const { subject, text, html } = render(messageFor(content, sender.brand), sender);
  const message: SendMailOptions = {
    from: { name: headerText(oneLine(sender.name ?? sender.brand, LONGEST_NAME)), address },
    to: { name: "", address: to },
    subject: headerText(subject),
    text: SEVEN_BIT.test(text) ? { raw: sevenBitPart(text) } : text,
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

/** nodemailer would cut longer lines with quoted-printable, and nobody could copy a link out of an .eml file. */
const sevenBitPart = (text: string): string =>
  `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n${text.replaceAll("\n", "\r\n")}`;
