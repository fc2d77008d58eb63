// How often a password may be wrong (decisions §5): the counters by themselves, on a clock that stands still, and over HTTP.
import { describe, expect, test } from "bun:test";
import { type Context, transaction } from "../../src/context.ts";
import type { UserId } from "../../src/core/ids.ts";
import { remember } from "../../src/core/known-devices.ts";
import * as limits from "../../src/core/limits.ts";
import { Refused } from "../../src/errors.ts";
import type { SettingName } from "../../src/settings.ts";
import { ADMIN, setUpAdmin, signIn } from "../support/key-group.ts";
import { type World, world } from "../support/world.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const ADA = "usr_ada" as UserId;
const HOME = "198.51.100.7";
const WAITS_S = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600];

interface Scene extends AsyncDisposable {
  w: World;
  ctx: Context;
  time: { at: number };
  /** Counts one try; then "counted", or for how many seconds it is refused. */
  attempt(who?: Who): Promise<"counted" | number | undefined>;
  attempts(count: number, who?: Who): Promise<unknown[]>;
  succeed(who?: Who): Promise<void>;
}
interface Who {
  userId?: UserId | undefined;
  login?: string;
  network?: string;
  device?: string;
}

async function scene(settings: Partial<Record<SettingName, string>> = {}): Promise<Scene> {
  const w = await world(settings);
  const time = { at: Date.UTC(2030, 0, 1) };
  const ctx: Context = { ...w.ctx, now: () => time.at };
  await ctx.db.run`
    insert into users (id, realm, username, username_canonical, created_at) values (${ADA}, 'instance', 'ada', 'ada', 1)`;
  const budgetOf = (ctx: Context, { userId, login = "", network = "203.0.113.1", device }: Who) =>
    limits.findBudget(ctx, {
      owner: userId && { userId, epoch: 0 },
      unknownLogin: login,
      network,
      device: device ?? null,
    });
  const attempt = async (who: Who = { userId: ADA }) => {
    try {
      await transaction(ctx, async (ctx) => limits.countPasswordTry(ctx, await budgetOf(ctx, who)));
      return "counted";
    } catch (error) {
      if (error instanceof Refused && error.code === "RATE_LIMITED") return error.retryAfterS;
      throw error;
    }
  };
  return {
    w,
    ctx,
    time,
    attempt,
    async attempts(count, who) {
      const answers = [];
      for (let i = 0; i < count; i++) answers.push(await attempt(who));
      return answers;
    },
    succeed: (who = { userId: ADA }) =>
      transaction(ctx, async (ctx) => {
        const budget = await budgetOf(ctx, who);
        await limits.givePasswordTryBack(ctx, budget, { source: { ...budget, countedAt: time.at } });
      }),
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

const FREE = Array<string>(5).fill("counted");

describe("an account", () => {
  const accounts: [string, Who][] = [
    ["known", { userId: ADA }],
    ["unknown", { login: "nobody" }],
  ];
  for (const [what, who] of accounts) {
    test(`that is ${what} has five free tries, then waits of 30 s that double to an hour`, async () => {
      await using s = await scene();
      expect(await s.attempts(5, who)).toEqual(FREE);
      for (const waitS of WAITS_S) {
        expect(await s.attempt(who)).toBe(waitS);
        s.time.at += waitS * SECOND - 1;
        expect(await s.attempt(who)).toBe(1);
        s.time.at += 1;
        expect(await s.attempt(who)).toBe("counted");
      }
    });
  }

  test("is not held up longer by tries that are refused", async () => {
    await using s = await scene();
    await s.attempts(5);
    const refused = await s.attempts(100);
    expect(new Set(refused)).toEqual(new Set([30]));
    s.time.at += 30 * SECOND;
    expect(await s.attempt()).toBe("counted");
    expect(await s.attempt()).toBe(60);
  });

  test("starts anew after a success", async () => {
    await using s = await scene();
    await s.attempts(5);
    s.time.at += 30 * SECOND;
    expect(await s.attempt()).toBe("counted");
    await s.succeed();
    expect(await s.attempts(6)).toEqual([...FREE, 30]);
  });

  test("is forgotten after a day without a try, and not before", async () => {
    await using s = await scene();
    await s.attempts(5);
    s.time.at += DAY - 1;
    expect(await s.attempts(2)).toEqual(["counted", 60]);
    s.time.at += DAY;
    expect(await s.attempts(6)).toEqual([...FREE, 30]);
  });

  test("is counted apart from another, wherever the tries come from", async () => {
    await using s = await scene();
    for (let i = 0; i < 5; i++) {
      expect(await s.attempt({ userId: ADA, network: `203.0.113.${i}` })).toBe("counted");
    }
    expect(await s.attempt({ userId: ADA, network: "192.0.2.1" })).toBe(30);
    expect(await s.attempts(6, { login: "bob" })).toEqual([...FREE, 30]);
  });

  test("takes five of 200 tries at once", async () => {
    await using s = await scene();
    const answers = await Promise.all(Array.from({ length: 200 }, () => s.attempt()));
    expect(answers.filter((answer) => answer === "counted")).toHaveLength(5);
  });

  const setBack: [string, number, number, "counted" | number][] = [
    ["30 s is lengthened when the clock is set back by a second", 0, SECOND, 31],
    ["30 s is an hour at most when the clock is set back by nearly that", 0, HOUR - 30 * SECOND, 3600],
    ["30 s is over when the clock is set back by an hour", 0, HOUR, "counted"],
    ["an hour is over when the clock is set back by a second", 7, SECOND, "counted"],
    ["an hour is over when the clock is set back by ten years", 7, 3653 * DAY, "counted"],
  ];
  for (const [what, doublings, backMs, answer] of setBack) {
    test(`that waits ${what}`, async () => {
      await using s = await scene();
      await s.attempts(5);
      for (const waitS of WAITS_S.slice(0, doublings)) {
        s.time.at += waitS * SECOND;
        await s.attempt();
      }
      s.time.at -= backMs;
      expect(await s.attempt()).toBe(answer);
      s.time.at += HOUR;
      expect(await s.attempt()).toBe("counted");
    });
  }
});

describe("an address that the account signed in from", () => {
  test("keeps a budget of its own, which strangers cannot use up", async () => {
    await using s = await scene();
    await limits.rememberAddress(s.ctx, ADA, HOME);
    await s.attempts(6);
    expect(await s.attempts(6, { userId: ADA, network: HOME })).toEqual([...FREE, 30]);
    await s.succeed({ userId: ADA, network: HOME });
    expect(await s.attempt({ userId: ADA, network: HOME })).toBe("counted");
    expect(await s.attempt()).toBe(30);
  });

  test("is known for 30 days, and for that account only", async () => {
    await using s = await scene();
    await limits.rememberAddress(s.ctx, ADA, HOME);
    const find = (userId: UserId) =>
      limits.findBudget(s.ctx, {
        owner: { userId, epoch: 0 },
        unknownLogin: "",
        network: HOME,
        device: null,
      });
    s.time.at += 30 * DAY - 1;
    await limits.removeForgotten(s.ctx, 1000);
    expect(await find(ADA)).toMatchObject({ known: "address" });
    expect(await find("usr_bob" as UserId)).toMatchObject({ known: undefined });
    s.time.at += 1;
    expect(await find(ADA)).toEqual({ account: ADA, network: HOME, known: undefined });
    await limits.rememberAddress(s.ctx, ADA, HOME);
    expect(await find(ADA)).toMatchObject({ known: "address" });
    // A day that has not come was written before the clock was set back.
    s.time.at -= 90 * DAY;
    await limits.rememberAddress(s.ctx, ADA, HOME);
    s.time.at += 30 * DAY;
    expect(await find(ADA)).toMatchObject({ known: undefined });
  });
});

describe("a device that the account signed in on", () => {
  test("keeps a budget of its own, wherever it is and whatever strangers do, at its own address too", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "6", LIMIT_INSTANCE_FAILURES: "6" });
    const device = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
    await s.attempts(5);
    await s.attempts(2, { login: "nobody" });
    expect(await s.attempt({ login: "nobody" })).toBe(600);
    expect(await s.attempts(6, { userId: ADA, device })).toEqual([...FREE, 30]);
    expect(await s.attempt({ userId: ADA, device, network: HOME })).toBe(30);
    await s.succeed({ userId: ADA, device });
    expect(await s.attempt({ userId: ADA, device })).toBe("counted");
    const other = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
    expect(await s.attempt({ userId: ADA, device: other })).toBe("counted");
  });

  test("uses up nothing of those who do not know it, and gives nothing of theirs back", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "2", LIMIT_INSTANCE_FAILURES: "2" });
    for (let i = 0; i < 3; i++) {
      const device = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
      expect(await s.attempts(5, { userId: ADA, device, network: HOME })).toEqual(FREE);
    }
    const stranger = { login: "nobody", network: HOME };
    expect(await s.attempts(3, stranger)).toEqual(["counted", "counted", 600]);
    const device = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
    for (let i = 0; i < 2; i++) {
      expect(await s.attempt({ userId: ADA, device, network: HOME })).toBe("counted");
      await s.succeed({ userId: ADA, device, network: HOME });
    }
    expect(await s.attempt(stranger)).toBe(600);
  });

  test("of one of two accounts of a name takes back what was counted for both", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "1", LIMIT_INSTANCE_FAILURES: "1" });
    const here = { network: HOME, device: remember(s.ctx, undefined, { userId: ADA, epoch: 0 }) };
    for (let i = 0; i < 3; i++) {
      await transaction(s.ctx, async (ctx) => {
        const owned = await limits.findBudget(ctx, {
          ...here,
          owner: { userId: ADA, epoch: 0 },
          unknownLogin: "",
        });
        const unknown = await limits.findBudget(ctx, { ...here, owner: undefined, unknownLogin: "namesake" });
        const { held, source } = await limits.countPasswordTry(ctx, owned, unknown);
        expect([held.size, source.known]).toEqual([0, undefined]);
        await limits.giveSourceBack(ctx, source);
      });
    }
  });

  test("comes before the address, and is known to nobody else", async () => {
    await using s = await scene();
    await limits.rememberAddress(s.ctx, ADA, HOME);
    const device = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
    const find = (userId: UserId | undefined, device: string | null) =>
      limits.findBudget(s.ctx, {
        owner: userId && { userId, epoch: 0 },
        unknownLogin: "nobody",
        network: HOME,
        device,
      });
    const [id] = device.split(".");
    expect(await find(ADA, device)).toEqual({
      account: `${ADA} device ${id}`,
      network: HOME,
      known: "device",
    });
    expect(await find(ADA, `${device}x`)).toMatchObject({ known: "address" });
    const bob = "usr_bob" as UserId;
    expect(await find(bob, device)).toEqual({ account: bob, network: HOME, known: undefined });
    expect(await find(undefined, device)).toEqual({ account: "nobody", network: HOME, known: undefined });
  });
});

