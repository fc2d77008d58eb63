// What upkeep frees: everything that expired, and nothing else. That expired things do not work is judged elsewhere, by each query.
import { expect, test } from "bun:test";
import type { Db } from "../../src/db/db.ts";
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

test("a great deal goes in small steps, and what others write gets through between them", async () => {
  await using w = await world();
  const COUNT = 1_001;
  await w.ctx.db.tx(async (tx) => {
    for (let i = 0; i < COUNT; i++) {
      await tx.run`insert into continuations (jti, kind, tries, expires_at) values (${`dead ${i}`}, 'flow', 1, 1)`;
    }
  });
  const steps: number[] = [];
  const left: number[] = [];
  const run: Db["run"] = async (text, ...values) => {
    const gone = await w.ctx.db.run(text, ...values);
    if (gone > 0) {
      steps.push(gone);
      await w.ctx.db.run`update continuations set tries = tries + 1 where jti = 'dead 0'`;
      left.push(dump(w)["continuations"]?.length ?? 0);
    }
    return gone;
  };
  await keepUp({ ...w.ctx, db: { ...w.ctx.db, run } });
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
  expect(steps.reduce((sum, gone) => sum + gone, 0)).toBe(COUNT);
  expect(left.at(-1)).toBe(0);
  expect(new Set(left).size).toBeGreaterThan(2);
});

test("it ends early when the server stops", async () => {
  await using w = await world();
  await w.ctx.db.run`insert into continuations (jti, kind, tries, expires_at) values ('dead', 'flow', 1, 1)`;
  await keepUp(w.ctx, AbortSignal.abort());
  expect(dump(w)["continuations"]).toHaveLength(1);
});
