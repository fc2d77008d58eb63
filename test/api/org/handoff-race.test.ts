// 32 at once from another process against the real program: one code opens one session (A47), wherever it is spent. It is that of
// whoever has just made the first key, and goes on in a browser.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { volley } from "../../support/hammer.ts";
import { ADMIN, BASE } from "../../support/key-group.ts";
import { startProgram } from "../../support/process.ts";
import { send } from "../../support/world.ts";
import { openBeside } from "../../support/beside.ts";

const FOR_TOKENS = "/v1/auth/consume-cli-token";
const FOR_A_COOKIE = `${BASE}/browser-session`;

test.each([
  ["tokens", [FOR_TOKENS], "tokens"],
  ["a browser's session", [FOR_A_COOKIE], "cookie"],
  ["either", [FOR_TOKENS, FOR_A_COOKIE], expect.any(String)],
])(
  "of 32 that spend one exchange code for %s one gets a session, and 31 the same 401",
  async (_, paths, kind) => {
    await using program = await startProgram();
    const { origin, directory } = program;
    const { key } = (await send(origin, "POST", `${BASE}/setup/`, { body: ADMIN })).body;
    const { exchange_code } = (await send(origin, "POST", "/v1/auth/cli-browser-token", { key, body: {} }))
      .body;
    const requests = Array.from({ length: 32 }, (_, i) => ({
      method: "POST",
      path: paths[i % paths.length] ?? "",
      body: { exchange_code },
    }));
    const hits = await volley({ origin, requests });
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
    using database = openBeside(join(directory, "data/ostiary.db"), { readonly: true });
    expect(database.query("select kind from sessions").all()).toEqual([{ kind }]);
  },
);
