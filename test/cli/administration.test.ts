// `ostiary tenant …`, `user …`, `keys rotate`, `audit`: with the server running or not.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { atTerminal, commandLine } from "../support/command-line.ts";
import { BASE } from "../support/key-group.ts";
import { until } from "../support/outbox.ts";
import { startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";

/** Each command is a process of its own. */
setDefaultTimeout(60_000);

const PASSWORD = "correct horse battery";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function setUp() {
  const cli = commandLine();
  await cli.run(["setup", "--password-stdin"], PASSWORD);
  return cli;
}

type Row = Record<string, unknown>;

describe("tenants", () => {
  test("are made, changed, listed and deleted", async () => {
    const cli = await setUp();
    const settings = [
      "--set",
      "redirect_uris=https://a.example/1",
      "--set",
      "redirect_uris=https://a.example/2",
    ];
    const made = await cli.json<Row>([
      "tenant",
      "create",
      "acme",
      "--name",
      "Acme",
      "--isolated",
      ...settings,
    ]);
    expect(made).toMatchObject({
      slug: "acme",
      name: "Acme",
      identity: "isolated",
      redirect_uris: ["https://a.example/1", "https://a.example/2"],
      created_at: expect.stringMatching(TIME),
    });
    const values = ["captcha=true", "session_ttl=600", "redirect_uris=", "brand_name=A=B"];
    const changed = await cli.json<Row>(
      ["tenant", "update", "acme", "--slug", "acme-2"].concat(...values.map((value) => ["--set", value])),
    );
    expect(changed).toMatchObject({
      slug: "acme-2",
      captcha: true,
      session_ttl: 600,
      redirect_uris: [],
      brand_name: "A=B",
    });
    const table = (await cli.run(["tenant", "list"])).out.split("\n");
    expect(table[0]?.split(/\s{2,}/)).toEqual(["SLUG", "NAME", "IDENTITY", "STATUS", "ID", "CREATED AT"]);
    expect(table[2]?.split(/\s{2,}/).slice(0, 4)).toEqual(["acme-2", "Acme", "isolated", "active"]);
    expect((await cli.run(["tenant", "delete", String(made["id"])])).code).toBe(0);
    expect((await cli.json<Row[]>(["tenant", "list"])).map(({ slug }) => slug)).toEqual(["default"]);
  });

  test("that cannot be are refused in words: 1 for what is refused, 2 for what makes no sense", async () => {
    const cli = await setUp();
    const cases: [string[], number, string][] = [
      [["tenant", "create", "default"], 1, "Another tenant has that slug"],
      [["tenant", "create", "No"], 1, "slug: "],
      [["tenant", "create", "a", "--set", "redirect_uris=javascript:x"], 1, "redirect_uris: "],
      [["tenant", "create", "a", "--set", "nonsense=1"], 2, "no setting of a tenant: nonsense=1"],
      [["tenant", "create", "a", "--set", "constructor=1"], 2, "no setting of a tenant"],
      [["tenant", "create", "a", "--set", "captcha=yes"], 2, "captcha is true or false"],
      [["tenant", "create", "a", "--set", "session_ttl=1h"], 2, "session_ttl is a whole number"],
      [["tenant", "create", "a", "--set", "captcha=true", "--set", "captcha=false"], 2, "set twice: captcha"],
      [["tenant", "create"], 2, "missing: <slug>"],
      [["tenant", "create", "a", "b"], 2, "unexpected argument: b"],
      [["tenant", "delete", "nope"], 1, "There is no such tenant or user"],
      [["tenant", "delete", "default"], 1, "The last superuser"],
      [["tenant"], 2, "unknown command: tenant"],
      [["tenant", "burn"], 2, "unknown command: tenant burn"],
      [["tenant", "list", "--now"], 2, "--now does not go with tenant list"],
      [["tenant", "list", "--json", "--json"], 2, "given twice: --json"],
      [["user", "create", "--email", "a@example.com"], 2, "missing: --tenant"],
      [["user", "create", "--tenant", "default", "--email", "x"], 1, "email: "],
      [
        ["user", "create", "--tenant", "default", "--email", "a@example.com", "--role", "root"],
        2,
        "--role is one of",
      ],
      [["user", "create", "--tenant", "nope", "--email", "a@example.com"], 1, "no such tenant"],
      [["user", "disable", "admin"], 1, "The last superuser"],
      [["user", "disable", "nobody"], 1, "no such tenant or user"],
      [["audit", "--since", "yesterday"], 2, "--since is a time"],
      [["audit", "--limit", "0"], 2, "--limit is a whole number"],
    ];
    for (const [args, code, said] of cases) {
      const done = await cli.run(args);
      expect([args, done.code, done.out]).toEqual([args, code, ""]);
      expect(done.err).toContain(said);
    }
  });

  test("are looked for in a data directory that is there, and none is made by looking", async () => {
    const { code, err } = await commandLine().run(["tenant", "list"]);
    expect([code, err]).toEqual([1, expect.stringContaining("ostiary setup")]);
  });
});

describe("people", () => {
  test("are put into several tenants at once: one account where identity is shared, another where it is isolated", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "acme"]);
    await cli.run(["tenant", "create", "iso", "--isolated"]);
    const placed = await cli.json<Row[]>(
      [
        "user",
        "create",
        "--email",
        "Ada@Example.com",
        "--first-name",
        "Ada",
        "--role",
        "admin",
        "--password-stdin",
      ].concat(...["default", "acme", "iso"].map((slug) => ["--tenant", slug])),
      `${PASSWORD}\n`,
    );
    expect(
      placed.map(({ tenant, new_account, role, status }) => [tenant, new_account, role, status]),
    ).toEqual([
      ["default", true, "admin", "active"],
      ["acme", false, "admin", "active"],
      ["iso", true, "admin", "active"],
    ]);
    const [first, second, third] = placed.map(({ user_id }) => user_id);
    expect([first === second, first === third]).toEqual([true, false]);
    const list = await cli.json<Row[]>(["user", "list", "--tenant", "acme"]);
    expect(list).toMatchObject([
      { id: first, email: "ada@example.com", email_verified: true, status: "active" },
    ]);
    expect((await cli.run(["user", "list"])).out).toMatch(/ada@example\.com .* default admin, acme admin/);
  });

  test("without a password join, also later, with the account they have", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "acme"]);
    const ada = ["--email", "ada@example.com"];
    const made = await cli.run(["user", "create", "--tenant", "default", ...ada]);
    expect(made.out).toMatch(/^Made usr_\w+: member of default, active\.\n$/);
    const added = await cli.run(["user", "create", "--tenant", "acme", ...ada]);
    expect(added.out).toMatch(/^Added usr_\w+: member of acme, active\.\n$/);
    const again = await cli.run(["user", "create", "--tenant", "acme", ...ada]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("member of the tenant already")]);
    await cli.run(["tenant", "create", "third"]);
    const withPassword = await cli.run(
      ["user", "create", "--tenant", "third", "--password-stdin", ...ada],
      PASSWORD,
    );
    expect([withPassword.code, withPassword.err]).toEqual([
      1,
      expect.stringContaining("an account with that email"),
    ]);
  });

  test("are invited by a link to the address that the command is told, and it says which", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "acme"]);
    const invite = (email: string, ...args: string[]) =>
      cli.run(["user", "create", "--tenant", "acme", "--invite", "--email", email, ...args]);
    const plain = await invite("ada@example.com");
    expect([plain.code, plain.out]).toEqual([0, expect.stringContaining("leads to http://localhost:3000.")]);
    const told = await invite("bob@example.com", "--url", "https://auth.example.com");
    expect(told.out).toMatch(
      /member of acme, invited\. The mailed link leads to https:\/\/auth\.example\.com\.\n$/,
    );
    await using _ = await startProgram({ directory: join(cli.data, "..") });
    const link = "https://auth.example.com/t/acme/invitation#token=ost_inv_";
    const mails = async () =>
      (
        await Promise.all(
          [...new Glob("outbox/*.eml").scanSync(cli.data)].map((name) =>
            Bun.file(join(cli.data, name)).text(),
          ),
        )
      ).join("");
    await until(async () => (await mails()).includes(link));
  });

  test("are disabled and enabled by id, email or username, and in an isolated tenant by naming it", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "iso", "--isolated"]);
    const both = [
      "--tenant",
      "default",
      "--tenant",
      "iso",
      "--email",
      "ada@example.com",
      "--username",
      "Ada",
    ];
    const [shared, isolated] = await cli.json<Row[]>(["user", "create", ...both]);
    const state = async (args: string[]) => {
      const { id, status } = await cli.json<Row>(args);
      return [id, status];
    };
    expect(await state(["user", "disable", "ADA@example.com"])).toEqual([shared?.["user_id"], "disabled"]);
    expect(await state(["user", "enable", "ada"])).toEqual([shared?.["user_id"], "active"]);
    expect(await state(["user", "disable", "ada", "--tenant", "iso"])).toEqual([
      isolated?.["user_id"],
      "disabled",
    ]);
    expect(await state(["user", "enable", String(isolated?.["user_id"])])).toEqual([
      isolated?.["user_id"],
      "active",
    ]);
  });

  test("whose names would steer the terminal show none of that in a table", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "acme", "--name", "a\u001b[31mb"]);
    await cli.run(["tenant", "delete", "x\u001b[2J"]);
    const { out } = await cli.run(["audit"]);
    expect(out).toContain("delete tenant …: NOT_FOUND (no such tenant)");
    expect(out).not.toContain("\u001b");
  });
});

