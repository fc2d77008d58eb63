// A passkey as the second factor of a sign-in, at the portal and at a tenant.
import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { userHandleOf } from "../../src/flows/passkey-options.ts";
import type { Authenticator, Flaws } from "../support/authenticator.ts";
import { enableTotp, totpCode } from "../support/key-group.ts";
import {
  assert,
  beginAssertion,
  newAuthenticator,
  passkeysOf,
  passwordOf,
  stateOf,
} from "../support/passkeys.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { signInForKey } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { audited, dump, world } from "../support/world.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";
const MINUTE = 60_000;

/** Ada and Bob, members of acme and beta, each with a passkey. */
async function town() {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const beta = await makeTenant(w, "beta");
  const enrol = async (email: string) => {
    const userId = await makePerson(w, [acme, beta], { email });
    const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
    const authenticator = newAuthenticator(w);
    const { status, body } = await passkeysOf(w, key).add(authenticator);
    if (status !== 200) throw new Error(`not enrolled: ${JSON.stringify(body)}`);
    return { userId, key, authenticator, backupCodes: body.backup_codes as string[] };
  };
  const [ada, bob] = [await enrol(ADA), await enrol(BOB)];
  return Object.assign(w, { acme, beta, ada, bob, password: (email = ADA) => passwordOf(w, email, acme.id) });
}

const REFUSED = [401, { detail: "Invalid MFA code", code: "INVALID_MFA_CODE" }];

describe("beginning an assertion", () => {
  test("names the user's passkeys and nobody else's, in the envelope of its group", async () => {
    await using w = await town();
    const pending = await w.password();
    const { status, body } = await beginAssertion(w, pending);
    expect([status, body]).toEqual([
      200,
      {
        data: {
          challenge_id: expect.stringMatching(/^wch_[0-9a-f]{32}$/),
          options: {
            rpId: "localhost",
            challenge: expect.stringMatching(/^[\w-]{43}$/),
            timeout: 300_000,
            allowCredentials: [
              {
                type: "public-key",
                id: w.ada.authenticator.credentialId.toString("base64url"),
                transports: ["usb", "nfc"],
              },
            ],
            userVerification: "preferred",
          },
        },
        meta: { request_id: expect.any(String), timestamp: expect.any(String) },
      },
    ]);
  });

  test("is no try, however often", async () => {
    await using w = await town();
    const pending = await w.password();
    for (let i = 0; i < 8; i++) expect((await beginAssertion(w, pending)).status).toBe(200);
    expect(dump(w)["webauthn_challenges"]).toHaveLength(1);
    expect((await assert(w, pending, w.ada.authenticator)).status).toBe(200);
  });

  test("at another tenant, or for another user, is refused and a try of the token", async () => {
    for (const wrong of ["tenant", "user"] as const) {
      await using w = await town();
      const pending = await w.password();
      const before = stateOf(w);
      const answer = () =>
        wrong === "tenant"
          ? beginAssertion(w, pending, "beta")
          : beginAssertion(w, { ...pending, user_id: w.bob.userId });
      for (let i = 0; i < 5; i++) {
        const { status, body } = await answer();
        expect([status, body.code]).toEqual([401, "INVALID_MFA_TOKEN"]);
      }
      const { status, body } = await beginAssertion(w, pending);
      expect([status, body.code]).toEqual([401, "INVALID_MFA_TOKEN"]);
      expect(stateOf(w)).toEqual(before);
      expect(dump(w)["webauthn_challenges"]).toEqual([]);
    }
  });

  test("with a token that is spent, forged, expired, or of before a sign-out is refused", async () => {
    await using w = await town();
    const refused = async (pending: Parameters<typeof beginAssertion>[1]) => {
      const { status, body } = await beginAssertion(w, pending);
      expect([status, body.code]).toEqual([401, "INVALID_MFA_TOKEN"]);
    };
    const spent = await w.password();
    await assert(w, spent, w.ada.authenticator);
    await refused(spent);
    await refused({ ...spent, mfa_token: "x" });
    const late = await w.password();
    const outdated = await w.password();
    await w.ctx.db.run`update users set signed_out_at = ${w.clock.now() + 1} where id = ${w.ada.userId}`;
    await refused(outdated);
    await w.ctx.db.run`update users set signed_out_at = null`;
    const suspended = await w.password();
    await w.ctx.db.run`update memberships set status = 'suspended' where user_id = ${w.ada.userId}`;
    await refused(suspended);
    await w.ctx.db.run`update memberships set status = 'active'`;
    w.clock.advance(5 * MINUTE + 1000);
    await refused(late);
    for (const query of ["", "?mfa_token=x", "?user_id=x", `?mfa_token=x&user_id=${"x".repeat(65)}`]) {
      const { status } = await w.send("POST", `/api/v1/auth/tenants/acme/mfa/webauthn/begin${query}`);
      expect([query, status]).toEqual([query, 422]);
    }
  });

  test("where no passkey is due is refused", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: "eve@example.com" });
    await enableTotp(w, await signInForKey(w.ctx, { userId, tenantId: w.acme.id }));
    const { status, body } = await beginAssertion(w, await w.password("eve@example.com"));
    expect([status, body.code]).toEqual([401, "INVALID_MFA_TOKEN"]);
  });
});

