// kill -9 in the middle of writes, by the real program: what was acknowledged is there, and the file is whole.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { ADMIN, BASE } from "./support/key-group.ts";
import { startProgram } from "./support/process.ts";
import { send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const ROUNDS = 5;
const CLIENTS = 8;

test("every acknowledged sign-in survives kill -9, round after round", async () => {
  let program = await startProgram();
  const { directory } = program;
  await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
  /** The hash of a key never leaves the server, so each answer is checked by using its key. Ten are kept per user. */
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { origin } = program;
    const stopped = new AbortController();
    const client = async () => {
      while (!stopped.signal.aborted) {
        const answer = await send(origin, "POST", `${BASE}/token/`, { body: ADMIN }).catch(() => undefined);
        if (answer?.status === 200) acknowledged.push(answer.body.key);
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    const enough = acknowledged.length + 20 + round * 7;
    while (acknowledged.length < enough) await Bun.sleep(1);
    await program.end("SIGKILL");
    stopped.abort();
    await Promise.all(clients);

    const database = openBeside(join(directory, "data/ostiary.db"));
    expect(database.query("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    const { count } = database
      .query("select count(*) as count from audit where event = 'login.succeeded'")
      .get() as { count: number };
    expect(count).toBeGreaterThanOrEqual(acknowledged.length);
    database.close();

    program = await startProgram({ directory });
    // Answers of one moment arrive in any order, and unanswered ones may have been committed: the newest three are surely kept.
    for (const key of acknowledged.slice(-3)) {
      expect((await send(program.origin, "GET", `${BASE}/me/`, { key })).status).toBe(200);
    }
  }
  expect(await program.end("SIGTERM")).toBe(0);
}, 60_000);

test("SIGTERM answers what is under way, empties the log into the file and ends with 0", async () => {
  const program = await startProgram();
  await send(program.origin, "POST", `${BASE}/setup/`, { body: ADMIN });
  const underWay = Array.from({ length: 4 }, () =>
    send(program.origin, "POST", `${BASE}/token/`, { body: ADMIN }),
  );
  await underWay[0];
  expect(await program.end("SIGTERM")).toBe(0);
  for (const answer of await Promise.all(underWay)) expect(answer.status).toBe(200);
  expect(Bun.file(join(program.directory, "data/ostiary.db-wal")).size).toBe(0);
});
