// The secret by which a waiting client polls: it tells for whom and for how long it was made, to us and to nobody else.
import { expect, test } from "bun:test";
import { expiryOf, newLoginSessionId } from "../../src/core/login-session-ids.ts";
import { world } from "../support/world.ts";

const ADA = { kind: "magic", name: "ada@example.com" } as const;
const MINUTE = 60_000;

test("an id says when it is over, for its name and kind only", async () => {
  await using w = await world();
  const { ctx, clock } = w;
  const over = clock.now() + MINUTE;
  const id = newLoginSessionId(ctx, ADA, over);
  expect(id).toMatch(/^ost_lrq_[\w-]{72}$/);
  expect(expiryOf(ctx, id, ADA)).toBe(over);
  expect(expiryOf(ctx, id, { ...ADA, name: "bob@example.com" })).toBeUndefined();
  expect(expiryOf(ctx, id, { ...ADA, kind: "approval" })).toBeUndefined();
  clock.advance(MINUTE);
  expect(expiryOf(ctx, id, ADA)).toBe(over);
});

test("no character of it can be changed, none added and none left out", async () => {
  await using w = await world();
  const { ctx } = w;
  const id = newLoginSessionId(ctx, ADA, w.clock.now() + MINUTE);
  for (let i = 0; i < id.length; i++) {
    const other = id[i] === "A" ? "B" : "A";
    expect(expiryOf(ctx, id.slice(0, i) + other + id.slice(i + 1), ADA)).toBeUndefined();
    expect(expiryOf(ctx, id.slice(0, i) + id.slice(i + 1), ADA)).toBeUndefined();
  }
  for (const odd of [
    `${id}A`,
    `${id}=`,
    ` ${id}`,
    `${id}\n`,
    id.replaceAll("-", "+").concat("+").slice(0, -1) + "/",
  ])
    expect(expiryOf(ctx, odd, ADA)).toBeUndefined();
});

test("two of the same moment share nothing but the moment", async () => {
  await using w = await world();
  const at = w.clock.now() + MINUTE;
  const [one, other] = [newLoginSessionId(w.ctx, ADA, at), newLoginSessionId(w.ctx, ADA, at)];
  expect(one.slice(0, 16)).toBe(other.slice(0, 16));
  expect(one.slice(16)).not.toBe(other.slice(16));
});

test("another instance's mean nothing here", async () => {
  await using w = await world();
  const elsewhere = { ...w.ctx, keys: { ...w.ctx.keys, waiting: w.ctx.keys.decoy } };
  const id = newLoginSessionId(elsewhere, ADA, w.clock.now() + MINUTE);
  expect(expiryOf(w.ctx, id, ADA)).toBeUndefined();
});
