// The key pairs that sign access tokens. One is in use at a time; the next one is published before, the last one after, so that
// whoever verifies tokens by the published set never meets a key that is not in it.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { TokenAlgorithm } from "../config.ts";
import type { Context } from "../context.ts";
import { open, seal } from "../crypto/seal.ts";

/** RFC 7638, SHA-256. What is no thumbprint is not looked up. */
const KID = /^[\w-]{43}$/;
/** Keys are few; more than this were rotated out long ago. */
const MOST_IMPORTED = 64;

export interface KeyPair {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  alg: TokenAlgorithm;
  publicJwk: JWK;
  privateJwk: JWK;
}

/** A key as it is published. */
export interface PublishedKey {
  kid: string;
  alg: TokenAlgorithm;
  /** Public parameters only, as JSON. */
  publicJwk: string;
  startsAt: number;
  /** Null: no other key has been named to follow it. */
  retiresAt: number | null;
}

/** A key that signs or verifies. */
export interface UsableKey {
  kid: string;
  alg: TokenAlgorithm;
  key: CryptoKey;
}

/** A fresh pair that is in no database yet. Not inside a transaction. */
export async function generate(alg: TokenAlgorithm): Promise<KeyPair> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const privateJwk = await exportJWK(pair.privateKey);
  return { kid: await calculateJwkThumbprint(publicJwk), alg, publicJwk, privateJwk };
}

/** Puts it into use from `startsAt`. */
export async function create(ctx: Context, pair: KeyPair, startsAt: number): Promise<void> {
  const { kid, alg, publicJwk } = pair;
  await ctx.db.run`
    insert into signing_keys (kid, alg, public_jwk, private_jwk_sealed, starts_at, created_at)
    values (${kid}, ${alg}, ${JSON.stringify(publicJwk)}, ${sealed(ctx, pair)}, ${startsAt}, ${ctx.now()})`;
}

/** The same, unless a key of that algorithm is there to stay. Of any number of parallel calls exactly one gets true. */
export async function createMissing(ctx: Context, pair: KeyPair, startsAt: number): Promise<boolean> {
  const { kid, alg, publicJwk } = pair;
  const created = await ctx.db.run`
    insert into signing_keys (kid, alg, public_jwk, private_jwk_sealed, starts_at, created_at)
    select ${kid}, ${alg}, ${JSON.stringify(publicJwk)}, ${sealed(ctx, pair)}, ${startsAt}, ${ctx.now()}
    where not exists (select 1 from signing_keys where alg = ${alg} and retires_at is null)`;
  return created === 1;
}

/** What is published: every key that may have signed a token that lives, or will sign one soon; in the order of use. */
export async function list(ctx: Context): Promise<PublishedKey[]> {
  return ctx.db.all<PublishedKey>`
    select kid, alg, public_jwk as "publicJwk", starts_at as "startsAt", retires_at as "retiresAt"
    from signing_keys where retires_at is null or retires_at > ${ctx.now()}
    order by starts_at, kid`;
}

/** The key to sign with; it stays published for `lifetimeMs` at least, the life of what it signs. Not inside a transaction. */
export async function findCurrent(ctx: Context, lifetimeMs: number): Promise<UsableKey | undefined> {
  const now = ctx.now();
  // The last that has started. None has when the clock was set back: then the next to.
  const row = await ctx.db.get<{ kid: string; alg: TokenAlgorithm; sealed: string }>`
    select kid, alg, private_jwk_sealed as sealed
    from signing_keys where retires_at is null or retires_at >= ${now + lifetimeMs}
    order by case when starts_at <= ${now} then starts_at else -starts_at end desc, kid limit 1`;
  if (!row) return undefined;
  const { kid, alg } = row;
  return {
    kid,
    alg,
    key: await imported(`private ${kid}`, alg, () => open(ctx.keys.seal, boundTo(kid), row.sealed)),
  };
}

/** The key by which a token is verified; undefined when it is unknown, retired or taken back. Not inside a transaction. */
export async function find(ctx: Context, kid: string): Promise<UsableKey | undefined> {
  if (!KID.test(kid)) return undefined;
  const row = await ctx.db.get<{ alg: TokenAlgorithm; publicJwk: string }>`
    select alg, public_jwk as "publicJwk"
    from signing_keys where kid = ${kid} and (retires_at is null or retires_at > ${ctx.now()})`;
  if (!row) return undefined;
  const { alg, publicJwk } = row;
  return { kid, alg, key: await imported(`public ${kid}`, alg, () => publicJwk) };
}

/** Whether what that key signed is worth anything: false when it is unknown, retired or taken back. */
export async function isGood(ctx: Context, kid: string): Promise<boolean> {
  const row = await ctx.db.recall<{ retiresAt: number | null }>`
    select retires_at as "retiresAt" from signing_keys where kid = ${kid}`;
  return row !== undefined && (row.retiresAt === null || row.retiresAt > ctx.now());
}

/** The others stay published until `retiresAt` (epoch milliseconds), or until what was said of them before. */
export async function retireOthers(ctx: Context, kid: string, retiresAt: number): Promise<void> {
  await ctx.db
    .run`update signing_keys set retires_at = ${retiresAt} where kid <> ${kid} and retires_at is null`;
}

/** Takes all others back: whatever they signed is void from now on. */
export async function endOthers(ctx: Context, kid: string): Promise<void> {
  await ctx.db.run`delete from signing_keys where kid <> ${kid}`;
}

/** Frees the room of keys whose last token is dead. Returns how many went, at most `most`. */
export async function removeRetired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from signing_keys where kid in (
      select kid from signing_keys where retires_at <= ${ctx.now()} limit ${most})`;
}

const boundTo = (kid: string): string => `signing_keys/${kid}`;

const sealed = (ctx: Context, { kid, privateJwk }: KeyPair): string =>
  seal(ctx.keys.seal, ctx.random(12), boundTo(kid), JSON.stringify(privateJwk));

/** Imported once. That a key is here says nothing: its row is read each time, and says whether it is good. */
const keys = new Map<string, CryptoKey>();

async function imported(name: string, alg: TokenAlgorithm, readJwk: () => string): Promise<CryptoKey> {
  const known = keys.get(name);
  if (known) return known;
  const key = await importJWK(JSON.parse(readJwk()) as JWK, alg);
  if (!(key instanceof CryptoKey)) throw new Error(`signing key ${name} is no asymmetric key`);
  if (keys.size >= MOST_IMPORTED) keys.clear();
  keys.set(name, key);
  return key;
}
