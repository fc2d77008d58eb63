// 32 at once from another process against the real program: one code opens one session (A47).
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { volley } from "../../support/hammer.ts";
import { ADMIN, BASE } from "../../support/key-group.ts";
import { startProgram } from "../../support/process.ts";
import { send } from "../../support/world.ts";

test("of 32 that consume one exchange code one gets a session, and 31 the same 401", async () => {
  await using program = await startProgram();
  const { origin, directory } = program;
  const { key } = (await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body;
  const { exchange_code } = (await send(origin, "POST", "/v1/auth/cli-browser-token", { key, body: {} }))
    .body;
  const request = { method: "POST", path: "/v1/auth/consume-cli-token", body: { exchange_code } };
  const hits = await volley({ origin, requests: Array.from({ length: 32 }, () => request) });
  expect(hits.filter(({ status }) => status === 200)).toHaveLength(1);
  const lost = hits.filter(({ status }) => status !== 200);
  expect(new Set(lost.map((hit) => JSON.stringify(hit)))).toEqual(
    new Set([
      JSON.stringify({
        status: 401,
        body: { detail: "Invalid or expired exchange code", code: "INVALID_EXCHANGE_CODE" },
      }),
    ]),
  );
  using database = new Database(join(directory, "data/ostiary.db"), { readonly: true });
  expect(database.query("select count(*) as sessions from sessions").all()).toEqual([{ sessions: 1 }]);
});
