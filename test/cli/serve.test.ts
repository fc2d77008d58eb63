// The first start and the ones after it, as an operator sees them.
import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN, BASE } from "../support/key-group.ts";
import { freshDirectory, runProgram, startProgram } from "../support/process.ts";
import { send } from "../support/world.ts";

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("the first start says where it listens, where data lies, how mail goes out and how to make an admin", async () => {
  await using program = await startProgram();
  const { err } = program.output();
  const data = join(program.directory, "data");
  expect(err).toContain(
    `Address   ${program.origin}  (listening on 127.0.0.1, port ${new URL(program.origin).port})`,
  );
  expect(err).toContain(`Data      ${data}`);
  expect(err).toContain(`written to ${join(data, "outbox")}, one .eml file each; OSTIARY_SMTP_URL sends it`);
  expect(err).toContain("No admin exists yet.");
  expect(err).toContain(`curl -X POST ${program.origin}${BASE}/setup/`);
  expect(err).toContain("Or in a shell on this machine: ostiary setup");
  const [, link = ""] = /^ {2}(http:\S+)$/m.exec(err) ?? [];
  expect(link).toMatch(/^http:\/\/localhost:\d+\/setup#token=ost_setup_[\w-]{43}$/);
  const { status, body } = await send(program.origin, "GET", new URL(link).pathname);
  expect([status, body]).toEqual([200, expect.stringContaining("Make the first account")]);
  // The log is kept, and read by more than one.
  expect(program.output().out).not.toContain("ost_setup_");
});

test("listening for other machines it says what they still need", async () => {
  await using open = await startProgram({ env: { OSTIARY_HOST: "0.0.0.0" } });
  expect(open.output().err).toContain("Requests from other machines are refused: set OSTIARY_URL");
  await using named = await startProgram({
    env: { OSTIARY_HOST: "0.0.0.0", OSTIARY_URL: "https://auth.example.com" },
  });
  expect(named.output().err).not.toContain("refused");
  expect(named.output().err).toContain("  https://auth.example.com/setup#token=ost_setup_");
  await using tokenless = await startProgram({ env: { OSTIARY_SETUP_TOKEN: "off" } });
  expect(tokenless.output().err).toContain(`  ${tokenless.origin}/setup\n`);
});

test("its curl line works as printed, and the next start does not ask for an admin any more", async () => {
  const first = await startProgram();
  const line = /curl -X POST[^]*?'\n.*?\n/.exec(first.output().err)?.[0] ?? "";
  const shell = Bun.spawn(["bash", "-c", line], { stdout: "pipe", stderr: "ignore" });
  expect(await new Response(shell.stdout).text()).toContain('"key":"ost_key_');
  await first.end("SIGTERM");
  await using second = await startProgram({ directory: first.directory });
  expect(second.output().err).not.toContain("No admin");
  expect(second.output().err).not.toContain("ost_setup_");
});

test("the setup token is the same after a restart, and good for nothing once setup is done", async () => {
  const tokenOf = (err: string) => /ost_setup_[\w-]{43}/.exec(err)?.[0];
  const first = await startProgram();
  await first.end("SIGTERM");
  await using second = await startProgram({ directory: first.directory });
  const token = tokenOf(second.output().err);
  expect(token).toBe(tokenOf(first.output().err) ?? "none");
  const elsewhere = { "x-forwarded-for": "203.0.113.7" };
  const setUp = () =>
    send(second.origin, "POST", `${BASE}/setup/`, {
      body: { ...ADMIN, setup_token: token },
      headers: elsewhere,
    });
  expect([(await setUp()).status, (await setUp()).status]).toEqual([200, 409]);
});

test("everything in the data directory is for its owner only", async () => {
  await using program = await startProgram();
  const data = join(program.directory, "data");
  expect([data, `${data}/secret.key`, `${data}/ostiary.db`, `${data}/ostiary.db-wal`].map(mode)).toEqual([
    "700",
    "600",
    "600",
    "600",
  ]);
});

test("a secret.key that others could read is closed, and it says so", async () => {
  const first = await startProgram();
  await first.end("SIGTERM");
  const key = join(first.directory, "data/secret.key");
  await chmod(key, 0o644);
  await using second = await startProgram({ directory: first.directory });
  expect(mode(key)).toBe("600");
  expect(second.output().err).toContain("readable by other users");
});

test("another master secret, a damaged one and a taken port are refused in words, with exit code 1", async () => {
  const first = await startProgram();
  const data = join(first.directory, "data");
  const serve = (env: Record<string, string> = {}) =>
    runProgram(["serve", "--data", data, "--port", new URL(first.origin).port], env);
  const taken = await serve();
  expect([taken.code, taken.err]).toEqual([
    1,
    "ostiary: The port is taken. Stop the other program or choose another: --port\n",
  ]);
  await first.end("SIGTERM");
  const wrong = await serve({ OSTIARY_SECRET: "x".repeat(40) });
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("was made with another master secret");
  const good = await readFile(join(data, "secret.key"), "utf8");
  await rm(join(data, "secret.key"));
  const missing = await serve();
  expect(missing.code).toBe(1);
  expect(missing.err).toContain("secret.key is missing");
  expect(existsSync(join(data, "secret.key"))).toBe(false);
  await writeFile(join(data, "secret.key"), "short\n");
  const damaged = await serve();
  expect(damaged.code).toBe(1);
  expect(damaged.err).toContain("secret.key is damaged");
  await writeFile(join(data, "secret.key"), good);
  await using again = await startProgram({ directory: first.directory });
  expect((await send(again.origin, "GET", "/readyz")).status).toBe(200);
});

test("its log is one JSON object a line, without secrets", async () => {
  const program = await startProgram({
    env: { OSTIARY_LOG: "debug", OSTIARY_SECRET: "a secret that is not to be seen anywhere" },
  });
  const { key } = (await send(program.origin, "POST", `${BASE}/setup/?token=leak`, { body: ADMIN })).body;
  await send(program.origin, "GET", `${BASE}/me/?key=${key}`, { key });
  await program.end("SIGTERM");
  const { out } = program.output();
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.map(({ event }) => event)).toEqual([
    "no mail server: mails become files",
    "signing key made",
    "listening",
    "request",
    "request",
    "stopping",
    "audit head",
    "stopped",
  ]);
  expect(events[3]).toMatchObject({ level: "debug", method: "POST", route: `${BASE}/setup/`, status: 200 });
  for (const secret of [key, ADMIN.password, "leak", "not to be seen"]) expect(out).not.toContain(secret);
});

test("two first starts at once share one secret", async () => {
  const directory = freshDirectory();
  const starting = [startProgram({ directory }), startProgram({ directory })] as const;
  await using one = await starting[0];
  await using two = await starting[1];
  const [token, same] = [one, two].map(({ output }) => /ost_setup_[\w-]{43}/.exec(output().err)?.[0]);
  expect(token).toBe(same ?? "none");
});
