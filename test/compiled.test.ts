// The compiled program brings along what it loads only when it is first asked for, and its Workers.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { assert, newAuthenticator, passkeysOf, passwordOf } from "./support/passkeys.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { freshDirectory, ROOT } from "./support/process.ts";
import { processWorld } from "./support/process-world.ts";

const EMAIL = "ada@example.com";

test("passkeys, documentation and mail work in the compiled program", async () => {
  const binary = join(freshDirectory(), "ostiary");
  const build = Bun.spawnSync(["bun", "run", "build", "--outfile", binary], { cwd: ROOT, stderr: "pipe" });
  expect([build.exitCode, build.exitCode === 0 ? "" : build.stderr.toString()]).toEqual([0, ""]);
  await using w = await processWorld({}, { program: [binary] });
  const acme = await makeTenant(w, "acme");
  await makePerson(w, acme, { email: EMAIL });
  const signedIn = await portal(w).login(EMAIL, PASSWORD, acme.id);
  const authenticator = newAuthenticator(w);
  const made = await passkeysOf(w, signedIn.body.access_token).add(authenticator);
  expect([made.status, made.body]).toEqual([200, expect.objectContaining({ message: expect.any(String) })]);
  const shown = await assert(w, await passwordOf(w, EMAIL, acme.id), authenticator);
  expect([shown.status, shown.body.user.email]).toEqual([200, EMAIL]);

  const { status, body } = await w.send("GET", "/swagger/json");
  expect([status, body.info.title]).toEqual([200, "Ostiary"]);
  for (const path of ["/swagger/viewer.js", "/swagger/viewer.css"]) {
    const file = await w.send("GET", path);
    expect([path, file.status, file.body.length > 10_000]).toEqual([path, 200, true]);
  }

  const isMailed = () => w.program().output().out.includes('"mail sent"');
  for (let i = 0; !isMailed() && i < 500; i++) await Bun.sleep(20);
  expect(isMailed()).toBe(true);
  expect(await w.program().end("SIGTERM")).toBe(0);
}, 60_000);
