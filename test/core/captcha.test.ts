// Proof of work with ALTCHA (decisions §2 tenant).
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Context, transaction } from "../../src/context.ts";
import * as captcha from "../../src/core/captcha.ts";
import * as continuations from "../../src/core/continuations.ts";
import type { TenantId } from "../../src/core/ids.ts";
import { decode, encode, solve } from "../support/captcha.ts";
import { dump, type World, world } from "../support/world.ts";

const ACME = "tnt_acme" as TenantId;
const MINUTE = 60_000;

const consume = (ctx: Context, solution: captcha.Solution) =>
  transaction(ctx, (ctx) => captcha.consume(ctx, solution));

let w: World;
let token: string;
beforeAll(async () => {
  w = await world();
  token = await solve(await captcha.createChallenge(w.ctx, ACME));
});
afterAll(() => w[Symbol.asyncDispose]());

async function spendable(ctx: Context = w.ctx): Promise<captcha.Solution> {
  const solution = await captcha.verify(ctx, ACME, await solve(await captcha.createChallenge(ctx, ACME)));
  if (!solution) throw new Error("not verified");
  return solution;
}

describe("a challenge", () => {
  test("has the shape of ALTCHA's version 2, and its work lies between bounds", async () => {
    const challenge = await captcha.createChallenge(w.ctx, ACME);
    expect(challenge).toEqual({
      parameters: {
        algorithm: "PBKDF2/SHA-256",
        cost: 2000,
        data: { tenant: ACME },
        expiresAt: expect.any(Number),
        keyLength: 32,
        keyPrefix: expect.stringMatching(/^[0-9a-f]{32}$/),
        keySignature: expect.stringMatching(/^[0-9a-f]{64}$/),
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
        salt: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.parse(JSON.stringify(challenge))).toEqual(challenge);
    const { counter } = decode(await solve(challenge)).solution;
    expect(counter).toBeGreaterThanOrEqual(500);
    expect(counter).toBeLessThanOrEqual(1000);
  });

  test("is another one each time, and writes nothing", async () => {
    const before = dump(w);
    const made = await Promise.all(Array.from({ length: 20 }, () => captcha.createChallenge(w.ctx, ACME)));
    expect(new Set(made.map(({ parameters }) => parameters.nonce)).size).toBe(20);
    expect(new Set(made.map(({ parameters }) => parameters.keyPrefix)).size).toBe(20);
    expect(dump(w)).toEqual(before);
  });
});

describe("a solution", () => {
  test("is worth one spending, of 32 at once", async () => {
    const solution = await spendable();
    const answers = await Promise.all(Array.from({ length: 32 }, () => consume(w.ctx, solution)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await consume(w.ctx, solution)).toBe(false);
  });

  test("is spent whatever else of it is spelt differently", async () => {
    const challenge = await captcha.createChallenge(w.ctx, ACME);
    const payload = decode(await solve(challenge));
    const other = { ...payload, solution: { ...payload.solution, counter: 1, time: 5 }, more: true };
    const [one, two] = [
      await captcha.verify(w.ctx, ACME, encode(payload)),
      await captcha.verify(w.ctx, ACME, encode(other)),
    ];
    if (!one) throw new Error("not verified");
    expect(await consume(w.ctx, one)).toBe(true);
    // The counter is not signed; the challenge is.
    expect(two).toEqual(one);
    expect(two && (await consume(w.ctx, two))).toBe(false);
  });

  test("is not spent by checking it, nor by a transaction that fails", async () => {
    const solution = await spendable();
    const failing = transaction(w.ctx, async (ctx) => {
      expect(await captcha.consume(ctx, solution)).toBe(true);
      throw new Error("no");
    });
    await failing.catch(() => {});
    expect(await consume(w.ctx, solution)).toBe(true);
  });

  test("is dead after ten minutes, also once the spent ones are cleared away", async () => {
    await using w = await world();
    const [unspent, spent] = [await spendable(w.ctx), await spendable(w.ctx)];
    expect(await consume(w.ctx, spent)).toBe(true);
    expect(unspent.expiresAt - w.ctx.now()).toBeGreaterThan(9 * MINUTE);
    const at = (now: number): Context => ({ ...w.ctx, now: () => now });
    expect(await consume(at(unspent.expiresAt), unspent)).toBe(false);
    await continuations.removeExpired(at(spent.expiresAt), 1000);
    expect(await consume(at(spent.expiresAt), spent)).toBe(false);
    expect(await consume(at(unspent.expiresAt - 1), unspent)).toBe(true);
  });

  test("is nothing at another tenant, or with another secret", async () => {
    expect(await captcha.verify(w.ctx, ACME, token)).toBeDefined();
    expect(await captcha.verify(w.ctx, "tnt_beta" as TenantId, token)).toBeUndefined();
    const ctx = { ...w.ctx, keys: { ...w.ctx.keys, captcha: new Uint8Array(32) } };
    expect(await captcha.verify(ctx, ACME, token)).toBeUndefined();
  });

  test("that says it is for another tenant, or lasts longer, or was easier, is none", async () => {
    const { challenge, solution } = decode(token);
    const { parameters } = challenge;
    const changes = [
      { data: { tenant: "tnt_beta" } },
      { data: { tenant: ACME, more: 1 } },
      { expiresAt: parameters.expiresAt + 1 },
      { cost: 1 },
      { nonce: "0".repeat(32) },
      { salt: "0".repeat(32) },
      { keyPrefix: "00" },
      { keySignature: "0".repeat(64) },
      { extra: "1" },
    ];
    for (const change of changes) {
      const changed = { ...parameters, ...change };
      const forged = encode({ challenge: { ...challenge, parameters: changed }, solution });
      expect(await captcha.verify(w.ctx, changed.data.tenant as TenantId, forged)).toBeUndefined();
    }
  });
});

describe("what is no solution is refused without a fault", () => {
  const broken: [string, (payload: ReturnType<typeof decode>) => unknown][] = [
    ["a wrong key", (p) => ({ ...p, solution: { counter: 1, derivedKey: "0".repeat(64) } })],
    [
      "half a key",
      (p) => ({ ...p, solution: { ...p.solution, derivedKey: p.challenge.parameters.keyPrefix } }),
    ],
    ["a key of odd length", (p) => ({ ...p, solution: { counter: 1, derivedKey: "0" } })],
    ["a key that is no text", (p) => ({ ...p, solution: { counter: 1, derivedKey: 1 } })],
    ["no key", (p) => ({ ...p, solution: { counter: 1 } })],
    ["a counter that is none", (p) => ({ ...p, solution: { ...p.solution, counter: -1 } })],
    ["no solution", ({ challenge }) => ({ challenge })],
    ["a challenge without a signature", (p) => ({ ...p, challenge: { parameters: p.challenge.parameters } })],
    ["a signature that is no text", (p) => ({ ...p, challenge: { ...p.challenge, signature: [] } })],
    [
      "a signature in capitals",
      (p) => ({ ...p, challenge: { ...p.challenge, signature: p.challenge.signature.toUpperCase() } }),
    ],
    [
      "no tenant",
      (p) => ({ ...p, challenge: { ...p.challenge, parameters: { ...p.challenge.parameters, data: {} } } }),
    ],
    ["an array", () => []],
    ["null", () => null],
    ["a number", () => 1],
    ["prototype keys", () => JSON.parse('{"__proto__":{"challenge":{}},"constructor":1}')],
  ];
  for (const [what, change] of broken) {
    test(what, async () => {
      expect(await captcha.verify(w.ctx, ACME, encode(change(decode(token))))).toBeUndefined();
    });
  }

  const texts: [string, string][] = [
    ["nothing", ""],
    ["no base64", "%%%"],
    ["no JSON", btoa("{")],
    ["half of it", "eyJjaGFsbGVuZ2UiOns"],
    ["half a character", "\ud800"],
    ["deep nesting", btoa("[".repeat(3000))],
    ["deep objects", btoa(`${'{"a":'.repeat(600)}1${"}".repeat(600)}`)],
  ];
  for (const [what, text] of texts) {
    test(what, async () => expect(await captcha.verify(w.ctx, ACME, text)).toBeUndefined());
  }
});
