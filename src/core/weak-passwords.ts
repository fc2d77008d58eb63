// Which passwords are guessed first: those that many have, and those made of what is known of their owner. Not a noun.
import encoded from "fxa-common-password-list/src/encoded-passwords.js";

/** A word of fewer characters says too little to refuse anything for it. */
const SHORTEST_WORD = 3;
/** So many characters besides the words make a password of its own, unless they only repeat or count on. */
const MOST_TRIVIAL = 8;

/** What a character may stand for. */
const LEET: Record<string, string> = {
  "0": "o",
  "1": "il",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "9": "g",
  "@": "a",
  $: "s",
  "!": "il",
  "|": "il",
  "+": "t",
};

let common: ReadonlySet<string> | undefined;

/** Whether it is, in upper or lower case, one of the 50,000 commonest passwords of 8 characters or more (ASVS 6.2.4, 6.2.12). */
export function isCommon(password: string): boolean {
  // At the first use: it takes some 20 ms, which a start need not wait for.
  common ??= new Set(decode(encoded));
  return common.has(password.toLowerCase());
}

/**
 * Whether it is made of nothing but the words and trivial additions: in any case, in leet, repeated, with digits, years and
 * punctuation around them (ASVS 6.2.11). "acme2026", "Acme-Acme!" and "4cm3" are made of "acme"; "acme horse staple" is not.
 */
export function isMadeOf(password: string, words: readonly string[]): boolean {
  const letters = plain(password);
  const spelt = [...new Set(words.flatMap(spellings))];
  // By position: the least number of additions with which it is reached, without and with a word so far.
  const bare = Array<number>(letters.length + 1).fill(Infinity);
  const worded = Array<number>(letters.length + 1).fill(Infinity);
  bare[0] = 0;
  const reach = (costs: number[], at: number, cost: number) =>
    void (costs[at] = Math.min(costs[at] ?? Infinity, cost));
  for (const [at, letter] of letters.entries()) {
    const [without = Infinity, withWord = Infinity] = [bare[at], worded[at]];
    const least = Math.min(without, withWord);
    if (least > MOST_TRIVIAL) continue;
    if (isAddition(letter)) {
      const cost = isStep(letters[at - 1], letter) ? 0 : 1;
      reach(bare, at + 1, without + cost);
      reach(worded, at + 1, withWord + cost);
    }
    for (const word of spelt) {
      const end = endOf(word, letters, at);
      if (end !== undefined) reach(worded, end, least);
    }
  }
  return (worded[letters.length] ?? Infinity) <= MOST_TRIVIAL;
}

/** Where the word ends in the password if it starts at `at`; punctuation between its letters does not hide it. */
function endOf(word: readonly string[], letters: readonly string[], at: number): number | undefined {
  let next = at;
  for (const letter of word) {
    while (next > at && !isSame(letters[next], letter) && isMark(letters[next])) next += 1;
    if (!isSame(letters[next], letter)) return undefined;
    next += 1;
  }
  return next;
}

/** The word as a whole and its parts: "Ada Lovelace" is also "adalovelace", "ada" and "lovelace". */
function spellings(word: string): string[][] {
  const letters = plain(word);
  const parts = letters.join("").split(/[^\p{L}\p{N}]+/u);
  return [letters.filter((letter) => !isMark(letter)), ...parts.map((part) => [...part])].filter(
    ({ length }) => length >= SHORTEST_WORD,
  );
}

/** Lower case, without accents, one spelling for what looks alike. */
const plain = (text: string): string[] => [...text.normalize("NFKD").toLowerCase().replaceAll(/\p{M}/gu, "")];

const isSame = (found: string | undefined, letter: string): boolean =>
  found !== undefined && (found === letter || (LEET[found]?.includes(letter) ?? false));
const isMark = (found: string | undefined): boolean => found !== undefined && !/[\p{L}\p{N}]/u.test(found);
const isAddition = (letter: string): boolean => !/\p{L}/u.test(letter);

/** The same character again or its neighbour: "!!!!", "12345", "4321". */
const isStep = (before: string | undefined, letter: string): boolean =>
  before !== undefined && Math.abs((before.codePointAt(0) ?? 0) - (letter.codePointAt(0) ?? 0)) <= 1;

/** The list is sorted, and each line starts with how many characters it shares with the one before, in base 36. */
function decode(lines: string): string[] {
  let password = "";
  return lines
    .split("\n")
    .map((line) => (password = password.slice(0, Number.parseInt(line.charAt(0), 36)) + line.slice(1)));
}
