// Signing in with a passkey alone: from whoever it names, to where they may go.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import type { UserId } from "../../../src/core/ids.ts";
import type { Tenant } from "../../../src/core/tenants.ts";
import { userHandleOf } from "../../../src/flows/passkey-options.ts";
import type { Authenticator, Flaws } from "../../support/authenticator.ts";
import {
  beginAssertion,
  newAuthenticator,
  passkeyAlone,
  passkeysOf,
  passwordOf,
  stateOf,
} from "../../support/passkeys.ts";
import {
  makePerson,
  makeTenant,
  type PersonOptions,
  suspend,
  type TenantOptions,
} from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
import { enrolEmail, enrolTotp, makeBackupCodes } from "../../support/second-factors.ts";
import { MINUTE, signInForTokens } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { type Answer, audited, dump, type World, world } from "../../support/world.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";

interface Someone {
  userId: UserId;
  authenticator: Authenticator;
}

async function someone(
  w: World,
  into: Tenant | [Tenant, ...Tenant[]],
  options: PersonOptions,
  kind: Parameters<typeof newAuthenticator>[1] = {},
): Promise<Someone> {
  const [home] = [into].flat();
  if (!home) throw new Error("nowhere");
  const userId = await makePerson(w, into, options);
  const { accessToken } = await signInForTokens(w.ctx, { userId, tenantId: home.id });
  const authenticator = newAuthenticator(w, kind);
  const { status, body } = await passkeysOf(w, accessToken).add(authenticator);
  if (status !== 200) throw new Error(`not enrolled: ${JSON.stringify(body)}`);
  await w.ctx.db.run`delete from sessions where user_id = ${userId}`;
  return { userId, authenticator };
}

/** Ada, of acme and then of beta, and Bob of acme. Nobody is signed in. */
async function town(settings: Parameters<typeof world>[0] = {}, at: TenantOptions = {}) {
  const w = await world(settings);
  const acme = await makeTenant(w, "acme", at);
  const beta = await makeTenant(w, "beta");
  const iso = await makeTenant(w, "iso", { identity: "isolated" });
  const ada = await someone(w, [acme, beta], { email: ADA });
  const bob = await someone(w, acme, { email: BOB });
  return Object.assign(w, { acme, beta, iso, ada, bob });
}
type Town = Awaited<ReturnType<typeof town>>;

const REFUSED = { detail: "Invalid credentials", code: "INVALID_CREDENTIALS" };
const refusal = ({ status, body }: Answer) => [status, body];
const sessionsOf = (w: World): unknown[] => dump(w)["sessions"] ?? [];
const lastAudited = async (w: World) => (await audited(w)).at(-1);
const whereAmI = async (w: World, answer: Answer) =>
  (await w.send("GET", "/api/v1/me", withCookie(cookieFrom(answer, "session")))).body;

describe("asking for a passkey", () => {
  test("names nobody, asks for a verified user, and leaves no row, however often", async () => {
    await using w = await town();
    // Mails of before are still being tried.
    const rows = () => ({ ...dump(w), outbox: [] });
    const before = rows();
    const { status, body } = await w.send("POST", "/api/v1/auth/passkey/begin");
    expect([status, body]).toEqual([
      200,
      {
        challenge_id: expect.any(String),
        options: {
          rpId: "localhost",
          challenge: expect.stringMatching(/^[\w-]{43}$/),
          timeout: 300_000,
          allowCredentials: [],
          userVerification: "required",
        },
      },
    ]);
    const asked = await Promise.all(Array.from({ length: 200 }, () => passkeyAlone(w).begin()));
    expect(new Set(asked.map(({ body }) => body.options.challenge)).size).toBe(200);
    expect((await passkeyAlone(w).begin({ tenant: "acme" })).body.options).toMatchObject({
      allowCredentials: [],
    });
    expect(rows()).toEqual(before);
    // The client is told nothing in the token that it does not know.
    expect(decodeJwt(body.challenge_id)).toEqual({
      sub: "anyone",
      jti: body.options.challenge,
      iss: w.origin,
      aud: "ostiary:passkey",
      exp: expect.any(Number),
    });
  });

  test("for a tenant that is not there, or is switched off, is the 404 of such a tenant", async () => {
    await using w = await town();
    await w.ctx.db.run`update tenants set disabled_at = 1 where id = ${w.beta.id}`;
    for (const tenant of ["nowhere", "beta", ""]) {
      const { status, body } = await passkeyAlone(w).begin({ tenant });
      expect([tenant, status, body.code]).toEqual([tenant, 404, "TENANT_NOT_FOUND"]);
    }
    for (const tenant of [1, ["acme"], "x".repeat(65)])
      expect((await passkeyAlone(w).begin({ tenant })).status).toBe(422);
    expect((await passkeyAlone(w).begin({ tenant: null })).status).toBe(200);
  });
});

