// `ostiary audit verify` and `audit export`: with the server running or not.
import { describe, expect, test } from "bun:test";
import { createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { ADMIN, BASE } from "../support/key-group.ts";
import { startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

type Line = Record<string, string | number | null>;

/** An admin and three tenants: four rows. */
async function installation(): Promise<CommandLine> {
  const cli = commandLine();
  await cli.run(["setup", "--username", "admin", "--password-stdin"], "a password for tests");
  for (const slug of ["acme", "beta", "gamma"]) await cli.run(["tenant", "create", slug]);
  return cli;
}

function forge({ data }: CommandLine, sql: string): void {
  using database = openBeside(join(data, "ostiary.db"));
  database.run(sql);
}

const linesOf = (out: string): Line[] =>
  out
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const headIn = (out: string): string => /^Head (\d+:[\w-]{43})$/m.exec(out)?.[1] ?? "";

describe("audit verify", () => {
  test("says how much is whole since when, and the head; and takes that as what to expect", async () => {
    const cli = await installation();
    const { code, out, err } = await cli.run(["audit", "verify"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^4 rows since \d{4}-\d\d-\d\dT[\d:.]+Z: whole\.\nHead 4:[\w-]{43}\n$/);
    await cli.run(["tenant", "create", "delta"]);
    const again = await cli.run(["audit", "verify", "--expect", headIn(out)]);
    expect([again.code, headIn(again.out).split(":")[0]]).toEqual([0, "5"]);
  });

  test("names what was done to it and exits with 1", async () => {
    const cli = await installation();
    const { out: before } = await cli.run(["audit", "verify"]);
    forge(cli, "update audit set reason = 'x' where seq = 2");
    forge(cli, "delete from audit where seq = 3");
    const { code, out } = await cli.run(["audit", "verify"]);
    expect(code).toBe(1);
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^row 2 was changed \(aud_[\da-f]{32}, 2\d{3}-.*Z, tenant\.created\)$/),
      "row 3 is missing",
      expect.stringMatching(/^2 rows since .*: genuine\.$/),
      "Faults: 2. The audit log was tampered with.",
      `Head ${headIn(before)}`,
      "",
    ]);
    const json = await cli.run(["audit", "verify", "--json"]);
    expect([json.code, JSON.parse(json.out)]).toEqual([
      1,
      {
        whole: false,
        chained: [],
        rows: 2,
        since: expect.stringMatching(/^2\d{3}-/),
        head: { head: headIn(before), at: expect.stringMatching(/^2\d{3}-/) },
        base: null,
        fault_count: 2,
        faults: [
          expect.objectContaining({ kind: "edited", seq: 2, id: expect.stringMatching(/^aud_/) }),
          { kind: "missing", seq: 3, up_to: 3, text: "row 3 is missing" },
        ],
      },
    ]);
  });

  test("shows what a forger wrote without its steering the terminal", async () => {
    const cli = await installation();
    forge(cli, "update audit set event = char(27) || '[2J' || char(10) where seq = 2");
    const { out } = await cli.run(["audit", "verify"]);
    expect(out).not.toContain("\u001b");
    expect(out.split("\n")[0]).toEndWith(", \ufffd[2J\ufffd)");
  });

  test("finds a database that was put back by the head that was kept", async () => {
    const cli = await installation();
    using database = openBeside(join(cli.data, "ostiary.db"));
    database.run(`vacuum into '${join(cli.data, "older.db")}'`);
    await cli.run(["tenant", "create", "delta"]);
    const kept = headIn((await cli.run(["audit", "verify"])).out);
    database.run(`attach '${join(cli.data, "older.db")}' as older`);
    for (const table of ["audit", "audit_marks"])
      database.run(`delete from main.${table}; insert into main.${table} select * from older.${table}`);
    expect((await cli.run(["audit", "verify"])).code).toBe(0);
    const { code, out } = await cli.run(["audit", "verify", "--expect", kept]);
    expect([code, out.split("\n")[0]]).toEqual([
      1,
      "the log ends at row 4, but had a row 5: its end was cut off, or an older copy was put back",
    ]);
  });

  for (const expected of ["4", "0:" + "x".repeat(43), "4:short", "x", ""]) {
    test(`does not take ${JSON.stringify(expected)} for a head`, async () => {
      const cli = commandLine();
      const { code, err } = await cli.run(["audit", "verify", "--expect", expected]);
      expect([code, err]).toEqual([2, expect.stringContaining("--expect is a head")]);
    });
  }

  test("says in its help what it cannot find", async () => {
    const { out } = await commandLine().run(["audit", "verify", "--help"]);
    expect(out.replaceAll("\n", " ")).toContain(
      "Whoever puts a whole older copy of the database in its place is found by nothing else",
    );
  });
});

