// `ostiary setup`: the first admin, with a password that no command line and no screen shows.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { atTerminal, commandLine } from "../support/command-line.ts";
import { BASE } from "../support/key-group.ts";
import { startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

/** Each command is a process of its own. */
setDefaultTimeout(60_000);

const PASSWORD = "correct horse battery";

const rows = (data: string, sql: string): unknown[] => {
  using database = openBeside(join(data, "ostiary.db"), { readonly: true });
  return database.query(sql).all();
};

test("makes the admin on a machine where nothing ran before, and the server knows them", async () => {
  const cli = commandLine();
  const done = await cli.run(
    ["setup", "--password-stdin", "--email", "Root@Example.com", "--username", "root"],
    `${PASSWORD}\n`,
  );
  expect(done).toEqual({ code: 0, out: "Made the admin root and the tenant default.\n", err: "" });
  expect((statSync(cli.data).mode & 0o777).toString(8)).toBe("700");
  const admin = rows(
    cli.data,
    `select u.email, u.email_verified_at is not null as verified, u.decoy_position is not null as placed,
       u.superuser_at is not null as superuser, m.role, t.slug
     from users u join memberships m on m.user_id = u.id join tenants t on t.id = m.tenant_id`,
  );
  expect(admin).toEqual([
    { email: "root@example.com", verified: 1, placed: 1, superuser: 1, role: "owner", slug: "default" },
  ]);
  // Nobody is signed in by this.
  expect(rows(cli.data, "select * from api_keys")).toEqual([]);
  await using program = await startProgram({ directory: join(cli.data, "..") });
  const body = { username: "root@example.com", password: PASSWORD };
  expect((await send(program.origin, "POST", `${BASE}/token/`, { body })).status).toBe(200);
  expect((await send(program.origin, "POST", `${BASE}/setup/`, { body })).status).toBe(409);
});

test("works once", async () => {
  const cli = commandLine();
  await cli.run(["setup", "--password-stdin"], PASSWORD);
  const again = await cli.run(["setup", "--password-stdin"], PASSWORD);
  expect([again.code, again.out]).toEqual([1, ""]);
  expect(again.err).toBe("ostiary: Setup was completed before: there is an admin already\n");
});

test("makes the admin also after tenants and people were made, when nobody else can any more", async () => {
  const cli = commandLine();
  await cli.run(["tenant", "list"]);
  await using first = await startProgram({ directory: join(cli.data, "..") });
  await cli.run(["tenant", "create", "default", "--name", "Ours"]);
  const ada = ["--username", "ada", "--email", "ada@example.com"];
  await cli.run(["user", "create", "--tenant", "default", ...ada]);
  const setup = { username: "mallory", password: PASSWORD };
  expect((await send(first.origin, "POST", `${BASE}/setup/`, { body: setup })).status).toBe(409);
  await first.end("SIGTERM");
  await using second = await startProgram({ directory: join(cli.data, "..") });
  expect(second.output().err).toContain("No admin exists yet. Make one on this machine: ostiary setup");
  for (const [name, value] of [
    ["--username", "ada"],
    ["--email", "ada@example.com"],
  ] as const) {
    const { code, err } = await cli.run(["setup", "--password-stdin", name, value], PASSWORD);
    expect([code, err]).toEqual([1, expect.stringContaining("account")]);
  }
  expect((await cli.run(["setup", "--password-stdin"], PASSWORD)).code).toBe(0);
  const admin = rows(
    cli.data,
    `select m.role, t.slug, t.name from users u join memberships m on m.user_id = u.id
    join tenants t on t.id = m.tenant_id where u.superuser_at is not null`,
  );
  expect(admin).toEqual([{ role: "owner", slug: "default", name: "Ours" }]);
  expect((await cli.run(["setup", "--password-stdin"], PASSWORD)).err).toContain("completed before");
});

test("refuses what the policy refuses, and makes nobody", async () => {
  const cli = commandLine();
  for (const [args, input, said] of [
    [[], "short", "password: "],
    [[], "", "password: "],
    [["--username", "a b"], PASSWORD, "username: "],
    [["--email", "nonsense"], PASSWORD, "email: "],
  ] as const) {
    const { code, err } = await cli.run(["setup", "--password-stdin", ...args], input);
    expect([args, code, err.includes(said)]).toEqual([args, 1, true]);
  }
  expect(rows(cli.data, "select * from users")).toEqual([]);
});

test("never takes a password from the command line", async () => {
  const cli = commandLine();
  for (const args of [
    ["--password", PASSWORD],
    [`--password=${PASSWORD}`],
    [`--password-stdin=${PASSWORD}`],
    [PASSWORD],
  ]) {
    const { code, err } = await cli.run(["setup", ...args]);
    expect([args, code]).toEqual([args, 2]);
    if (args[0] !== PASSWORD) expect(err).not.toContain(PASSWORD);
  }
  expect(existsSync(cli.data)).toBe(false);
});

test("without a terminal it says how else to give the password", async () => {
  const { code, err } = await commandLine().run(["setup"]);
  expect([code, err]).toEqual([2, expect.stringContaining("--password-stdin")]);
});

test("at a terminal it asks twice, shows nothing of what is typed, and starts anew when the two differ", async () => {
  const { data, run } = commandLine();
  const { code, screen } = await atTerminal(["setup"], data, [
    ["Password: ", `${PASSWORD}\r`],
    ["The same again: ", "something else\r"],
    // A mistake taken back with backspace.
    ["Password: ", `${PASSWORD}xé\u007f\u007f\r`],
    ["The same again: ", `${PASSWORD}\r`],
  ]);
  expect([code, screen]).toEqual([0, expect.stringContaining("Made the admin admin")]);
  expect(screen).toContain("The two differ.");
  expect(screen).not.toContain("horse");
  expect(screen).not.toContain("something");
  expect((await run(["user", "list"])).out).toContain("admin");
});

test("Ctrl-C while it asks changes nothing", async () => {
  const { data, run } = commandLine();
  const { code, screen } = await atTerminal(["setup"], data, [["Password: ", "corr\u0003"]]);
  expect([code, screen]).toEqual([1, expect.stringContaining("nothing was changed")]);
  expect((await run(["user", "list"])).err).toBe("Nothing found.\n");
});