describe("a passkey signs in", () => {
  test("at the portal, after the password, and says how in amr", async () => {
    await using w = await town();
    const pending = await w.password();
    const { status, body } = await assert(w, pending, w.ada.authenticator);
    expect([status, body.user.id]).toEqual([200, w.ada.userId]);
    const sessions = await w.send("GET", "/api/v1/me/sessions", { key: body.access_token });
    expect(sessions.body.data[0].amr).toEqual(["pwd", "hwk", "mfa"]);
    expect(dump(w)["passkeys"]).toContainEqual(
      expect.objectContaining({ user_id: w.ada.userId, sign_count: 1, last_used_at: expect.any(Number) }),
    );
    const again = await portal(w).verify({ ...pending, method: "webauthn" });
    expect(again.body.code).toBe("INVALID_MFA_TOKEN");
  });

  test("at a tenant, into a cookie, and may trust the device", async () => {
    await using w = await town();
    const { data } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body;
    expect(data).toMatchObject({
      available_methods: ["webauthn", "backup_code"],
      default_method: "webauthn",
    });
    const answer = await assert(w, data, w.ada.authenticator, {}, "tenant");
    expect(answer.body.data).toMatchObject({ status: "SUCCESS", session_id: expect.stringMatching(/^ses_/) });
    expect(dump(w)["sessions"]).toEqual([expect.objectContaining({ kind: "cookie", amr: "pwd hwk mfa" })]);
  });

  test("that may leave its authenticator is software, and what it says of itself is kept", async () => {
    await using w = await town();
    const synced = newAuthenticator(w, { backupEligible: true, alg: "EdDSA" });
    synced.countsUp = false;
    await passkeysOf(w, w.ada.key).add(synced, { flags: { uv: false } });
    for (const bs of [true, false]) {
      const { body } = await assert(w, await w.password(), synced, { flags: { bs } });
      const sessions = await w.send("GET", "/api/v1/me/sessions", { key: body.access_token });
      expect(sessions.body.data[0].amr).toEqual(["pwd", "swk", "mfa"]);
      expect(dump(w)["passkeys"]).toContainEqual(
        expect.objectContaining({
          backup_eligible: 1,
          backed_up: Number(bs),
          user_verified: 1,
          sign_count: 0,
        }),
      );
    }
  });

  for (const alg of ["ES256", "EdDSA", "RS256"] as const) {
    test(`of ${alg}, one of several`, async () => {
      await using w = await town();
      const another = newAuthenticator(w, { alg });
      await passkeysOf(w, w.ada.key).add(another);
      expect((await beginAssertion(w, await w.password())).body.data.options.allowCredentials).toHaveLength(
        2,
      );
      for (const one of [another, w.ada.authenticator, another])
        expect((await assert(w, await w.password(), one)).status).toBe(200);
    });
  }

  const unusual: Record<string, Flaws> = {
    "without user verification": { flags: { uv: false } },
    "without a user handle": { userHandle: null },
    "with a user handle of null": {
      json: (json) => ({ ...json, response: { ...json.response, userHandle: null } }),
    },
    "with a counter that leaps": { signCount: 4_000_000_000 },
    "with more members in its client data": { clientData: { crossOrigin: undefined, x: 1 } },
  };
  for (const [what, flaws] of Object.entries(unusual)) {
    test(what, async () => {
      await using w = await town();
      expect((await assert(w, await w.password(), w.ada.authenticator, flaws)).status).toBe(200);
    });
  }
});

