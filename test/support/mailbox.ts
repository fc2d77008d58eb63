// A real SMTP server that keeps what it is sent, and can be told to misbehave.
import type { Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";

export interface ReceivedMail {
  /** Of the envelope. */
  sender: string;
  to: string;
  /** Of the headers. */
  from: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  messageId: string;
  /** As it came over the wire. */
  raw: string;
  parsed: ParsedMail;
}

/**
 * accept: every mail. reject: with this answer to RCPT TO (or another command). hang: takes the connection, or the message,
 * and says nothing more. drop: keeps the message and cuts the connection before answering, as when an answer is lost.
 */
export type Mode =
  | { do: "accept" }
  | { do: "reject"; code: number; text?: string; at?: "MAIL" | "RCPT" | "DATA" | "AUTH" }
  | { do: "hang"; at?: "connect" | "DATA" }
  | { do: "drop" };

export interface Mailbox extends AsyncDisposable {
  /** For OSTIARY_SMTP_URL. */
  url: string;
  mails: ReceivedMail[];
  /** Connections so far. */
  connections: number;
  /** Of each message. */
  sessions: { isSecure: boolean; user: string | undefined }[];
  mode: Mode;
  /**
   * The oldest mail to this address, with this in its subject, that no call has returned yet; waits up to 10 s for it. So
   * the second call for one address gives its second mail.
   */
  waitFor(to: string, subject?: string | RegExp): Promise<ReceivedMail>;
}

export interface MailboxOptions {
  /** Asks for this user and password, after STARTTLS. */
  auth?: { user: string; password: string };
  /** Offers STARTTLS, with the certificate that smtp-server brings along. */
  startTls?: boolean;
  /** smtps://, with the same certificate. */
  tls?: boolean;
}

/** Long, for machines that are busy: it is spent only where a mail does not come at all. */
const WITHIN_MS = 30_000;

/** Starts it on a free port of 127.0.0.1; `await using` stops it. */
export async function openMailbox({
  auth,
  startTls = false,
  tls = false,
}: MailboxOptions = {}): Promise<Mailbox> {
  const taken = new Set<ReceivedMail>();
  const find = (to: string, subject: string | RegExp) =>
    box.mails.find((mail) => !taken.has(mail) && mail.to === to && matches(mail.subject, subject));

  const options: SMTPServerOptions = {
    secure: tls,
    authOptional: auth === undefined,
    disabledCommands: [...(startTls ? [] : ["STARTTLS"]), ...(auth ? [] : ["AUTH"])],
    disableReverseLookup: true,
    logger: false,
    onConnect(_session, done) {
      box.connections++;
      if (!(box.mode.do === "hang" && box.mode.at !== "DATA")) done();
    },
    onAuth({ username, password }, _session, done) {
      const error = rejection(box.mode, "AUTH");
      if (error) done(error);
      else if (username === auth?.user && password === auth?.password) done(null, { user: username });
      else done(answer(535, "5.7.8 Authentication failed"));
    },
    onMailFrom: (_address, _session, done) => done(rejection(box.mode, "MAIL")),
    onRcptTo: (_address, _session, done) => done(rejection(box.mode, "RCPT")),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
      stream.on("end", () => void receive(Buffer.concat(chunks), session, done));
    },
  };

  async function receive(bytes: Buffer, session: SMTPServerSession, done: (error?: Error | null) => void) {
    const { mode } = box;
    const error = rejection(mode, "DATA");
    if (error) return done(error);
    if (mode.do === "hang") return undefined;
    box.sessions.push({ isSecure: session.secure, user: session.user });
    box.mails.push(await received(bytes, session));
    if (mode.do !== "drop") return done();
    for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy();
    return undefined;
  }

  const server = new SMTPServer(options);
  // A client that gives up is part of the tests.
  server.on("error", () => {});
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const login = auth ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@` : "";
  const box: Mailbox = {
    url: `${tls ? "smtps" : "smtp"}://${login}localhost:${port}`,
    mails: [],
    connections: 0,
    sessions: [],
    mode: { do: "accept" },
    async waitFor(to, subject = "") {
      const until = performance.now() + WITHIN_MS;
      for (;;) {
        const found = find(to, subject);
        if (found) {
          taken.add(found);
          return found;
        }
        if (performance.now() > until) throw new Error(`no mail to ${to} about ${subject}: ${titles(box)}`);
        await Bun.sleep(10);
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return box;
}

/** The first link of a mail, out of its plain text. */
export function linkIn({ text }: Pick<ReceivedMail, "text">): URL {
  const link = /https?:\/\/\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`no link in: ${text}`);
  return new URL(link);
}

/** The secret in that link: `token`, in its query or its fragment. */
export function tokenIn(mail: Pick<ReceivedMail, "text">): string {
  const link = linkIn(mail);
  const token = link.searchParams.get("token") ?? new URLSearchParams(link.hash.slice(1)).get("token");
  if (!token) throw new Error(`no token in: ${link.href}`);
  return token;
}

async function received(bytes: Buffer, { envelope }: SMTPServerSession): Promise<ReceivedMail> {
  const parsed = await simpleParser(bytes);
  return {
    sender: envelope.mailFrom ? envelope.mailFrom.address : "",
    to: envelope.rcptTo.map(({ address }) => address).join(" "),
    from: {
      name: parsed.from?.value[0]?.name ?? "",
      address: parsed.from?.value[0]?.address ?? "",
    },
    subject: parsed.subject ?? "",
    text: parsed.text ?? "",
    html: parsed.html || "",
    messageId: parsed.messageId ?? "",
    raw: bytes.toString("utf8"),
    parsed,
  };
}

function rejection(mode: Mode, at: "MAIL" | "RCPT" | "DATA" | "AUTH"): Error | undefined {
  if (mode.do !== "reject" || (mode.at ?? "RCPT") !== at) return undefined;
  return answer(mode.code, mode.text ?? "not today");
}

const answer = (responseCode: number, text: string): Error =>
  Object.assign(new Error(text), { responseCode });

const matches = (subject: string, wanted: string | RegExp): boolean =>
  typeof wanted === "string" ? subject.toLowerCase().includes(wanted.toLowerCase()) : wanted.test(subject);

const titles = ({ mails }: Mailbox): string =>
  JSON.stringify(mails.map(({ to, subject }) => `${to}: ${subject}`));
