// The catalogues say the same things, and readers get theirs.
import { describe, expect, test } from "bun:test";
import { bestLanguage, LANGUAGES, languageOf, textsIn } from "../../src/texts/texts.ts";

/** Every text by its path; what is said with a function, with the names of what goes into it. */
function said(value: unknown, path = ""): [path: string, words: string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") {
    const names = Array.from({ length: value.length }, (_, i) => `{${i}}`);
    return said((value as (...names: string[]) => unknown)(...names), path);
  }
  return Object.entries(value as object).flatMap(([name, inner]) => said(inner, `${path}.${name}`));
}

const placeholders = (words: string) => [...new Set(words.match(/\{\w+\}/g))].toSorted();

describe("the catalogue", () => {
  const english = said(textsIn("en"));

  for (const language of LANGUAGES) {
    test(`in ${language} says everything, with the same things put in, and nothing twice in English`, () => {
      const words = new Map(said(textsIn(language)));
      expect([...words.keys()].toSorted()).toEqual(english.map(([path]) => path).toSorted());
      for (const [path, original] of english) {
        const translated = words.get(path) ?? "";
        expect([path, translated.trim() === translated && translated !== ""]).toEqual([path, true]);
        expect([path, placeholders(translated)]).toEqual([path, placeholders(original)]);
        // Words of two languages may be the same, and what stands between names; sentences are not.
        const isSentence = /[a-z]+ [a-z]+/i.test(original.replaceAll(/\{\w+\}/g, ""));
        if (language !== "en" && isSentence) expect([path, translated]).not.toEqual([path, original]);
      }
    });
  }
});

describe("the language that a browser asks for", () => {
  const headers: [string | null, string | undefined][] = [
    [null, undefined],
    ["", undefined],
    ["*", undefined],
    ["de", "de"],
    ["de-AT, en;q=0.5", "de"],
    ["en;q=0.5, de;q=0.8", "de"],
    ["fr, de;q=0.2, en;q=0.1", "de"],
    ["de;q=0, en", "en"],
    ["fr", undefined],
    ["DE-ch", "de"],
    [";;;q=x,,=", undefined],
    [`${"fr,".repeat(2000)}de`, undefined],
  ];
  for (const [header, language] of headers) {
    test(`by ${JSON.stringify(header)?.slice(0, 40)} is ${language ?? "none of ours"}`, () => {
      expect(bestLanguage(header)).toBe(language as never);
    });
  }

  test("is no name of something that every object has", () => {
    for (const tag of ["constructor", "__proto__", "toString", ""]) expect(languageOf(tag)).toBeUndefined();
  });
});
