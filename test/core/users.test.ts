// Usernames in the form that is compared, and what a login field means (decisions §1).
import { describe, expect, test } from "bun:test";
import type { Email } from "../../src/core/emails.ts";
import { find } from "../../src/core/credentials.ts";
import { canonicalUsername, type CanonicalUsername, parseLogin } from "../../src/core/logins.ts";
import { create } from "../../src/core/users.ts";
import { world } from "../support/world.ts";

const username = (text: string) => ({ username: text as CanonicalUsername });
const email = (text: string) => ({ email: text as Email });

const taken: [string, string, string][] = [
  ["as it is", "admin", "admin"],
  ["upper case", "Admin", "admin"],
  ["spaces around it", "  admin\n", "admin"],
  ["full-width letters", "ａｄｍｉｎ", "admin"],
  ["a ligature", "o\ufb03ce", "office"],
  ["a superscript", "admin²", "admin2"],
  ["the Kelvin sign", "\u212aay", "kay"],
  ["composed and decomposed alike", "jose\u0301", "josé"],
  ["other scripts", "Ольга", "ольга"],
  ["Chinese", "管理员", "管理员"],
  ["emoji without a selector", "🔑", "🔑"],
  ["punctuation", `a.b-c_d'"<>&;`, `a.b-c_d'"<>&;`],
  ["one character", "x", "x"],
  ["64 characters", "x".repeat(64), "x".repeat(64)],
  ["64 characters beyond the BMP", "🔑".repeat(64), "🔑".repeat(64)],
];

const refused: [string, string][] = [
  ["nothing", ""],
  ["spaces", " \t\n"],
  ["an @", "ad@min"],
  ["a full-width @", "ad＠min"],
  ["a small @", "ad\ufe6bmin"],
  ["a space", "ad min"],
  ["a no-break space", "ad\u00a0min"],
  ["an ideographic space", "ad\u3000min"],
  ["a letter whose canonical form has a space", "ad\u00a8min"],
  ["NUL", "admin\0"],
  ["a tab within", "ad\tmin"],
  ["a line feed within", "ad\nmin"],
  ["DEL", "admin\x7f"],
  ["a soft hyphen", "ad\u00admin"],
  ["a zero-width space", "admin\u200b"],
  ["a zero-width joiner", "ad\u200dmin"],
  ["a word joiner", "ad\u2060min"],
  ["a byte order mark within", "ad\ufeffmin"],
  ["a right-to-left override", "\u202enimda"],
  ["a bidi isolate", "\u2066admin\u2069"],
  ["a variation selector", "admin\ufe0f"],
  ["a combining grapheme joiner", "ad\u034fmin"],
  ["a Hangul filler", "\u3164"],
  ["a half-width Hangul filler", "admin\uffa0"],
  ["an empty Braille pattern", "\u2800"],
  ["a tag character", "admin\u{e0061}"],
  ["a private character", "admin\ue000"],
  ["a lone high surrogate", "admin\ud800"],
  ["a lone low surrogate", "\udc00admin"],
  ["65 characters", "x".repeat(65)],
  ["64 characters that become more", "\ufb03".repeat(64)],
];

describe("canonicalUsername takes", () => {
  for (const [what, text, canonical] of taken) {
    test(what, () => {
      expect(String(canonicalUsername(text))).toBe(canonical);
      expect(String(canonicalUsername(canonical))).toBe(canonical);
    });
  }
});

describe("canonicalUsername refuses", () => {
  for (const [what, text] of refused) {
    test(what, () => {
      expect(canonicalUsername(text)).toBeUndefined();
    });
  }
});

test("what canonicalUsername returns, it returns for that again, whatever letter stands in it", () => {
  const unstable: string[] = [];
  for (let point = 0; point <= 0x1ffff; point++) {
    const text = `a${String.fromCodePoint(point)}b`;
    const canonical = canonicalUsername(text);
    if (canonical !== undefined && canonicalUsername(canonical) !== canonical) unstable.push(text);
  }
  expect(unstable).toEqual([]);
});

describe("a login field means", () => {
  const logins: [string, ReturnType<typeof parseLogin>][] = [
    ["admin", username("admin")],
    [" Admin ", username("admin")],
    ["ada@example.com", email("ada@example.com")],
    [" Ada@Example.COM ", email("ada@example.com")],
    ["ada＠example.com", email("ada@example.com")],
    ["ada@münchen.de", email("ada@xn--mnchen-3ya.de")],
    ["", undefined],
    [" ", undefined],
    ["@", undefined],
    ["a@b@c", undefined],
    ["ada@", undefined],
    ["ad min", undefined],
    ["ad\0min", undefined],
    ["admin\ud800", undefined],
    ["ada@example.com\ud800", undefined],
    ["' or 1=1 --", undefined],
  ];
  for (const [text, login] of logins) {
    test(`${JSON.stringify(text)}: ${JSON.stringify(login) ?? "nobody"}`, () => {
      expect(parseLogin(text)).toEqual(login);
    });
  }
});

describe("an account", () => {
  const named = (text: string) => ({
    realm: "instance" as const,
    email: null,
    username: { shown: text, canonical: text.toLowerCase() as CanonicalUsername },
    passwordHash: "x",
    isActive: true,
    isSuperuser: false,
  });

  test("is found by its canonical name in its realm only", async () => {
    await using w = await world();
    const id = await create(w.ctx, named("Ada"));
    expect(await find(w.ctx, "instance", username("ada"))).toMatchObject({ id: String(id) });
    expect(await find(w.ctx, "instance", username("Ada"))).toBeUndefined();
    expect(await find(w.ctx, "instance", email("ada"))).toBeUndefined();
    await w.ctx.db.run`update users set realm = 'tnt_1'`;
    expect(await find(w.ctx, "instance", username("ada"))).toBeUndefined();
  });

  test("is the only one of its name, also when 32 ask for it at once", async () => {
    await using w = await world();
    const made = await Promise.all(Array.from({ length: 32 }, () => create(w.ctx, named("ada"))));
    expect(made.filter((id) => id !== undefined)).toHaveLength(1);
    expect(await create(w.ctx, named("ADA"))).toBeUndefined();
  });
});
