import { createTransport } from "nodemailer";
import { type Transport, Undelivered, unencoded } from "./letter.ts";
import { oneLine } from "./one-line.ts";

const TIMEOUTS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);
const LONGEST_REASON = 200;

/**
 * Sends through the server of an `smtp://` (STARTTLS when offered) or `smtps://` URL, logging in when it names a user.
 * Options of nodemailer may follow as a query, such as `?requireTLS=true` or `?tls.rejectUnauthorized=false`.
 */
export function createSmtp(url: string): Transport {
  // On this very machine nobody stands in between, and mail servers there have certificates that nobody signed.
  const tls = LOOPBACK.has(new URL(url).hostname) ? { tls: { rejectUnauthorized: false } } : {};
  const transport = createTransport({ ...TIMEOUTS, ...tls, url });
  return async ({ message }, signal) => {
    try {
      // Not every server on the way takes eight bits, and one that does not would have to rewrite what a signature may stand over.
      const text = unencoded(message.text, 7) ?? message.text;
      await transport.sendMail({ ...message, text, textEncoding: "quoted-printable", signal });
    } catch (error) {
      throw undelivered(error);
    }
  };
}

/** What nodemailer tells about a failure. */
interface SmtpError {
  message?: string;
  /** The command that was answered. */
  command?: string;
  response?: string;
  responseCode?: number;
}

function undelivered(error: unknown): Undelivered {
  const { message = "", command = "", response }: SmtpError = error instanceof Error ? error : {};
  const reason = response === undefined ? message : `${command}: ${response}`;
  const isPermanent = error instanceof Error && isForGood(error);
  return new Undelivered(oneLine(withoutSecrets(reason), LONGEST_REASON), isPermanent, error);
}

/** What a server holds against us rather than the recipient: login, relaying, policy (RFC 3463 §3.8). */
const AGAINST_US = /^5\d\d[ -](5\.7\.|.*\b(relay|authenticat))|^530/i;

/**
 * A 5xx to the recipient or the message (RFC 5321 §4.2.1) stays one. To the login or the sender it is the operator's to
 * mend, and the mail waits for that.
 */
const isForGood = ({ command, response = "", responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 500 && (command === "RCPT TO" || command === "DATA") && !AGAINST_US.test(response);

/** Servers like to repeat the address, or the link that they dislike. */
const withoutSecrets = (reason: string): string =>
  reason.replaceAll(/https?:\/\/\S+|\S*ost_\S+|[^\s<>:]+@[^\s<>]+/g, "...");
