// The plan of the house, held by reading every file of src/: who imports whom, and what may stand where.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { Glob } from "bun";
import { ROOT } from "./support/process.ts";

/** Anyone may import these, except one another. */
const LEAVES = ["errors", "log", "config", "workers", "package.json"];
const BELOW_API = ["flows", "core", "context", "errors", "log", "config", "package.json"];
const GROUP = ["api/http", ...BELOW_API];

/** From each room to the rooms it may import, besides itself. A room is a folder of src/, or a file that stands alone there. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  main: [...LEAVES, "settings", "cli", "server", "flows", "core", "context", "db", "crypto"],
  cli: [...LEAVES, "settings", "server", "flows", "core", "context", "db", "crypto"],
  server: [...LEAVES, "api", "api/*", "pages", "mail", "flows", "core", "context", "db", "crypto"],
  api: ["api/*"],
  // Which language a client asks for.
  "api/http": [...BELOW_API, "texts"],
  "api/key": GROUP,
  "api/portal": GROUP,
  // Its verify-email route answers browsers with a page (decisions §2 tenant).
  "api/tenant": [...GROUP, "pages"],
  "api/me": GROUP,
  "api/org": GROUP,
  "api/admin": GROUP,
  pages: [...GROUP, "texts", "branding"],
  // Runs in browsers, and is bundled for them: nothing of the server's.
  "pages/browser": [],
  flows: [...LEAVES, "core", "context", "crypto"],
  core: [...LEAVES, "context", "db", "crypto"],
  mail: [...LEAVES, "texts", "branding", "core", "context", "crypto"],
  context: ["config", "db", "crypto", "log", "errors"],
  db: ["workers", "errors", "log", "schema.sql"],
  crypto: ["workers", "errors", "log"],
  config: ["settings", "log"],
  // Which languages there are.
  settings: ["log", "texts"],
  // What people read, in every language: words only.
  texts: [],
  // How a brand looks, on pages and in mails.
  branding: [],
  errors: [],
  log: [],
  workers: [],
  assets: [],
};

/** Nouns do not import nouns: a flow joins them. These are none. */
const NOUN_LEAVES = [
  "audit-chain",
  "audit-events",
  "audit-flood",
  "audit-marks",
  "audit-rows",
  "ids",
  "emails",
  "known-devices",
  "login-session-ids",
  "logins",
  "memory-window",
  "names",
  "tenant-settings",
  "weak-passwords",
  "windows",
].map((name) => `src/core/${name}.ts`);

/** Packages that only some rooms know. */
const KNOWN_IN: [RegExp, RegExp][] = [
  [/^(elysia|@elysiajs\/.+)$/, /^(api\/.+|pages|server)$/],
  [/^bun:sqlite$/, /^db$/],
];

