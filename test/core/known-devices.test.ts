import { describe, expect, test } from "bun:test";
import type { UserId } from "../../src/core/ids.ts";
import { knows, type Owner, remember } from "../../src/core/known-devices.ts";
import { world } from "../support/world.ts";

const user = (i: number, epoch = 0): Owner => ({ userId: `usr_${i}` as UserId, epoch });
const idOf = (cookie: string) => cookie.split(".")[0];

describe("a device", () => {
  test("is known to whoever signed in on it, and to nobody else", async () => {
    await using w = await world();
    const cookie = remember(w.ctx, undefined, user(1));
    expect(cookie).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
    expect(knows(w.ctx, cookie, user(1))).toBe(idOf(cookie));
    expect(knows(w.ctx, cookie, user(2))).toBeUndefined();
    expect(remember(w.ctx, undefined, user(1))).not.toBe(cookie);
  });

  test("keeps its id and its last five users, the latest first", async () => {
    await using w = await world();
    let cookie: string | undefined;
    for (let i = 1; i <= 6; i++) cookie = remember(w.ctx, cookie, user(i));
    cookie = remember(w.ctx, cookie, user(3));
    expect(cookie).toHaveLength(22 + 5 * 44);
    const known = [1, 2, 3, 4, 5, 6].filter((i) => knows(w.ctx, cookie, user(i)) === idOf(cookie ?? ""));
    expect(known).toEqual([2, 3, 4, 5, 6]);
    cookie = remember(w.ctx, remember(w.ctx, cookie, user(7)), user(8));
    expect([3, 6, 7, 8, 2, 4, 5].map((i) => knows(w.ctx, cookie, user(i)) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test("is a stranger once everything that its user was signed in with has ended, and known anew by signing in", async () => {
    await using w = await world();
    const cookie = remember(w.ctx, undefined, user(1));
    expect(knows(w.ctx, cookie, user(1, 5))).toBeUndefined();
    const next = remember(w.ctx, cookie, user(1, 5));
    expect([knows(w.ctx, next, user(1, 5)), idOf(next)]).toEqual([idOf(cookie), idOf(cookie)]);
    expect(knows(w.ctx, remember(w.ctx, undefined, user(1, 5)), user(1, 4))).toBeUndefined();
  });

  test("is a stranger to an instance with another secret", async () => {
    await using w = await world();
    await using other = await world({ SECRET: "another master secret of 32 bytes or more" });
    const ctx = { ...other.ctx, keys: { ...other.ctx.keys, device: new Uint8Array(32) } };
    expect(knows(ctx, remember(w.ctx, undefined, user(1)), user(1))).toBeUndefined();
  });

  test("cannot lend its mac to another id", async () => {
    await using w = await world();
    const [mine, other] = [remember(w.ctx, undefined, user(1)), remember(w.ctx, undefined, user(1))];
    const mixed = `${idOf(other)}.${mine.split(".")[1]}`;
    expect(knows(w.ctx, mixed, user(1))).toBeUndefined();
  });
});

test("a cookie with a sixth mac is none of ours, whatever its first five say", async () => {
  await using w = await world();
  let cookie = remember(w.ctx, undefined, user(1));
  for (let i = 2; i <= 5; i++) cookie = remember(w.ctx, cookie, user(i));
  expect(knows(w.ctx, cookie, user(5))).toBeDefined();
  expect(knows(w.ctx, `${cookie}.${"b".repeat(43)}`, user(5))).toBeUndefined();
});

describe("a cookie that is none of ours", () => {
  const hostile: [string, string | null | undefined][] = [
    ["missing", undefined],
    ["absent", null],
    ["empty", ""],
    ["dots", "....."],
    ["an id alone", "a".repeat(22)],
    ["a wrong mac", `${"a".repeat(22)}.${"b".repeat(43)}`],
    ["too many macs", `${"a".repeat(22)}${`.${"b".repeat(43)}`.repeat(6)}`],
    ["a line break at its end", `${"a".repeat(22)}.${"b".repeat(43)}\n`],
    ["64 KiB", "a".repeat(65536)],
    ["64 KiB of dots", ".".repeat(65536)],
    ["no ASCII", `${"ä".repeat(22)}.${"b".repeat(43)}`],
    ["half a character", "\ud800"],
    ["__proto__", "__proto__"],
  ];
  for (const [what, cookie] of hostile) {
    test(`(${what}) is unknown, and a sign-in makes a good one of it`, async () => {
      await using w = await world();
      expect(knows(w.ctx, cookie, user(1))).toBeUndefined();
      const next = remember(w.ctx, cookie, user(1));
      expect(next).toMatch(/^[\w-]{22}(\.[\w-]{43}){1,5}$/);
      expect(knows(w.ctx, next, user(1))).toBe(idOf(next));
    });
  }
});
