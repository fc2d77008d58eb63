// Known answers: RFC 6238 appendix B, SHA-1, through the device table and the clock of a real server.
import { describe, expect, test } from "bun:test";
import { transaction } from "../../src/context.ts";
import type { UserId } from "../../src/core/ids.ts";
import { begin, confirm, consume, isEnabled } from "../../src/core/totp.ts";
import { seal } from "../../src/crypto/seal.ts";
import { totpCode, wrongCode } from "../support/key-group.ts";
import { type World, world } from "../support/world.ts";

/** "12345678901234567890" in base32. */
const SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const STEP_S = 30;
const USER = "usr_1" as UserId;

/** The RFC prints eight digits; six are their end (RFC 4226 §5.3). */
const VECTORS: [number, string][] = [
  [59, "94287082"],
  [1111111109, "07081804"],
  [1111111111, "14050471"],
  [1234567890, "89005924"],
  [2000000000, "69279037"],
  [20000000000, "65353130"],
];

async function addUser({ ctx }: World): Promise<void> {
  await ctx.db.run`
    insert into users (id, realm, username, username_canonical, created_at) values (${USER}, 'instance', 'x', 'x', 1)`;
}

/** A confirmed device with the seed of the RFC. */
async function addDevice({ ctx }: World, boundTo = `totp_devices/tot_1/${USER}`): Promise<void> {
  const sealed = seal(ctx.keys.seal, ctx.random(12), boundTo, SEED);
  await ctx.db.run`
    insert into totp_devices (id, user_id, secret_sealed, confirmed_at, last_step, failures, created_at)
    values ('tot_1', ${USER}, ${sealed}, 1, 0, 0, 1)`;
}

/** Sets the clock into the middle of a step, so that the test has 15 s to take. */
function setClock({ clock }: World, step: number): void {
  clock.advance((step * STEP_S + STEP_S / 2) * 1000 - clock.now());
}

const spend = ({ ctx }: World, code: string) => transaction(ctx, (ctx) => consume(ctx, USER, code));

describe("the codes of RFC 6238", () => {
  for (const [seconds, digits] of VECTORS) {
    const step = Math.floor(seconds / STEP_S);
    const code = digits.slice(-6);
    const shifts: [number, boolean][] = [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ];
    for (const [shift, accepted] of shifts) {
      if (step + shift < 0) continue;
      test(`${code} of T=${seconds} is ${accepted ? "accepted" : "refused"} ${shift} steps later`, async () => {
        await using w = await world();
        await addUser(w);
        await addDevice(w);
        setClock(w, step + shift);
        expect(await spend(w, code)).toBe(accepted);
      });
    }
  }
});

describe("a code", () => {
  async function enrolled() {
    const w = await world();
    await addUser(w);
    await addDevice(w);
    setClock(w, 50_000_000);
    return w;
  }
  const device = ({ ctx }: World) =>
    ctx.db.get<{ last_step: number; failures: number }>`select last_step, failures from totp_devices`;

  test("works once, and writes its step down", async () => {
    await using w = await enrolled();
    const code = totpCode(w.clock, SEED);
    expect(await spend(w, code)).toBe(true);
    expect(await device(w)).toEqual({ last_step: 50_000_000, failures: 0 });
    expect(await spend(w, code)).toBe(false);
  });

  test("older than the last accepted one is refused, a later one is not", async () => {
    await using w = await enrolled();
    expect(await spend(w, totpCode(w.clock, SEED))).toBe(true);
    expect(await spend(w, totpCode(w.clock, SEED, -1))).toBe(false);
    expect(await spend(w, totpCode(w.clock, SEED, 1))).toBe(true);
  });

  test("is accepted for exactly one of 32 that send it at once", async () => {
    await using w = await enrolled();
    const code = totpCode(w.clock, SEED);
    const answers = await Promise.all(Array.from({ length: 32 }, () => spend(w, code)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  const misshapen = ["", "1", "28708", "2870820", "28708a", " 287082", "287082\n", "２８７０８２", "-87082"];
  for (const code of misshapen) {
    test(`that is no six digits is a wrong one: ${JSON.stringify(code)}`, async () => {
      await using w = await enrolled();
      setClock(w, 1);
      expect(await spend(w, code)).toBe(false);
      expect(await device(w)).toEqual({ last_step: 0, failures: 1 });
    });
  }

  test("that is wrong counts, and the next right one starts anew", async () => {
    await using w = await enrolled();
    for (let i = 0; i < 3; i++) expect(await spend(w, wrongCode(w.clock, SEED))).toBe(false);
    expect((await device(w))?.failures).toBe(3);
    expect(await spend(w, totpCode(w.clock, SEED))).toBe(true);
    expect((await device(w))?.failures).toBe(0);
  });

  test("after a hundred wrong ones is refused even if it is right, and the factor stays on", async () => {
    await using w = await enrolled();
    await w.ctx.db.run`update totp_devices set failures = 100`;
    expect(await spend(w, totpCode(w.clock, SEED))).toBe(false);
    expect(await isEnabled(w.ctx, USER)).toBe(true);
  });

  test("of another user's device, copied over, opens nothing", async () => {
    await using w = await world();
    await addUser(w);
    await addDevice(w, "totp_devices/tot_1/usr_2");
    setClock(w, 50_000_000);
    expect(await spend(w, totpCode(w.clock, SEED)).catch(() => "not opened")).toBe("not opened");
  });
});

describe("enrolment", () => {
  test("makes a seed of 160 bits from the Context's random bytes, sealed at rest", async () => {
    await using w = await world();
    await addUser(w);
    const seed = new TextEncoder().encode("12345678901234567890");
    const random = (bytes: number) => (bytes === 20 ? seed : w.ctx.random(bytes));
    expect((await begin({ ...w.ctx, random }, USER))?.secret).toBe(SEED);
    const row = await w.ctx.db.get<{ sealed: string }>`select secret_sealed as sealed from totp_devices`;
    expect(Buffer.from(row?.sealed ?? "", "base64url").includes(SEED)).toBe(false);
    expect((await begin(w.ctx, USER))?.secret).toMatch(/^[A-Z2-7]{32}$/);
  });

  test("is finished by a code, which is spent by that", async () => {
    await using w = await world();
    await addUser(w);
    const secret = (await begin(w.ctx, USER))?.secret ?? "";
    expect(await isEnabled(w.ctx, USER)).toBe(false);
    expect(await spend(w, totpCode(w.clock, secret))).toBe(false);
    setClock(w, 50_000_000);
    const code = totpCode(w.clock, secret);
    expect(await transaction(w.ctx, (ctx) => confirm(ctx, USER, code))).toBe(true);
    expect(await isEnabled(w.ctx, USER)).toBe(true);
    expect(await spend(w, code)).toBe(false);
    expect(await begin(w.ctx, USER)).toBeUndefined();
  });
});
