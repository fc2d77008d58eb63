// Leaving: decisions §2 portal, spec/security.md 7.4.1.
import { describe, expect, test } from "bun:test";
import { identify } from "../../src/flows/identify.ts";
import { logOut } from "../../src/flows/log-out.ts";
import { refresh } from "../../src/flows/refresh.ts";
import {
  client,
  makeKey,
  outcomeOf,
  sessionIds,
  settle,
  signInForCookie,
  signInForKey,
  signInForTokens,
} from "../support/sessions.ts";
import { audited, dump, world } from "../support/world.ts";

describe("logging out", () => {
  test("ends the session with its access and refresh tokens, and no other", async () => {
    await using w = await world();
    await settle(w.ctx);
    const other = await signInForTokens(w.ctx);
    const { accessToken, refreshToken } = await signInForTokens(w.ctx);
    const presented = { authorization: `Bearer ${accessToken}`, cookie: null };
    await logOut(w.ctx, await identify(w.ctx, presented, true), client());
    expect(await outcomeOf(identify(w.ctx, presented, true))).toBe("INVALID_BEARER");
    expect(await outcomeOf(refresh(w.ctx, refreshToken, client()))).toBe("INVALID_REFRESH_TOKEN");
    expect(await sessionIds(w.ctx)).toEqual([other.sessionId]);
    expect(await outcomeOf(refresh(w.ctx, other.refreshToken, client()))).toBe("done");
    expect(await audited(w)).toEqual(["logout"]);
  });

  test("ends the session of a cookie", async () => {
    await using w = await world();
    await settle(w.ctx);
    const { cookie } = await signInForCookie(w.ctx);
    const presented = { authorization: null, cookie };
    await logOut(w.ctx, await identify(w.ctx, presented, true), client());
    expect(await outcomeOf(identify(w.ctx, presented, true))).toBe("NOT_AUTHENTICATED");
  });

  test("ends the key of a sign-in and leaves one made by hand", async () => {
    await using w = await world();
    await settle(w.ctx);
    for (const [key, after] of [
      [await signInForKey(w.ctx), "INVALID_BEARER"],
      [await makeKey(w.ctx), "done"],
    ]) {
      const presented = { authorization: `Bearer ${key}`, cookie: null };
      await logOut(w.ctx, await identify(w.ctx, presented, true), client());
      expect(await outcomeOf(identify(w.ctx, presented, true))).toBe(String(after));
    }
    expect(await audited(w)).toEqual(["logout"]);
  });

  test("twice, or signed in by nothing, changes and writes nothing", async () => {
    await using w = await world();
    await settle(w.ctx);
    const { accessToken } = await signInForTokens(w.ctx);
    const identity = await identify(w.ctx, { authorization: `Bearer ${accessToken}`, cookie: null }, true);
    await logOut(w.ctx, identity, client());
    const before = dump(w);
    await logOut(w.ctx, identity, client());
    await logOut(w.ctx, undefined, client());
    expect(dump(w)).toEqual(before);
  });
});