test("the refusal of a known device is not taken for the first one of its address", async () => {
  await using s = await scene({ LIMIT_ADDRESS_FAILURES: "2" });
  const find = (who: Partial<limits.Tries>) =>
    limits.findBudget(s.ctx, {
      owner: undefined,
      unknownLogin: "nobody",
      network: HOME,
      device: null,
      ...who,
    });
  const device = remember(s.ctx, undefined, { userId: ADA, epoch: 0 });
  const known = await find({ owner: { userId: ADA, epoch: 0 }, device });
  expect(await s.attempts(3, { login: "nobody", network: HOME })).toEqual(["counted", "counted", 600]);
  expect(await s.attempts(6, { userId: ADA, device, network: HOME })).toEqual([...FREE, 30]);
  s.time.at += 1;
  expect(await limits.noteRefusal(s.ctx, known)).toBe(true);
  expect(await limits.noteRefusal(s.ctx, await find({}))).toBe(true);
});

describe("an address", () => {
  const from = (i: number, network: string): Who => ({ login: `nobody ${i}`, network });
  async function spread(s: Scene, count: number, network: (i: number) => string) {
    const answers = [];
    for (let i = 0; i < count; i++) answers.push(await s.attempt(from(i, network(i))));
    return answers;
  }

  test("has 50 tries in 10 minutes over all accounts, and refused ones cost the account nothing", async () => {
    await using s = await scene();
    expect(new Set(await spread(s, 50, () => HOME))).toEqual(new Set(["counted"]));
    s.time.at += 60 * SECOND;
    expect(await s.attempts(10, { userId: ADA, network: HOME })).toEqual(Array(10).fill(540));
    expect(await s.attempts(5, { userId: ADA, network: "192.0.2.1" })).toEqual(FREE);
    s.time.at += 540 * SECOND - 1;
    expect(await s.attempt(from(99, HOME))).toBe(1);
    s.time.at += 1;
    expect(new Set(await spread(s, 50, () => HOME))).toEqual(new Set(["counted"]));
  });

  test("gets a try back that opened its window, however slowly it was counted", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "1", LIMIT_INSTANCE_FAILURES: "1" });
    const slow = { ...s.ctx, now: () => s.time.at++ };
    for (let i = 0; i < 3; i++)
      await limits.giveSourceBack(slow, await limits.countSource(slow, { network: HOME, known: undefined }));
    expect(await s.attempt(from(1, HOME))).toBe("counted");
  });

  test("gets no try back in a window that began after it was counted", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "2", LIMIT_INSTANCE_FAILURES: "2" });
    const who = { userId: ADA, network: HOME };
    expect(await s.attempts(2, who)).toEqual(["counted", "counted"]);
    const countedAt = s.time.at;
    s.time.at += 600 * SECOND;
    expect(await spread(s, 2, () => HOME)).toEqual(["counted", "counted"]);
    await limits.giveSourceBack(s.ctx, { network: HOME, known: undefined, countedAt });
    expect(await s.attempt(from(9, HOME))).toBe(600);
  });

  test("gets a try back when it was right", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "2", LIMIT_INSTANCE_FAILURES: "2" });
    for (let i = 0; i < 5; i++) {
      expect(await s.attempt({ userId: ADA, network: HOME })).toBe("counted");
      await s.succeed({ userId: ADA, network: HOME });
    }
    expect(await spread(s, 3, () => HOME)).toEqual(["counted", "counted", 600]);
  });

  test("is not locked out for ever when the clock is set back", async () => {
    await using s = await scene({ LIMIT_ADDRESS_FAILURES: "1", LIMIT_INSTANCE_FAILURES: "1" });
    expect(await spread(s, 2, () => HOME)).toEqual(["counted", 600]);
    s.time.at -= 3653 * DAY;
    expect(await spread(s, 1, () => HOME)).toEqual(["counted"]);
  });

  test("and all others share the bound of the instance, which known addresses neither feel nor fill", async () => {
    await using s = await scene({ LIMIT_INSTANCE_FAILURES: "3" });
    await limits.rememberAddress(s.ctx, ADA, HOME);
    expect(await s.attempts(4, { userId: ADA, network: HOME })).toEqual(FREE.slice(1));
    await s.succeed({ userId: ADA, network: HOME });
    expect(await spread(s, 4, (i) => `203.0.113.${i}`)).toEqual(["counted", "counted", "counted", 600]);
    expect(await s.attempt({ userId: ADA })).toBe(600);
    expect(await s.attempt({ userId: ADA, network: HOME })).toBe("counted");
    s.time.at += 600 * SECOND;
    expect(await s.attempt({ userId: ADA })).toBe("counted");
  });
});

describe("over HTTP, 200 wrong passwords at once", () => {
  const from = (address: string) => ({ "x-forwarded-for": address });
  const sources: [string, string, (i: number) => string][] = [
    ["from one address", "admin", () => "203.0.113.1"],
    ["from 200 addresses", "admin", (i) => `203.0.113.${i}`],
    ["for nobody's account", "nobody", (i) => `203.0.113.${i}`],
  ];
  for (const [what, username, address] of sources) {
    test(`${what} are judged five times, and the owner still gets in from home`, async () => {
      await using w = await world({ TRUSTED_PROXIES: "127.0.0.1/32,::1/128" });
      await setUpAdmin(w);
      const attack = (password: string, i: number) => signIn(w, { username, password }, from(address(i)));
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => attack("wrong password", i)));
      const told = new Set(answers.map(({ status, body }) => `${status} ${body.detail}`));
      expect(told).toEqual(new Set(["401 Invalid credentials."]));
      const failed = w.ctx.db.all`select id from audit where event = 'login.failed'`;
      expect(await failed).toHaveLength(5);
      expect((await attack(ADMIN.password, 250)).status).toBe(401);
      expect((await signIn(w)).status).toBe(200);
    });
  }
});
