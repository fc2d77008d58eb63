// Known answers: RFC 5869 appendix A.3, and WebCrypto as a second implementation.
import { expect, test } from "bun:test";
import { derive } from "../../src/crypto/derive.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** HKDF-SHA-256 by WebCrypto. */
async function independently(secret: string, salt: Uint8Array<ArrayBuffer>, info: string): Promise<string> {
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(info) };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256)));
}

test("begins as test case 3 of RFC 5869 does: no salt, no info", () => {
  const okm = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
  expect(hex(derive(new Uint8Array(22).fill(0x0b), ""))).toBe(okm.slice(0, 64));
});

const inputs: [string, string][] = [
  ["a master secret for tests, 32 bytes or more", "ostiary/seal"],
  ["a master secret for tests, 32 bytes or more", "ostiary/setup-token"],
  ["geheimes wörtchen", "zweck"],
  ["x".repeat(1000), "y".repeat(1000)],
];
for (const [secret, purpose] of inputs) {
  test(`agrees with WebCrypto about ${secret.slice(0, 20)}… for ${purpose.slice(0, 20)}`, async () => {
    expect(hex(derive(secret, purpose))).toBe(await independently(secret, new Uint8Array(), purpose));
    // RFC 5869 §2.2: no salt means a salt of zeros.
    expect(hex(derive(secret, purpose))).toBe(await independently(secret, new Uint8Array(32), purpose));
  });
}

test("gives each purpose and each secret a key of its own, the same each time", () => {
  const keys = [derive("secret", "a"), derive("secret", "b"), derive("Secret", "a"), derive("secret", "a")];
  expect(keys.map((key) => key.length)).toEqual([32, 32, 32, 32]);
  expect(new Set(keys.map(hex)).size).toBe(3);
  expect(hex(derive("secret", "a"))).toBe(hex(keys[3] ?? new Uint8Array()));
});