describe("with the server running", () => {
  test("what a command changes counts at once", async () => {
    const cli = await setUp();
    await using program = await startProgram({ directory: join(cli.data, "..") });
    await cli.run(
      ["user", "create", "--tenant", "default", "--username", "ada", "--password-stdin"],
      PASSWORD,
    );
    const body = { username: "ada", password: PASSWORD };
    const { key } = (await send(program.origin, "POST", `${BASE}/token/`, { body })).body;
    const me = async () => (await send(program.origin, "GET", `${BASE}/me/`, { key })).status;
    expect(await me()).toBe(200);
    expect((await cli.run(["user", "disable", "ada"])).code).toBe(0);
    expect(await me()).toBe(401);
    await cli.run(["user", "enable", "ada"]);
    expect(await me()).toBe(401);
    expect((await send(program.origin, "POST", `${BASE}/token/`, { body })).status).toBe(200);
    const jwks = async () =>
      (await send(program.origin, "GET", "/.well-known/jwks.json")).body.keys.map(({ kid }: Row) => kid);
    const before = await jwks();
    const next = await cli.json<Row>(["keys", "rotate"]);
    expect(await jwks()).toEqual(expect.arrayContaining([...before, next["kid"]]));
    const now = await cli.json<Row>(["keys", "rotate", "--now"]);
    expect(await jwks()).toEqual([now["kid"]]);
    await program.end("SIGTERM");
    expect(program.output().out).not.toContain('"fault"');
  });

  test("eight commands at once all do their work", async () => {
    const cli = await setUp();
    await using _ = await startProgram({ directory: join(cli.data, "..") });
    const done = await Promise.all(
      Array.from({ length: 8 }, (_, i) => cli.run(["tenant", "create", `tenant-${i}`])),
    );
    expect(done.filter(({ code, err }) => code !== 0 || err !== "")).toEqual([]);
    expect(await cli.json<Row[]>(["tenant", "list"])).toHaveLength(9);
  });
});

