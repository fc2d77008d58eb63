// The command line: what the program understands, what it says, and how it ends.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json";
import { flagOf, SETTING_NAMES, SETTINGS, type Setting, variableOf } from "../src/settings.ts";
import { freshDirectory, ROOT, runProgram } from "./support/process.ts";

const SECRET = "correct-horse-battery-staple-0123456789";

describe("the program", () => {
  test("names every bad setting on stderr, ends with 2, and touches nothing", async () => {
    const data = join(freshDirectory(), "data");
    const env = { OSTIARY_PORT: "http", OSTIARY_LOG: "loud", OSTIARY_SECRET: "hunter2", OSTIARY_DATA: data };
    const { code, out, err } = await runProgram(["--docs", "maybe"], env);
    expect([code, out, existsSync(data)]).toEqual([2, "", false]);
    for (const name of ["OSTIARY_PORT: ", "OSTIARY_LOG: ", "OSTIARY_SECRET: ", "--docs: "]) {
      expect(err).toContain(`\n  ${name}`);
    }
    expect(err.trim().split("\n")).toHaveLength(5);
    expect(err).not.toContain("hunter2");
  });

  test("reads a setting from a real file", async () => {
    const path = join(freshDirectory(), "port");
    writeFileSync(path, "no port\n");
    const { code, err } = await runProgram([], { OSTIARY_PORT_FILE: path });
    expect([code, err]).toEqual([2, expect.stringContaining('OSTIARY_PORT_FILE: not usable: "no port"')]);
  });

  const usage: [string[], string][] = [
    [["--nope"], "--nope"],
    [["frobnicate"], "unknown command: frobnicate"],
    [["serve", "extra"], "unexpected argument: extra"],
    [["--port"], "--port"],
    [["--secret", `hunter2${SECRET}`], "--secret"],
    [[`--secret=hunter2${SECRET}`], "--secret"],
    [["--smtp-url=smtp://u:hunter2@a.example"], "--smtp-url"],
  ];
  for (const [args, named] of usage) {
    test(`does not understand ${args.join(" ")}: 2`, async () => {
      const { code, out, err } = await runProgram(args);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain(named);
      expect(err).toContain("ostiary --help");
      expect(err).not.toContain("hunter2");
    });
  }

  const asked: [string[], string][] = [
    [["--help"], "Usage: ostiary"],
    [["-h"], "Usage: ostiary"],
    [["help"], "Usage: ostiary"],
    [["serve", "--help"], "Usage: ostiary"],
    [["version"], `ostiary ${version}\n`],
    [["--version"], `ostiary ${version}\n`],
  ];
  for (const [args, answer] of asked) {
    test(`answers ${args.join(" ")} on stdout: 0, whatever the settings are`, async () => {
      const { code, out, err } = await runProgram(args, { OSTIARY_PORT: "bad" });
      expect([code, out, err]).toEqual([0, expect.stringContaining(answer), ""]);
    });
  }

  const file = join(freshDirectory(), "file");
  writeFileSync(file, "no directory\n");
  const garbled = freshDirectory();
  writeFileSync(join(garbled, "ostiary.db"), "no database ".repeat(500));
  const cannotStart: [what: string, flags: string[], env: Record<string, string>, said: string][] = [
    ["a file for a data directory", ["--data", file], {}, "--data"],
    ["a data directory below a file", ["--data", join(file, "data")], {}, "--data"],
    ["a file that is no database", ["--data", garbled], { OSTIARY_SECRET: SECRET }, "ostiary.db is damaged"],
    ["an address of another machine", ["--host", "203.0.113.1"], {}, "no such address"],
  ];
  for (const [what, flags, env, said] of cannotStart) {
    test(`cannot start with ${what}, and says so in one line: 1`, async () => {
      const data = flags.includes("--data") ? [] : ["--data", freshDirectory()];
      const { code, out, err } = await runProgram([...flags, ...data], env);
      expect([code, out, err.trim().split("\n")]).toEqual([1, "", [expect.stringContaining(said)]]);
    });
  }

  test("explains every setting in its help, secrets by variable only", async () => {
    const { out } = await runProgram(["--help"]);
    for (const name of SETTING_NAMES) {
      const setting: Setting = SETTINGS[name];
      expect(out).toContain(`${variableOf(name)}\n      ${setting.about}`);
      expect(out.includes(`${flagOf(name)},`)).toBe(!setting.secret);
    }
  });
});

describe("the README has one row of its settings table for", () => {
  const lines = () => readFileSync(join(ROOT, "README.md"), "utf8").split("\n");
  for (const name of SETTING_NAMES) {
    test(variableOf(name), () => {
      const setting: Setting = SETTINGS[name];
      const row = new RegExp(`^\\|\\s*\`${variableOf(name)}\`\\s*\\|`);
      expect(lines().filter((line) => row.test(line))).toEqual([
        expect.stringContaining(setting.default ? `\`${setting.default}\`` : ""),
      ]);
    });
  }
});
