// What `identify` shows, and that nothing about it tells an email with an account from one without (decisions §2 portal).
import { beforeAll, afterAll, describe, expect, test } from "bun:test";
import { openContext, transaction } from "../../src/context.ts";
import { decoyFor, positionOf } from "../../src/core/decoys.ts";
import type { Db, Value } from "../../src/db/db.ts";
import type { Email } from "../../src/core/emails.ts";
import type { UserId } from "../../src/core/ids.ts";
import { createMemoryWindow } from "../../src/core/memory-window.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import { accountsOf, identifyEmail, tenantsToShow } from "../../src/flows/identify-email.ts";
import { makePerson, makeTenant } from "../support/people.ts";
import { rejected } from "../support/rejected.ts";
import { dump, SECRET, type World, world } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

const mail = (name: string) => `${name}@example.com` as Email;
const strangers = (count: number) => Array.from({ length: count }, (_, i) => mail(`stranger${i}`));

const shown = async ({ ctx }: Pick<World, "ctx">, email: Email) =>
  (await tenantsToShow(ctx, email)).map(({ slug }) => slug).join("+");

async function tally(w: World, emails: Email[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const email of emails) {
    const set = await shown(w, email);
    counts[set] = (counts[set] ?? 0) + 1;
  }
  return counts;
}

/** Many accounts at once, without passwords. */
async function settle(w: World, prefix: string, count: number, homes: Tenant | Tenant[]): Promise<void> {
  const person = (i: number) => makePerson(w, homes, { email: mail(`${prefix}${i}`), password: null });
  await Promise.all(Array.from({ length: count }, (_, i) => person(i)));
}

