// The system calls of the real program, watched and tampered with by strace: what reaches the disk before which answer, what
// a disk that stalls holds up, and what happens when it fails.
import { describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, BASE } from "../support/key-group.ts";
import { freshDirectory, FROM_SOURCE, type RunningProgram, startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";

const STRACE = Bun.which("strace");
if (!STRACE) {
  if (Bun.env["CI"]) throw new Error("strace is missing: apt-get install strace");
  console.warn("strace is missing: the suite of the disk is skipped");
}

const MS = 1000;
/** By itself (SIGKILL): an orderly exit would have SQLite try again. */
const KILLED = 137;

const traced = (...options: string[]) => tracedIn(freshDirectory(), ...options);

/** Starts the program under strace, which as its grandchild (-D) leaves signals and exit code to it. */
async function tracedIn(
  directory: string,
  ...options: string[]
): Promise<{ program: RunningProgram; calls: () => Call[] }> {
  const trace = join(directory, "trace");
  const watched = "trace=fdatasync,fsync,pwrite64,sendto,openat";
  const program = await startProgram({
    program: [STRACE ?? "", "-D", "-f", "-qq", "-y", "-o", trace, "-e", watched, ...options, ...FROM_SOURCE],
    directory,
  });
  return { program, calls: () => parse(readFileSync(trace, "utf8")) };
}

interface Call {
  thread: number;
  name: string;
  /** What strace shows of the arguments. */
  about: string;
  /** `entered` and `left` are lines of the trace. */
  entered: number;
  left: number;
}

function parse(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<number, Call>();
  for (const [line, text] of trace.split("\n").entries()) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(text) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>/.test(rest);
    const [, name, about = ""] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    if (resumed) {
      const call = open.get(Number(thread));
      if (call) call.left = line;
    } else if (name !== undefined) {
      const call = { thread: Number(thread), name, about, entered: line, left: Infinity };
      if (rest.includes("<unfinished ...>")) open.set(call.thread, call);
      else call.left = line;
      calls.push(call);
    }
  }
  return calls;
}

const isLog = ({ about }: Call) => about.includes("ostiary.db-wal>");
const isSync = ({ name }: Call) => name === "fdatasync" || name === "fsync";
const isAnswer = ({ name, about }: Call) => name === "sendto" && about.includes('"HTTP/1.1 2');

const signIn = (origin: string) => send(origin, "POST", `${BASE}/token/`, { body: ADMIN });

