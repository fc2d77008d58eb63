// Which key signs, and which are published: decisions §1. The clock stands still unless the test moves it.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { type Context, transaction } from "../../src/context.ts";
import { removeRetired } from "../../src/core/signing-keys.ts";
import { identify } from "../../src/flows/identify.ts";
import { accessToken, type OpenedTokens, openTokens } from "../../src/flows/open-session.ts";
import { prepareSigningKeys, rotateSigningKeys } from "../../src/flows/rotate-signing-keys.ts";
import { ACME, ADA, client, MINUTE, outcomeOf, settle } from "../support/sessions.ts";
import { freshDirectory, startProgram } from "../support/process.ts";
import { audited, dump, send, type World, world } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

const JWKS = "/.well-known/jwks.json";
const KID = /^[\w-]{43}$/;

interface Scene extends AsyncDisposable {
  w: World;
  ctx: Context;
  time: { at: number };
  opened: OpenedTokens;
  /** A fresh access token, and the key it was signed with. */
  sign(): Promise<{ token: string; kid: string }>;
  works(token: string): Promise<boolean>;
  published(): Promise<string[]>;
}

async function scene(settings: Parameters<typeof world>[0] = {}): Promise<Scene> {
  const w = await world(settings);
  await settle(w.ctx);
  const start = Math.ceil(w.clock.now() / 1000) * 1000;
  const time = { at: start };
  const ctx: Context = { ...w.ctx, now: () => time.at };
  const opening = { userId: ADA, tenantId: ACME, amr: ["pwd"], authTime: start };
  const opened = await transaction(ctx, (ctx) => openTokens(ctx, opening, client()));
  return {
    w,
    ctx,
    time,
    opened,
    async sign() {
      const token = await accessToken(ctx, opened);
      return { token, kid: String(decodeProtectedHeader(token).kid) };
    },
    works: async (token) =>
      (await outcomeOf(identify(ctx, { authorization: `Bearer ${token}`, cookie: null }, false))) === "done",
    published: async () => {
      // The server has its own clock; what it publishes is judged by that.
      w.clock.advance(time.at - w.clock.now());
      const { body } = await w.send("GET", JWKS);
      return (body as JSONWebKeySet).keys.map(({ kid = "" }) => kid);
    },
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

const rotate = (s: Scene, atOnce = false) => rotateSigningKeys(s.ctx, { atOnce }, client());

describe("the published keys", () => {
  const members: [string, string[]][] = [
    ["EdDSA", ["alg", "crv", "kid", "kty", "use", "x"]],
    ["ES256", ["alg", "crv", "kid", "kty", "use", "x", "y"]],
  ];
  for (const [alg, names] of members) {
    test(`are public: an ${alg} key has ${names.join(" ")}, and its private half is sealed`, async () => {
      await using w = await world({ TOKEN_ALGORITHM: alg });
      const { status, headers, body } = await w.send("GET", JWKS);
      expect([status, headers.get("content-type")]).toEqual([200, "application/json;charset=utf-8"]);
      expect(body.keys).toHaveLength(1);
      expect(Object.keys(body.keys[0]).toSorted()).toEqual(names);
      expect(body.keys[0]).toMatchObject({ alg, use: "sig", kid: expect.stringMatching(KID) });
      const [row] = dump(w)["signing_keys"] as Record<string, string>[];
      expect(JSON.parse(row?.["public_jwk"] ?? "")).not.toHaveProperty("d");
      expect(row?.["private_jwk_sealed"]).not.toMatch(/[{"]/);
    });
  }

  test("may be asked for by HEAD, with nothing written", async () => {
    await using w = await world();
    const before = dump(w);
    expect((await w.send("HEAD", JWKS)).status).toBe(200);
    expect(dump(w)).toEqual(before);
  });
});

describe("a rotation", () => {
  test("publishes the next key 10 minutes before it signs, and the last until its last token is dead", async () => {
    await using s = await scene();
    const { kid: first } = await s.sign();
    const start = s.time.at;
    const { kid: next, startsAt } = await rotate(s);
    expect(startsAt).toBe(start + 10 * MINUTE);
    expect(await s.published()).toEqual([first, next]);
    s.time.at = startsAt - 1;
    const last = await s.sign();
    expect(last.kid).toBe(first);
    s.time.at = startsAt;
    const after = await s.sign();
    expect(after.kid).toBe(next);
    expect([await s.works(last.token), await s.works(after.token)]).toEqual([true, true]);
    // The last second of the last token.
    s.time.at = startsAt + 15 * MINUTE - 1001;
    expect(await s.works(last.token)).toBe(true);
    expect(await s.published()).toEqual([first, next]);
    // The server's clock goes on while it is asked: half a minute is enough for it.
    s.time.at = startsAt + 16 * MINUTE - 30_000;
    await removeRetired(s.ctx, 1000);
    expect(await s.published()).toEqual([first, next]);
    s.time.at += 30_000;
    expect(await s.published()).toEqual([next]);
    await removeRetired(s.ctx, 1000);
    expect(await s.ctx.db.all`select kid from signing_keys`).toEqual([{ kid: next }]);
    expect((await s.sign()).kid).toBe(next);
    expect(await audited(s.w)).toEqual([`signing_key.rotated: ${next}`]);
  });

  test("after another, before that took effect, keeps every key published that signs in between", async () => {
    await using s = await scene();
    const { kid: first } = await s.sign();
    const second = await rotate(s);
    s.time.at += 5 * MINUTE;
    const third = await rotate(s);
    expect(await s.published()).toEqual([first, second.kid, third.kid]);
    const signers = [];
    for (const at of [0, second.startsAt - 1, second.startsAt, third.startsAt - 1, third.startsAt]) {
      s.time.at = Math.max(s.time.at, at);
      const { token, kid } = await s.sign();
      signers.push(kid);
      const keys = (await s.w.send("GET", JWKS)).body as JSONWebKeySet;
      const verified = jwtVerify(token, createLocalJWKSet(keys), { currentDate: new Date(s.time.at) });
      expect(await outcomeOf(verified)).toBe("done");
    }
    expect(signers).toEqual([first, first, second.kid, second.kid, third.kid]);
    s.time.at = second.startsAt + 16 * MINUTE;
    expect(await s.published()).toEqual([second.kid, third.kid]);
    s.time.at = third.startsAt + 16 * MINUTE;
    expect(await s.published()).toEqual([third.kid]);
  });

  test("at once makes every access token void that there is, and the session goes on by a new one", async () => {
    await using s = await scene();
    const before = await s.sign();
    const pending = await rotate(s);
    expect(await s.works(before.token)).toBe(true);
    const { kid, startsAt } = await rotate(s, true);
    expect(startsAt).toBe(s.time.at);
    expect(await s.works(before.token)).toBe(false);
    expect(await s.published()).toEqual([kid]);
    const after = await s.sign();
    expect([after.kid, await s.works(after.token)]).toEqual([kid, true]);
    s.time.at = pending.startsAt;
    expect((await s.sign()).kid).toBe(kid);
    expect((await audited(s.w)).at(-1)).toBe(`signing_key.rotated: ${kid}, and all others taken back`);
  });

  test("survives a clock that was set back: the key that is to start next signs", async () => {
    await using s = await scene();
    const { kid: first } = await s.sign();
    await rotate(s);
    s.time.at -= 24 * 60 * MINUTE;
    expect((await s.sign()).kid).toBe(first);
    const { kid } = await rotate(s, true);
    s.time.at -= 24 * 60 * MINUTE;
    expect((await s.sign()).kid).toBe(kid);
  });

  test("before the clock was set back does not make a key sign that was to retire meanwhile", async () => {
    await using s = await scene();
    await rotate(s);
    s.time.at -= 60 * MINUTE;
    const { kid } = await rotate(s);
    s.time.at += 120 * MINUTE;
    const after = await s.sign();
    expect([after.kid, await s.works(after.token)]).toEqual([kid, true]);
  });
});

describe("another algorithm in the settings", () => {
  test("makes a key of it at the next start, which follows the present one as by a rotation", async () => {
    await using s = await scene();
    const { kid: first } = await s.sign();
    const es256: Context = { ...s.ctx, config: { ...s.ctx.config, tokenAlgorithm: "ES256" } };
    await prepareSigningKeys(es256);
    await prepareSigningKeys(es256);
    const [, second = "", ...rest] = await s.published();
    expect(rest).toEqual([]);
    expect((await s.sign()).kid).toBe(first);
    s.time.at += 10 * MINUTE;
    const { token, kid } = await s.sign();
    expect([kid, decodeProtectedHeader(token).alg, await s.works(token)]).toEqual([second, "ES256", true]);
    s.time.at += 16 * MINUTE;
    expect(await s.published()).toEqual([second]);
  });

  test("and back again before it took effect leaves a key to sign with at every moment", async () => {
    await using s = await scene();
    const es256: Context = { ...s.ctx, config: { ...s.ctx.config, tokenAlgorithm: "ES256" } };
    await prepareSigningKeys(es256);
    s.time.at += MINUTE;
    await prepareSigningKeys(s.ctx);
    for (let minute = 0; minute < 60; minute++) {
      s.time.at += MINUTE;
      const { token } = await s.sign();
      expect(await s.works(token)).toBe(true);
    }
    expect(decodeProtectedHeader((await s.sign()).token).alg).toBe("EdDSA");
  });
});

describe("the first key", () => {
  test("is made by whoever needs it, once, however many do", async () => {
    await using s = await scene();
    await s.ctx.db.run`delete from signing_keys`;
    const kids = (await Promise.all(Array.from({ length: 20 }, () => s.sign()))).map(({ kid }) => kid);
    expect(new Set(kids).size).toBe(1);
    expect(await s.published()).toEqual([kids[0] ?? ""]);
  });

  test("is one when two processes start at once on one new directory", async () => {
    const directory = freshDirectory();
    const programs = await Promise.all([startProgram({ directory }), startProgram({ directory })]);
    await using one = programs[0];
    await using other = programs[1];
    const sets = await Promise.all([one, other].map(({ origin }) => send(origin, "GET", JWKS)));
    expect(sets[0]?.body.keys).toHaveLength(1);
    expect(sets[1]?.body).toEqual(sets[0]?.body);
    using database = openBeside(join(directory, "data/ostiary.db"), { readonly: true });
    expect(database.query("select count(*) as keys from signing_keys").get()).toEqual({ keys: 1 });
  });
});
