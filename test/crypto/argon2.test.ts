// The hasher as the server uses it: real Workers, real argon2id, cost made small.
import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createHasher, type Hasher, MalformedHash, type Place } from "../../src/crypto/argon2.ts";
import { Unavailable } from "../../src/errors.ts";
import { rejected } from "../support/rejected.ts";

const CHEAP = { memoryKib: 8, passes: 1 };
const CORES = availableParallelism();
/** Of "password". */
const COSTLY = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

const open: Hasher[] = [];
function hasher(queueLimit = 1000, cost = CHEAP): Omit<Place, typeof Symbol.dispose> {
  const made = createHasher(cost, queueLimit);
  open.push(made);
  return {
    async hash(password) {
      using place = made.reserve();
      return await place.hash(password);
    },
    async verify(password, phc) {
      using place = made.reserve();
      return await place.verify(password, phc);
    },
  };
}
const closeAll = () => {
  for (const made of open.splice(0)) made.close();
};
afterEach(closeAll);

describe("hash and verify", () => {
  test("belong together, and the PHC string says the cost", async () => {
    const argon2 = hasher(1000, { memoryKib: 16, passes: 2 });
    const phc = await argon2.hash("correct horse");
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=16,t=2,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]{43}$/);
    expect(await argon2.verify("correct horse", phc)).toBe(true);
    expect(await argon2.verify("correct horsf", phc)).toBe(false);
    expect(await argon2.verify("", phc)).toBe(false);
  });

  test("each hash has a salt of its own", async () => {
    const argon2 = hasher();
    const hashes = await Promise.all(Array.from({ length: 8 }, () => argon2.hash("the same")));
    expect(new Set(hashes.map((phc) => phc.split("$")[4])).size).toBe(8);
  });

  // Of the reference implementation's own tests (P-H-C/phc-winner-argon2, src/test.c).
  const known: [string, string][] = [
    ["password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"],
    ["password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"],
    ["password", COSTLY],
  ];
  for (const [password, phc] of known) {
    test(`known answer ${phc}`, async () => {
      const argon2 = hasher();
      expect(await argon2.verify(password, phc)).toBe(true);
      expect(await argon2.verify("passwore", phc)).toBe(false);
    });
  }

  const malformed = [
    "",
    "mypassword",
    "$argon2id$",
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ",
    "$argon2id$v=19$m=8,t=1,p=1$****$****",
    "$argon2id$v=19$m=x,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  ];
  for (const phc of malformed) {
    test(`a malformed PHC string is an error, and no Worker is lost by it: ${JSON.stringify(phc)}`, async () => {
      const argon2 = hasher();
      const answers = await Promise.allSettled(
        Array.from({ length: 2 * CORES + 1 }, () => argon2.verify("mypassword", phc)),
      );
      for (const answer of answers)
        expect(answer.status === "rejected" && answer.reason).toBeInstanceOf(MalformedHash);
      expect(await argon2.verify("mypassword", await argon2.hash("mypassword"))).toBe(true);
    });
  }
});

test("a hash that cannot be made now, as for want of memory, is Unavailable", async () => {
  // Below what argon2 takes: it fails as it would without memory, and the machine keeps its own.
  expect(await rejected(hasher(1000, { memoryKib: 1, passes: 1 }).hash("mypassword"))).toBeInstanceOf(
    Unavailable,
  );
});

