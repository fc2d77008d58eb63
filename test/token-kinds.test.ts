// A secret of one kind is worth nothing where another is asked for (decisions §1, A01–A03). Every kind is a row of
// support/credential-kinds.ts, everything that asks for one a row of support/consumers.ts or a guarded route: each is offered at
// each that is not its own.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createApp } from "../src/server.ts";
import { told } from "./support/audit-log.ts";
import { takesCookies } from "./support/cookie-routes.ts";
import { accepted, CONSUMERS, type Consumer, refused } from "./support/consumers.ts";
import {
  eachOf,
  forgetTries,
  type Held,
  type Holder,
  holderFor,
  KIND_NAMES,
  type KindName,
  KINDS,
  newHolder,
  openStage,
  type Stage,
  stateOf,
} from "./support/credential-kinds.ts";
import { setUpAdmin } from "./support/key-group.ts";
import { rejection } from "./support/rejected.ts";
import { withCookie } from "./support/tenant-group.ts";
import { send, world } from "./support/world.ts";

interface Owned {
  holder: Holder;
  held: Held;
  /** Who can sign in: the holder, or else somebody. */
  someone: Holder;
}

const guarded: { method: string; path: string; takesCookies: boolean }[] = await (async () => {
  await using w = await world();
  return createApp(w.ctx)
    .routes.filter(({ hooks }) => (hooks.detail?.security?.length ?? 0) > 0)
    .map(({ method, path }) => ({
      method,
      path: path.replaceAll(/:tenant\w*/g, "acme").replaceAll(/:\w+/g, "sample"),
      takesCookies: takesCookies(path),
    }));
})();

let w: Stage;
let collectedAt = 0;
const owned = new Map<KindName, Owned>();

async function own(name: KindName): Promise<Owned> {
  const kind = KINDS[name];
  const holder = await holderFor(w, kind);
  const held = await kind.obtain(w, holder);
  await forgetTries(w);
  return { holder, held, someone: kind.who === undefined ? holder : await newHolder(w) };
}

beforeAll(async () => {
  w = await openStage();
  for (const name of KIND_NAMES) owned.set(name, await own(name));
  collectedAt = w.clock.now();
});
afterAll(() => w[Symbol.asyncDispose]());

/** Nothing expires meanwhile: what is refused is refused for its kind. */
const rewind = () => w.clock.advance(collectedAt - w.clock.now());
const of = (name: KindName): Owned => owned.get(name) ?? expect.unreachable();
const shown = (name: KindName): string => encodeURIComponent(of(name).held.secret);
/** Events of a request that was refused, or asked for more. */
const TELLS = /failed$|refused$|limited$|reused$|rejected$|second_factor_due$/;
const bearers = CONSUMERS["Bearer"]?.takes ?? [];
const noBearers = KIND_NAMES.filter((name) => !bearers.includes(name));

test("there are kinds, consumers and routes to hold against each other", () => {
  expect(KIND_NAMES.length).toBeGreaterThan(20);
  expect(Object.keys(CONSUMERS).length).toBeGreaterThan(30);
  expect(guarded.length).toBeGreaterThan(40);
});

describe("no other kind is taken, and nothing changed, at", () => {
  beforeEach(rewind);
  for (const [where, consumer] of Object.entries(CONSUMERS)) {
    const others = KIND_NAMES.filter((name) => !consumer.takes.includes(name));
    test(`${where}: ${others.length} of them`, async () => {
      const offers = await eachOf(others, async (name) => {
        const { held, someone: holder } = of(name);
        const extras = (await consumer.prepare?.(w, holder)) ?? {};
        return { name, offer: { w, holder, secret: held.secret, extras, at: "acme" } };
      });
      const before = stateOf(w);
      const answers = await eachOf(
        offers,
        async ({ name, offer }) => [name, await consumer.offer(offer)] as const,
      );
      await forgetTries(w);
      expect(answers.filter(([, answer]) => !refused(consumer, answer))).toEqual([]);
      expect(stateOf(w)).toEqual(before);
      const rowsOf = await told(w);
      for (const [name, answer] of answers) {
        // A wrong shape is no refusal, nor is a sign-in that goes on or still waits.
        if (answer.status < 400 || answer.status === 422) continue;
        const rows = rowsOf(answer);
        expect([name, rows.at(-1)?.event]).toEqual([name, expect.stringMatching(TELLS)]);
        // Six digits stand in many a number.
        const { secret } = of(name).held;
        expect([name, secret.length > 8 && JSON.stringify(rows).includes(secret)]).toEqual([name, false]);
      }
    });
  }
});

