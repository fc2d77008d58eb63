// More sign-ins than the machine can hash: some are told to come back, nothing is spent by that, and other routes go on.
import { expect, test } from "bun:test";
import { availableParallelism } from "node:os";
import { ADMIN, BASE, enableTotp, setUpAdmin, signIn, totpCode } from "./support/key-group.ts";
import { makeTenant } from "./support/people.ts";
import { tenantOf } from "./support/tenant-group.ts";
import { dump, world } from "./support/world.ts";

const SLOW = { ARGON2_MEMORY: "19456", ARGON2_PASSES: "2", LIMIT_FREE_FAILURES: "100" } as const;

test("past the queue the answer is 503 with Retry-After, and everybody else is served", async () => {
  await using w = await world({ ...SLOW, PASSWORD_QUEUE: "1" });
  const key = await setUpAdmin(w);
  const answers = await Promise.all([
    ...Array.from({ length: 30 }, () => signIn(w)),
    ...Array.from({ length: 30 }, () => w.send("GET", `${BASE}/me/`, { key })),
  ]);
  const [logins, others] = [answers.slice(0, 30), answers.slice(30)];
  expect(others.every(({ status }) => status === 200)).toBe(true);
  const refused = logins.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(logins.filter(({ status }) => status === 200).length).toBe(30 - refused.length);
  for (const { body, headers } of refused) {
    expect(body).toEqual({ detail: "Service temporarily unavailable", code: "UNAVAILABLE" });
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
});

test("a 503 uses no try up: wrong passwords are counted exactly when they are judged", async () => {
  await using w = await world({ ...SLOW, PASSWORD_QUEUE: "1" });
  await setUpAdmin(w);
  await w.ctx.db.run`delete from known_addresses`;
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => signIn(w, { ...ADMIN, password: "wrong" })),
  );
  const judged = answers.filter(({ status }) => status === 401).length;
  expect(judged).toBeGreaterThanOrEqual(availableParallelism());
  expect(judged).toBeLessThan(40);
  expect(await w.ctx.db.all`select scope, failures from limits order by scope`).toEqual([
    { scope: "account", failures: judged },
    { scope: "address", failures: judged },
    { scope: "instance", failures: judged },
  ]);
});

test("setting up under overload is a 503 that leaves it possible", async () => {
  await using w = await world({ ...SLOW, PASSWORD_QUEUE: "1" });
  const setUp = () => w.send("POST", `${BASE}/setup/`, { body: ADMIN });
  const statuses = (await Promise.all(Array.from({ length: 20 }, setUp))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses).toContain(503);
});

test("with the instance bound used up, the owner at a known address still gets in with both factors", async () => {
  await using w = await world({ LIMIT_INSTANCE_FAILURES: "3" });
  const secret = await enableTotp(w, await setUpAdmin(w));
  for (let i = 0; i < 4; i++) await signIn(w, { username: `nobody${i}`, password: "wrong" });
  expect((await signIn(w)).body).toEqual({ key: "", requires_mfa: true });
  const code = totpCode(w.clock, secret, 1);
  expect(
    (await w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: "admin", code } })).status,
  ).toBe(200);
});

test("who is held back by a limit holds nobody else up: refused tries take no place among those who hash", async () => {
  await using w = await world({
    PASSWORD_QUEUE: "1",
    TRUSTED_PROXIES: "127.0.0.0/8",
    LIMIT_ADDRESS_FAILURES: "3",
  });
  await setUpAdmin(w);
  const stranger = { "x-forwarded-for": "203.0.113.7" };
  for (let i = 0; i < 3; i++) await signIn(w, { username: `nobody${i}`, password: "wrong" }, stranger);
  const over = new AbortController();
  const statuses = new Set<number>();
  const flood = Array.from({ length: 100 }, async () => {
    while (!over.signal.aborted)
      statuses.add((await signIn(w, { username: "nobody", password: "wrong" }, stranger)).status);
  });
  for (let i = 0; i < 10; i++) expect((await signIn(w)).status).toBe(200);
  over.abort();
  await Promise.all(flood);
  expect([...statuses]).toEqual([401]);
});

test("nor do registrations past the limit of mails", async () => {
  await using w = await world({ PASSWORD_QUEUE: "1" });
  await setUpAdmin(w);
  await makeTenant(w, "acme", { self_registration: true });
  const acme = tenantOf(w, "acme");
  await acme.register();
  const over = new AbortController();
  const statuses = new Set<number>();
  const flood = Array.from({ length: 100 }, async () => {
    while (!over.signal.aborted) statuses.add((await acme.register()).status);
  });
  for (let i = 0; i < 10; i++) expect((await signIn(w)).status).toBe(200);
  over.abort();
  await Promise.all(flood);
  expect([...statuses]).toEqual([200]);
});

test("registering under overload is a 503 that leaves mail and email free", async () => {
  await using w = await world({ ...SLOW, PASSWORD_QUEUE: "1", LIMIT_ADDRESS_MAILS: "20" });
  await makeTenant(w, "acme", { self_registration: true });
  const emails = Array.from({ length: 20 }, (_, i) => `user${i}@example.com`);
  const register = async (email: string) => (await tenantOf(w, "acme").register({ email })).status;
  const statuses = await Promise.all(emails.map(register));
  expect(statuses).toContain(503);
  for (const [i, email] of emails.entries()) if (statuses[i] === 503) expect(await register(email)).toBe(200);
  expect(dump(w)["users"]).toHaveLength(20);
});