describe("the queue", () => {
  test("past its limit refuses at once, and what it took in is done all the same", async () => {
    const limit = 3;
    const argon2 = hasher(limit);
    const jobs = Array.from({ length: CORES + limit + 4 }, () => argon2.hash("a password"));
    const answers = await Promise.allSettled(jobs);
    expect(answers.map(({ status }) => status)).toEqual([
      ...Array<"fulfilled">(CORES + limit).fill("fulfilled"),
      ...Array<"rejected">(4).fill("rejected"),
    ]);
    const { reason } = answers.find((answer) => answer.status === "rejected") ?? {};
    expect(reason).toBeInstanceOf(Unavailable);
    expect(reason).toMatchObject({ retryAfterS: 1 });
    expect(await argon2.hash("later")).toStartWith("$argon2id$");
  });

  test("answers each caller with their own result", async () => {
    const argon2 = hasher();
    const passwords = Array.from({ length: 20 }, (_, i) => `password ${i}`);
    const hashes = await Promise.all(passwords.map((password) => argon2.hash(password)));
    const mine = await Promise.all(hashes.map((phc, i) => argon2.verify(`password ${i}`, phc)));
    const next = await Promise.all(hashes.map((phc, i) => argon2.verify(`password ${i + 1}`, phc)));
    expect([new Set(mine), new Set(next)]).toEqual([new Set([true]), new Set([false])]);
  });
});

describe("answers", () => {
  /** How many came in one go, of those that were asked for at once. */
  async function together(howMany: number): Promise<number[]> {
    const argon2 = hasher(1000, { memoryKib: 1024, passes: 3 });
    const goes: number[] = [];
    let inThisGo = 0;
    const count = () => {
      if (inThisGo++ === 0)
        queueMicrotask(() =>
          queueMicrotask(() => {
            goes.push(inThisGo);
            inThisGo = 0;
          }),
        );
    };
    await Promise.all(Array.from({ length: howMany }, () => argon2.hash("a password").then(count)));
    await Bun.sleep(0);
    return goes;
  }

  test("come four at a time while others wait for a Worker, and each by itself when nobody does", async () => {
    const waiting = 12;
    const goes = await together(2 * CORES + waiting);
    expect(goes.slice(0, waiting / 4)).toEqual([4, 4, 4]);
    expect(goes.slice(waiting / 4)).toEqual(Array<number>(2 * CORES).fill(1));
  });

  test("that wait for others are given when it is closed, and nobody is left waiting", async () => {
    const argon2 = hasher();
    // With every Worker started.
    const [quick = ""] = await Promise.all(Array.from({ length: CORES }, () => argon2.hash("password")));
    const five = Array.from({ length: 5 }, () => argon2.verify("password", quick));
    const others = Array.from({ length: 2 * CORES + 8 }, () => argon2.verify("password", COSTLY));
    const given: boolean[] = [];
    for (const one of five) void one.then((answer) => given.push(answer));
    while (given.length < 4) await Bun.sleep(1);
    // In which the fifth is done too, most likely, and waits for three of the others.
    await Bun.sleep(50);
    closeAll();
    const ends = await Promise.allSettled([...five, ...others]);
    expect(ends.at(-1)).toMatchObject({ status: "rejected", reason: expect.any(Unavailable) });
  });

  test("come at once to as many as the Workers have in hand", async () => {
    expect(await together(2 * CORES)).toEqual(Array<number>(2 * CORES).fill(1));
  });
});

describe.skipIf(process.platform !== "linux")("on Linux", () => {
  /** Of a thread of this process; undefined when it has just ended. */
  const statOf = (thread: string): string | undefined => {
    try {
      return readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
    } catch {
      return undefined;
    }
  };
  /** The nice value of every thread of this process (proc_pid_stat(5), field 19). */
  const niceness = () =>
    new Map(
      readdirSync("/proc/self/task").flatMap((thread): [string, number][] => {
        const stat = statOf(thread);
        if (stat === undefined) return [];
        // The name, field 2, may hold spaces: count from its closing bracket on.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [[thread, Number(fields[19 - 3])]];
      }),
    );

  test("the Workers run at low priority, and the thread that serves requests does not", async () => {
    const before = niceness();
    const argon2 = hasher();
    await Promise.all(Array.from({ length: CORES * 4 }, () => argon2.hash("a password")));
    const after = niceness();
    const fresh = [...after].filter(([thread, nice]) => nice === 10 && before.get(thread) !== 10);
    expect(fresh.length).toBeGreaterThanOrEqual(CORES);
    expect(after.get(String(process.pid))).toBe(before.get(String(process.pid)) ?? Number.NaN);
  });
});
