// `ostiary serve`: opens the data directory, serves until told to stop.
import type { Config } from "../config.ts";
import type { Context, OpenedContext } from "../context.ts";
import { witnessAudit } from "../flows/keep-audit.ts";
import { prepareSigningKeys } from "../flows/rotate-signing-keys.ts";
import { needsLocalSetup, needsSetup, setupToken } from "../flows/setup.ts";
import { diskFailureOf } from "../db/sqlite-durability.ts";
import { createLog } from "../log.ts";
import { type RunningServer, startServer } from "../server.ts";
import { version } from "../../package.json";
import { now, openDataDirectory } from "./data-directory.ts";
import type { Terminal } from "./terminal.ts";

/** Serves until stopped; resolves to the exit code. Throws BadData, SchemaMismatch and NotDurable. */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const stopped = terminal.stopped();
  const log = createLog({ level: config.log, pretty: terminal.isTerminal, now, write: terminal.out });
  const opened = await openDataDirectory(config, { log, warn: terminal.err, create: true });
  try {
    await serveUntil(stopped, opened, terminal);
  } catch (error) {
    // Answering nobody: what is on disk is not known, only a new start finds out.
    const failure = diskFailureOf(error);
    if (failure) log.error("the database is broken: ending", { reason: failure.message });
    throw error;
  }
  log.info("stopped");
  return 0;
}

async function serveUntil(
  stopped: Promise<string>,
  { ctx, close, broken }: OpenedContext,
  terminal: Terminal,
): Promise<void> {
  const { url, host } = ctx.config;
  const server = startServer(ctx);
  await prepareSigningKeys(ctx);
  terminal.err(await greeting(ctx, server));
  ctx.log.info("listening", { url, host, port: server.port });
  await witnessAudit(ctx);
  const failed = Promise.race([broken, server.broken]);
  const reason = await Promise.race([failed, stopped]);
  if (reason instanceof Error) throw reason;
  ctx.log.info("stopping", { reason });
  const failure = await Promise.race([failed, server.stop()]);
  if (failure) throw failure;
  await witnessAudit(ctx);
  await close();
}

/** What a first-time user needs to know next. The link brings the token, so it is printed to this terminal and in no log. */
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
    ...(await firstSteps(ctx, port)),
  ];
  return `\n${lines.join("\n")}\n`;
}

/** It listens for other machines, but would not accept the name they know it by. */
const isUnreachable = ({ host, url }: Config): boolean =>
  !["127.0.0.1", "::1", "localhost"].includes(host) && new URL(url).hostname === "localhost";

async function firstSteps(ctx: Context, port: number): Promise<string[]> {
  if (!(await needsLocalSetup(ctx))) return [];
  if (!(await needsSetup(ctx))) return ["No admin exists yet. Make one on this machine: ostiary setup", ""];
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
    "No admin exists yet. Next, make the first account: open this link in a browser.",
    "",
    `  ${url}/setup${asksForToken ? `#token=${token}` : ""}`,
    "",
    "Or in a shell on this machine: ostiary setup, or by the API:",
    "",
    `  curl -X POST ${isLocal ? `http://localhost:${port}` : url}/api/v1/auth/setup/ \\`,
    `    -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(body)}'`,
    "",
    ...(docs && asksForToken
      ? [
          `From another machine the API, at ${url}/swagger too, asks for the token in that link as "setup_token".`,
          "",
        ]
      : []),
  ];
}

/** Loopback, or every address of the machine. */
const LISTENS_ON_LOOPBACK = new Set(["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"]);
