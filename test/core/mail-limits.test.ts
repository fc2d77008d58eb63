// How much mail one may cause (decisions §5), on a clock that stands still.
import { describe, expect, test } from "bun:test";
import { type Context, transaction } from "../../src/context.ts";
import type { Email } from "../../src/core/emails.ts";
import type { TenantId } from "../../src/core/ids.ts";
import { removeForgotten } from "../../src/core/limits.ts";
import { type CountedMail, countMail, countMailOrRefuse } from "../../src/core/mail-limits.ts";
import { Refused } from "../../src/errors.ts";
import type { SettingName } from "../../src/settings.ts";
import { rejection } from "../support/rejected.ts";
import { dump, type World, world } from "../support/world.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const MAIL: CountedMail = {
  purpose: "reset",
  realm: "instance",
  email: "ada@example.com" as Email,
  network: "203.0.113.1",
};

interface Scene extends AsyncDisposable {
  w: World;
  ctx: Context;
  time: { at: number };
  may(mail?: Partial<CountedMail>): Promise<boolean>;
  /** Seconds to wait, or undefined when it was counted. */
  wait(mail?: Partial<CountedMail>): Promise<number | undefined>;
}

async function scene(settings: Partial<Record<SettingName, string>> = {}): Promise<Scene> {
  const w = await world(settings);
  const time = { at: Date.UTC(2030, 0, 1) };
  const ctx: Context = { ...w.ctx, now: () => time.at };
  return {
    w,
    ctx,
    time,
    may: (mail) => transaction(ctx, (ctx) => countMail(ctx, { ...MAIL, ...mail })),
    async wait(mail) {
      try {
        await transaction(ctx, (ctx) => countMailOrRefuse(ctx, { ...MAIL, ...mail }));
        return undefined;
      } catch (error) {
        if (error instanceof Refused && error.code === "RATE_LIMITED") return error.retryAfterS;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

describe("a mailbox", () => {
  test("gets one mail of a purpose in 60 s", async () => {
    await using s = await scene();
    expect(await s.may()).toBe(true);
    expect(await s.may()).toBe(false);
    s.time.at += 60 * SECOND - 1;
    expect(await s.wait()).toBe(1);
    s.time.at += 1;
    expect(await s.may()).toBe(true);
  });

  test("gets five in an hour, and refused ones cost nothing", async () => {
    await using s = await scene();
    for (let i = 0; i < 5; i++) {
      expect(await s.may()).toBe(true);
      expect(await s.may()).toBe(false);
      s.time.at += 60 * SECOND;
    }
    expect(await s.wait()).toBe(3300);
    s.time.at += 3300 * SECOND - 1;
    expect(await s.may()).toBe(false);
    s.time.at += 1;
    expect(await s.may()).toBe(true);
  });

  test("gets twenty in a day, and Retry-After says when the next may go", async () => {
    await using s = await scene();
    const start = s.time.at;
    for (let i = 0; i < 20; i++) {
      expect(await s.may()).toBe(true);
      s.time.at += 12 * 60 * SECOND + 1;
    }
    expect(await s.wait()).toBe(Math.ceil((start + DAY - s.time.at) / SECOND));
    s.time.at = start + DAY;
    await removeForgotten(s.ctx, 1000);
    expect(await s.may()).toBe(true);
  });

  const others: [string, Partial<CountedMail>][] = [
    ["mail of another purpose", { purpose: "verify_email" }],
    ["the same email in an isolated tenant", { realm: "tnt_1" as TenantId }],
    ["another mailbox", { email: "bob@example.com" as Email }],
  ];
  for (const [what, other] of others) {
    test(`does not hold up ${what}`, async () => {
      await using s = await scene();
      expect([await s.may(), await s.may(), await s.may(other), await s.may(other)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
    });
  }

  test("is counted whoever asks, and one of 100 requests at once gets a mail", async () => {
    await using s = await scene();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => s.may({ network: `203.0.113.${i}` })),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await s.ctx.db.all`select subject from limits where scope = 'mail address'`).toHaveLength(1);
  });

  test("is written down by its digest only", async () => {
    await using s = await scene();
    await s.may();
    expect(JSON.stringify(dump(s.w))).not.toContain("ada");
  });

  test("without a gap gets its five at once", async () => {
    await using s = await scene({ LIMIT_MAIL_GAP: "0" });
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await s.may());
    expect(answers).toEqual([true, true, true, true, true, false]);
  });
});

describe("an address", () => {
  const to = (i: number): Partial<CountedMail> => ({ email: `user${i}@example.com` as Email });

  test("causes 20 mails an hour, whosoever they are", async () => {
    await using s = await scene();
    for (let i = 0; i < 20; i++) expect(await s.may(to(i))).toBe(true);
    s.time.at += 60 * SECOND;
    expect(await s.wait(to(20))).toBe(3540);
    expect(await s.may({ ...to(20), network: "192.0.2.1" })).toBe(true);
    s.time.at += 3540 * SECOND;
    expect(await s.may(to(21))).toBe(true);
  });

  test("that had its share uses up nothing of a mailbox", async () => {
    await using s = await scene({ LIMIT_ADDRESS_MAILS: "1" });
    expect(await s.may(to(0))).toBe(true);
    for (let i = 0; i < 30; i++) expect(await s.may(to(1))).toBe(false);
    expect(await s.may({ ...to(1), network: "192.0.2.1" })).toBe(true);
  });
});

test("mails to those who are known are none of those that strangers may cause in all", async () => {
  await using s = await scene({ LIMIT_INSTANCE_MAILS: "1" });
  const to = (name: string) => ({ email: `${name}@example.com` as Email });
  for (const name of ["ada", "bob", "eve"]) expect(await s.may(to(name))).toBe(true);
  expect(await s.may({ ...to("joe"), byStranger: true })).toBe(true);
  expect(await s.may({ ...to("kim"), byStranger: true })).toBe(false);
  expect(await s.may(to("kim"))).toBe(true);
});

test("a mail whose cause is rolled back was not counted", async () => {
  await using s = await scene();
  const failing = transaction(s.ctx, async (ctx) => {
    expect(await countMail(ctx, MAIL)).toBe(true);
    throw new Error("no");
  });
  expect(await rejection(failing)).toBe("no");
  expect(await s.may()).toBe(true);
});