describe("audit export", () => {
  test("is every entry, the oldest first, a line each, that whoever has the secret can verify without this program", async () => {
    const cli = await installation();
    const { code, out } = await cli.run(["audit", "export"]);
    expect(code).toBe(0);
    const secret = readFileSync(join(cli.data, "secret.key"), "utf8").trim();
    const key = new Uint8Array(hkdfSync("sha256", secret, "", "ostiary/audit", 32));
    const lines = linesOf(out);
    expect(lines.map(({ event }) => event)).toEqual([
      "setup.completed",
      "tenant.created",
      "tenant.created",
      "tenant.created",
    ]);
    let before = "";
    for (const [i, { mac, ...line }] of lines.entries()) {
      const names = "seq prev id at event actor_id user_id tenant_id address user_agent request_id reason";
      expect(Object.keys(line).join(" ")).toBe(names);
      expect([line["seq"], line["prev"]]).toEqual([i + 1, before]);
      before = createHmac("sha256", key)
        .update(JSON.stringify(Object.values(line)))
        .digest("base64url");
      expect(mac).toBe(before);
    }
  });

  test("is as long as the log, while the server appends to it", async () => {
    await using program = await startProgram();
    const { origin, directory } = program;
    await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN });
    const cli = commandLine(join(directory, "data"));
    // More than any page, by copies that no chain vouches for: it is exported all the same.
    forge(
      cli,
      `insert into audit (seq, prev, id, at, event, address, request_id, mac)
       with recursive n (i) as (select 2 union all select i + 1 from n where i < 12001)
       select i, '', printf('aud_%032d', i), i, 'logout', 'a', 'r', '' from n`,
    );
    const stopped = new AbortController();
    const client = async () => {
      while (!stopped.signal.aborted) await send(origin, "POST", `${BASE}/token/`, { body: ADMIN });
    };
    const clients = client();
    const { code, out } = await cli.run(["audit", "export"]);
    stopped.abort();
    await clients;
    const lines = linesOf(out);
    expect([code, lines.length >= 12_001]).toEqual([0, true]);
    const seqs = lines.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }, 30_000);

  test("is narrowed as the list is", async () => {
    const cli = await installation();
    const acme = (await cli.json<{ id: string; slug: string }[]>(["tenant", "list"])).find(
      ({ slug }) => slug === "acme",
    );
    for (const [args, seqs] of [
      [["--tenant", "acme"], [2]],
      [["--tenant", acme?.id ?? ""], [2]],
      [
        ["--event", "tenant.created"],
        [2, 3, 4],
      ],
      [
        ["--since", "2000-01-01"],
        [1, 2, 3, 4],
      ],
      [["--since", "2200-01-01"], []],
      [["--user", "usr_nobody"], []],
    ] as const) {
      const { out } = await cli.run(["audit", "export", ...args]);
      expect([args, linesOf(out).map(({ seq }) => seq)]).toEqual([args, [...seqs]]);
    }
    expect((await cli.run(["audit", "export", "--since", "soon"])).code).toBe(2);
  });

  test("shows also what a forger made of a row, so that it is evidence", async () => {
    const cli = await installation();
    forge(cli, "update audit set at = 1e300, reason = 'x' where seq = 2");
    const { code, out } = await cli.run(["audit", "export"]);
    expect([code, linesOf(out)[1]?.["at"]]).toEqual([0, "?1e+300"]);
    expect((await cli.run(["audit"])).out).toContain("?1e+300");
  });
});