describe("in a town of 300 accounts in five tenants", () => {
  let w: World;
  beforeAll(async () => {
    w = await world();
    const [a, b, c, d] = [
      await makeTenant(w, "aaa"),
      await makeTenant(w, "bbb"),
      await makeTenant(w, "ccc"),
      await makeTenant(w, "ddd", { identity: "isolated" }),
    ];
    const e = await makeTenant(w, "eee", { identity: "isolated" });
    await settle(w, "a", 120, a);
    await settle(w, "b", 60, b);
    await settle(w, "ab", 45, [a, b]);
    await settle(w, "c", 15, [c]);
    await settle(w, "d", 45, d);
    // These 15 have an account in aaa and another of the same email in eee.
    await settle(w, "ae", 15, a);
    await settle(w, "ae", 15, e);
  }, 60_000);
  afterAll(() => w[Symbol.asyncDispose]());

  const SHARES = { aaa: 120, bbb: 60, "aaa+bbb": 45, ccc: 15, ddd: 45, "aaa+eee": 15 };

  test("3,000 emails without an account show every set of tenants about as often as accounts have it", async () => {
    const counts = await tally(w, strangers(3000));
    expect(Object.keys(counts).toSorted()).toEqual(Object.keys(SHARES).toSorted());
    for (const [set, share] of Object.entries(SHARES)) {
      const expected = share * 10;
      // Four standard deviations of as many independent draws, and the unevenness of the ring.
      const tolerance = 4 * Math.sqrt(expected * (1 - share / 300)) + 0.1 * expected;
      expect(Math.abs((counts[set] ?? 0) - expected)).toBeLessThan(tolerance);
    }
  });

  test("each account is imitated, and none much more often than the others", async () => {
    const times = new Map<string, number>();
    for (const email of strangers(6000)) {
      const decoy = (await decoyFor(w.ctx, email)) ?? "";
      times.set(decoy, (times.get(decoy) ?? 0) + 1);
    }
    // 20 on average; one probe for each email instead of 16 leaves some 30 emails out and gives others more than 80.
    expect(times.size).toBe(300);
    expect(Math.max(...times.values())).toBeLessThan(50);
  });

  test("an account shows its own tenants, over all realms, by slug", async () => {
    expect(await shown(w, mail("ab3"))).toBe("aaa+bbb");
    expect(await shown(w, mail("ae3"))).toBe("aaa+eee");
    expect((await tenantsToShow(w.ctx, mail("d3"))).map((tenant) => Object.keys(tenant))).toEqual([
      ["tenantId", "slug", "name"],
    ]);
  });

  test("the answer is the same every time, after a restart, and in another process", async () => {
    const emails = strangers(50);
    const before = await tally(w, emails);
    const now = () => w.ctx.now();
    const again = openContext({ config: w.ctx.config, secret: SECRET, log: w.ctx.log, now });
    for (const email of emails) expect(await shown({ ctx: again.ctx }, email)).toBe(await shown(w, email));
    await again.close();
    expect(await tally(w, emails)).toEqual(before);
  });

  test("another secret draws others", async () => {
    const ctx = { ...w.ctx, keys: { ...w.ctx.keys, decoy: new Uint8Array(32) } };
    expect(positionOf(ctx, mail("a1"))).not.toBe(positionOf(w.ctx, mail("a1")));
    let moved = 0;
    for (const email of strangers(50))
      if ((await decoyFor(ctx, email)) !== (await decoyFor(w.ctx, email))) moved++;
    expect(moved).toBeGreaterThan(40);
  });

  test("nothing is written", async () => {
    const before = dump(w);
    await tally(w, [...strangers(20), mail("a1")]);
    for (const email of [...strangers(20), mail("a1")]) await accountsOf(w.ctx, email);
    expect(dump(w)).toEqual(before);
  });

  test("as many realms are tried for a stranger as for an account, in the same proportions", async () => {
    expect(await accountsOf(w.ctx, mail("ab1"))).toEqual(["instance"]);
    expect(await accountsOf(w.ctx, mail("ae1"))).toHaveLength(2);
    const counts = [0, 0, 0];
    for (const email of strangers(1000)) {
      const realms = await accountsOf(w.ctx, email);
      const decoy = (await decoyFor(w.ctx, email)) ?? mail("nobody");
      expect(realms).toEqual(await accountsOf(w.ctx, decoy));
      counts[realms.length] = (counts[realms.length] ?? 0) + 1;
    }
    expect(counts[0]).toBe(0);
    expect(counts[2]).toBeGreaterThan(20);
    expect(counts[2]).toBeLessThan(100);
  });
});

describe("few decoys move", () => {
  async function answers(w: World, emails: Email[]): Promise<string[]> {
    const all = [];
    for (const email of emails) all.push(await shown(w, email));
    return all;
  }

  test("when a tenant with accounts is added: about its share, and all of them to it", async () => {
    await using w = await world();
    const [a, b] = [await makeTenant(w, "aaa"), await makeTenant(w, "bbb")];
    await settle(w, "a", 60, a);
    await settle(w, "b", 30, b);
    const emails = strangers(1000);
    const before = await answers(w, emails);
    const c = await makeTenant(w, "ccc");
    expect(await answers(w, emails)).toEqual(before);
    await settle(w, "c", 10, c);
    const after = await answers(w, emails);
    const moved = after.filter((set, i) => set !== before[i]);
    expect(new Set(moved)).toEqual(new Set(["ccc"]));
    expect(moved.length).toBeGreaterThan(50);
    expect(moved.length).toBeLessThan(160);
    // And back again, when it is gone.
    await w.ctx.db.run`delete from tenants where id = ${c.id}`;
    expect(await answers(w, emails)).toEqual(before);
  });

  test("when an account is added or deleted: only those that imitate it", async () => {
    await using w = await world();
    const [a, b] = [await makeTenant(w, "aaa"), await makeTenant(w, "bbb")];
    await settle(w, "a", 50, a);
    const emails = strangers(500);
    const before = await answers(w, emails);
    const userId = await makePerson(w, b, { email: mail("newcomer"), password: null });
    const after = await answers(w, emails);
    const moved = after.filter((set, i) => set !== before[i]).length;
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(30);
    await w.ctx.db.run`delete from users where id = ${userId}`;
    expect(await answers(w, emails)).toEqual(before);
  });
});