describe("no guarded route takes", () => {
  beforeEach(rewind);
  const askAll = (options: object, routes = guarded) =>
    eachOf(routes, async ({ method, path }) => {
      const body = method === "GET" || method === "HEAD" ? {} : { body: {} };
      const { status, headers } = await w.send(method, path, { ...options, ...body });
      return { what: `${method} ${path}`, status, challenge: headers.get("www-authenticate") };
    });

  for (const name of noBearers) {
    test(`as a Bearer: ${name}; nor does logging out by it end anything`, async () => {
      const before = stateOf(w);
      const key = shown(name);
      const taken = (await askAll({ key })).filter(
        ({ status, challenge }) => status !== 401 || !challenge?.startsWith("Bearer"),
      );
      expect(taken).toEqual([]);
      expect((await w.send("POST", "/api/v1/auth/logout", { key, body: {} })).status).toBe(200);
      expect(stateOf(w)).toEqual(before);
    });
  }
  for (const name of KIND_NAMES) {
    test(`as a session cookie: ${name}`, async () => {
      const before = stateOf(w);
      const cookie = withCookie(shown(name));
      const isOne = name === "session cookie";
      const routes = guarded.filter(({ takesCookies }) => !(isOne && takesCookies));
      expect((await askAll(cookie, routes)).filter(({ status }) => status !== 401)).toEqual([]);
      if (!isOne) await w.send("POST", "/api/v1/auth/logout", { ...cookie, body: {} });
      expect(stateOf(w)).toEqual(before);
    });
  }
});

test("setup/ takes its own token alone, and where it is not truly local asks for it", async () => {
  await using empty = await world();
  const setUp = (setup_token: string) =>
    send(empty.origin, "POST", "/api/v1/auth/setup/", {
      body: { username: "admin", password: "mypassword", setup_token },
      headers: { via: "1.1 proxy" },
    });
  for (const name of KIND_NAMES) {
    if (name === "setup token") continue;
    const before = stateOf(empty);
    const { status } = await setUp(of(name).held.secret);
    // Longer than any of its kind: 422.
    expect([name, status]).toEqual([name, of(name).held.secret.length > 256 ? 422 : 403]);
    expect(stateOf(empty)).toEqual(before);
  }
  expect((await setUp(of("setup token").held.secret)).status).toBe(200);
  expect(await rejection(setUpAdmin(empty))).toContain("409");
});

describe("after all that", () => {
  const offer = async (consumer: Consumer, { held, someone: holder }: Owned) => {
    const extras = { ...(await consumer.prepare?.(w, holder)), ...held.extras };
    const answer = await consumer.offer({ w, holder, secret: held.secret, extras, at: "acme", held });
    expect({ answer, isAccepted: accepted(consumer, answer) }).toMatchObject({ isAccepted: true });
  };
  for (const name of KIND_NAMES) {
    const rows = Object.entries(CONSUMERS).filter(([, { takes }]) => takes.includes(name));
    for (const [i, [where, consumer]] of rows.entries()) {
      test(`${name} works at ${where}`, async () => {
        if (i === 0) rewind();
        // At the others a new one, so that none refuses everybody.
        await offer(consumer, i === 0 ? of(name) : await own(name));
      });
    }
  }
});