type Bad = Flaws | ((w: Awaited<ReturnType<typeof town>>) => Flaws);

/** Each is good but for one thing. */
const BAD: Record<string, Bad> = {
  "for a registration": { clientData: { type: "webauthn.create" } },
  "for a payment": { clientData: { type: "payment.get" } },
  "for another challenge": { clientData: { challenge: randomBytes(32).toString("base64url") } },
  "for no challenge": { clientData: { challenge: undefined } },
  "from another origin": { clientData: { origin: "https://evil.example" } },
  "from a sub-domain": (w) => ({ clientData: { origin: w.origin.replace("//", "//evil.") } }),
  "from an address that starts like ours": (w) => ({ clientData: { origin: `${w.origin}.evil.example` } }),
  "from our origin in a list": (w) => ({ clientData: { origin: [w.origin] } }),
  "from another port": { clientData: { origin: "http://localhost:1" } },
  "in a foreign frame": { clientData: { crossOrigin: true } },
  "below a foreign page": { clientData: { topOrigin: "https://evil.example" } },
  "in a foreign frame that names the page": {
    clientData: { crossOrigin: true, topOrigin: "https://evil.example" },
  },
  "with client data that is null": { clientDataText: "null" },
  "for another relying party": { rpId: "evil.example" },
  "for a sub-domain as relying party": { rpId: "evil.localhost" },
  "without user presence": { flags: { up: false } },
  "backed up though not eligible": { flags: { bs: true } },
  "eligible for backup, which it was not": { flags: { be: true } },
  "with extensions announced and missing": { flags: { ed: true } },
  "with a credential announced and missing": { flags: { at: true } },
  "with bytes left over": { extra: Buffer.from([0]) },
  "cut short": { cut: 36 },
  "with a counter that stands still": { signCount: 3 },
  "with a counter that went back": { signCount: 2 },
  "with a counter that vanished": { signCount: 0 },
  "with half a signature": { signature: (signature) => signature.subarray(0, signature.length / 2) },
  "with a signature one byte short": { signature: (signature) => signature.subarray(0, -1) },
  "with a signature of zeros": { signature: (signature) => Buffer.alloc(signature.length) },
  "signed by another key": (w) => ({ signer: newAuthenticator(w) }),
  "signed by another user's passkey": (w) => ({ signer: w.bob.authenticator }),
  "under another user's credential id": (w) => ({ credentialId: w.bob.authenticator.credentialId }),
  "by another user's passkey": (w) => ({
    credentialId: w.bob.authenticator.credentialId,
    signer: w.bob.authenticator,
    userHandle: userHandleOf(w.bob.userId),
  }),
  "by another user's passkey that names nobody": (w) => ({
    credentialId: w.bob.authenticator.credentialId,
    signer: w.bob.authenticator,
    userHandle: null,
  }),
  "under a credential id of nobody": { credentialId: randomBytes(32) },
  "with the user handle of another": (w) => ({ userHandle: userHandleOf(w.bob.userId) }),
  "with an empty user handle": { userHandle: "" },
  "with the user's id for a handle": (w) => ({ userHandle: w.ada.userId }),
  "under two ids": { json: (json) => ({ ...json, rawId: "AQID" }) },
  "with padding": { json: (json) => ({ ...json, id: `${json.id}=`, rawId: `${json.id}=` }) },
  "as a password": { json: (json) => ({ ...json, type: "password" }) },
  "as nothing": { json: () => ({}) },
  "with a response that is null": { json: (json) => ({ ...json, response: null }) },
  "with numbers": { json: (json) => ({ ...json, response: { ...json.response, signature: 1 } }) },
  "with a signature that is empty": {
    json: (json) => ({ ...json, response: { ...json.response, signature: "" } }),
  },
  "with a user handle that is a list": {
    json: (json) => ({ ...json, response: { ...json.response, userHandle: [json.response.userHandle] } }),
  },
};