describe("an account that cannot sign in", () => {
  const states: [string, (w: World, userId: UserId, home: Tenant) => Promise<unknown>][] = [
    ["is disabled", ({ ctx }, id) => ctx.db.run`update users set disabled_at = 1 where id = ${id}`],
    ["is not verified", ({ ctx }, id) => ctx.db.run`update users set active_at = null where id = ${id}`],
    [
      "is suspended",
      ({ ctx }, id) => ctx.db.run`update memberships set status = 'suspended' where user_id = ${id}`,
    ],
    [
      "is invited only",
      ({ ctx }, id) => ctx.db.run`update memberships set status = 'invited' where user_id = ${id}`,
    ],
    [
      "has no tenant but a disabled one",
      ({ ctx }, _, home) => ctx.db.run`update tenants set disabled_at = 1 where id = ${home.id}`,
    ],
    ["has no membership", ({ ctx }, id) => ctx.db.run`delete from memberships where user_id = ${id}`],
  ];
  for (const [what, happen] of states) {
    test(`because it ${what} is imitated by nobody, and imitates others itself`, async () => {
      await using w = await world();
      const [a, b] = [await makeTenant(w, "aaa"), await makeTenant(w, "bbb", { identity: "isolated" })];
      await settle(w, "a", 3, a);
      const ada = mail("ada");
      const userId = await makePerson(w, b, { email: ada, password: null });
      expect(Object.keys(await tally(w, strangers(200))).toSorted()).toEqual(["aaa", "bbb"]);
      expect(await shown(w, ada)).toBe("bbb");
      await happen(w, userId, b);
      expect(await tally(w, [...strangers(200), ada])).toEqual({ aaa: 201 });
      // A sign-in still tries its account, and costs what it costs a stranger.
      expect(await accountsOf(w.ctx, ada)).toEqual([b.id]);
      expect(await accountsOf(w.ctx, mail("stranger"))).toEqual(["instance"]);
    });
  }

  test("is tried where it is, and as often as the email that it imitates", async () => {
    await using w = await world();
    const [a, b, c] = [
      await makeTenant(w, "aaa"),
      await makeTenant(w, "bbb", { identity: "isolated" }),
      await makeTenant(w, "ccc", { identity: "isolated" }),
    ];
    for (const home of [a, b]) await settle(w, "both", 1, home);
    await makePerson(w, c, { email: mail("ada"), password: null, isActive: false });
    expect(await accountsOf(w.ctx, mail("ada"))).toEqual([c.id, "instance"]);
    expect(await accountsOf(w.ctx, mail("stranger"))).toEqual(["instance", b.id]);
  });

  test("does not hide another of the same email that can, which is tried first", async () => {
    await using w = await world();
    const [a, b] = [await makeTenant(w, "aaa"), await makeTenant(w, "bbb", { identity: "isolated" })];
    await makePerson(w, a, { email: mail("ada"), password: null, isActive: false });
    await makePerson(w, b, { email: mail("ada"), password: null });
    expect(await shown(w, mail("ada"))).toBe("bbb");
    expect(await shown(w, mail("stranger"))).toBe("bbb");
    expect(await accountsOf(w.ctx, mail("ada"))).toEqual([b.id, "instance"]);
  });
});

test("an email with five accounts is tried at four", async () => {
  await using w = await world();
  for (const slug of ["aaa", "bbb", "ccc", "ddd", "eee"]) {
    await makePerson(w, await makeTenant(w, slug, { identity: "isolated" }), {
      email: mail("ada"),
      password: null,
    });
  }
  expect(await shown(w, mail("ada"))).toBe("aaa+bbb+ccc+ddd+eee");
  expect(await accountsOf(w.ctx, mail("ada"))).toHaveLength(4);
});

