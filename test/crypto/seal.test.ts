// Known answers: test cases 13 and 14 of the GCM specification (McGrew & Viega), and WebCrypto as a second implementation.
import { describe, expect, test } from "bun:test";
import { open, seal } from "../../src/crypto/seal.ts";

const KEY = new Uint8Array(32).fill(7);
const NONCE = new Uint8Array(12).fill(9);
const ROW = "totp_devices/tot_1/usr_1";
const bytesOf = (sealed: string) => Buffer.from(sealed, "base64url");

describe("known answers", () => {
  const zeroKey = new Uint8Array(32);
  const zeroNonce = new Uint8Array(12);
  const known: [string, string, string, string][] = [
    ["13", "", "", "530f8afbc74536b9a963b4f1c4cb738b"],
    ["14", "\0".repeat(16), "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"],
  ];
  for (const [number, plaintext, ciphertext, tag] of known) {
    const sealed = Buffer.from(`${"00".repeat(12)}${ciphertext}${tag}`, "hex").toString("base64url");
    test(`test case ${number} is opened`, () => {
      expect(open(zeroKey, "", sealed)).toBe(plaintext);
    });
    test(`test case ${number} is what seal makes`, () => {
      expect(seal(zeroKey, zeroNonce, "", plaintext)).toBe(sealed);
    });
  }

  test("what WebCrypto encrypted for a row is opened as that row", async () => {
    const key = await crypto.subtle.importKey("raw", KEY, "AES-GCM", false, ["encrypt"]);
    const additionalData = new TextEncoder().encode(ROW);
    const algorithm = { name: "AES-GCM", iv: NONCE, additionalData, tagLength: 128 };
    const body = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode("GEZDGNBV"));
    const sealed = Buffer.concat([NONCE, Buffer.from(body)]).toString("base64url");
    expect(open(KEY, ROW, sealed)).toBe("GEZDGNBV");
    expect(seal(KEY, NONCE, ROW, "GEZDGNBV")).toBe(sealed);
  });
});

describe("what was sealed", () => {
  for (const text of ["", "GEZDGNBVGY3TQOJQ", "grüße 🔑", "x".repeat(10_000)]) {
    test(`opens again: ${JSON.stringify(text.slice(0, 20))} (${text.length})`, () => {
      expect(open(KEY, ROW, seal(KEY, NONCE, ROW, text))).toBe(text);
    });
  }

  test("does not show the plaintext, and carries its nonce", () => {
    const sealed = bytesOf(seal(KEY, NONCE, ROW, "GEZDGNBVGY3TQOJQ"));
    expect(sealed.includes("GEZDGNBV")).toBe(false);
    expect(sealed.subarray(0, 12)).toEqual(Buffer.from(NONCE));
    expect(sealed).toHaveLength(12 + 16 + 16);
  });

  const sealed = seal(KEY, NONCE, ROW, "GEZDGNBVGY3TQOJQ");
  const otherKey = KEY.with(31, 8);
  const refused: [string, () => string][] = [
    ["with another key", () => open(otherKey, ROW, sealed)],
    ["as another row", () => open(KEY, "totp_devices/tot_2/usr_1", sealed)],
    ["as no row", () => open(KEY, "", sealed)],
    ["with a byte more", () => open(KEY, ROW, Buffer.concat([bytesOf(sealed), NONCE]).toString("base64url"))],
    ["when it is empty", () => open(KEY, ROW, "")],
    ["when it is no base64url", () => open(KEY, ROW, "****")],
  ];
  for (const [what, attempt] of refused) {
    test(`does not open ${what}`, () => {
      expect(attempt).toThrow();
    });
  }

  test("does not open with any one bit of any byte flipped", () => {
    const changes = [...bytesOf(sealed).keys()].flatMap((at) => [1, 16, 128].map((bit) => ({ at, bit })));
    const opened = changes.filter(({ at, bit }) => {
      const bytes = bytesOf(sealed);
      bytes[at] = (bytes[at] ?? 0) ^ bit;
      return opens(bytes);
    });
    expect([changes.length, opened]).toEqual([3 * 44, []]);
  });

  test("does not open when any number of bytes is cut off, at either end", () => {
    const whole = bytesOf(sealed);
    const cuts = Array.from({ length: whole.length - 1 }, (_, i) => i + 1);
    expect(cuts.filter((cut) => opens(whole.subarray(0, -cut)) || opens(whole.subarray(cut)))).toEqual([]);
    expect(opens(whole)).toBe(true);
  });

  function opens(bytes: Buffer): boolean {
    try {
      open(KEY, ROW, bytes.toString("base64url"));
      return true;
    } catch {
      return false;
    }
  }
});
