// `ostiary serve`: opens the data directory, serves until told to stop.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type { Config } from "../config.ts";
import { type Context, openContext } from "../context.ts";
import { isOurSecret } from "../core/instance.ts";
import { prepareSigningKeys } from "../flows/rotate-signing-keys.ts";
import { needsSetup, setupToken } from "../flows/setup.ts";
import { createLog } from "../log.ts";
import { type RunningServer, startServer } from "../server.ts";
import { version } from "../../package.json";

/** The process as a command sees it. */
export interface Terminal {
  /** Log lines. */
  out: (text: string) => void;
  /** Words for people. */
  err: (text: string) => void;
  isTerminal: boolean;
  /** Resolves when the process is asked to end. */
  stopped: Promise<string>;
}

/** The data directory cannot be used; the message says what to do. */
export class BadData extends Error {
  override readonly name = "BadData";
}

/** Serves until stopped; resolves to the exit code. Throws BadData and SchemaMismatch. */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const now = () => Date.now();
  const log = createLog({ level: config.log, pretty: terminal.isTerminal, now, write: terminal.out });
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  const { ctx, close } = openContext({ config, secret: masterSecret(config, terminal), log, now });
  if (!(await isOurSecret(ctx))) throw new BadData(wrongSecret(config));
  await prepareSigningKeys(ctx);
  const server = startServer(ctx);
  terminal.err(await greeting(ctx, server));
  log.info("listening", { url: config.url, host: config.host, port: server.port });
  log.info("stopping", { reason: await terminal.stopped });
  await server.stop();
  await close();
  log.info("stopped");
  return 0;
}

const wrongSecret = ({ databasePath, secretPath }: Config) =>
  `${databasePath} was made with another master secret; put the right one into ${secretPath} or OSTIARY_SECRET`;

/** From the settings, or from secret.key, which is made at the first start: 32 random bytes, readable by its owner only. */
function masterSecret({ secret, secretPath, databasePath }: Config, { err }: Terminal): string {
  if (secret !== undefined) return secret;
  if (!existsSync(secretPath)) {
    if (existsSync(databasePath)) throw new BadData(missingSecret(secretPath, databasePath));
    createSecret(secretPath);
  }
  if ((statSync(secretPath).mode & 0o077) !== 0) {
    err(`${secretPath} was readable by other users of this machine; it is not any more.\n`);
    chmodSync(secretPath, 0o600);
  }
  const found = readFileSync(secretPath, "utf8").trim();
  if (found.length >= 32) return found;
  throw new BadData(
    `${secretPath} is damaged: restore it from a backup; without it ${databasePath} cannot be used`,
  );
}

const missingSecret = (secretPath: string, databasePath: string) =>
  `${secretPath} is missing: restore it from a backup, or set OSTIARY_SECRET; without it ${databasePath} cannot be used`;

/** Written aside and linked into place: it is there whole or not at all, and of two first starts at once one wins. */
function createSecret(path: string): void {
  const random = (bytes: number) =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
  const aside = `${path}.${random(8)}`;
  writeFileSync(aside, `${random(32)}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(aside, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    unlinkSync(aside);
  }
}

/** What a first-time user needs to know next. */
async function greeting(ctx: Context, { port }: RunningServer): Promise<string> {
  const { url, host, dataDirectory, outboxDirectory, smtpUrl, mailFrom, docs } = ctx.config;
  const mail = smtpUrl
    ? `sent by ${new URL(smtpUrl).host} as ${mailFrom}`
    : `written to ${outboxDirectory}, one .eml file each; OSTIARY_SMTP_URL sends it`;
  const lines = [
    `Ostiary ${version}`,
    "",
    `  Address   ${url}  (listening on ${host}, port ${port})`,
    `  Data      ${dataDirectory}`,
    `  Mail      ${mail}`,
    ...(docs ? [`  API docs  ${url}/swagger`] : []),
    "",
    ...(isUnreachable(ctx.config)
      ? [`Requests from other machines are refused: set OSTIARY_URL to the address they use.`, ""]
      : []),
    ...((await needsSetup(ctx)) ? firstSteps(ctx, port) : []),
  ];
  return `\n${lines.join("\n")}\n`;
}

/** It listens for other machines, but would not accept the name they know it by. */
const isUnreachable = ({ host, url }: Config): boolean =>
  !["127.0.0.1", "::1", "localhost"].includes(host) && new URL(url).hostname === "localhost";

function firstSteps(ctx: Context, port: number): string[] {
  const { url, host, docs, setupToken: asksForToken } = ctx.config;
  const token = setupToken(ctx);
  // Where it does not listen on loopback, no request counts as local.
  const isLocal = LISTENS_ON_LOOPBACK.has(host);
  const body = {
    username: "admin",
    password: "at least 8 characters",
    ...(isLocal || !asksForToken ? {} : { setup_token: token }),
  };
  return [
    "No admin exists yet. Make the first one, from a shell on this machine:",
    "",
    `  curl -X POST ${isLocal ? `http://localhost:${port}` : url}/api/v1/auth/setup/ \\`,
    `    -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(body)}'`,
    "",
    ...(docs ? [`or in a browser: ${url}/swagger#/key/keySetup`, ""] : []),
    ...(asksForToken
      ? ['From a browser or another machine, add this one-time token as "setup_token":', "", `  ${token}`, ""]
      : []),
  ];
}

/** Loopback, or every address of the machine. */
const LISTENS_ON_LOOPBACK = new Set(["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"]);
