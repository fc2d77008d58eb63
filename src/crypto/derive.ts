import { hkdfSync } from "node:crypto";

/** HKDF-SHA-256 (RFC 5869) without salt: a 32-byte sub-key of `secret` for one `purpose`. */
export const derive = (secret: string | Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), purpose, 32));
