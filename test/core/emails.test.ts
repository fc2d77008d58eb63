// Canonical email addresses (decisions §1).
import { describe, expect, test } from "bun:test";
import { canonicalEmail } from "../../src/core/emails.ts";

const same: [string, string, string][] = [
  ["as it is", "ada@example.com", "ada@example.com"],
  ["upper case", "ADA@EXAMPLE.COM", "ada@example.com"],
  ["spaces around it", "  ada@example.com\t\n", "ada@example.com"],
  ["a no-break space around it", "\u00a0ada@example.com\u00a0", "ada@example.com"],
  ["a byte order mark before it", "\ufeffada@example.com", "ada@example.com"],
  ["full-width letters", "ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"],
  ["a ligature", "o\ufb03ce@example.com", "office@example.com"],
  ["the Kelvin sign", "\u212aay@example.com", "kay@example.com"],
  ["mathematical letters", "𝐚𝐝𝐚@example.com", "ada@example.com"],
  ["a plus and dots, which count", "a.d.a+x@example.com", "a.d.a+x@example.com"],
  ["an apostrophe", "o'brien@example.com", "o'brien@example.com"],
  ["punctuation that atoms allow", "!#$%&*/=?^_`{|}~-@example.com", "!#$%&*/=?^_`{|}~-@example.com"],
  ["a host without a dot", "root@localhost", "root@localhost"],
  ["an international domain", "ada@münchen.de", "ada@xn--mnchen-3ya.de"],
  ["the same in upper case", "ada@MÜNCHEN.de", "ada@xn--mnchen-3ya.de"],
  ["the same decomposed", "ada@mu\u0308nchen.de", "ada@xn--mnchen-3ya.de"],
  ["the same in its ASCII form", "ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de"],
  ["a sharp s, which is a letter of its own", "ada@faß.de", "ada@xn--fa-hia.de"],
  ["ideographic dots", "ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"],
  ["a label of digits", "ada@163.com", "ada@163.com"],
];

const refused: [string, string][] = [
  ["nothing", ""],
  ["spaces", "   "],
  ["no @", "ada"],
  ["no local part", "@example.com"],
  ["no domain", "ada@"],
  ["two @", "ada@evil.com@example.com"],
  ["two @, one of them full-width", "ada＠evil.com@example.com"],
  ["two @, one of them small", "ada\ufe6bevil.com@example.com"],
  ["a quoted local part", '"ada"@example.com'],
  ["a quoted @", '"ada@evil.com"@example.com'],
  ["angle brackets", "<ada@example.com>"],
  ["a display name", "Ada <ada@example.com>"],
  ["a list", "ada@example.com,eve@example.com"],
  ["another list", "ada@example.com;eve@example.com"],
  ["a comment", "ada(comment)@example.com"],
  ["a backslash", "ada\\@example.com"],
  ["a space within", "a da@example.com"],
  ["a space before the @", "ada @example.com"],
  ["a space after the @", "ada@ example.com"],
  ["an ideographic space", "a\u3000da@example.com"],
  ["a letter that is not ASCII before the @", "ädä@example.com"],
  ["a Cyrillic a before the @", "\u0430da@example.com"],
  ["a dot above, which the lower case of İ has", "ADİ@example.com"],
  ["an IPv4 address", "ada@127.0.0.1"],
  ["a short form of one", "ada@127.1"],
  ["a hexadecimal form of one", "ada@0x7f.1"],
  ["an address literal", "ada@[127.0.0.1]"],
  ["a port", "ada@example.com:25"],
  ["a path", "ada@example.com/evil"],
  ["a query", "ada@example.com?evil"],
  ["a fragment", "ada@example.com#evil"],
  ["a backslash after the @", "ada@example.com\\evil"],
  ["a percent escape", "ada@ex%61mple.com"],
  ["a sign that becomes a path", "ada@example\u2100.com"],
  ["an underscore after the @", "ada@exa_mple.com"],
  ["an empty label", "ada@example..com"],
  ["a leading dot", "ada@.example.com"],
  ["a trailing dot", "ada@example.com."],
  ["a broken ASCII form", "ada@xn--a"],
  ["a lone high surrogate", "ada\ud800@example.com"],
  ["a lone low surrogate", "ada@example\udc00.com"],
  ["local part of 65", `${"a".repeat(65)}@example.com`],
  ["a label of 64", `ada@${"a".repeat(64)}.com`],
];

/** None of them may stand anywhere in an address. */
const invisible: [string, string][] = [
  ["NUL", "\0"],
  ["a tab", "\t"],
  ["a line feed", "\n"],
  ["a carriage return and a header", "\r\nBcc: eve"],
  ["DEL", "\x7f"],
  ["a C1 control", "\u0085"],
  ["a soft hyphen", "\u00ad"],
  ["a zero-width space", "\u200b"],
  ["a zero-width non-joiner", "\u200c"],
  ["a zero-width joiner", "\u200d"],
  ["a word joiner", "\u2060"],
  ["a byte order mark", "\ufeff"],
  ["a variation selector", "\ufe0f"],
  ["a combining grapheme joiner", "\u034f"],
  ["a Hangul filler", "\u3164"],
  ["a left-to-right mark", "\u200e"],
  ["a right-to-left override", "\u202e"],
  ["a bidi isolate", "\u2066"],
  ["a line separator", "\u2028"],
  ["a tag character", "\u{e0061}"],
];

describe("canonicalEmail takes", () => {
  for (const [what, text, canonical] of same) {
    test(what, () => {
      expect(String(canonicalEmail(text))).toBe(canonical);
      expect(String(canonicalEmail(canonical))).toBe(canonical);
    });
  }
});

describe("canonicalEmail refuses", () => {
  for (const [what, text] of refused) {
    test(what, () => {
      expect(canonicalEmail(text)).toBeUndefined();
    });
  }
  for (const [what, text] of invisible) {
    test(`${what}, on either side of the @`, () => {
      expect(canonicalEmail(`a${text}da@example.com`)).toBeUndefined();
      expect(canonicalEmail(`ada@exam${text}ple.com`)).toBeUndefined();
    });
  }
});

describe("the length of an address", () => {
  /** An address of that many characters, with a local part of 64. */
  const long = (length: number) => {
    const domain = `${"d".repeat(63)}.`.repeat(3).slice(0, length - 65);
    return `${"a".repeat(64)}@${domain}`;
  };
  test("is 254 at most", () => {
    expect(long(254)).toHaveLength(254);
    expect(String(canonicalEmail(long(254)))).toBe(long(254));
    expect(canonicalEmail(long(255))).toBeUndefined();
  });

  test("is that of the canonical form", () => {
    const spaced = `${" ".repeat(300)}${long(254)}`;
    expect(String(canonicalEmail(spaced))).toBe(long(254));
    // 254 as typed; its ASCII form is longer.
    expect(canonicalEmail(long(254).replace(/.$/, "ü"))).toBeUndefined();
  });
});

test("what canonicalEmail returns, it returns for that again, whatever letter stands on either side", () => {
  const unstable: string[] = [];
  for (let point = 0; point <= 0x1ffff; point++) {
    const letter = String.fromCodePoint(point);
    for (const text of [`a${letter}b@example.com`, `x@a${letter}b.com`]) {
      const canonical = canonicalEmail(text);
      if (canonical !== undefined && canonicalEmail(canonical) !== canonical) unstable.push(text);
    }
  }
  expect(unstable).toEqual([]);
});
