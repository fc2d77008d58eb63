import { createHash, hash, timingSafeEqual } from "node:crypto";

declare const tokenHash: unique symbol;
/** SHA-256 of an opaque secret, base64url: the only form in which such a secret is stored. */
export type TokenHash = string & { readonly [tokenHash]: true };

/** SHA-256 (FIPS 180-4) as base64url. Fit for secrets of 112 bits and more only (ASVS 6.5.2). */
export const digest = (secret: string): TokenHash => hash("sha256", secret, "base64url") as TokenHash;

/** HMAC-SHA-256 (RFC 2104) as base64url. */
export const hmac = (key: Uint8Array, message: string): string =>
  keyed(key).copy().update(message, "utf8").digest("base64url");

/** A key costs more than a message: each is worked in once. */
const hashers = new WeakMap<Uint8Array, Bun.CryptoHasher>();

function keyed(key: Uint8Array): Bun.CryptoHasher {
  const known = hashers.get(key);
  if (known) return known;
  const fresh = new Bun.CryptoHasher("sha256", key);
  hashers.set(key, fresh);
  return fresh;
}

/** Whether two strings are the same, in a time that depends on neither (ASVS 11.2.4). */
export function constantTimeEqual(a: string, b: string): boolean {
  // In UTF-16: as UTF-8 all lone surrogates would look alike.
  const hashed = (text: string) => createHash("sha256").update(text, "utf16le").digest();
  return timingSafeEqual(hashed(a), hashed(b));
}