describe("an assertion is refused, and changes nothing,", () => {
  const shared = (async () => {
    const w = await town();
    for (let i = 0; i < 3; i++) await assert(w, await w.password(), w.ada.authenticator);
    return w;
  })();
  afterAll(async () => (await shared)[Symbol.asyncDispose]());

  for (const [what, bad] of Object.entries(BAD)) {
    test(what, async () => {
      const w = await shared;
      const flaws = typeof bad === "function" ? bad(w) : bad;
      w.ada.authenticator.signCount = 3;
      await w.ctx.db.run`update passkeys set sign_count = 3 where user_id = ${w.ada.userId}`;
      const pending = await w.password();
      const before = stateOf(w);
      const failures = await countOf(w);
      const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
      const show = (credential: unknown) =>
        portal(w).verify({ ...pending, method: "webauthn", challenge_id, credential });
      const answer = await show(w.ada.authenticator.get(options, flaws));
      expect([answer.status, answer.body]).toEqual(REFUSED);
      const reason = (await audited(w)).slice(-2);
      expect(reason).toEqual([
        expect.stringMatching(/^passkey\.refused: [ -~]{1,200}$/),
        "login.failed: wrong or used code",
      ]);
      expect(reason[0] === "passkey.refused: counter").toBe(what.includes("counter"));
      // Any attempt spends the challenge, and counts.
      expect((await show(w.ada.authenticator.get(options))).status).toBe(401);
      expect(stateOf(w)).toEqual(before);
      expect(await countOf(w)).toBe(failures + 2);
      await w.ctx.db.run`delete from factor_failures`;
      await w.ctx.db.run`delete from limits`;
    });
  }

  const countOf = async (w: Awaited<typeof shared>) =>
    (await w.ctx.db.get<{ failures: number }>`select failures from factor_failures`)?.failures ?? 0;
});

describe("a challenge is of no use", () => {
  type Town = Awaited<ReturnType<typeof town>>;
  const show = async (w: Town, pending: object, challenge_id: string, credential: unknown) => {
    const before = stateOf(w);
    const { status, body } = await portal(w).verify({
      ...pending,
      method: "webauthn",
      challenge_id,
      credential,
    });
    expect([status, body]).toEqual(REFUSED);
    expect(stateOf(w)).toEqual(before);
  };
  const begun = async (w: Town, pending: Parameters<typeof beginAssertion>[1]) =>
    (await beginAssertion(w, pending)).body.data;

  test("in another sign-in of the same user", async () => {
    await using w = await town();
    const [one, two] = [await w.password(), await w.password()];
    const { challenge_id, options } = await begun(w, one);
    await show(w, two, challenge_id, w.ada.authenticator.get(options));
    // And it is not spent by that.
    const body = { ...one, method: "webauthn", challenge_id, credential: w.ada.authenticator.get(options) };
    expect((await portal(w).verify(body)).status).toBe(200);
  });

  test("to another user", async () => {
    await using w = await town();
    const { challenge_id, options } = await begun(w, await w.password(BOB));
    await show(w, await w.password(), challenge_id, w.ada.authenticator.get(options));
  });

  test("at another tenant", async () => {
    await using w = await town();
    const pending = await w.password();
    const { challenge_id, options } = await begun(w, pending);
    const credential = w.ada.authenticator.get(options);
    const answer = await tenantOf(w, "beta").verifyMfa({
      ...pending,
      method: "webauthn",
      challenge_id,
      credential,
    });
    expect([answer.status, answer.body.code]).toEqual([401, "INVALID_MFA_TOKEN"]);
    expect(dump(w)["sessions"]).toEqual([]);
    const there = await passwordOf(w, ADA, w.beta.id);
    await show(w, there, challenge_id, credential);
  });

  test("after five minutes, a newer one, or its own use", async () => {
    await using w = await town();
    const pending = await w.password();
    const first = await begun(w, pending);
    const second = await begun(w, pending);
    await show(w, pending, first.challenge_id, w.ada.authenticator.get(first.options));
    const credential = w.ada.authenticator.get(second.options);
    const body = { method: "webauthn", challenge_id: second.challenge_id, credential };
    expect((await portal(w).verify({ ...pending, ...body })).status).toBe(200);
    const next = await w.password();
    await show(w, next, second.challenge_id, credential);
    const { challenge_id, options } = await begun(w, next);
    await w.ctx.db
      .run`update webauthn_challenges set expires_at = ${w.clock.now()} where id = ${challenge_id}`;
    await show(w, next, challenge_id, w.ada.authenticator.get(options));
  });

  test("when it was made for a registration", async () => {
    await using w = await town();
    const pending = await w.password();
    const { challenge_id, options } = (await passkeysOf(w, w.ada.key).begin()).body;
    const { allowCredentials, rpId } = (await begun(w, pending)).options;
    const request = { challenge: options.challenge, allowCredentials, rpId };
    await show(w, pending, challenge_id, w.ada.authenticator.get(request));
  });

  test("when none is named, or no credential, or a code instead", async () => {
    await using w = await town();
    const pending = await w.password();
    const { challenge_id, options } = await begun(w, pending);
    const credential = w.ada.authenticator.get(options);
    for (const body of [{}, { credential }, { challenge_id }, { code: "123456" }]) {
      const { status, body: said } = await portal(w).verify({ ...pending, method: "webauthn", ...body });
      expect([status, said]).toEqual(REFUSED);
    }
    for (const [name, value] of [
      ["credential", "x"],
      ["credential", [1]],
      ["challenge_id", 5],
    ] as const) {
      const { status, body: said } = await portal(w).verify({
        ...pending,
        method: "webauthn",
        [name]: value,
      });
      expect([status, said.detail[0].loc]).toEqual([422, ["body", name]]);
    }
    expect(dump(w)["sessions"]).toEqual([]);
  });
});

