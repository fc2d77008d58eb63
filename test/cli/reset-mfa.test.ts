// `ostiary user reset-mfa`, as a real process beside the running server.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { atTerminal, commandLine } from "../support/command-line.ts";
import { BASE, enableTotp } from "../support/key-group.ts";
import { startProgram } from "../support/process.ts";
import { type Clock, send } from "../support/world.ts";

/** Each command is a process of its own. */
setDefaultTimeout(60_000);

const PASSWORD = "correct horse battery";
const clock: Clock = { now: Date.now, advance: () => {} };

async function withTotp() {
  const cli = commandLine();
  await cli.run(["setup", "--password-stdin"], PASSWORD);
  await cli.run(
    ["user", "create", "--tenant", "default", "--email", "ada@example.com", "--password-stdin"],
    PASSWORD,
  );
  const program = await startProgram({ directory: join(cli.data, "..") });
  const body = { username: "ada@example.com", password: PASSWORD };
  const ask = (method: string, path: string, options: object) => send(program.origin, method, path, options);
  const signIn = async () => (await ask("POST", `${BASE}/token/`, { body })).body;
  const { key } = await signIn();
  await enableTotp({ send: ask, clock }, key);
  return { cli, program, ask, signIn, key };
}

test("takes effect in the running server: no factor, no sign-in left, and it is written down", async () => {
  const { cli, program, ask, signIn, key } = await withTotp();
  await using _ = program;
  expect((await signIn()).requires_mfa).toBe(true);
  const { code, out, err } = await cli.run(["user", "reset-mfa", "ADA@example.com"]);
  expect([code, err, out]).toEqual([
    0,
    "",
    expect.stringMatching(/^Removed every second factor of usr_\w+ and ended every sign-in\.\n$/),
  ]);
  expect((await ask("GET", `${BASE}/me/`, { key })).status).toBe(401);
  expect(await signIn()).toMatchObject({ key: expect.stringMatching(/^ost_key_/), requires_mfa: false });
  const [entry] = await cli.json<Record<string, unknown>[]>(["audit", "--event", "mfa.reset"]);
  expect(entry).toMatchObject({ actor_id: null, address: "command line" });
  const again = await cli.json<Record<string, unknown>>(["user", "reset-mfa", String(entry?.["user_id"])]);
  expect(again).toMatchObject({ id: entry?.["user_id"], email: "ada@example.com", status: "active" });
});

test("asks at a terminal, and refuses in words", async () => {
  const { cli, program, signIn } = await withTotp();
  await using _ = program;
  const no = await atTerminal(["user", "reset-mfa", "ada@example.com"], cli.data, [["? [y/N] ", "\r"]]);
  expect([no.code, no.screen]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
  expect((await signIn()).requires_mfa).toBe(true);
  for (const [args, code, said] of [
    [["nobody"], 1, "no such tenant or user"],
    [["ada@example.com", "--tenant", "nope"], 1, "no such tenant or user"],
    [[], 2, "missing: <id, email or username>"],
  ] as const) {
    const done = await cli.run(["user", "reset-mfa", ...args]);
    expect([args, done.code, done.out]).toEqual([args, code, ""]);
    expect(done.err).toContain(said);
  }
});