describe("a passkey alone signs in", () => {
  test("whoever it names, with the cookie of a session that has shown two factors", async () => {
    await using w = await town();
    const answer = await passkeyAlone(w).signIn(w.ada.authenticator);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        status: "SUCCESS",
        session_id: expect.stringMatching(/^ses_[0-9a-f]{32}$/),
        tenant: "acme",
        redirect_uri: null,
        user: expect.objectContaining({
          id: w.ada.userId,
          email: ADA,
          tenant_id: w.acme.id,
          mfa_enabled: true,
        }),
      },
    ]);
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, "=…"));
    expect(cookies).toEqual([
      expect.stringMatching(/^ostiary_device=…; Path=\/; HttpOnly; SameSite=Lax; Max-Age=/),
      expect.stringMatching(/^ostiary_acting=;.*; Max-Age=0$/),
      "ostiary_session=…; Path=/; HttpOnly; SameSite=Lax",
    ]);
    const cookie = withCookie(cookieFrom(answer, "session"));
    expect((await w.send("GET", "/api/v1/me", cookie)).body).toMatchObject({ id: w.ada.userId });
    const { data } = (await w.send("GET", "/api/v1/me/sessions", cookie)).body;
    expect(data).toEqual([expect.objectContaining({ id: answer.body.session_id, amr: ["hwk", "mfa"] })]);
    // Fresh, and as strong as may be asked for: another passkey can be added with it.
    expect((await passkeysOf(w, cookie).add(newAuthenticator(w))).status).toBe(200);
    expect(await audited(w)).toContain("login.succeeded: hwk mfa");
    expect(dump(w)["passkeys"]).toContainEqual(
      expect.objectContaining({ user_id: w.ada.userId, sign_count: 1, last_used_at: expect.any(Number) }),
    );
    expect(dump(w)["known_addresses"]).toEqual([expect.objectContaining({ user_id: w.ada.userId })]);
  });

  test("and says where a key is synced; keeps the cookie where that is asked for, and goes on where the tenant says", async () => {
    const at = { redirect_uris: ["https://app.example/in"], default_redirect_uri: "https://app.example/in" };
    await using w = await town({}, at);
    const eve = await someone(w, w.acme, { email: "eve@example.com" }, { backupEligible: true });
    const answer = await passkeyAlone(w).signIn(eve.authenticator, {}, { remember_me: true });
    expect(answer.body.redirect_uri).toBe("https://app.example/in");
    expect(answer.headers.getSetCookie().at(-1)).toMatch(/^ostiary_session=.*; Max-Age=86400$/);
    expect(await lastAudited(w)).toBe("login.succeeded: swk mfa");
  });

  test("where the user was last, or at the tenant that is named, at whichever step", async () => {
    await using w = await town();
    const { begin, complete, signIn } = passkeyAlone(w);
    const at = async (answer: Answer) => [answer.body.tenant, (await whereAmI(w, answer)).tenant_id];
    const { authenticator } = w.ada;
    expect(await at(await signIn(authenticator, {}, { tenant: "beta" }))).toEqual(["beta", w.beta.id]);
    w.clock.advance(MINUTE);
    expect(await at(await signIn(authenticator))).toEqual(["beta", w.beta.id]);
    for (const again of [{}, { tenant: "acme" }, { tenant: null }]) {
      const { challenge_id, options } = (await begin({ tenant: "acme" })).body;
      const answer = await complete({ challenge_id, credential: authenticator.get(options), ...again });
      expect(await at(answer)).toEqual(["acme", w.acme.id]);
    }
    const { challenge_id, options } = (await begin({ tenant: "acme" })).body;
    const moved = { challenge_id, credential: authenticator.get(options), tenant: "beta" };
    expect(refusal(await complete(moved))).toEqual([401, REFUSED]);
    expect(await lastAudited(w)).toBe("login.failed: passkey: challenge of another tenant");
  });

  test("who belongs to an isolated tenant, there", async () => {
    await using w = await town();
    const ida = await someone(w, w.iso, { email: ADA });
    for (const more of [{}, { tenant: "iso" }]) {
      const { status, body } = await passkeyAlone(w).signIn(ida.authenticator, {}, more);
      expect([status, body.tenant, body.user.id]).toEqual([200, "iso", ida.userId]);
    }
    expect((await passkeyAlone(w).signIn(w.ada.authenticator)).body.user.id).toBe(w.ada.userId);
  });

  test("where the tenant asks for a second factor and the user has every kind: nothing further is due", async () => {
    await using w = await town({}, { mfa_policy: "required" });
    await enrolTotp(w, w.ada.userId);
    await enrolEmail(w, w.ada.userId);
    await makeBackupCodes(w, w.ada.userId);
    const answer = await passkeyAlone(w).signIn(w.ada.authenticator, {}, { tenant: "acme" });
    expect(answer.body.status).toBe("SUCCESS");
    expect(sessionsOf(w)).toEqual([expect.objectContaining({ amr: "hwk mfa", restricted_at: null })]);
    const cookie = withCookie(cookieFrom(answer, "session"));
    expect((await w.send("POST", "/api/v1/me/keys", { ...cookie, body: { name: "ci" } })).status).toBe(201);
  });

  test("also with no counter at all, again and again", async () => {
    await using w = await town();
    w.ada.authenticator.countsUp = false;
    for (let i = 0; i < 3; i++) expect((await passkeyAlone(w).signIn(w.ada.authenticator)).status).toBe(200);
  });
});