describe("the audit log", () => {
  test("says who did what, the latest last, by event, tenant, account and time", async () => {
    const cli = await setUp();
    const { id } = await cli.json<Row>(["tenant", "create", "acme"]);
    await cli.run(["tenant", "delete", "acme"]);
    const read = (...args: string[]) => cli.json<Row[]>(["audit", ...args]);
    expect((await read()).map(({ event }) => event)).toEqual([
      "setup.completed",
      "tenant.created",
      "tenant.deleted",
    ]);
    expect(await read("--tenant", String(id), "--limit", "1")).toEqual([
      {
        id: expect.any(String),
        at: expect.stringMatching(TIME),
        event: "tenant.deleted",
        actor_id: null,
        user_id: null,
        tenant_id: String(id),
        address: "command line",
        user_agent: expect.stringMatching(/^ostiary \d/),
        request_id: expect.stringMatching(/^req_/),
        reason: "acme",
      },
    ]);
    expect(await read("--event", "tenant.created")).toHaveLength(1);
    expect(await read("--since", "2099-01-01")).toEqual([]);
    const [first] = await read("--limit", "10");
    expect(await read("--user", String(first?.["user_id"]))).toHaveLength(1);
  });
});

describe("what cannot be undone", () => {
  test("is asked about at a terminal, unless --yes", async () => {
    const cli = await setUp();
    await cli.run(["tenant", "create", "acme"]);
    const no = await atTerminal(["tenant", "delete", "acme"], cli.data, [
      ["Delete acme for good? [y/N] ", "\r"],
    ]);
    expect([no.code, no.screen]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
    expect(await cli.json<Row[]>(["tenant", "list"])).toHaveLength(2);
    const disable = ["tenant", "update", "acme", "--set", "disabled=true"];
    expect((await atTerminal(disable, cli.data, [["? [y/N] ", "no\r"]])).code).toBe(1);
    const yes = await atTerminal(["tenant", "delete", "acme"], cli.data, [["? [y/N] ", "y\r"]]);
    expect([yes.code, yes.screen]).toEqual([0, expect.stringContaining("Deleted the tenant acme.")]);
    await cli.run(["tenant", "create", "acme"]);
    const unasked = await atTerminal(["tenant", "delete", "acme", "--yes"], cli.data, []);
    expect([unasked.code, unasked.screen.includes("[y/N]")]).toEqual([0, false]);
  });
});

describe("help", () => {
  const commands = [
    "setup",
    "tenant list",
    "tenant create",
    "tenant update",
    "tenant delete",
    "user list",
    "user create",
    "user disable",
    "user enable",
    "user reset-mfa",
    "keys rotate",
    "audit",
  ];
  for (const command of commands) {
    test(`of ${command} says what it takes: 0, and touches nothing`, async () => {
      const cli = commandLine();
      const { code, out, err } = await cli.run([...command.split(" "), "--help"]);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toStartWith(`Usage: ostiary ${command}`);
      expect(out).toContain("--data");
    });
  }

  test("lists every command, and those of a family", async () => {
    const cli = commandLine();
    const all = (await cli.run(["--help"])).out;
    for (const command of commands) expect(all).toMatch(new RegExp(`^  ${command} {2,}\\S`, "m"));
    const family = (await cli.run(["tenant", "--help"])).out;
    expect(family.match(/^ {2}tenant \w+/gm)).toHaveLength(4);
  });
});
