// Known answers: FIPS 180-4 (the examples of NIST), RFC 4231.
import { describe, expect, test } from "bun:test";
import { constantTimeEqual, digest, hmac } from "../../src/crypto/digest.ts";

const hex = (base64url: string) => Buffer.from(base64url, "base64url").toString("hex");

describe("digest", () => {
  const known: [string, string, string][] = [
    ["nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "two blocks",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "a million letters",
      "a".repeat(1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ],
  ];
  for (const [what, text, expected] of known) {
    test(`is SHA-256 of ${what}`, () => {
      expect(hex(digest(text))).toBe(expected);
    });
  }

  test("reads text as UTF-8 and writes base64url without padding", () => {
    const bytes = new Bun.CryptoHasher("sha256").update(new TextEncoder().encode("schlüssel")).digest();
    expect(String(digest("schlüssel"))).toBe(bytes.toString("base64url"));
    expect(digest("schlüssel")).toMatch(/^[\w-]{43}$/);
  });
});

describe("hmac", () => {
  const known: [string, Buffer, string, string][] = [
    [
      "1",
      Buffer.alloc(20, 0x0b),
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      "2",
      Buffer.from("Jefe"),
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      "6",
      Buffer.alloc(131, 0xaa),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      "7",
      Buffer.alloc(131, 0xaa),
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ];
  for (const [number, key, message, expected] of known) {
    test(`answers test case ${number} of RFC 4231`, () => {
      expect(hex(hmac(key, message))).toBe(expected);
    });
  }
});

describe("constantTimeEqual", () => {
  const pairs: [string, string, boolean][] = [
    ["", "", true],
    ["ost_setup_abc", "ost_setup_abc", true],
    ["ost_setup_abc", "ost_setup_abd", false],
    ["ost_setup_abc", "Ost_setup_abc", false],
    ["ost_setup_abc", "ost_setup_ab", false],
    ["ost_setup_abc", "ost_setup_abc\0", false],
    ["", "a", false],
    ["é", "e\u0301", false],
    ["\ud800", "\ufffd", false],
    ["🔑", "🔒", false],
  ];
  for (const [a, b, same] of pairs) {
    test(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${same ? "the same" : "two"}`, () => {
      expect(constantTimeEqual(a, b)).toBe(same);
      expect(constantTimeEqual(b, a)).toBe(same);
    });
  }
});