describe("refused alike, for a reason that the audit log alone knows, with nothing changed:", () => {
  let w: Town;
  beforeAll(async () => {
    w = await town({ LIMIT_ADDRESS_FAILURES: "1000" });
  });
  afterAll(() => w[Symbol.asyncDispose]());

  async function refuse(reason: string | RegExp, show: () => Promise<Answer>) {
    const before = stateOf(w);
    const answer = await show();
    expect(refusal(answer)).toEqual([401, REFUSED]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(stateOf(w)).toEqual(before);
    const rows = await w.ctx.db.all<{ reason: string; request_id: string }>`
      select reason, request_id from audit order by id desc limit 1`;
    const request_id = answer.headers.get("x-request-id");
    const said = typeof reason === "string" ? reason : expect.stringMatching(reason);
    expect(rows).toEqual([{ reason: said, request_id: request_id ?? "" }]);
    return answer;
  }

  const FLAWS: Record<string, [flaws: (w: Town) => Flaws, reason: string | RegExp]> = {
    "a user who was not verified": [() => ({ flags: { uv: false } }), /^passkey: User verification/],
    "nobody who was there": [() => ({ flags: { up: false } }), /^passkey: User not present/],
    "no user handle": [() => ({ userHandle: null }), "passkey: no user handle"],
    "an empty user handle": [() => ({ userHandle: "" }), "passkey: user handle of another"],
    "the user handle of another": [
      ({ bob }) => ({ userHandle: userHandleOf(bob.userId) }),
      "passkey: user handle of another",
    ],
    "another's credential": [
      ({ bob }) => ({ credentialId: bob.authenticator.credentialId }),
      "passkey: user handle of another",
    ],
    "another's credential and handle": [
      ({ bob }) => ({
        credentialId: bob.authenticator.credentialId,
        userHandle: userHandleOf(bob.userId),
      }),
      "passkey: signature does not verify",
    ],
    "a credential that nobody has": [
      () => ({ credentialId: Buffer.alloc(32, 7) }),
      "passkey: unknown credential",
    ],
    "the signature of another": [
      ({ bob }) => ({ signer: bob.authenticator }),
      "passkey: signature does not verify",
    ],
    "another page": [
      () => ({ clientData: { origin: "https://evil.example" } }),
      /^passkey: Unexpected .*origin/,
    ],
    "a page within another's": [
      () => ({ clientData: { crossOrigin: true } }),
      "passkey: in a page of another origin",
    ],
    "another party": [() => ({ rpId: "evil.example" }), /^passkey: Unexpected RP ID/],
    "another challenge": [
      () => ({ clientData: { challenge: Buffer.alloc(32, 7).toString("base64url") } }),
      /^passkey: Unexpected .*challenge/,
    ],
    "a registration": [() => ({ clientData: { type: "webauthn.create" } }), /^passkey: Unexpected .*type/],
    "what may leave its authenticator by now": [
      () => ({ flags: { be: true } }),
      "passkey: backup eligibility changed",
    ],
    "no assertion": [() => ({ json: () => ({ id: "x" }) }), "passkey: not the JSON of an assertion"],
    "a counter that was seen": [() => ({ signCount: 1 }), "passkey: counter"],
  };
  for (const [what, [flaws, reason]] of Object.entries(FLAWS)) {
    test(what, async () => {
      if (what === "a counter that was seen") await passkeyAlone(w).signIn(w.ada.authenticator);
      await refuse(reason, () => passkeyAlone(w).signIn(w.ada.authenticator, flaws(w)));
    });
  }

  /** What is wrong with the account or the place, and where the passkey is shown; lifted afterwards. */
  const STATES: Record<string, { set?: () => Promise<unknown>; tenant?: string; reason: string }> = {
    "a disabled user": {
      set: () => w.ctx.db.run`update users set disabled_at = 1 where id = ${w.bob.userId}`,
      reason: "passkey: account is disabled",
    },
    "a disabled user, at a tenant": {
      set: () => w.ctx.db.run`update users set disabled_at = 1 where id = ${w.bob.userId}`,
      tenant: "acme",
      reason: "passkey: account is disabled",
    },
    "a suspended member": {
      set: () => suspend(w, w.bob.userId, w.acme.id),
      tenant: "acme",
      reason: "passkey: membership suspended",
    },
    "whose only membership is suspended": {
      set: () => suspend(w, w.bob.userId, w.acme.id),
      reason: "passkey: no active membership",
    },
    "who has yet to accept": {
      set: () => w.ctx.db.run`update memberships set status = 'invited' where user_id = ${w.bob.userId}`,
      tenant: "acme",
      reason: "passkey: membership invited",
    },
    "an unverified email": {
      set: () => w.ctx.db.run`update users set email_verified_at = null where id = ${w.bob.userId}`,
      reason: "passkey: email not verified",
    },
    "an account that nobody has used": {
      set: () => w.ctx.db.run`update users set active_at = null where id = ${w.bob.userId}`,
      tenant: "acme",
      reason: "passkey: email not verified",
    },
    "a disabled tenant": {
      set: () => w.ctx.db.run`update tenants set disabled_at = 1 where id = ${w.acme.id}`,
      tenant: "acme",
      reason: "passkey: tenant unknown or disabled",
    },
    "a tenant that is not there": { tenant: "nowhere", reason: "passkey: tenant unknown or disabled" },
    "a tenant of others": { tenant: "beta", reason: "passkey: no membership" },
    "an isolated tenant of others": { tenant: "iso", reason: "passkey: no membership" },
  };
  for (const [what, { set, tenant, reason }] of Object.entries(STATES)) {
    test(what, async () => {
      await set?.();
      await refuse(reason, () => passkeyAlone(w).signIn(w.bob.authenticator, {}, tenant ? { tenant } : {}));
      await w.ctx.db.run`update users set disabled_at = null, active_at = 1, email_verified_at = 1`;
      await w.ctx.db.run`update memberships set status = 'active'`;
      await w.ctx.db.run`update tenants set disabled_at = null`;
      expect((await passkeyAlone(w).signIn(w.bob.authenticator)).status).toBe(200);
    });
  }

  test("a tenant that was switched off after it had been asked for", async () => {
    const { challenge_id, options } = (await passkeyAlone(w).begin({ tenant: "acme" })).body;
    await w.ctx.db.run`update tenants set disabled_at = 1 where id = ${w.acme.id}`;
    const credential = w.bob.authenticator.get(options);
    await refuse("passkey: tenant is disabled", () => passkeyAlone(w).complete({ challenge_id, credential }));
    await w.ctx.db.run`update tenants set disabled_at = null`;
  });

  test("an account of an isolated tenant anywhere else", async () => {
    const ida = await someone(w, w.iso, { email: "ida@example.com" });
    for (const tenant of ["acme", "beta"])
      await refuse("passkey: no membership", () => passkeyAlone(w).signIn(ida.authenticator, {}, { tenant }));
  });

  test("a passkey that its owner has just removed", async () => {
    const eve = await someone(w, w.acme, { email: "eve@example.com" });
    const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
    await w.ctx.db.run`delete from passkeys where user_id = ${eve.userId}`;
    const credential = eve.authenticator.get(options);
    await refuse("passkey: unknown credential", () => passkeyAlone(w).complete({ challenge_id, credential }));
  });

  test("a challenge that was spent, by success or by failure", async () => {
    for (const flaws of [{}, { flags: { uv: false } }]) {
      const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
      const first = w.ada.authenticator.get(options, flaws);
      await passkeyAlone(w).complete({ challenge_id, credential: first });
      const credential = w.ada.authenticator.get(options);
      await refuse("passkey: challenge spent or expired", () =>
        passkeyAlone(w).complete({ challenge_id, credential }),
      );
    }
  });

  test("a challenge that has expired, or was never ours", async () => {
    const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
    const credential = w.ada.authenticator.get(options);
    const why = /: INVALID_CREDENTIALS \(not signed by us, expired, or of another kind\)$/;
    for (const other of ["", "x", `${challenge_id}x`, challenge_id.slice(0, -3)])
      await refuse(why, () => passkeyAlone(w).complete({ challenge_id: other, credential }));
    const { exp = 0 } = decodeJwt(challenge_id);
    w.clock.advance(exp * 1000 - w.clock.now());
    await refuse(why, () => passkeyAlone(w).complete({ challenge_id, credential }));
  });

  test("what was asked as a second factor", async () => {
    const pending = await passwordOf(w, ADA, w.acme.id);
    const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
    const credential = w.ada.authenticator.get(options);
    await refuse(/not signed by us/, () => passkeyAlone(w).complete({ challenge_id, credential }));
    // Nor the other way round: the one is no id of the other's length.
    const before = sessionsOf(w).length;
    const alone = (await passkeyAlone(w).begin()).body;
    const shown = { challenge_id: alone.challenge_id, credential: w.ada.authenticator.get(alone.options) };
    const { status } = await portal(w).verify({ ...pending, method: "webauthn", ...shown });
    expect(status).toBe(422);
    expect(sessionsOf(w)).toHaveLength(before);
  });
});

test("what makes no sense is a 422, and spends nothing", async () => {
  await using w = await town();
  const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
  const credential = w.ada.authenticator.get(options);
  const good = { challenge_id, credential };
  for (const wrong of [
    {},
    { challenge_id },
    { credential },
    { ...good, credential: "x" },
    { ...good, credential: [] },
    { ...good, challenge_id: 1 },
    { ...good, tenant: 1 },
    { ...good, remember_me: "yes" },
  ])
    expect((await passkeyAlone(w).complete(wrong)).status).toBe(422);
  expect((await passkeyAlone(w).complete(good)).status).toBe(200);
});

describe("a page of another site", () => {
  test("signs nobody in, and spends nothing", async () => {
    await using w = await town();
    const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
    const shown = { challenge_id, credential: w.ada.authenticator.get(options) };
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      const { status, body } = await passkeyAlone(w, { headers }).complete(shown);
      expect([status, body.code]).toEqual([403, "CROSS_SITE"]);
    }
    expect(await lastAudited(w)).toStartWith("session.cross_site_refused");
    const own = passkeyAlone(w, { headers: { origin: w.origin, "sec-fetch-site": "same-origin" } });
    expect((await own.complete(shown)).status).toBe(200);
  });
});

