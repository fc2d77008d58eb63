// The clock of the machine stepping forth and back, by hours, days and years, as it does with a dead battery and a first NTP answer.
// What is judged by the time follows the clock; what was spent stays spent, no wait grows, and nothing becomes younger than it is.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createUpkeep } from "../../src/flows/upkeep.ts";
import { accepted, CONSUMERS } from "../support/consumers.ts";
import {
  eachOf,
  forgetTries,
  holderFor,
  KIND_NAMES,
  type KindName,
  KINDS,
  newHolder,
  openStage,
  type Stage,
} from "../support/credential-kinds.ts";
import { mfaOf, MINUTE, otherThan, withAda } from "../support/me-group.ts";

import { until } from "../support/outbox.ts";
import { makePerson, PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { portals } from "../support/portals.ts";
import { DAY, HOUR, signInForKey, signInForTokens } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { enrolEmail, mailedCode, town } from "../support/second-factors.ts";
import { type Answer, worldWithMail } from "../support/world.ts";

const YEAR = 365 * DAY;
const STEPS = { "an hour": HOUR, "a day": DAY, "three years": 3 * YEAR };

/** By which its holder is let in for as long as it lives: not spent by use. */
const LASTING: readonly KindName[] = [
  "access token",
  "session cookie",
  "API key of a login",
  "API key made by hand",
  "impersonation token",
  "acting cookie",
  "trusted-device token",
  "device cookie",
  "setup token",
  // Says yes once more during its life, and does nothing (decisions §2 tenant).
  "verify-email token",
  // Approving twice with the same answer is one answer (decisions §2 org).
  "public id of a waiting login",
];
const SPENT = KIND_NAMES.filter((name) => !LASTING.includes(name));

interface Spent {
  name: KindName;
  where: string;
  again: () => Promise<Answer>;
}

let w: Stage;
let upkeep: () => Promise<void>;
beforeAll(async () => {
  w = await openStage();
  upkeep = createUpkeep(w.ctx);
});
afterAll(() => w[Symbol.asyncDispose]());

/** Each kind, used up where it belongs. */
async function useUp(): Promise<Spent[]> {
  const used = await eachOf(SPENT, async (name): Promise<Spent[]> => {
    const [where, consumer] =
      Object.entries(CONSUMERS).find(([at, { takes }]) => takes.includes(name) && SPENDING.test(at)) ?? [];
    if (!where || !consumer) return [];
    const kind = KINDS[name];
    const holder = await holderFor(w, kind);
    const held = await kind.obtain(w, holder);
    const someone = kind.who === undefined ? holder : await newHolder(w);
    const extras = { ...(await consumer.prepare?.(w, someone)), ...held.extras };
    const offer = () => consumer.offer({ w, holder: someone, secret: held.secret, extras, at: "acme", held });
    const first = await offer();
    if (!accepted(consumer, first))
      throw new Error(`${name} at ${where}: ${first.status} ${JSON.stringify(first.body)}`);
    // Its successor too: within 10 s the same token may be answered once more (decisions §1), but not by then.
    if (name === "refresh token") await portal(w).refresh(first.body.refresh_token);
    return [{ name, where, again: offer }];
  });
  await forgetTries(w);
  return used.flat();
}
/** Consumers that only look, or send something, spend nothing. */
const SPENDING = /^(?!.*(callback|email\/send|webauthn\/begin))/;

const alive = async (spent: Spent[]): Promise<string[]> => {
  await forgetTries(w);
  const answers = await eachOf(spent, async ({ name, where, again }) => ({
    name,
    where,
    answer: await again(),
  }));
  return answers
    .filter(
      ({ where, answer }) =>
        answer.status >= 500 || accepted(CONSUMERS[where] ?? expect.unreachable(), answer),
    )
    .map(({ name, where, answer }) => `${name} at ${where}: ${answer.status}`);
};

describe("what was spent stays spent", () => {
  for (const [name, step] of Object.entries(STEPS)) {
    test(`with the clock ${name} back, and forth again`, async () => {
      const spent = await useUp();
      expect(spent.length).toBeGreaterThan(14);
      w.clock.advance(-step);
      expect(await alive(spent)).toEqual([]);
      w.clock.advance(step);
      expect(await alive(spent)).toEqual([]);
    }, 30_000);

    test(`with the clock ${name} ahead for a moment in which upkeep runs, and back`, async () => {
      const spent = await useUp();
      await upkeep();
      w.clock.advance(step);
      await upkeep();
      expect(await alive(spent)).toEqual([]);
      w.clock.advance(-step);
      expect(await alive(spent)).toEqual([]);
    }, 30_000);
  }
});

test("with the clock a day ahead for longer than upkeep rests", async () => {
  const spent = await useUp();
  await upkeep();
  w.clock.advance(DAY);
  await upkeep();
  // What was spent before it went wrong is an hour old when the second round frees its row.
  w.clock.advance(HOUR);
  await upkeep();
  w.clock.advance(-DAY);
  expect(await alive(spent)).toEqual([]);
}, 30_000);

test("a moment ahead in which upkeep runs costs nobody their session or key", async () => {
  await using t = await town();
  const rounds = createUpkeep(t.ctx);
  const { accessToken, refreshToken } = await signInForTokens(t.ctx, {
    userId: t.userId,
    tenantId: t.acme.id,
  });
  const key = await signInForKey(t.ctx, { userId: t.userId, tenantId: t.acme.id });
  t.clock.advance(3 * YEAR);
  await rounds();
  t.clock.advance(-3 * YEAR);
  for (const bearer of [accessToken, key])
    expect((await t.send("GET", "/v1/auth/load", { key: bearer })).status).toBe(200);
  expect((await portal(t).refresh(refreshToken)).status).toBe(200);
});

describe("nothing waits longer than the longest", () => {
  test("mail that was queued, put off or taken while the clock was ahead goes out, once", async () => {
    await using t = await worldWithMail();
    const ada = await withAda(t);
    void ada;
    t.clock.advance(3 * YEAR);
    await tenantOf(t, "acme").forgot("ada@example.com");
    t.clock.advance(-3 * YEAR);
    await t.mailbox.waitFor("ada@example.com");
    t.mailbox.mode = { do: "reject", code: 451 };
    t.clock.advance(3 * YEAR);
    await t.ctx.db.run`delete from limits`;
    await tenantOf(t, "acme").forgot("ada@example.com");
    await until(() => t.log.some((line) => line.includes("mail delayed")));
    t.clock.advance(-3 * YEAR);
    t.mailbox.mode = { do: "accept" };
    await t.mailbox.waitFor("ada@example.com");
    await Bun.sleep(600);
    expect(t.mailbox.mails).toHaveLength(2);
  });

  test("tries of an emailed code that were over while the clock was ahead", async () => {
    await using t = await withAda(await worldWithMail({ LIMIT_MAIL_GAP: "0" }));
    const me = mfaOf(t, { key: t.key });
    t.clock.advance(YEAR - HOUR);
    // A session of then, good for now: keys live 90 days.
    const { accessToken } = await signInForTokens(t.ctx, t.who);
    const then = mfaOf(t, { key: accessToken });
    expect((await then.post("/email/enable")).status).toBe(200);
    const code = await mailedCode(t);
    for (let i = 0; i < 5; i++) await then.post("/email/confirm", { code: otherThan(code) });
    expect((await then.post("/email/enable")).status).toBe(429);
    t.clock.advance(HOUR - YEAR);
    expect((await me.post("/email/enable")).status).toBe(200);
    expect((await me.post("/email/confirm", { code: await mailedCode(t) })).status).toBe(200);
  });

  test("sign-ins that waited for approval while the clock was ahead count no more", async () => {
    await using t = await town();
    await makePerson(t, t.acme, { email: "eve@example.com" });
    await enrolEmail(t, t.userId);
    t.clock.advance(YEAR);
    for (let i = 0; i < 4; i++) await portals(t).login("acme");
    expect((await portals(t).login("acme")).body.match_number).toBeNull();
    t.clock.advance(-YEAR);
    expect((await portals(t).login("acme")).body.match_number).toMatch(/^\d\d$/);
  });

  test("limits: a wait that was begun in the future is over", async () => {
    await using t = await town();
    t.clock.advance(YEAR);
    for (let i = 0; i < 8; i++) await portal(t).login("ada@example.com", "wrong", t.acme.id);
    expect((await portal(t).login("ada@example.com", PASSWORD, t.acme.id)).status).toBe(429);
    t.clock.advance(-YEAR);
    expect((await portal(t).login("ada@example.com", PASSWORD, t.acme.id)).status).toBe(200);
  });
});

describe("nothing is younger than it is", () => {
  test("a sign-in of the time when the clock was ahead is not fresh for years", async () => {
    await using t = await withAda(await worldWithMail());
    t.clock.advance(YEAR);
    const { refreshToken } = await signInForTokens(t.ctx, t.who);
    t.clock.advance(-YEAR);
    const { access_token: key } = (await portal(t).refresh(refreshToken)).body;
    expect((await t.send("POST", "/api/v1/me/keys", { key, body: { name: "x" } })).body.code).toBe(
      "REAUTH_REQUIRED",
    );
    expect((await t.send("POST", "/api/v1/me/mfa/totp/enable", { key })).body.code).toBe("REAUTH_REQUIRED");
  });

  test("a moment back takes nobody's freshness away", async () => {
    await using t = await withAda(await worldWithMail());
    const { accessToken: key, refreshToken } = await signInForTokens(t.ctx, t.who);
    void key;
    t.clock.advance(-2_000);
    const next = (await portal(t).refresh(refreshToken)).body.access_token;
    expect((await t.send("POST", "/api/v1/me/keys", { key: next, body: { name: "x" } })).status).toBe(201);
  });

  test("a continuation token of the future is no good for longer than its 5 or 10 minutes", async () => {
    await using t = await town();
    t.clock.advance(YEAR);
    const { flow_token } = (await portal(t).identify("ada@example.com")).body;
    t.clock.advance(-YEAR);
    const body = { flow_token, password: PASSWORD, tenant_id: t.acme.id };
    expect((await portal(t).authenticate(body)).status).toBe(401);
    t.clock.advance(YEAR);
    expect((await portal(t).authenticate(body)).status).toBe(200);
  });

  test("an access token of the future waits until then", async () => {
    await using t = await town();
    t.clock.advance(HOUR);
    const { accessToken: key } = await signInForTokens(t.ctx, { userId: t.userId, tenantId: t.acme.id });
    t.clock.advance(-HOUR);
    expect((await t.send("GET", "/v1/auth/load", { key })).status).toBe(401);
    t.clock.advance(HOUR + MINUTE);
    expect((await t.send("GET", "/v1/auth/load", { key })).status).toBe(200);
  });
});

test("everybody signs in with the clock anywhere, and every id is new", async () => {
  await using t = await town({ LIMIT_FREE_FAILURES: "50" });
  const ids: string[] = [];
  const rounds = createUpkeep(t.ctx);
  for (const step of [0, YEAR, -2 * YEAR, 3 * DAY, YEAR, -HOUR, -10 * YEAR, 11 * YEAR]) {
    t.clock.advance(step);
    const answers = [
      await portal(t).signIn("ada@example.com", PASSWORD, t.acme.id),
      await tenantOf(t, "acme").login("ada@example.com", PASSWORD),
      await portals(t).login("acme"),
      await t.send("GET", "/readyz"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const key: string = answers[0]?.body.access_token ?? "";
    expect((await t.send("GET", "/v1/auth/load", { key })).status).toBe(200);
    await rounds();
  }
  for (const table of ["audit", "sessions"] as const) {
    const rows =
      table === "audit"
        ? await t.ctx.db.all<{ id: string }>`select id from audit`
        : await t.ctx.db.all<{ id: string }>`select id from sessions`;
    ids.push(...rows.map(({ id }) => id));
  }
  expect(new Set(ids).size).toBe(ids.length);
  expect(t.log.filter((line) => line.includes('"fault"'))).toEqual([]);
});
