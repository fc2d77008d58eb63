// Continuation tokens, as far as counting goes.
import { expect, test } from "bun:test";
import * as continuations from "../../src/core/continuations.ts";
import { world } from "../support/world.ts";

test("what was ended stays so for as long as whoever ended it says, however soon its tries would have been forgotten", async () => {
  await using w = await world();
  const { ctx, clock } = w;
  const jti = "jti_1";
  const [soon, late] = [clock.now() + 1_000, clock.now() + 60_000];
  expect(await continuations.countTry(ctx, "mfa", { jti, expiresAt: soon })).toBe(true);
  expect(await continuations.end(ctx, "mfa", { jti, expiresAt: late })).toBe(true);
  clock.advance(2_000);
  await continuations.removeExpired(ctx, 1000);
  expect(await continuations.countTry(ctx, "mfa", { jti, expiresAt: late })).toBe(false);
});
