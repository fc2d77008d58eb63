// Registering where the tenant asks for proof of work (decisions §2 tenant), as a page with the widget does it.
import { expect, test } from "bun:test";
import { solve } from "../../support/captcha.ts";
import { makeTenant } from "../../support/people.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump, type World, world } from "../../support/world.ts";

const REFUSED = { status: 400, body: { code: "CAPTCHA_REQUIRED" } };

async function town() {
  const w = await world({ LIMIT_MAIL_GAP: "0" });
  for (const slug of ["acme", "beta"]) await makeTenant(w, slug, { self_registration: true, captcha: true });
  return w;
}

async function solved(w: World, slug: string): Promise<string> {
  const { status, body } = await w.send("GET", `/api/v1/auth/tenants/${slug}/captcha`);
  expect(status).toBe(200);
  return solve(body);
}

test("a solution makes one account, at its own tenant, within ten minutes", async () => {
  await using w = await town();
  const [acme, beta] = [tenantOf(w, "acme"), tenantOf(w, "beta")];
  const captcha_token = await solved(w, "acme");
  expect(await beta.register({ captcha_token })).toMatchObject(REFUSED);
  expect((await acme.register({ captcha_token })).status).toBe(200);
  expect(await acme.register({ captcha_token, email: "bob@example.com" })).toMatchObject(REFUSED);
  const late = await solved(w, "acme");
  w.clock.advance(10 * 60_000);
  expect(await acme.register({ captcha_token: late, email: "bob@example.com" })).toMatchObject(REFUSED);
  expect(dump(w)["users"]).toHaveLength(1);
  expect(await audited(w)).toEqual([
    "register.refused: captcha missing, wrong or used",
    "register.completed",
    "register.refused: captcha missing, wrong or used",
    "register.refused: captcha missing, wrong or used",
  ]);
});

test("of eight registrations at once with one solution, one is made", async () => {
  await using w = await town();
  const captcha_token = await solved(w, "acme");
  const people = Array.from({ length: 8 }, (_, i) => `user${i}@example.com`);
  const answers = await Promise.all(
    people.map((email) => tenantOf(w, "acme").register({ captcha_token, email })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(7).fill(400)]);
  expect(dump(w)["users"]).toHaveLength(1);
});

test("without a solution, or with anything else, nobody is registered", async () => {
  await using w = await town();
  for (const captcha_token of [undefined, null, "", "ok", "e30=", btoa("[".repeat(3000))]) {
    expect(await tenantOf(w, "acme").register({ captcha_token })).toMatchObject(REFUSED);
  }
  expect((await tenantOf(w, "acme").register({ captcha_token: "x".repeat(5000) })).status).toBe(422);
  expect(dump(w)["users"]).toEqual([]);
});

test("an input that is refused spends no solution", async () => {
  await using w = await town();
  const captcha_token = await solved(w, "acme");
  const acme = tenantOf(w, "acme");
  expect((await acme.register({ captcha_token, password: "password" })).status).toBe(422);
  expect((await acme.register({ captcha_token })).status).toBe(200);
});