const MADE_WITH_CONTEXT = /^src\/(main|context|cli\/data-directory)\.ts$/;
/** The same; and browsers, which have no Context. */
const KNOWS_THE_TIME = /^src\/(main|context|cli\/data-directory|pages\/browser\/.+)\.ts$/;
/** What knows the process: the program's beginning, and the macro that is run before there is a program. */
const AT_THE_EDGE = /^src\/(main|pages\/bundle)\.ts$/;
/** Words that may stand in some files only: what it is, how it looks, where it may be. */
const WORDS: [string, RegExp, RegExp][] = [
  ["SQL", /\.(get|all|run)\s*(<[^()`]*>)?\s*`/, /^src\/(core|db)\//],
  ["ambient time", /\bDate\.now\(|\bnew Date\(\s*\)/, KNOWS_THE_TIME],
  ["ambient randomness", /\bMath\.random\(|\bgetRandomValues\(|\brandom(Bytes|UUID\w*)\(/, MADE_WITH_CONTEXT],
  ["ambient environment", /\bprocess\.\w|\bBun\.(env|argv)\b/, AT_THE_EDGE],
  ["a default export", /^\s*export default\b|\bas default\b/m, /\.d\.ts$/],
  ["a class that is no error", /^\s*(export )?(abstract )?class \w+(?! extends \w*Error\b)\b/m, /^$/],
  ["any", /(:|\bas|[<|,&(]|=>)\s*any\b(?!\s+\w)/, /^$/],
  ["a non-null assertion", /[\w\])]!(?=[.[\]);,]|$)/m, /^$/],
];

const VAGUE = /^(utils?|helpers?|common|manager|services?|index)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/;
const MOST_LINES = 260;
/** One catalogue a language, however much there is to say. */
const CATALOGUE = /^src\/texts\/[a-z]+\.ts$/;

/** src/api/key/routes.ts → api/key; src/log.ts → log; package.json → package.json. */
function roomOf(path: string): string {
  const [root, first = "", second = "", third] = path.split("/");
  if (root !== "src") return path;
  const isOfSeveral = first === "api" || `${first}/${second}` === "pages/browser";
  if (isOfSeveral && third !== undefined) return `${first}/${second}`;
  return second === "" ? first.replace(/(\.d)?\.ts$/, "") : first;
}

/** Every module that the text names, types too: scanImports of Bun would leave those out. */
function importsOf(text: string): string[] {
  const named = /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/gm;
  return [...text.matchAll(named)].map(([, from, bare]) => from ?? bare ?? "");
}

/** Without comments that have a line of their own: they speak of what the code must not do. */
const codeOf = (text: string): string => text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "");

function checkImport(path: string, specifier: string): string[] {
  const room = roomOf(path);
  if (!specifier.startsWith(".")) {
    return KNOWN_IN.filter(([name, rooms]) => name.test(specifier) && !rooms.test(room)).map(
      () => `${room} may not know ${specifier}`,
    );
  }
  const target = posix.join(posix.dirname(path), specifier);
  const other = roomOf(target);
  if (other === "core" && room === "core" && !NOUN_LEAVES.includes(target)) {
    return [`nouns do not import nouns (${target})`];
  }
  const allowed = MAY_IMPORT[room] ?? [];
  const fits = other === room || allowed.includes(other);
  return fits || (allowed.includes("api/*") && other.startsWith("api/"))
    ? []
    : [`${room} may not import ${other} (${target})`];
}

/** Everything about one file that breaks a rule. */
function violations(path: string, text: string): string[] {
  const code = codeOf(text);
  const name = basename(path);
  const found = importsOf(text).flatMap((specifier) => checkImport(path, specifier));
  if (!(roomOf(path) in MAY_IMPORT)) found.push(`${roomOf(path)} is no room of this house`);
  for (const [what, looks, where] of WORDS) {
    if (!where.test(path) && looks.test(code)) found.push(`${what} does not belong here`);
  }
  if (VAGUE.test(name.replace(/\.ts$/, ""))) found.push("the name says nothing");
  if (!KEBAB_CASE.test(name)) found.push("the name is not in kebab-case");
  if (!CATALOGUE.test(path) && text.trimEnd().split("\n").length > MOST_LINES)
    found.push(`longer than ${MOST_LINES} lines`);
  return found.map((fault) => `${path}: ${fault}`);
}

const FILES = [...new Glob("src/**/*.{ts,tsx,js,jsx,mts,cts}").scanSync(ROOT)].toSorted();
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("the house", () => {
  test("has files to judge", () => {
    expect(FILES).toContain("src/main.ts");
    expect(FILES).toContain("src/core/users.ts");
  });

  for (const path of FILES) {
    test(`${path} keeps to its room`, () => {
      expect(violations(path, read(path))).toEqual([]);
    });
  }

  test("takes out its rubbish: the server's upkeep calls every core function that frees room", () => {
    const freeing = FILES.filter((path) => path.startsWith("src/core/")).flatMap((path) =>
      [...read(path).matchAll(/^export async function (remove\w+)\(ctx: Context, most: number\)/gm)].map(
        ([, name]) => `${name} ${basename(path)}`,
      ),
    );
    expect(freeing).toContain("removeExpired sessions.ts");
    const upkeep = read("src/flows/upkeep.ts");
    const called = [...upkeep.matchAll(/^ {2}(\w+)\.(remove\w+),$/gm)].map(([, noun, name]) => {
      const [, file] =
        new RegExp(`import \\* as ${noun} from "\\.\\./core/([\\w-]+\\.ts)"`).exec(upkeep) ?? [];
      return `${name} ${file}`;
    });
    expect(called.toSorted()).toEqual(freeing.toSorted());
  });
});

test("no test waits by `.rejects` or `.resolves`, in which Bun can stand still (test/support/rejected.ts)", () => {
  const waiting = [...new Glob("test/**/*.ts").scanSync(ROOT)].filter((path) =>
    /\)\s*\.(rejects|resolves)\./.test(readFileSync(join(ROOT, path), "utf8")),
  );
  expect(waiting).toEqual([]);
});

test("no test opens a file by `new Database`, which does not wait for its turn (test/support/beside.ts)", () => {
  const opening = [...new Glob("test/**/*.ts").scanSync(ROOT)].filter(
    (path) =>
      !path.startsWith("test/bench/") &&
      /^import \{[^}]*(?<!type )\bDatabase\b[^}]*\} from "bun:sqlite"/m.test(
        readFileSync(join(ROOT, path), "utf8"),
      ),
  );
  // The second one has its database in memory.
  expect(opening.toSorted()).toEqual(["test/db/query-plans.test.ts", "test/support/beside.ts"]);
});

describe("the checker catches", () => {
  const fake: [string, string, string, string][] = [
    [
      "a group that imports a group",
      "src/api/me/routes.ts",
      `import { key } from "../key/routes.ts";`,
      "api/me may not import api/key",
    ],
    ["a route that asks the database", "src/api/key/routes.ts", `import "../../db/sqlite.ts";`, "import db"],
    [
      "a type that leads upwards",
      "src/core/users.ts",
      `import type { A } from "../flows/a.ts";`,
      "import flows",
    ],
    ["a re-export", "src/core/users.ts", `export * from "../server.ts";`, "import server"],
    ["a late import", "src/flows/a.ts", `const m = await import("../api/http/front.ts");`, "import api/http"],
    [
      "an import over several lines",
      "src/flows/a.ts",
      `import {\n  a,\n  type B,\n} from "../main.ts";`,
      "import main",
    ],
    [
      "a noun that knows a noun",
      "src/core/totp.ts",
      `import { a } from "./users.ts";`,
      "nouns do not import nouns",
    ],
    ["a context that knows a flow", "src/context.ts", `import { a } from "./core/users.ts";`, "import core"],
    [
      "settings read below the config",
      "src/core/a.ts",
      `import { a } from "../settings.ts";`,
      "import settings",
    ],
    ["mail sent by a flow", "src/flows/a.ts", `import { send } from "../mail/smtp.ts";`, "import mail"],
    ["a new room", "src/services/a.ts", "", "services is no room"],
    ["Elysia in a flow", "src/flows/a.ts", `import { t } from "elysia";`, "may not know elysia"],
    ["its plugins in core", "src/core/a.ts", `import { jwt } from "@elysiajs/jwt";`, "@elysiajs/jwt"],
    ["SQLite in a noun", "src/core/a.ts", `import { Database } from "bun:sqlite";`, "bun:sqlite"],
    ["SQL in a flow", "src/flows/a.ts", "await ctx.db\n  .get<{ id: string }>`select 1`;", "SQL"],
    ["ambient time", "src/core/a.ts", "const at = Date.now();", "ambient time"],
    ["ambient time in another form", "src/core/a.ts", "const at = +new Date( );", "ambient time"],
    ["ambient randomness", "src/flows/a.ts", "const n = randomBytes(32);", "ambient randomness"],
    ["ids made by hand", "src/flows/a.ts", "const id = Bun.randomUUIDv7();", "ambient randomness"],
    ["the environment", "src/server.ts", "if (Bun.env.DEBUG) return;", "ambient environment"],
    ["a default export", "src/core/a.ts", "export default function a() {}", "a default export"],
    ["a class", "src/core/a.ts", "export class UserService {}", "a class that is no error"],
    ["an any", "src/core/a.ts", "const a = b as any;", "any"],
    ["an assertion that hides undefined", "src/core/a.ts", "const a = b[0]!.c;", "a non-null assertion"],
    ["a barrel", "src/core/index.ts", "", "says nothing"],
    ["a drawer for everything", "src/api/http/helpers.ts", "", "says nothing"],
    ["another case", "src/core/apiKeys.ts", "", "kebab-case"],
    ["JavaScript that no browser runs", "src/core/api-keys.js", "", "kebab-case"],
    ["a long file", "src/core/a.ts", "\n".repeat(300).concat("a"), "longer than 260 lines"],
  ];
  for (const [what, path, text, fault] of fake) {
    test(what, () => {
      expect(violations(path, text)).toEqual([expect.stringContaining(fault)]);
    });
  }

  const harmless: [string, string, string][] = [
    ["what a comment says", "src/core/a.ts", "// never Date.now(), never: any\n/** Math.random() */"],
    ["a date with an argument", "src/log.ts", "new Date(now()).toISOString();"],
    [
      "an error class",
      "src/core/a.ts",
      "export class Odd extends Error {}\nclass Odder extends TypeError {}",
    ],
    ["not equal", "src/core/a.ts", "if (a !== b || !c.d) e(!f);"],
    ["an Elysia route", "src/api/key/routes.ts", "app.get('/a', () => `b`).post(\"/c\", d);"],
  ];
  for (const [what, path, text] of harmless) {
    test(`and leaves alone ${what}`, () => {
      expect(violations(path, text)).toEqual([]);
    });
  }
});
