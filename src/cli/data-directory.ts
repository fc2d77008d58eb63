// Opening the data directory, for every command alike; ambient time and randomness enter here.
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
import { openContext, type OpenedContext } from "../context.ts";
import { isOurSecret } from "../core/instance.ts";
import { chainAudit } from "../flows/chain-audit.ts";
import type { Log } from "../log.ts";

/** The data directory cannot be used; the message says what to do. */
export class BadData extends Error {
  override readonly name = "BadData";
}

/** Milliseconds since the epoch. */
export const now = (): number => Date.now();

export interface OpenOptions {
  log: Log;
  /** Takes words for people. */
  warn: (text: string) => void;
  /** Whether to make the directory, the secret and the database where they are missing. */
  create: boolean;
}

/** Also while a server runs on it. Close it when done. Throws BadData and SchemaMismatch. */
export async function openDataDirectory(
  config: Config,
  { log, warn, create }: OpenOptions,
): Promise<OpenedContext> {
  if (create) mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  else if (!existsSync(config.databasePath)) throw new BadData(missingData(config));
  const opened = openContext({ config, secret: masterSecret(config, warn), log, now });
  try {
    if (!(await isOurSecret(opened.ctx))) throw new BadData(wrongSecret(config));
    await chainAudit(opened.ctx);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

const missingData = ({ databasePath }: Config) =>
  `There is no ${databasePath}: name the directory by --data or OSTIARY_DATA, or make a new one: ostiary setup`;

const wrongSecret = ({ databasePath, secretPath }: Config) =>
  `${databasePath} was made with another master secret; put the right one into ${secretPath} or OSTIARY_SECRET`;

/** From the settings, or from secret.key, which is made at the first start: 32 random bytes, readable by its owner only. */
function masterSecret({ secret, secretPath, databasePath }: Config, warn: (text: string) => void): string {
  if (secret !== undefined) return secret;
  if (!existsSync(secretPath)) {
    if (existsSync(databasePath)) throw new BadData(missingSecret(secretPath, databasePath));
    createSecret(secretPath);
  }
  if ((statSync(secretPath).mode & 0o077) !== 0) {
    chmodSync(secretPath, 0o600);
    warn(`${secretPath} was readable by other users of this machine; it is not any more.\n`);
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
