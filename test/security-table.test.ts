// SECURITY.md is held to its word: every requirement of ASVS 5.0 that concerns us has one row, and no row points to nothing.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { REQUIREMENTS } from "./support/asvs-requirements.ts";
import { ROOT } from "./support/process.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const SECURITY = read("SECURITY.md");

interface Row {
  id: string;
  level: string;
  asks: string;
  how: string;
  shown: string;
}

const rows: Row[] = [...SECURITY.matchAll(/^\| (\d+\.\d+\.\d+) +\| (.*) \|$/gm)].map(
  ([, id = "", rest = ""]) => {
    const [level = "", asks = "", how = "", shown = "", ...more] = rest
      .split(" | ")
      .map((cell) => cell.trim());
    if (more.length > 0) throw new Error(`row ${id} has too many cells`);
    return { id, level, asks, how, shown };
  },
);

/** `test/file.test.ts` › part of the name of a test; or a document › part of a heading. Several are separated by semicolons. */
const POINTER = /`([\w./-]+\.(?:ts|md))` › ([^;`]+?)(?=;|$)/g;
/** Stands for pointers, or behind them where they show a part. */
const REASON = /(?:^|\. )(Deviation|Not applicable): .{15,}$/;

/** Names of tests and describes, and headings, as they stand in a file. */
function namesIn(path: string): string[] {
  const text = read(path);
  if (path.endsWith(".md")) return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  const named =
    /\b(?:test|describe)(?:\.\w+(?:\([^()]*(?:\([^()]*\))?[^()]*\))?)*\(\s*(["`])((?:\\.|(?!\1).)*)\1/g;
  return [...text.matchAll(named)].map(([, , name = ""]) => name);
}

/** Why a pointer leads nowhere; undefined: it leads somewhere. */
function brokenPointer(path: string, name: string): string | undefined {
  if (!existsSync(join(ROOT, path))) return `${path} is not there`;
  return namesIn(path).some((one) => one.includes(name))
    ? undefined
    : `nothing in ${path} is called: ${name}`;
}

describe("the table of ASVS 5.0", () => {
  test("has one row for every requirement of levels 1 and 2, some of level 3, and no other", () => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...REQUIREMENTS[1], ...REQUIREMENTS[2]].filter((id) => !ids.includes(id))).toEqual([]);
    for (const { id, level } of rows) {
      const found = Object.entries(REQUIREMENTS).find(([, ids]) => ids.includes(id))?.[0];
      expect([id, level]).toEqual([id, String(found)]);
    }
    expect(rows.filter(({ level }) => level === "3").length).toBeGreaterThan(20);
  });

  test("stands in the order of the standard", () => {
    const place = ({ id }: Row) => id.split(".").reduce((sum, part) => sum * 1000 + Number(part), 0);
    const places = rows.map(place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("points, in every row, to a test or a document that is there, or says why not", () => {
    const faults = rows.flatMap(({ id, asks, how, shown }) => {
      const pointers = [...shown.replace(REASON, "").matchAll(POINTER)];
      const broken = pointers.flatMap(([, path = "", name = ""]) => brokenPointer(path, name.trim()) ?? []);
      if (pointers.length === 0 && !REASON.test(shown)) broken.push("points nowhere and gives no reason");
      if ((shown.match(/`[\w./-]+\.ts`/g) ?? []).length > pointers.length)
        broken.push("names a file without a test");
      if (asks.length < 10 || how.length < 5) broken.push("says nothing");
      return broken.map((fault) => `${id}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  test("is counted right in what stands above it", () => {
    const kinds = { shown: 0, deviations: 0, "not applicable": 0 };
    for (const { shown } of rows) {
      if (shown.startsWith("Not applicable")) kinds["not applicable"]++;
      else if (/Deviation:/.test(shown)) kinds.deviations++;
      else kinds.shown++;
    }
    expect(SECURITY).toContain(
      `${rows.length} rows: ${kinds.shown} shown, ${kinds.deviations} with a deviation, ${kinds["not applicable"]} not applicable.`,
    );
  });

  test("catches a pointer to nothing", () => {
    expect(brokenPointer("test/nowhere.test.ts", "a test")).toBe("test/nowhere.test.ts is not there");
    expect(brokenPointer("test/races.test.ts", "no such name")).toContain("nothing in test/races.test.ts");
    expect(brokenPointer("test/races.test.ts", "one sets up, 31 hear 409")).toBeUndefined();
    expect(brokenPointer("README.md", "Limits")).toBeUndefined();
  });
});

describe("the inventory of cryptography", () => {
  const USES =
    /\bnode:crypto"|\bcrypto\.subtle\b|\bfrom "(jose|otplib|@elysiajs\/jwt|@simplewebauthn\/server|altcha-lib[\w/]*)"|\bBun\.(password|CryptoHasher|randomUUIDv7)\b/;

  test("names every file that uses any", () => {
    const using = [...new Glob("src/**/*.ts").scanSync(ROOT)].filter((path) => USES.test(read(path)));
    const inventory = SECURITY.slice(
      SECURITY.indexOf("\n## Cryptography"),
      SECURITY.indexOf("\n## Sensitive data"),
    );
    const named = [...inventory.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map(([, path]) => path);
    expect(new Set(named)).toEqual(new Set(using));
  });

  test("names every sub-key of the master secret", () => {
    const purposes = [...read("src/context.ts").matchAll(/"ostiary\/([\w-]+)"/g)].map(
      ([, purpose]) => purpose,
    );
    expect(purposes.length).toBeGreaterThan(5);
    for (const purpose of purposes) expect(SECURITY).toContain(`\`${purpose}\``);
  });
});

test("the links of SECURITY.md lead to headings and files that are there", () => {
  const slugOf = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(/\s/g, "-");
  const links = [...SECURITY.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(3);
  for (const target of links.filter((target) => !target.startsWith("http"))) {
    const [path = "", anchor] = target.split("#");
    const file = path || "SECURITY.md";
    expect([target, existsSync(join(ROOT, file))]).toEqual([target, true]);
    if (anchor) expect(namesIn(file).map(slugOf)).toContain(anchor);
  }
});
