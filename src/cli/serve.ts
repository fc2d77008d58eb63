// `ostiary serve`: opens the data directory, serves until told to stop.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { Config } from "../config.ts";
import { type Context, openContext } from "../context.ts";
import { isOurSecret } from "../core/instance.ts";
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
  const fresh = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  try {
    // Exclusively: of two first starts at once one writes, and both read what it wrote.
    writeFileSync(secretPath, `${fresh}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
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
    ...((await needsSetup(ctx)) ? firstSteps(ctx, port) : []),
  ];
  return `\n${lines.join("\n")}\n`;
}

function firstSteps(ctx: Context, port: number): string[] {
  const { url, docs, setupToken: asksForToken } = ctx.config;
  const body = `{"username": "admin", "password": "at least 8 characters"}`;
  return [
    "No admin exists yet. Make the first one, from a shell on this machine:",
    "",
    `  curl -X POST http://localhost:${port}/api/v1/auth/setup/ \\`,
    `    -H 'Content-Type: application/json' \\`,
    `    -d '${body}'`,
    "",
    ...(docs ? [`or in a browser: ${url}/swagger#/key/keySetup`, ""] : []),
    ...(asksForToken
      ? [
          'From a browser or another machine, add this one-time token as "setup_token":',
          "",
          `  ${setupToken(ctx)}`,
          "",
        ]
      : []),
  ];
}
