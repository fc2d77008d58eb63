// A log that nobody reads (any more): the server goes on serving, and ends when it is told to.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { until } from "../support/outbox.ts";
import { freePort, freshDirectory, FROM_SOURCE } from "../support/process.ts";
import { send } from "../support/world.ts";

/** Starts it with its output leading where the shell's redirections say. */
async function serveInto(redirections: string) {
  const port = await freePort();
  const words = [...FROM_SOURCE, "serve", "--port", String(port), "--data", join(freshDirectory(), "data")];
  const child = Bun.spawn(["bash", "-c", `exec ${words.join(" ")} ${redirections}`], {
    stdio: ["ignore", "ignore", "ignore"],
    env: { PATH: process.env["PATH"] ?? "", OSTIARY_LOG: "debug" },
  });
  const status = async () =>
    (await send(`http://localhost:${port}`, "GET", "/readyz").catch(() => undefined))?.status;
  await until(async () => (await status()) === 200);
  return { child, status };
}

for (const [what, redirections] of [
  ["whose reader went away", "> >(exec true)"],
  ["whose reader went away, together with the words for people", "> >(exec true) 2>&1"],
  ["that was closed before it started", ">&- 2>&-"],
  ["on a full disk", "> /dev/full 2> /dev/full"],
  ["whose reader has stopped reading", "> >(exec sleep 30) 2>&1"],
] as const) {
  test(`a log ${what} stops nothing, and SIGTERM ends it with 0`, async () => {
    const { child, status } = await serveInto(redirections);
    // More lines than the pipe holds.
    for (let i = 0; i < 600; i++) expect(await status()).toBe(200);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  }, 20_000);
}
