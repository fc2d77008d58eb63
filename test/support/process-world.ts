// A world whose server is the real program in a process of its own; beside it a Context on the same database, by which tests
// make people and look.
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { type Context, openContext } from "../../src/context.ts";
import type { Db } from "../../src/db/db.ts";
import { createLog } from "../../src/log.ts";
import { type SettingName, variableOf } from "../../src/settings.ts";
import { freePort, freshDirectory, type RunningProgram, type StartOptions, startProgram } from "./process.ts";
import { SECRET, send, type World } from "./world.ts";

export interface ProcessWorld extends World {
  /** The one that runs now. */
  program: () => RunningProgram;
  /**
   * Waits until the program reads what others have written so far: while a commit of its own is on its way to the disk it reads as
   * before that (src/db/sqlite-durability.ts). What is written by `ctx` waits for it by itself.
   */
  settle: () => Promise<void>;
  /** The next one, on the same data and the same port; the one before must have ended. */
  start: (more?: Pick<StartOptions, "program" | "env">) => Promise<void>;
}

/** Nothing that tests do to their own server holds them up; each setting can be given. */
const GENEROUS: Partial<Record<SettingName, string>> = {
  ARGON2_MEMORY: "8",
  ARGON2_PASSES: "1",
  LOG: "debug",
  SECRET,
  LIMIT_ADDRESS_FAILURES: "100000",
  LIMIT_ADDRESS_MAILS: "100000",
  LIMIT_IDENTIFY: "100000",
};

/** Starts the program; `await using` ends it by SIGKILL. `seenAt`: where its directory lies for us, when it has mounts of its own. */
export async function processWorld(
  settings: Partial<Record<SettingName, string>> = {},
  {
    directory = freshDirectory(),
    program: command,
    port = 0,
    isAtTerminal = false,
    seenAt = directory,
  }: StartOptions & { seenAt?: string } = {},
): Promise<ProcessWorld> {
  const given = { ...GENEROUS, ...settings };
  const env = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [variableOf(name as SettingName), value]),
  );
  const fixedPort = port === 0 ? await freePort() : port;
  const starting = { directory, env, port: fixedPort, isAtTerminal, ...(command && { program: command }) };
  const outputs: (() => string)[] = [];
  const begin = async (more: Pick<StartOptions, "program" | "env"> = {}) => {
    const started = await startProgram({ ...starting, ...more, env: { ...env, ...more.env } });
    outputs.push(() => started.output().out);
    return started;
  };
  let program = await begin();
  const { ctx, close } = contextBeside(seenAt, { ...given, PORT: String(fixedPort) });
  // Commits nothing, and is answered once that is on disk.
  const settle = async () => {
    const body = { refresh_token: "none" };
    await send(program.origin, "POST", "/api/v1/auth/refresh", { body }).catch(() => {});
  };
  return {
    origin: program.origin,
    ctx: { ...ctx, db: settling(ctx.db, settle) },
    settle,
    clock: {
      now: Date.now,
      advance: () => {
        throw new Error("the clock of another process cannot be set");
      },
    },
    get log() {
      return outputs.flatMap((read) => read().split("\n").filter(Boolean));
    },
    directory: seenAt,
    send: (method, path, options) => send(program.origin, method, path, options),
    program: () => program,
    async start(more) {
      program = await begin(more);
    },
    async [Symbol.asyncDispose]() {
      await close();
      await program[Symbol.asyncDispose]();
    },
  };
}

/** The same, but each write is followed by `settle`. */
function settling(db: Db, settle: () => Promise<void>): Db {
  const settled = async <T>(written: Promise<T>): Promise<T> => {
    const value = await written;
    await settle();
    return value;
  };
  const isRead = (text: TemplateStringsArray) => /^\s*select\b/i.test(text[0] ?? "");
  return {
    get: (text, ...values) => (isRead(text) ? db.get(text, ...values) : settled(db.get(text, ...values))),
    recall: (text, ...values) => db.recall(text, ...values),
    all: (text, ...values) => (isRead(text) ? db.all(text, ...values) : settled(db.all(text, ...values))),
    run: (text, ...values) => settled(db.run(text, ...values)),
    tx: (work, options) => settled(db.tx(work, options)),
  };
}

function contextBeside(directory: string, settings: Partial<Record<SettingName, string>>) {
  const data = join(directory, "data");
  const config = loadConfig({
    env: {},
    flags: { ...settings, DATA: data },
    readFile: () => "",
    cwd: directory,
  });
  const log = createLog({ level: "silent", pretty: false, now: Date.now, write: () => {} });
  const opened: { ctx: Context; close: () => Promise<void> } = openContext({
    config,
    secret: settings.SECRET ?? SECRET,
    log,
    now: Date.now,
  });
  return opened;
}
