// What people and machines do to the files of a data directory, while the program runs and before it starts.
import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BASE } from "../support/key-group.ts";
import { isUp } from "../support/ledger.ts";
import { until } from "../support/outbox.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { freePort, freshDirectory, FROM_SOURCE, startProgram } from "../support/process.ts";
import { type ProcessWorld, processWorld } from "../support/process-world.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { openBeside } from "../support/beside.ts";

const ADA = "ada@example.com";

/** Ada at the real program, and where its database lies. */
async function stand() {
  const w = await processWorld({ LOG: "info" });
  const acme = await makeTenant(w, "acme");
  await makePerson(w, acme, { email: ADA, username: "ada" });
  const logIn = () => portal(w).login(ADA, PASSWORD, acme.id);
  const { access_token: key } = (await logIn()).body;
  return { w, path: w.ctx.config.databasePath, logIn, key: String(key) };
}
const load = (w: ProcessWorld, key: string) => w.send("GET", "/v1/auth/load", { key });

describe("under the running program", () => {
  const done: [what: string, act: (path: string) => void, undo?: (path: string) => void][] = [
    [
      "a database that is moved away",
      (path) => renameSync(path, `${path}.aside`),
      (path) => renameSync(`${path}.aside`, path),
    ],
    ["a database that is removed", (path) => rmSync(path)],
    [
      "a database that is replaced by a copy",
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    ["a write-ahead log that is removed", (path) => rmSync(`${path}-wal`)],
  ];
  for (const [what, act, undo] of done) {
    test(`${what} is 503 for everything that asks it, with words in the log${undo ? ", and served again when it is back" : ""}`, async () => {
      const { w, path, logIn, key } = await stand();
      await using _ = w;
      act(path);
      // What is written now would be gone with the next start: nobody may be told that it was done.
      const answers = [await logIn(), await w.send("GET", "/readyz")];
      expect(answers.map(({ status }) => status)).toEqual([503, 503]);
      expect(Number(answers[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
      await until(async () => (await load(w, key)).status === 503);
      expect((await w.send("GET", "/healthz")).status).toBe(200);
      expect(w.log.some((line) => line.includes("moved or replaced"))).toBe(true);
      if (!undo) return;
      undo(path);
      await until(() => isUp(w));
      expect([(await load(w, key)).status, (await logIn()).status]).toEqual([200, 200]);
    }, 30_000);
  }

  test("what was acknowledged before its log was removed is there at the next start", async () => {
    const { w, path, key } = await stand();
    await using _ = w;
    rmSync(`${path}-wal`);
    await w.program().end("SIGTERM");
    await w.start();
    expect((await load(w, key)).status).toBe(200);
  }, 30_000);
});

describe("a start that", () => {
  test("is told to end, by SIGTERM or SIGKILL, at any moment, leaves a directory that the next one can use", async () => {
    const directory = freshDirectory();
    const data = join(directory, "data");
    const env = { PATH: process.env["PATH"] ?? "" };
    for (const [i, signal] of (
      ["SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL"] as const
    ).entries()) {
      const words = [...FROM_SOURCE, "serve", "--port", String(await freePort()), "--data", data];
      const child = Bun.spawn(words, { cwd: directory, env, stdout: "ignore", stderr: "ignore" });
      await Bun.sleep(60 + i * 70);
      child.kill(signal);
      await child.exited;
      if (signal === "SIGTERM") expect([0, null]).toContain(child.exitCode);
    }
    await using w = await startProgram({ directory });
    expect(w.output().out).toContain("listening");
    using database = openBeside(join(data, "ostiary.db"));
    expect(database.query("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(existsSync(join(data, "secret.key"))).toBe(true);
  }, 30_000);

  test("finds another one on the same directory shares it: both serve, and each sees what the other did", async () => {
    const { w, logIn, key } = await stand();
    await using _ = w;
    await using second = await startProgram({
      directory: w.directory,
      env: { OSTIARY_SECRET: w.ctx.config.secret ?? "", OSTIARY_URL: w.origin },
    });
    const there = async () =>
      (await fetch(`${second.origin}/v1/auth/load`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await there()).toBe(200);
    expect((await portal(w).logout({ key })).status).toBe(200);
    expect(await there()).toBe(401);
    expect((await logIn()).status).toBe(200);
    expect(await second.end("SIGTERM")).toBe(0);
    expect((await logIn()).status).toBe(200);
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(200);
    expect((await w.send("GET", `${BASE}/setup-status/`)).status).toBe(200);
  }, 30_000);
});
