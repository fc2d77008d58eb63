// The real server in this process, on a database of its own, with a clock that tests set and password hashing made cheap.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { type Context, openContext } from "../../src/context.ts";
import { prepareSigningKeys } from "../../src/flows/rotate-signing-keys.ts";
import { createLog } from "../../src/log.ts";
import { startServer } from "../../src/server.ts";
import type { SettingName } from "../../src/settings.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";
import { freePort } from "./process.ts";
import { openBeside } from "./beside.ts";

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the text when it is none. */
  body: any; // oxlint-disable-line typescript/no-explicit-any -- tests look into whatever came back
}

export interface Clock {
  now(): number;
  advance(ms: number): void;
  /** From now on `advance` alone moves it. */
  stop?(): void;
}

export interface World extends AsyncDisposable {
  /** http://localhost:<port> */
  origin: string;
  ctx: Context;
  clock: Clock;
  /** Every log line so far, at level debug. */
  log: string[];
  directory: string;
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
}

export interface SendOptions {
  body?: unknown;
  /** Sent as `Authorization: Bearer …`. */
  key?: string;
  headers?: Record<string, string>;
}

export const SECRET = "a master secret for tests, 32 bytes or more";

/** Tests refuse more in a minute than anybody: what is not about floods sees every refusal written down. */
const CHEAP = { ARGON2_MEMORY: "8", ARGON2_PASSES: "1", AUDIT_REFUSALS: "1000000", LOG: "debug", SECRET };

export const MAIL_FROM = "no-reply@ostiary.test";

/** A world whose mail goes to a real SMTP server. */
export async function worldWithMail(
  settings: Partial<Record<SettingName, string>> = {},
): Promise<World & { mailbox: Mailbox }> {
  const mailbox = await openMailbox();
  const w = await world({ SMTP_URL: mailbox.url, MAIL_FROM, ...settings });
  return {
    ...w,
    mailbox,
    async [Symbol.asyncDispose]() {
      await w[Symbol.asyncDispose]();
      await mailbox[Symbol.asyncDispose]();
    },
  };
}

/** A world whose mail becomes files in its outbox directory. */
export const worldWithFiles = (settings: Partial<Record<SettingName, string>> = {}): Promise<World> =>
  start(settings);

/** Nobody listens there: mail stays in the outbox, where a test finds it however slow it is. */
const NO_MAIL_SERVER = { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM };

/** Starts a server; `await using` stops it and removes its files. */
export const world = (settings: Partial<Record<SettingName, string>> = {}): Promise<World> =>
  start({ ...NO_MAIL_SERVER, ...settings });

/** Between asking for a free port and listening on it another process may take it. */
async function start(settings: Partial<Record<SettingName, string>>, attempts = 5): Promise<World> {
  try {
    return await startOnce(settings);
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (isTaken && attempts > 1) return start(settings, attempts - 1);
    throw error;
  }
}

async function startOnce(settings: Partial<Record<SettingName, string>>): Promise<World> {
  const bare = worldWithoutServer({ PORT: String(await freePort()), ...settings });
  await prepareSigningKeys(bare.ctx);
  const server = startServer(bare.ctx);
  const origin = `http://localhost:${server.port}`;
  return {
    ...bare,
    origin,
    send: (method, path, options) => send(origin, method, path, options),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await bare[Symbol.asyncDispose]();
    },
  };
}

/** Where nobody works but the test: no server takes a mail out of its hands. */
export function worldWithoutServer(
  settings: Partial<Record<SettingName, string>> = {},
): Omit<World, "origin" | "send"> {
  const directory = mkdtempSync(join(tmpdir(), "ostiary-test-"));
  const config = loadConfig({
    env: {},
    flags: { ...CHEAP, DATA: directory, ...settings },
    readFile: () => "",
    cwd: directory,
  });
  let skewMs = 0;
  let running = Date.now;
  const now = () => running() + skewMs;
  const lines: string[] = [];
  const log = createLog({ level: config.log, pretty: false, now, write: (line) => void lines.push(line) });
  const { ctx, close } = openContext({ config, secret: SECRET, log, now });
  return {
    ctx,
    clock: {
      now,
      advance: (ms) => void (skewMs += ms),
      stop: () => {
        const stoppedAt = running();
        running = () => stoppedAt;
      },
    },
    log: lines,
    directory,
    async [Symbol.asyncDispose]() {
      await close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One request as a client would send it; redirects are shown, not followed. */
export async function send(
  origin: string,
  method: string,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  const headers = new Headers(options.headers);
  if (options.key !== undefined) headers.set("authorization", `Bearer ${options.key}`);
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
  const response = await fetch(origin + path, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The audit log as sentences: `event`, or `event: reason`. Without the refusals that no flow tells by itself, which
 * test/audit-coverage.test.ts is about.
 */
export const audited = async ({ ctx }: World): Promise<string[]> =>
  (
    await ctx.db.all<{ event: string; reason: string | null }>`
      select event, reason from audit where event <> 'request.refused' order by id`
  ).map(({ event, reason }) => (reason ? `${event}: ${reason}` : event));

/** Every row of every table, by table; but for the marks of the audit log, which say no more than its rows. */
export function dump({ ctx }: Pick<World, "ctx">): Record<string, unknown[]> {
  using database = openBeside(ctx.config.databasePath, { readonly: true });
  const tables = database
    .query<{ name: string }, []>(
      "select name from sqlite_master where type = 'table' and name <> 'audit_marks'",
    )
    .all();
  return Object.fromEntries(tables.map(({ name }) => [name, database.query(`select * from ${name}`).all()]));
}
