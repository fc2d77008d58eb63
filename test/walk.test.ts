// The walk of the README as a new user would try it, with curl and oathtool: from source, and with the compiled program in an
// empty directory.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FROM_SOURCE, freshDirectory, ROOT, startProgram } from "./support/process.ts";

const STEP_MS = 30_000;
const TOOLS = ["curl", "jq", "oathtool"];
const missing = TOOLS.filter((tool) => !Bun.which(tool));

/** The shell script of the README, against another port. Instead of sleeping it asks the authenticator for earlier and later codes. */
async function script(origin: string): Promise<string> {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  const block = /## A walk[^]*?```sh\n([^]*?)```/.exec(readme)?.[1];
  if (!block) throw new Error("the README has no walk");
  const steps = ["-30 seconds", "+0 seconds", "+30 seconds"];
  return block
    .replace("http://localhost:3000", origin)
    .replaceAll(/^sleep 30.*$/gm, "")
    .replaceAll("oathtool --totp -b", () => `oathtool --totp -b -N '${steps.shift() ?? "now"}'`)
    .replaceAll("curl ", "curl -sS -w '\\n' ");
}

async function walk(program: string[], directory: string) {
  await using running = await startProgram({ program, directory });
  // A code of the step before must still be taken when it arrives.
  const intoStep = Date.now() % STEP_MS;
  if (intoStep > STEP_MS - 5_000) await Bun.sleep(STEP_MS - intoStep);
  const shell = Bun.spawn(["bash", "-euo", "pipefail", "-c", await script(running.origin)], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
  ]);
  expect({ code: await shell.exited, err }).toEqual({ code: 0, err: "" });
  expect(await running.end("SIGTERM")).toBe(0);
  return { answers: out.trim().split(/\n+/), said: running.output().err };
}

const KEY = expect.stringMatching(/^\{"key":"ost_key_[\w-]{43}","requires_mfa":false\}$/);
const ANSWERS = [
  '{"needs_setup":true}',
  '{"username":"admin","mfa_enabled":false}',
  KEY,
  '{"mfa_enabled":true}',
  '{"mfa_enabled":true}',
  '{"key":"","requires_mfa":true}',
  KEY,
  '{"mfa_enabled":false}',
  '{"mfa_enabled":false}',
];

describe("the walk of the README", () => {
  if (missing.length > 0) {
    if (process.env["CI"])
      throw new Error(`missing: ${missing.join(", ")}; .ci/run should have installed it`);
    console.warn(`SKIPPED, not installed: ${missing.join(", ")}: the walk of the README`);
  }

  test.skipIf(missing.length > 0)(
    "works from source",
    async () => {
      const { answers, said } = await walk(FROM_SOURCE, freshDirectory());
      expect(answers).toEqual(ANSWERS);
      expect(said).toContain("No admin exists yet.");
    },
    60_000,
  );

  test.skipIf(missing.length > 0)(
    "works with the compiled program in an empty directory",
    async () => {
      const directory = freshDirectory();
      const binary = join(freshDirectory(), "ostiary");
      const build = Bun.spawn(["bun", "run", "build", "--outfile", binary], {
        cwd: ROOT,
        stdout: "ignore",
        stderr: "pipe",
      });
      expect({ code: await build.exited, err: await new Response(build.stderr).text() }).toMatchObject({
        code: 0,
      });
      const { answers, said } = await walk([binary], directory);
      expect(answers).toEqual(ANSWERS);
      expect(said).toContain(join(directory, "data"));
      const version = Bun.spawn([binary, "version"], { stdout: "pipe" });
      expect(await new Response(version.stdout).text()).toMatch(/^ostiary \d+\.\d+\.\d+\n$/);
    },
    120_000,
  );
});
