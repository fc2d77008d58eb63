// The walks of the README as a new user would try them, with curl, jq and oathtool, and its lines about access tokens: from
// source, and with the compiled program in an empty directory.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { commandLine } from "./support/command-line.ts";
import { block, README } from "./support/readme.ts";
import { FROM_SOURCE, freshDirectory, ROOT, type RunningProgram, startProgram } from "./support/process.ts";
import { send } from "./support/world.ts";

const STEP_MS = 30_000;
const TOOLS = ["curl", "jq", "oathtool"];
const missing = TOOLS.filter((tool) => !Bun.which(tool));

/** A shell script of the README, against another port, with `ostiary` as the program. Instead of sleeping it asks the authenticator for earlier and later codes. */
function script(heading: string, origin: string, program: string[]): string {
  const steps = ["-30 seconds", "+0 seconds", "+30 seconds"];
  return block(heading, "sh")
    .replace(/^ostiary\(\) .*$/m, `ostiary() { ${program.join(" ")} "$@"; }`)
    .replaceAll("http://localhost:3000", origin)
    .replaceAll(/^sleep 30.*$/gm, "")
    .replaceAll("oathtool --totp -b", () => `oathtool --totp -b -N '${steps.shift() ?? "now"}'`)
    .replaceAll("curl ", "curl -sS -w '\\n' ");
}

/** Runs a walk where its server was started; the lines that it prints. */
async function walk(
  heading: string,
  { origin, directory }: RunningProgram,
  program: string[],
): Promise<string[]> {
  // A code of the step before must still be taken when it arrives.
  const intoStep = Date.now() % STEP_MS;
  if (intoStep > STEP_MS - 5_000) await Bun.sleep(STEP_MS - intoStep);
  const shell = Bun.spawn(["bash", "-euo", "pipefail", "-c", script(heading, origin, program)], {
    cwd: directory,
    stdout: "pipe",
    stderr: "pipe",
    timeout: 40_000,
  });
  const [out, err] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
  ]);
  expect({ code: await shell.exited, err, out: err ? out : "" }).toEqual({ code: 0, err: "", out: "" });
  return out.trim().split(/\n+/);
}

const START = "installs what the lock file names";
const KEY = expect.stringMatching(/^\{"key":"ost_key_[\w-]{43}","requires_mfa":false\}$/);

const PEOPLE = "## Walk: tenants and people";
const PEOPLE_ANSWERS = [
  expect.stringMatching(/^Made the shared tenant acme \(tnt_\w+\)\.$/),
  expect.stringMatching(/^Made the shared tenant globex \(tnt_\w+\)\.$/),
  expect.stringMatching(/^Made (usr_\w+): member of acme, active\. Added \1: member of globex, active\.$/),
  '["acme","globex"]',
  "true",
  '["SUCCESS","ada@example.com","member"]',
  '["access_token","refresh_token"]',
  "Ada",
  '{"message":"Logged out"}',
  '{"detail":"Invalid or expired token","code":"INVALID_BEARER"}',
  "PENDING_VERIFICATION",
  "VERIFIED",
  "SUCCESS",
  "Bob Hill",
  "If that email has an account here, a mail with a link is on its way",
  "Password changed; sign in with the new one",
  '{"detail":"Not authenticated","code":"NOT_AUTHENTICATED"}',
  "SUCCESS",
  '{"detail":"Cross-site request refused","code":"CROSS_SITE"}',
  '{"message":"Logged out"}',
];

const FACTORS = "## Walk: second factors";
const FACTOR_ANSWERS = [
  '["Codes from your authenticator app are on",10]',
  '{"message":"Codes by email are on"}',
  '[true,"totp","email",10]',
  '["MFA_REQUIRED",["totp","email","backup_code"]]',
  '["bob@example.com",true]',
  "SUCCESS",
  "SUCCESS",
  expect.stringMatching(/^Removed every second factor of usr_\w+ and ended every sign-in\.$/),
  "false",
];