describe.skipIf(!STRACE)("the disk", () => {
  test("has all that was written before an answer leaves", async () => {
    const { program, calls } = await traced();
    await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
    for (let i = 0; i < 50; i++) expect((await signIn(program.origin)).status).toBe(200);
    await program.end("SIGKILL");
    const all = calls();
    const frames = all.filter((call) => call.name === "pwrite64" && isLog(call));
    const syncs = all.filter((call) => isSync(call) && isLog(call));
    const answers = all.filter(isAnswer);
    expect(answers.length).toBeGreaterThanOrEqual(51);
    for (const answer of answers) {
      const written = frames.findLast(
        ({ thread, entered }) => thread === program.pid && entered < answer.entered,
      );
      const synced = syncs.some(
        ({ entered, left }) => entered > (written?.left ?? 0) && left < answer.entered,
      );
      expect(synced).toBe(true);
    }
  }, 60_000);

  test("is not waited for by the thread that serves", async () => {
    const { program, calls } = await traced();
    const { key } = (await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body;
    const before = calls().length;
    const clients = Array.from({ length: 4 }, async () => {
      for (let i = 0; i < 50; i++) expect((await signIn(program.origin)).status).toBe(200);
    });
    await Promise.all(clients);
    expect((await send(program.origin, "GET", `${BASE}/me/`, { key })).status).toBe(401);
    const since = calls().slice(before);
    const syncs = since.filter(isSync);
    await program.end("SIGKILL");
    expect(syncs.length).toBeGreaterThan(20);
    expect(syncs.filter(({ thread }) => thread === program.pid)).toEqual([]);
  }, 60_000);

  test("holds up only those who wrote when it stalls", async () => {
    // Each sync takes long. In order, not in time: a read that came later is answered first.
    const { program } = await traced("-e", `inject=fdatasync:delay_enter=${400 * MS}`);
    const { key } = (await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body;
    for (let i = 0; i < 3; i++) {
      const answered: string[] = [];
      const write = signIn(program.origin).then(() => answered.push("write"));
      await Bun.sleep(50);
      for (let j = 0; j < 5; j++) {
        expect((await send(program.origin, "GET", `${BASE}/me/`, { key })).status).toBe(200);
        answered.push("read");
      }
      await write;
      expect(answered).toEqual(["read", "read", "read", "read", "read", "write"]);
    }
    await program.end("SIGKILL");
  }, 60_000);

  /** Signs in until the program ends. Returns the keys. */
  async function signInToTheEnd(program: RunningProgram): Promise<string[]> {
    const keys: string[] = [];
    for (;;) {
      const answer = await signIn(program.origin).catch(() => undefined);
      if (answer?.status !== 200) return keys;
      keys.push(answer.body.key);
    }
  }

  async function expectAll(keys: string[], directory: string): Promise<void> {
    await using again = await startProgram({ directory });
    for (const key of keys)
      expect((await send(again.origin, "GET", `${BASE}/me/`, { key })).status).toBe(200);
  }

  test("ends the program when it fails, which acknowledges nothing; a new start has all that was acknowledged", async () => {
    const { program } = await traced("-e", "inject=fdatasync:error=EIO:when=20+");
    await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
    const keys = await signInToTheEnd(program);
    expect(await program.exited).toBe(KILLED);
    expect(program.output().out).toContain('"event":"the database is broken: ending"');
    expect(program.output().err).toContain("the disk did not keep what was written");
    await expectAll(keys.slice(-5), program.directory);
  }, 60_000);

  const databaseIn = (directory: string) => join(directory, "data/ostiary.db");
  /** Of the database alone. */
  const failing = (directory: string, call: string) => ["-P", databaseIn(directory), "-e", `inject=${call}`];

  // Ours, and SQLite's, of which the first are those of making the database.
  test.each(["fdatasync:error=EIO", "fsync:error=EIO:when=4+"])(
    "ends the program, and leaves the log, which makes the database anew, when there is %s",
    async (call) => {
      const directory = freshDirectory();
      const { program } = await tracedIn(directory, ...failing(directory, call));
      await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
      const keys = await signInToTheEnd(program);
      expect(await program.exited).toBe(KILLED);
      expect(program.output().out).toContain('"event":"the database is broken: ending"');
      expect(statSync(`${databaseIn(directory)}-wal`).size).toBeGreaterThan(0);
      await expectAll(keys.slice(-5), directory);
    },
    60_000,
  );

  test("is not taken for whole when it fails while the program stops", async () => {
    const directory = freshDirectory();
    const call = `fdatasync:error=EIO:delay_enter=${1_500 * MS}`;
    const { program, calls } = await tracedIn(directory, ...failing(directory, call));
    await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
    while (!calls().some(({ name }) => name === "fdatasync")) await signIn(program.origin);
    await program.end("SIGTERM");
    expect(await program.exited).toBe(KILLED);
    expect(program.output().out).toContain('"event":"stopping"');
    expect(program.output().out).toContain('"event":"the database is broken: ending"');
    expect(statSync(`${databaseIn(directory)}-wal`).size).toBeGreaterThan(0);
  }, 60_000);

  test("is not taken for whole when it fails at the end of a command, which changed something nevertheless", async () => {
    const directory = freshDirectory();
    await (await startProgram({ directory })).end("SIGTERM");
    const strace = [
      STRACE ?? "",
      "-D",
      "-f",
      "-qq",
      "-e",
      "trace=fsync",
      ...failing(directory, "fsync:error=EIO"),
    ];
    const command = ["tenant", "create", "acme", "--data", join(directory, "data")];
    const create = Bun.spawn([...strace, ...FROM_SOURCE, ...command], { stdout: "ignore", stderr: "ignore" });
    expect(await create.exited).toBe(KILLED);
    expect(statSync(`${databaseIn(directory)}-wal`).size).toBeGreaterThan(0);
    const list = Bun.spawnSync([...FROM_SOURCE, "tenant", "list", "--data", join(directory, "data")]);
    expect(list.stdout.toString()).toContain("acme");
  }, 60_000);

  test("that fails for the header of a new log ends the driver too, which tries nothing again", async () => {
    const directory = freshDirectory();
    await (await startProgram({ directory })).end("SIGTERM");
    const script = `
      import { openSqlite } from ${JSON.stringify(join(import.meta.dir, "../../src/db/sqlite.ts"))};
      const { db } = openSqlite(${JSON.stringify(databaseIn(directory))});
      const add = () => db.run\`insert into instance (name, value) values ('x', 'x')\`.catch(({ name, message }) => console.log(name, message));
      await add();
      await add();
      process.kill(process.pid, "SIGKILL");`;
    const log = ["-P", `${databaseIn(directory)}-wal`, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"];
    const program = Bun.spawnSync([STRACE ?? "", "-D", "-f", "-qq", ...log, process.execPath, "-e", script]);
    expect(program.stdout.toString()).toMatch(/^NotDurable .*\nUnavailable the database is broken\n$/);
  }, 60_000);
});
