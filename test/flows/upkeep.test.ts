// What upkeep frees: everything that expired, and nothing else. That expired things do not work is judged elsewhere, by each query.
import { expect, test } from "bun:test";
import { keepUp } from "../../src/flows/upkeep.ts";
import { ACME, ADA, settle, signInForKey, signInForTokens } from "../support/sessions.ts";
import { dump, world } from "../support/world.ts";

test("every table with an expiry is emptied of what expired, and of nothing that lives", async () => {
  await using w = await world();
  await settle(w.ctx);
  const fill = async (name: string, expiresAt: number) => {
    await signInForKey(w.ctx);
    await signInForTokens(w.ctx);
    await w.ctx.db.run`
      insert into continuations (jti, kind, tries, expires_at) values (${name}, 'flow', 1, ${expiresAt})`;
    await w.ctx.db.run`
      insert into one_time_secrets (id, purpose, user_id, tenant_id, token_hash, created_at, expires_at)
      values (${name}, 'reset', ${ADA}, ${ACME}, ${name}, 1, ${expiresAt})`;
    await w.ctx.db.run`
      insert into login_challenges (id, user_id, tenant_id, purpose, address, amr, tries, expires_at, created_at)
      values (${name}, ${ADA}, ${ACME}, 'key', ${name}, 'pwd', 0, ${expiresAt}, 1)`;
  };
  await fill("dead", 1);
  await w.ctx.db.run`update sessions set expires_at = 1`;
  await w.ctx.db.run`update refresh_tokens set expires_at = 1`;
  await w.ctx.db.run`update api_keys set expires_at = 1`;
  await fill("live", w.clock.now() + 60_000);
  await keepUp(w.ctx);
  const expiring = Object.entries(dump(w)).filter(([, rows]) =>
    rows.some((row) => Object.hasOwn(row as object, "expires_at")),
  );
  expect(expiring.map(([table, rows]) => `${table} ${rows.length}`).toSorted()).toEqual(
    ["api_keys", "continuations", "login_challenges", "one_time_secrets", "refresh_tokens", "sessions"].map(
      (table) => `${table} 1`,
    ),
  );
});
