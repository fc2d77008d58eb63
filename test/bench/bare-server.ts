// What Ostiary is measured against, in a process of its own: Elysia that answers with JSON and does nothing else, and Elysia that
// rotates tokens with one fsync per request, or with none. `bun bare-server.ts <port> <directory>`.
import { Database } from "bun:sqlite";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Elysia, t } from "elysia";

/** The first token of each of so many rotations. */
export const bareToken = (i: number): string => `bare${i}`;
export const BARE_CHAINS = 64;

if (import.meta.main) {
  const [port, directory = "."] = Bun.argv.slice(2);
  const hash = (token: string) => createHash("sha256").update(token).digest("base64url");
  /** Spends a token and makes the next, in a database of its own. */
  const rotation = (synchronous: "full" | "off") => {
    const database = new Database(join(directory, `bare-${synchronous}.db`), { create: true });
    database.run("pragma journal_mode = wal");
    database.run(`pragma synchronous = ${synchronous}`);
    database.run(
      "create table tokens (hash text primary key, session text not null, at integer not null, rotated integer, successor text)",
    );
    const insert = database.prepare("insert into tokens (hash, session, at) values (?, ?, ?)");
    const update = database.prepare<{ session: string }, [number, string, string]>(
      "update tokens set rotated = ?, successor = ? where hash = ? and rotated is null returning session",
    );
    for (let i = 0; i < BARE_CHAINS; i++) insert.run(hash(bareToken(i)), `session${i}`, Date.now());
    return database.transaction((token: string) => {
      const successor = randomBytes(32).toString("base64url");
      const row = update.get(Date.now(), hash(successor), hash(token));
      if (!row) throw new Error("unknown token");
      insert.run(hash(successor), row.session, Date.now());
      return { refresh_token: successor };
    });
  };
  const [rotate, rotateUnsynced] = [rotation("full"), rotation("off")];
  const body = t.Object({ refresh_token: t.String() });
  new Elysia()
    .get("/json", () => ({ username: "user1", mfa_enabled: false, is_admin: false }))
    .post("/rotate", ({ body }) => rotate(body.refresh_token), { body })
    .post("/rotate-unsynced", ({ body }) => rotateUnsynced(body.refresh_token), { body })
    .listen(Number(port));
  console.log("listening");
}