describe("failures count", () => {
  const from = (address: string, device = "") => ({
    headers: { "x-forwarded-for": address, ...(device && { cookie: `ostiary_device=${device}` }) },
  });
  const limited = (settings: Parameters<typeof world>[0] = {}) =>
    town({ TRUSTED_PROXIES: "127.0.0.0/8,::1/128", LIMIT_ADDRESS_FAILURES: "3", ...settings });
  const OFFICE = "198.51.100.7";

  test("at the address: past its budget nothing is judged or spent until Retry-After is over", async () => {
    await using w = await limited();
    const at = passkeyAlone(w, from(OFFICE));
    for (const flaws of [{ userHandle: null }, { credentialId: Buffer.alloc(16) }, { flags: { uv: false } }])
      expect((await at.signIn(w.ada.authenticator, flaws)).status).toBe(401);
    const { challenge_id, options } = (await at.begin()).body;
    const shown = { challenge_id, credential: w.ada.authenticator.get(options) };
    const answer = await at.complete(shown);
    expect([answer.status, answer.body.code]).toEqual([429, "RATE_LIMITED"]);
    expect((await audited(w)).filter((line) => line.startsWith("login.limited"))).toHaveLength(1);
    expect(dump(w)["continuations"]).toHaveLength(3);
    // Others are not held up, nor is asking.
    expect((await passkeyAlone(w, from("203.0.113.9")).signIn(w.bob.authenticator)).status).toBe(200);
    w.clock.stop?.();
    const again = await at.complete(shown);
    const waitS = Number(again.headers.get("retry-after"));
    expect(waitS).toBeWithin(1, 601);
    w.clock.advance((waitS - 1) * 1000);
    expect((await at.signIn(w.ada.authenticator)).status).toBe(429);
    w.clock.advance(1000);
    expect((await at.signIn(w.ada.authenticator)).status).toBe(200);
  });

  test("and a right one is none", async () => {
    await using w = await limited();
    for (let i = 0; i < 6; i++) {
      const { status } = await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator);
      expect(status).toBe(200);
    }
    expect(dump(w)["limits"]).toEqual([
      expect.objectContaining({ scope: "address", failures: 0 }),
      expect.objectContaining({ scope: "instance", failures: 0 }),
      expect.objectContaining({ scope: "nobody", failures: 0 }),
    ]);
  });

  test("with those of passwords and codes from there", async () => {
    await using w = await limited();
    for (let i = 0; i < 3; i++) await portal(w, from(OFFICE)).login(`p${i}@example.com`, "wrong");
    expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator)).status).toBe(429);
  });

  test("for the instance: strangers can use that up, but not for a known address", async () => {
    await using w = await limited({ LIMIT_INSTANCE_FAILURES: "4" });
    expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator)).status).toBe(200);
    for (let i = 0; i < 4; i++)
      await passkeyAlone(w, from(`203.0.113.${i}`)).signIn(w.ada.authenticator, { userHandle: null });
    expect((await passkeyAlone(w, from("203.0.113.9")).signIn(w.ada.authenticator)).status).toBe(429);
    expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator)).status).toBe(200);
  });

  test("apart for a browser that the user signed in with, which has as many", async () => {
    await using w = await limited();
    const device = cookieFrom(await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator), "device");
    for (let i = 0; i < 3; i++)
      await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator, { userHandle: null });
    expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator)).status).toBe(429);
    const known = passkeyAlone(w, from(OFFICE, device));
    expect((await known.signIn(w.ada.authenticator)).status).toBe(200);
    // Bob's are not Ada's.
    expect((await known.signIn(w.bob.authenticator)).status).toBe(429);
    for (let i = 0; i < 3; i++)
      expect((await known.signIn(w.ada.authenticator, { userHandle: null })).status).toBe(401);
    expect((await known.signIn(w.ada.authenticator)).status).toBe(429);
  });

  test("at such browsers alone: however many somebody has, nobody else is held up", async () => {
    await using w = await limited({ LIMIT_INSTANCE_FAILURES: "6" });
    const devices: string[] = [];
    for (let i = 0; i < 3; i++)
      devices.push(cookieFrom(await passkeyAlone(w, from(OFFICE)).signIn(w.bob.authenticator), "device"));
    for (const device of devices.flatMap((one) => [one, one, one]))
      await passkeyAlone(w, from(OFFICE, device)).signIn(w.bob.authenticator, { userHandle: null });
    expect((await passkeyAlone(w, from("203.0.113.9")).signIn(w.ada.authenticator)).status).toBe(200);
    expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator)).status).toBe(200);
  });

  test("not at the account, nor at its passkeys: who knows a credential's id switches nothing off", async () => {
    await using w = await limited({ LIMIT_ADDRESS_FAILURES: "1000", LIMIT_FACTOR_FAILURES: "3" });
    const signer = newAuthenticator(w);
    for (let i = 0; i < 12; i++)
      expect((await passkeyAlone(w, from(OFFICE)).signIn(w.ada.authenticator, { signer })).status).toBe(401);
    expect(dump(w)["factor_failures"]).toEqual([]);
    expect(dump(w)["limits"]).toHaveLength(2);
    const elsewhere = from("203.0.113.9");
    expect((await passkeyAlone(w, elsewhere).signIn(w.ada.authenticator)).status).toBe(200);
    expect((await portal(w, elsewhere).login(ADA, "correct horse battery", w.acme.id)).status).toBe(403);
  });

  test("passkeys that too many wrong ones have switched off as a second factor do not sign in alone either", async () => {
    await using w = await limited({ LIMIT_FACTOR_FAILURES: "3" });
    await w.ctx.db.run`
      insert into factor_failures (user_id, method, failures) values (${w.ada.userId}, 'webauthn', 2)`;
    // One that is right starts the count anew.
    expect((await passkeyAlone(w).signIn(w.ada.authenticator)).status).toBe(200);
    expect(dump(w)["factor_failures"]).toEqual([]);
    await w.ctx.db.run`
      insert into factor_failures (user_id, method, failures) values (${w.ada.userId}, 'webauthn', 3)`;
    expect((await passkeyAlone(w).signIn(w.ada.authenticator)).status).toBe(401);
    expect(await lastAudited(w)).toBe(
      "login.failed: passkey: counter, just removed, or off after wrong ones",
    );
  });
});