const ORGANIZATIONS = "## Walk: several organizations";
const ORGANIZATION_ANSWERS = [
  '["2FA Required",["totp","backup_code"]]',
  '["created_at","expires_at","id","ip","portal_id","user_agent"]',
  '{"status":"approved"}',
  '["approved","bearer"]',
  '["Ada","globex",["acme","globex"]]',
  '["bob@example.com","admin"]',
  "IMPERSONATION_FORBIDDEN",
  "INVALID_BEARER",
  "ticket 4711",
];

const HAND_OFF = "### Hand a browser's sign-in to a script";
const HAND_OFF_ANSWERS = ['["ada@example.com","acme"]', "good once"];

const HAND_BACK = "### Hand a script's sign-in to a browser";
const HAND_BACK_ANSWERS = ['["SUCCESS","acme","ada@example.com"]', "Ada"];

const KEYS = "## Walk: an API key";
const KEY_ANSWERS = [
  '{"needs_setup":false}',
  '{"username":"admin","mfa_enabled":false}',
  '{"mfa_enabled":true}',
  '{"mfa_enabled":true}',
  '{"key":"","requires_mfa":true}',
  KEY,
  '{"mfa_enabled":false}',
  '{"mfa_enabled":false}',
];

/** The first admin and every walk, one after the other; what the server said when it started. */
async function walkAll(program: string[], directory: string): Promise<string> {
  await using running = await startProgram({ program, directory });
  expect(await walk(START, running, program)).toEqual([KEY]);
  expect(await walk(PEOPLE, running, program)).toEqual(PEOPLE_ANSWERS);
  expect(await walk(FACTORS, running, program)).toEqual(FACTOR_ANSWERS);
  expect(await walk(ORGANIZATIONS, running, program)).toEqual(ORGANIZATION_ANSWERS);
  expect(await walk(HAND_OFF, running, program)).toEqual(HAND_OFF_ANSWERS);
  expect(await walk(HAND_BACK, running, program)).toEqual(HAND_BACK_ANSWERS);
  expect(await walk(KEYS, running, program)).toEqual(KEY_ANSWERS);
  expect(await running.end("SIGTERM")).toBe(0);
  return running.output().err;
}

describe("the README's", () => {
  if (missing.length > 0) {
    if (process.env["CI"])
      throw new Error(`missing: ${missing.join(", ")}; .ci/run should have installed it`);
    console.warn(`SKIPPED, not installed: ${missing.join(", ")}: the walks of the README`);
  }

  test.skipIf(missing.length > 0)(
    "walks work from source",
    async () => {
      const said = await walkAll(FROM_SOURCE, freshDirectory());
      expect(said).toContain("No admin exists yet.");
    },
    120_000,
  );

  test.skipIf(missing.length > 0)(
    "walks work with the compiled program in an empty directory",
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
      const said = await walkAll([binary], directory);
      expect(said).toContain(join(directory, "data"));
      const version = Bun.spawn([binary, "version"], { stdout: "pipe" });
      expect(await new Response(version.stdout).text()).toMatch(/^ostiary \d+\.\d+\.\d+\n$/);
    },
    180_000,
  );

  test("lines about access tokens take the good ones, say what the table of claims says, and refuse others", async () => {
    const cli = commandLine();
    await cli.run(["setup", "--email", "ada@example.com", "--password-stdin"], "plenty of horses");
    await using running = await startProgram({ directory: join(cli.data, "..") });
    const body = { email: "ada@example.com", password: "plenty of horses" };
    const token: string = (await send(running.origin, "POST", "/api/v1/auth/login", { body })).body
      .access_token;
    const verify = (text: string) =>
      Bun.spawn(
        [
          process.execPath,
          "-e",
          `${block("## Verify access tokens", "js").replace("http://localhost:3000", running.origin)}
          console.log(JSON.stringify(await whoCalls("${text}")));`,
        ],
        { cwd: ROOT, stdout: "pipe", stderr: "ignore" },
      );
    const good = verify(token);
    const claims: Record<string, unknown> = JSON.parse(await new Response(good.stdout).text());
    const table = README.slice(README.indexOf("\n| claim ")).split("\n\n")[0] ?? "";
    const named = [...table.matchAll(/^\| (`[^|]*?) +\|/gm)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    );
    expect(named.toSorted()).toEqual(Object.keys(claims).toSorted());
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    expect(await verify(other).exited).toBe(1);
  });
});
