// What a load balancer is told, and what happens while another program holds the database.
import { expect, test } from "bun:test";
import { BASE, setUpAdmin, signIn } from "./support/key-group.ts";
import { world } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

test("both checks answer, whatever the Host", async () => {
  await using w = await world({ URL: "https://auth.example.com" });
  for (const [path, status] of [
    ["/healthz", "ok"],
    ["/readyz", "ready"],
  ] as const) {
    const answer = await w.send("GET", path, { headers: { host: "10.1.2.3" } });
    expect([answer.status, answer.body]).toEqual([200, { status }]);
  }
});

test("a database held by another program is 503 for writes, reads go on, nothing is spent, and it recovers by itself", async () => {
  await using w = await world();
  const key = await setUpAdmin(w);
  const other = openBeside(w.ctx.config.databasePath);
  other.run("begin immediate");
  const [ready, login, me, alive] = await Promise.all([
    w.send("GET", "/readyz"),
    signIn(w),
    w.send("GET", `${BASE}/me/`, { key }),
    w.send("GET", "/healthz"),
  ]);
  expect([me.status, alive.status]).toEqual([200, 200]);
  for (const { status, headers, body } of [ready, login]) {
    expect([status, body]).toEqual([503, { detail: "Service temporarily unavailable", code: "UNAVAILABLE" }]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  other.run("rollback");
  other.close();
  expect(await w.ctx.db.all`select * from limits`).toEqual([]);
  expect((await signIn(w)).status).toBe(200);
  w.clock.advance(2000);
  expect((await w.send("GET", "/readyz")).status).toBe(200);
}, 20_000);