test("who may not enter where they were last, for want of a verified email, enters where they may", async () => {
  await using w = await world();
  const [strict, lax] = [
    await makeTenant(w, "strict"),
    await makeTenant(w, "lax", { email_verification: false }),
  ];
  const userId = await makePerson(w, [strict, lax], { email: "eve@example.com", isVerified: false });
  const { accessToken } = await signInForTokens(w.ctx, { userId, tenantId: lax.id });
  const authenticator = newAuthenticator(w);
  expect((await passkeysOf(w, accessToken).add(authenticator)).status).toBe(200);
  await w.ctx.db.run`delete from sessions`;
  await w.ctx.db.run`update memberships set last_login_at = ${w.clock.now()} where tenant_id = ${strict.id}`;
  expect((await passkeyAlone(w).signIn(authenticator, {}, { tenant: "strict" })).status).toBe(401);
  expect((await passkeyAlone(w).signIn(authenticator)).body).toMatchObject({
    status: "SUCCESS",
    tenant: "lax",
  });
});

describe("of many at once", () => {
  test("with one counter, each with a challenge of its own, one is taken", async () => {
    await using w = await town({ LIMIT_ADDRESS_FAILURES: "1000" });
    const { begin, complete } = passkeyAlone(w);
    const asked = await Promise.all(Array.from({ length: 16 }, () => begin()));
    const shown = asked.map(({ body: { challenge_id, options } }) => ({
      challenge_id,
      credential: w.ada.authenticator.get(options, { signCount: 5 }),
    }));
    const answers = await Promise.all(shown.map((body) => complete(body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(15);
    expect(sessionsOf(w)).toHaveLength(1);
  });

  test("with one challenge and no counter, one is taken", async () => {
    await using w = await town({ LIMIT_ADDRESS_FAILURES: "1000" });
    w.ada.authenticator.countsUp = false;
    const { challenge_id, options } = (await passkeyAlone(w).begin()).body;
    const shown = { challenge_id, credential: w.ada.authenticator.get(options) };
    const answers = await Promise.all(Array.from({ length: 32 }, () => passkeyAlone(w).complete(shown)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(sessionsOf(w)).toHaveLength(1);
  });
});

test("a failure is in the log of the tenant that was meant, where its user is a member, and in no other's", async () => {
  await using w = await town();
  const rows = () => w.ctx.db.all`
    select user_id, tenant_id from audit where event = 'login.failed' order by id desc limit 1`;
  const shows = (tenant?: string) =>
    passkeyAlone(w).signIn(w.bob.authenticator, { flags: { uv: false } }, tenant ? { tenant } : {});
  const user_id = w.bob.userId;
  await shows("acme");
  expect(await rows()).toEqual([{ user_id, tenant_id: w.acme.id }]);
  for (const tenant of ["beta", "nowhere", undefined]) {
    await shows(tenant);
    expect(await rows()).toEqual([{ user_id, tenant_id: null }]);
  }
});