test("an instance without accounts shows nothing, and a sign-in still costs a hash", async () => {
  await using w = await world();
  await makeTenant(w, "aaa");
  expect(await tenantsToShow(w.ctx, mail("ada"))).toEqual([]);
  expect(await accountsOf(w.ctx, mail("ada"))).toEqual(["instance"]);
});

test("an account without an email is imitated by nobody", async () => {
  await using w = await world();
  await makePerson(w, await makeTenant(w, "aaa"), { username: "ada", password: null });
  expect(await tenantsToShow(w.ctx, mail("ada"))).toEqual([]);
});

test("where the instance hides tenants, it does so for everyone", async () => {
  await using w = await world({ IDENTIFY_TENANTS: "hidden" });
  await settle(w, "a", 1, await makeTenant(w, "aaa"));
  expect(await tenantsToShow(w.ctx, mail("a0"))).toEqual([]);
  expect(await tenantsToShow(w.ctx, mail("stranger"))).toEqual([]);
});

test("an address may ask as often as its window says", async () => {
  await using w = await world();
  const window = createMemoryWindow({ most: 2, windowMs: 60_000 });
  const ask = () =>
    identifyEmail({ ...w.ctx, now: () => 1000 }, mail("ada"), window, { network: "203.0.113.1" });
  expect([await ask(), await ask()]).toEqual([[], []]);
  expect(await rejected(ask())).toMatchObject({ code: "RATE_LIMITED", retryAfterS: 60 });
});

test("positions are whole numbers below 2^48, and spread", async () => {
  await using w = await world();
  const positions = strangers(1000).map((email) => positionOf(w.ctx, email));
  expect(
    positions.every((position) => Number.isInteger(position) && position >= 0 && position < 2 ** 48),
  ).toBe(true);
  const upper = positions.filter((position) => position >= 2 ** 47).length;
  expect(upper).toBeGreaterThan(400);
  expect(upper).toBeLessThan(600);
});

test("the next on the ring is found by the index, past any number of accounts that nobody can use", async () => {
  await using w = await world();
  const a = await makeTenant(w, "aaa");
  await settle(w, "a", 1, a);
  await transaction(w.ctx, async (ctx) => {
    for (let i = 0; i < 20_000; i++) {
      await ctx.db.run`
        insert into users (id, realm, email, decoy_position, created_at)
        values (${`usr_${i}`}, 'instance', ${mail(`pending${i}`)}, ${positionOf(ctx, mail(`pending${i}`))}, 1)`;
    }
  });
  const started = performance.now();
  for (const email of strangers(20)) expect(await shown(w, email)).toBe("aaa");
  expect(performance.now() - started).toBeLessThan(500);
  const asked = new Set<string>();
  const noting =
    (verb: "get" | "all") =>
    (text: TemplateStringsArray, ...values: Value[]) => {
      asked.add(text.join("?"));
      return w.ctx.db[verb](text, ...values);
    };
  const db = { ...w.ctx.db, get: noting("get"), all: noting("all") } as Db;
  await tenantsToShow({ ...w.ctx, db }, mail("stranger"));
  await accountsOf({ ...w.ctx, db }, mail("stranger"));
  using database = openBeside(w.ctx.config.databasePath, { readonly: true });
  const plans = [...asked].map((sql) =>
    database
      .query<{ detail: string }, []>(`explain query plan ${sql.replaceAll("?", "1")}`)
      .all()
      .map(({ detail }) => detail)
      .join("\n"),
  );
  expect(plans).toHaveLength(4);
  expect(plans.join("\n")).toContain("USING INDEX users_decoy (decoy_position>?)");
  expect(plans.join("\n")).not.toContain("SCAN");
  expect(plans.filter((plan) => plan.includes("users_decoy")).join("\n")).not.toContain("TEMP B-TREE");
});
