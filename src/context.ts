// What every function of core and flows is given: made once, at the start of the program.
import { randomBytes } from "node:crypto";
import type { Config } from "./config.ts";
import { createHasher, type Hasher } from "./crypto/argon2.ts";
import { derive } from "./crypto/derive.ts";
import type { Connection, Db, TxOptions } from "./db/db.ts";
import { openSqlite } from "./db/sqlite.ts";
import type { Log } from "./log.ts";

/** Sub-keys of the master secret, one for each purpose (RFC 5869). */
export interface Keys {
  /** Seals what must be read again: TOTP seeds, private signing keys, mail that waits. */
  seal: Uint8Array;
  /** Signs continuation tokens. */
  continuation: Uint8Array;
  /** Hashes codes that are too short for a hash without a key. */
  codes: Uint8Array;
  /** Derives the successor of a refresh token. */
  refresh: Uint8Array;
  /** Signs the cookie by which a device is known. */
  device: Uint8Array;
  /** Places emails on the ring of decoys. */
  decoy: Uint8Array;
  /** Signs captcha challenges. */
  captcha: Uint8Array;
  /** Marks the ids by which a client asks how its waiting sign-in fares. */
  waiting: Uint8Array;
  /** Makes the one-time setup token. */
  setupToken: Uint8Array;
  /** Authenticates the audit log. */
  audit: Uint8Array;
  /** Tells whether a database was made with this secret. */
  check: Uint8Array;
}

export interface Context {
  config: Config;
  db: Db;
  /** Whether `db` is an open transaction. */
  inTransaction?: true;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Cryptographically secure random bytes. */
  random: (bytes: number) => Uint8Array;
  /** A new `prefix_` + UUIDv7 without dashes (RFC 9562 §5.7): ids sort by the time they were made. */
  id: (prefix: string) => string;
  keys: Keys;
  hasher: Hasher;
  log: Log;
}

/** Who is asking, as far as the connection shows. */
export interface Client {
  requestId: string;
  /** IP address of the client, past trusted proxies. */
  address: string;
  /** What limits count by: the IPv4 address, or the /64 of an IPv6 address. */
  network: string;
  userAgent: string | null;
  /** The one that pages and mails are written in for it, by its BCP 47 tag; null: it did not say, or wants none of those. */
  language: string | null;
  /** The cookie by which a device is known, as it was sent. Proves nothing by itself (core/known-devices.ts). */
  device: string | null;
  /** The cookie of a trusted device, as it was sent (core/trusted-devices.ts). */
  trustedDevice: string | null;
  /** From this very machine: loopback peer, loopback Host, no forwarding header, no Origin. */
  isLocal: boolean;
}

export interface ContextOptions {
  config: Config;
  secret: string;
  log: Log;
  now: () => number;
}

export interface OpenedContext {
  ctx: Context;
  /** As of a Connection (db/db.ts). */
  broken: Promise<Error>;
  close: () => Promise<void>;
}

/** Opens the database and derives the keys. Close the connection and the hasher when done. */
export function openContext({ config, secret, log, now }: ContextOptions): OpenedContext {
  const connection: Connection = openSqlite(config.databasePath);
  const hasher = createHasher(config.argon2, config.passwordQueue);
  const ctx: Context = {
    config,
    db: connection.db,
    now,
    random: (bytes) => randomBytes(bytes),
    id: (prefix) => `${prefix}_${Bun.randomUUIDv7("buffer", now()).toString("hex")}`,
    keys: {
      seal: derive(secret, "ostiary/seal"),
      continuation: derive(secret, "ostiary/continuation"),
      codes: derive(secret, "ostiary/codes"),
      refresh: derive(secret, "ostiary/refresh"),
      device: derive(secret, "ostiary/device"),
      decoy: derive(secret, "ostiary/decoy"),
      captcha: derive(secret, "ostiary/captcha"),
      waiting: derive(secret, "ostiary/waiting"),
      setupToken: derive(secret, "ostiary/setup-token"),
      audit: derive(secret, "ostiary/audit"),
      check: derive(secret, "ostiary/secret-check"),
    },
    hasher,
    log,
  };
  const close = async () => {
    hasher.close();
    await connection.close();
  };
  return { ctx, broken: connection.broken, close };
}

/** Runs `work` as one transaction: everything done with the context it is given happens together or not at all. */
export const transaction = <T>(
  ctx: Context,
  work: (ctx: Context) => Promise<T>,
  options?: TxOptions<T>,
): Promise<T> => ctx.db.tx((db) => work({ ...ctx, db, inTransaction: true }), options);

/** The same for work that is not undone by itself: as part of the open transaction, if there is one. */
export const inTransaction = <T>(ctx: Context, work: (ctx: Context) => Promise<T>): Promise<T> =>
  ctx.inTransaction ? work(ctx) : transaction(ctx, work);