describe("a passkey cannot be gone around", () => {
  test("by the assertion of one that was removed meanwhile", async () => {
    await using w = await town();
    const another = newAuthenticator(w);
    await passkeysOf(w, w.ada.key).add(another);
    const pending = await w.password();
    const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
    await w.ctx.db
      .run`delete from passkeys where credential_id = ${another.credentialId.toString("base64url")}`;
    const body = { ...pending, method: "webauthn", challenge_id, credential: another.get(options) };
    expect((await portal(w).verify(body)).status).toBe(401);
  });

  test("by five wrong assertions and a right one, nor by a hundred", async () => {
    await using w = await town();
    const pending = await w.password();
    const wrong = { flags: { up: false } };
    for (let i = 0; i < 5; i++) await assert(w, pending, w.ada.authenticator, wrong);
    expect((await beginAssertion(w, pending)).status).toBe(401);
    await w.ctx.db.run`update factor_failures set failures = 100`;
    const fresh = await w.password();
    expect((await assert(w, fresh, w.ada.authenticator)).body.code).toBe("INVALID_MFA_CODE");
    const [code] = w.ada.backupCodes;
    expect((await portal(w).verify({ ...fresh, method: "backup_code", code })).status).toBe(200);
  });

  test("by a code where it is the only factor, and is no way around TOTP", async () => {
    await using w = await town();
    const pending = await w.password();
    for (const method of ["totp", "email"]) {
      const { status, body } = await portal(w).verify({ ...pending, method, code: "123456" });
      expect([status, body]).toEqual(REFUSED);
    }
    const userId = await makePerson(w, w.acme, { email: "eve@example.com" });
    const secret = await enableTotp(w, await signInForKey(w.ctx, { userId, tenantId: w.acme.id }));
    const eves = await w.password("eve@example.com");
    const foreign = w.bob.authenticator.get({ challenge: "AQID", rpId: "localhost" });
    const body = { ...eves, method: "webauthn", challenge_id: "wch_x", credential: foreign };
    expect((await portal(w).verify(body)).status).toBe(401);
    const code = totpCode(w.clock, secret, 1);
    expect((await portal(w).verify({ ...eves, method: "totp", code })).status).toBe(200);
  });

  test("by the same counter twice, even at once: one of two sign-ins goes through", async () => {
    for (let round = 0; round < 5; round++) {
      await using w = await town();
      const twice = await Promise.all([w.password(), w.password()]);
      const clone: Authenticator = w.ada.authenticator;
      const bodies = [];
      for (const pending of twice) {
        const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
        const credential = clone.get(options, { signCount: 9 });
        bodies.push({ ...pending, method: "webauthn", challenge_id, credential });
      }
      const answers = await Promise.all(bodies.map((body) => portal(w).verify(body)));
      expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(["200", "401"]);
      expect(dump(w)["sessions"]).toHaveLength(1);
    }
  });

  test("by one assertion sent eight times at once: one session", async () => {
    await using w = await town();
    const pending = await w.password();
    const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
    const body = {
      ...pending,
      method: "webauthn",
      challenge_id,
      credential: w.ada.authenticator.get(options),
    };
    const answers = await Promise.all(Array.from({ length: 8 }, () => portal(w).verify(body)));
    // Those that come first and are refused may use up the five tries.
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(dump(w)["sessions"]?.length).toBe(answers.filter(({ status }) => status === 200).length);
  });
});
