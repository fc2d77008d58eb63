import { expect, test } from "bun:test";
import { createMemoryWindow } from "../../src/core/memory-window.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2030, 0, 1);

test("a key has its share within the window, then the seconds to wait, then a new share", () => {
  const window = createMemoryWindow({ most: 60, windowMs: MINUTE });
  for (let i = 0; i < 60; i++) expect(window.count("a", NOW + i)).toBeUndefined();
  expect(window.count("a", NOW + 60)).toBe(60);
  expect(window.count("a", NOW + MINUTE - 1)).toBe(1);
  expect(window.count("b", NOW + MINUTE - 1)).toBeUndefined();
  for (let i = 0; i < 60; i++) expect(window.count("a", NOW + MINUTE)).toBeUndefined();
  expect(window.count("a", NOW + MINUTE)).toBe(60);
});

test("a clock that is set back locks nobody out", () => {
  const window = createMemoryWindow({ most: 1, windowMs: MINUTE });
  expect(window.count("a", NOW)).toBeUndefined();
  expect(window.count("a", NOW - 1)).toBeUndefined();
  expect(window.count("a", NOW - 1)).toBe(60);
});

test("past the most keys only the oldest starts anew", () => {
  const window = createMemoryWindow({ most: 1, windowMs: MINUTE, mostKeys: 3 });
  for (const [i, key] of ["a", "b", "c", "d"].entries()) expect(window.count(key, NOW + i)).toBeUndefined();
  expect(["b", "c", "d"].map((key) => window.count(key, NOW + 4))).toEqual([60, 60, 60]);
  expect(window.count("a", NOW + 4)).toBeUndefined();
});

test("a key that started anew is not forgotten with its earlier start", () => {
  const window = createMemoryWindow({ most: 1, windowMs: MINUTE, mostKeys: 3 });
  window.count("first", NOW);
  window.count("again", NOW + 1);
  // With the clock set back its window is over, while its earlier start still waits behind that of another.
  expect(window.count("again", NOW)).toBeUndefined();
  window.count("a", NOW + 2);
  window.count("b", NOW + 2);
  expect(window.count("again", NOW + 2)).toBe(60);
});

test("keys whose time is over make room before any other does", () => {
  const window = createMemoryWindow({ most: 1, windowMs: MINUTE, mostKeys: 3 });
  window.count("old", NOW);
  window.count("a", NOW + MINUTE - 1);
  window.count("b", NOW + MINUTE - 1);
  window.count("c", NOW + MINUTE);
  expect(["a", "b", "c"].map((key) => window.count(key, NOW + MINUTE))).toEqual([60, 60, 60]);
});

test("a flood of a million keys is counted in bounded room, and the flooded stay counted", () => {
  const window = createMemoryWindow({ most: 1, windowMs: MINUTE });
  const before = process.memoryUsage().heapUsed;
  // Were one of them to cost as much as there are keys, the time of a test would not be enough.
  for (let i = 0; i < 1_000_000; i++) window.count(`2001:db8:${i}::/64`, NOW);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  expect(window.count("2001:db8:999999::/64", NOW)).toBe(60);
  expect(window.count("2001:db8:900000::/64", NOW)).toBe(60);
});
