// Adding and removing passkeys: /api/v1/me/mfa/webauthn. Signing in with them: test/flows/assert-passkey.test.ts.
import { afterAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as trustedDevices from "../../../src/core/trusted-devices.ts";
import { transaction } from "../../../src/context.ts";
import { endAllSignIns } from "../../../src/flows/end-sign-ins.ts";
import { completePasskey } from "../../../src/flows/enrol-passkey.ts";
import { identify } from "../../../src/flows/identify.ts";
import { type AttestationParts, type Cbor, cbor, type Flaws } from "../../support/authenticator.ts";
import { volley } from "../../support/hammer.ts";
import { enableTotp } from "../../support/key-group.ts";
import { beginAssertion, newAuthenticator, passkeysOf, passwordOf, stateOf } from "../../support/passkeys.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { cookieFrom } from "../../support/portal-group.ts";
import { client, outcomeOf, signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { tenantOf, withCookie } from "../../support/tenant-group.ts";
import { audited, dump, type World, world, worldWithMail } from "../../support/world.ts";

const ADA = "ada@example.com";
const MINUTE = 60_000;

const town = (settings: Parameters<typeof world>[0] = {}) => settle(() => world(settings));
const townWithMail = () => settle(() => worldWithMail());

async function settle<W extends World>(start: () => Promise<W>) {
  const w = await start();
  const acme = await makeTenant(w, "acme", { brand_name: "Acme Rockets" });
  const adaId = await makePerson(w, acme, { email: ADA, firstName: "Ada", lastName: "Lovelace" });
  const bobId = await makePerson(w, acme, { email: "bob@example.com" });
  const ada = { userId: adaId, tenantId: acme.id };
  const bob = { userId: bobId, tenantId: acme.id };
  const [adaKey, bobKey] = [await signInForKey(w.ctx, ada), await signInForKey(w.ctx, bob)];
  return Object.assign(w, {
    acme,
    ada,
    bob,
    adaKey,
    bobKey,
    adas: passkeysOf(w, adaKey),
    bobs: passkeysOf(w, bobKey),
  });
}

const b64 = (text: string) => Buffer.from(text).toString("base64url");
const statement =
  (fmt: string, attStmt: (parts: AttestationParts) => [string, Cbor][]) => (parts: AttestationParts) =>
    new Map<string, Cbor>([
      ["fmt", fmt],
      ["attStmt", new Map(attStmt(parts))],
      ["authData", parts.authData],
    ]);
const selfSigned = ({ authData, clientDataHash, sign }: AttestationParts, hash?: "sha384") =>
  sign(Buffer.concat([authData, clientDataHash]), hash);

describe("beginning a passkey", () => {
  test("says what browsers need, and nothing of the user in the handle", async () => {
    await using w = await town();
    const { status, body } = await w.adas.begin();
    expect(status).toBe(200);
    expect(body).toEqual({
      device_id: expect.stringMatching(/^pky_[0-9a-f]{32}$/),
      challenge_id: expect.stringMatching(/^wch_[0-9a-f]{32}$/),
      options: {
        rp: { id: "localhost", name: "Acme Rockets" },
        user: { id: expect.stringMatching(/^[\w-]{43}$/), name: ADA, displayName: "Ada Lovelace" },
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        pubKeyCredParams: [
          { type: "public-key", alg: -8 },
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        timeout: 300_000,
        excludeCredentials: [],
        authenticatorSelection: {
          residentKey: "preferred",
          requireResidentKey: false,
          userVerification: "preferred",
        },
        attestation: "none",
      },
    });
    const again = (await w.adas.begin()).body.options;
    expect(again.user.id).toBe(body.options.user.id);
    expect(again.challenge).not.toBe(body.options.challenge);
    expect((await w.bobs.begin()).body.options.user.id).not.toBe(body.options.user.id);
    expect(await audited(w)).toEqual(["passkey.begun", "passkey.begun", "passkey.begun"]);
    expect(dump(w)["passkeys"]).toEqual([]);
  });

  test("names the passkeys that are there, so that no authenticator makes a second one", async () => {
    await using w = await town();
    const one = newAuthenticator(w, { transports: ["usb", "usb", "NFC", "hyper space", "hybrid"] });
    expect((await w.adas.add(one)).status).toBe(200);
    const { excludeCredentials } = (await w.adas.begin()).body.options;
    const id = one.credentialId.toString("base64url");
    expect(excludeCredentials).toEqual([{ type: "public-key", id, transports: ["usb", "hybrid"] }]);
    expect((await w.bobs.begin()).body.options.excludeCredentials).toEqual([]);
  });

  test("takes the host of the public URL for its relying party", async () => {
    await using w = await town({ URL: "https://auth.example.com:8443" });
    expect((await w.adas.begin()).body.options.rp.id).toBe("auth.example.com");
    const foreign = await w.adas.add(newAuthenticator(w));
    expect([foreign.status, foreign.body.code]).toEqual([400, "INVALID_CREDENTIAL"]);
    const ours = newAuthenticator(w, { origin: "https://auth.example.com:8443" });
    expect((await w.adas.add(ours)).status).toBe(200);
  });

  test("needs to be signed in, by a login of the last 15 minutes", async () => {
    await using w = await town();
    const nobody = passkeysOf(w, {});
    expect((await nobody.begin()).status).toBe(401);
    expect((await nobody.complete({ device_id: "x", challenge_id: "x", credential: {} })).status).toBe(401);
    expect((await nobody.remove("x")).status).toBe(401);
    const begun = (await w.adas.begin()).body;
    const { device } = (await w.adas.add(newAuthenticator(w))).body;
    w.clock.advance(15 * MINUTE);
    // The key itself notes that it was used.
    const state = () => stateOf(w).filter(([table]) => table !== "api_keys");
    const before = state();
    for (const answer of [
      await w.adas.begin(),
      await w.adas.complete({ ...begun, credential: {} }),
      await w.adas.remove(device.id),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
    }
    expect(state()).toEqual(before);
  });

  test("with a cookie is refused to other sites", async () => {
    await using w = await town();
    const { cookie } = await signInForCookie(w.ctx, w.ada);
    const foreign = { headers: { cookie: `ostiary_session=${cookie}`, origin: "https://evil.example" } };
    const answer = await passkeysOf(w, foreign).begin();
    expect([answer.status, answer.body.code]).toEqual([403, "CROSS_SITE"]);
    const browser = passkeysOf(w, withCookie(cookie));
    expect((await browser.add(newAuthenticator(w))).status).toBe(200);
  });
});

describe("a new passkey", () => {
  test("is shown with its name, and the database keeps what the authenticator said of it", async () => {
    await using w = await town();
    const one = newAuthenticator(w, { backupEligible: true });
    one.signCount = 7;
    const { status, body } = await w.adas.add(one, { flags: { bs: true, uv: false } }, { name: "Blue key" });
    expect(status).toBe(200);
    expect(body).toEqual({
      message: "Passkey added",
      device: {
        id: expect.stringMatching(/^pky_/),
        type: "webauthn",
        name: "Blue key",
        confirmed: true,
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
        last_used_at: null,
      },
      backup_codes: expect.any(Array),
    });
    expect(dump(w)["passkeys"]).toEqual([
      expect.objectContaining({
        id: body.device.id,
        user_id: w.ada.userId,
        credential_id: one.credentialId.toString("base64url"),
        sign_count: 7,
        transports: "usb nfc",
        backup_eligible: 1,
        backed_up: 1,
        user_verified: 0,
        name: "Blue key",
        last_used_at: null,
      }),
    ]);
    expect(dump(w)["webauthn_challenges"]).toEqual([]);
  });

  test("that is the first ends the other sign-ins and trusted devices, brings backup codes, and is told to the owner", async () => {
    await using w = await townWithMail();
    const other = await signInForTokens(w.ctx, w.ada);
    const bobs = await signInForTokens(w.ctx, w.bob);
    await trustedDevices.create(w.ctx, w.ada, client());
    await trustedDevices.create(w.ctx, w.bob, client());
    const { body } = await w.adas.add(newAuthenticator(w), {}, { name: "Blue key" });
    expect(new Set(body.backup_codes).size).toBe(10);
    expect(dump(w)["sessions"]).toEqual([expect.objectContaining({ id: bobs.sessionId })]);
    expect((await w.send("GET", "/api/v1/me", { key: other.accessToken })).status).toBe(401);
    expect((await w.send("GET", "/api/v1/me", { key: w.adaKey })).body.mfa_enabled).toBe(true);
    expect(dump(w)["trusted_devices"]).toEqual([expect.objectContaining({ user_id: w.bob.userId })]);
    expect((await w.mailbox.waitFor(ADA)).text).toContain("a passkey was added");
    expect(await audited(w)).toEqual(["passkey.begun", "passkey.added: Blue key", "backup_codes.made"]);
  });

  test("that is one more ends nothing but trusted devices, and leaves the backup codes alone while one is left", async () => {
    await using w = await town();
    const { backup_codes: codes } = (await w.adas.add(newAuthenticator(w))).body;
    const other = await signInForTokens(w.ctx, w.ada);
    await trustedDevices.create(w.ctx, w.ada, client());
    const more = (await w.adas.add(newAuthenticator(w))).body;
    expect(more).not.toHaveProperty("backup_codes");
    expect(more.device.name).toBe("Passkey");
    expect((await w.send("GET", "/api/v1/me", { key: other.accessToken })).status).toBe(200);
    expect(dump(w)["trusted_devices"]).toEqual([]);
    await w.ctx.db.run`update backup_codes set used_at = 1 where user_id = ${w.ada.userId}`;
    const last = (await w.adas.add(newAuthenticator(w))).body;
    expect(last.backup_codes).toHaveLength(10);
    expect(last.backup_codes).not.toContain(codes[0]);
    expect(dump(w)["backup_codes"]).toHaveLength(10);
  });

  test("beside another factor counts as one more", async () => {
    await using w = await town();
    await enableTotp(w, w.adaKey);
    const other = await signInForTokens(w.ctx, w.ada);
    expect((await w.adas.add(newAuthenticator(w))).status).toBe(200);
    expect((await w.send("GET", "/api/v1/me", { key: other.accessToken })).status).toBe(200);
  });

  test("starts the count of wrong ones anew", async () => {
    await using w = await town();
    await w.ctx.db.run`
      insert into factor_failures (user_id, method, failures)
      values (${w.ada.userId}, 'webauthn', 100), (${w.ada.userId}, 'email', 3), (${w.bob.userId}, 'webauthn', 100)`;
    await w.adas.add(newAuthenticator(w));
    expect(dump(w)["factor_failures"]).toEqual([
      { user_id: w.ada.userId, method: "email", failures: 3 },
      { user_id: w.bob.userId, method: "webauthn", failures: 100 },
    ]);
  });

  test("opens everything to whoever could do nothing but enrol", async () => {
    await using w = await town();
    const strict = await makeTenant(w, "strict", { mfa_policy: "required", email_verification: false });
    await makePerson(w, strict, { email: "eve@example.com", isVerified: false });
    const login = await tenantOf(w, "strict").login("eve@example.com", "correct horse battery");
    const browser = withCookie(cookieFrom(login, "session"));
    const elsewhere = () => w.send("GET", "/api/v1/me/keys", browser);
    expect([(await elsewhere()).status, (await elsewhere()).body.code]).toEqual([
      403,
      "MFA_ENROLMENT_REQUIRED",
    ]);
    expect((await passkeysOf(w, browser).add(newAuthenticator(w))).status).toBe(200);
    expect((await elsewhere()).status).toBe(200);
  });

  for (const alg of ["ES256", "EdDSA", "RS256"] as const) {
    test(`may be of ${alg}`, async () => {
      await using w = await town();
      expect((await w.adas.add(newAuthenticator(w, { alg }))).status).toBe(200);
    });
  }

  const unusual: Record<string, Flaws> = {
    "without user verification": { flags: { uv: false } },
    "with extensions that nobody asked for": {
      flags: { ed: true },
      extra: cbor(new Map([["credProtect", 2]])),
    },
    "with the longest credential id": { credentialId: randomBytes(1023) },
    "with client data that has more members, and no crossOrigin": {
      clientData: {
        crossOrigin: undefined,
        other_keys_can_be_added_here: "do not compare against a template",
      },
    },
    "that signs for itself": {
      attestation: statement("packed", (parts) => [
        ["alg", -7],
        ["sig", selfSigned(parts)],
      ]),
    },
    "with JSON that has more members": {
      json: (json) => ({ ...json, x: 1, response: { ...json.response, publicKey: null } }),
    },
    "without transports": {
      json: (json) => ({ ...json, response: { ...json.response, transports: undefined } }),
    },
  };
  for (const [what, flaws] of Object.entries(unusual)) {
    test(`may come ${what}`, async () => {
      await using w = await town();
      expect((await w.adas.add(newAuthenticator(w), flaws)).body).toMatchObject({ message: "Passkey added" });
    });
  }

  test("is one of at most twenty, also when more are begun than there is room for", async () => {
    await using w = await town();
    for (let i = 0; i < 18; i++) expect((await w.adas.add(newAuthenticator(w))).status).toBe(200);
    const begun = await Promise.all(Array.from({ length: 4 }, () => w.adas.begin()));
    const full = [409, "PASSKEY_LIMIT_REACHED"];
    const answers = await Promise.all(
      begun.map(({ body: { options, ...rest } }) =>
        w.adas.complete({ ...rest, credential: newAuthenticator(w).create(options) }),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([full, full]);
    expect(dump(w)["passkeys"]).toHaveLength(20);
    const late = await w.adas.begin();
    expect([late.status, late.body.code]).toEqual(full);
    expect((await w.bobs.add(newAuthenticator(w))).status).toBe(200);
    const [some] = (await w.send("GET", "/api/v1/me/mfa", { key: w.adaKey })).body.methods;
    await w.adas.remove(some.id);
    expect((await w.adas.add(newAuthenticator(w))).status).toBe(200);
  });

  test("has a name that can be printed, or none; a bad one spends no challenge", async () => {
    await using w = await town();
    const { options, ...begun } = (await w.adas.begin()).body;
    const credential = newAuthenticator(w).create(options);
    for (const name of ["", " ", "a\nb", "x".repeat(101), 5, ["x"]]) {
      expect([name, (await w.adas.complete({ ...begun, credential, name })).status]).toEqual([name, 422]);
    }
    expect((await w.adas.complete({ ...begun, credential, name: null })).status).toBe(200);
  });
});

const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
const of = (text: string | undefined) => Buffer.from(text ?? "", "base64url");

/** Each is good but for one thing. */
const BAD: Record<string, Flaws | ((origin: string) => Flaws)> = {
  "for a login": { clientData: { type: "webauthn.get" } },
  "for a payment": { clientData: { type: "payment.get" } },
  "for another challenge": { clientData: { challenge: randomBytes(32).toString("base64url") } },
  "for a challenge in another alphabet": { clientData: { challenge: "" } },
  "from another origin": { clientData: { origin: "https://evil.example" } },
  "from a sub-domain": (origin) => ({ clientData: { origin: origin.replace("//", "//evil.") } }),
  "from an address that starts like ours": (origin) => ({ clientData: { origin: `${origin}.evil.example` } }),
  "from our origin with a path": (origin) => ({ clientData: { origin: `${origin}/` } }),
  "from our origin in a list": (origin) => ({ clientData: { origin: [origin] } }),
  "from another port": { clientData: { origin: "http://localhost:1" } },
  "from no origin": { clientData: { origin: "null" } },
  "in a foreign frame": { clientData: { crossOrigin: true } },
  "in a frame that is no boolean": { clientData: { crossOrigin: "false" } },
  "below a foreign page": { clientData: { topOrigin: "https://evil.example" } },
  "below our own page": { clientData: { crossOrigin: true, topOrigin: "http://localhost" } },
  "with client data that is null": { clientDataText: "null" },
  "with client data that is no JSON": { clientDataText: "{" },
  "with client data that is a list": { clientDataText: "[]" },
  "for another relying party": { rpId: "evil.example" },
  "for a sub-domain as relying party": { rpId: "evil.localhost" },
  "without user presence": { flags: { up: false } },
  "backed up though not eligible": { flags: { bs: true } },
  "without a credential": { flags: { at: false } },
  "with nothing about a credential": { flags: { at: false }, cut: 37 },
  "with extensions announced and missing": { flags: { ed: true } },
  "with bytes left over": { extra: Buffer.from([0]) },
  "cut short": { cut: 100 },
  "cut shorter": { cut: 36 },
  "with a credential id of 1024 bytes": { credentialId: randomBytes(1024) },
  "with an empty credential id": { credentialId: Buffer.alloc(0) },
  "of ES384": { cose: [[3, -35]] },
  "of ES384 called ES256": {
    cose: [
      [-1, 2],
      [-2, of(p384.x)],
      [-3, of(p384.y)],
    ],
  },
  "of RS1": { cose: [[3, -65535]] },
  "of ML-DSA": {
    cose: [
      [1, 7],
      [3, -48],
      [-1, randomBytes(1312)],
    ],
  },
  "of no algorithm": { cose: [[3, "ES256"]] },
  "of another kind of key": { cose: [[1, 1]] },
  "of EdDSA with a key of P-256": { cose: [[3, -8]] },
  "with a point beside the curve": { cose: [[-3, randomBytes(32)]] },
  "with half a point": { cose: [[-3, randomBytes(16)]] },
  "with a compressed point": { cose: [[-3, true]] },
  "with a key that is none": { cose: [[-2, "x"]] },
  "with an unknown attestation": { attestation: statement("my-own", () => []) },
  "with a statement where there is none": { attestation: statement("none", () => [["x", 1]]) },
  "attested by a certificate": {
    attestation: statement("packed", (parts) => [
      ["alg", -7],
      ["sig", selfSigned(parts)],
      ["x5c", [Buffer.from("x")]],
    ]),
  },
  "attested by U2F": {
    attestation: statement("fido-u2f", (parts) => [
      ["sig", selfSigned(parts)],
      ["x5c", [Buffer.from("x")]],
    ]),
  },
  "attested by a TPM": { attestation: statement("tpm", () => [["ver", "2.0"]]) },
  "attested by Android": {
    attestation: statement("android-safetynet", () => [
      ["ver", "1"],
      ["response", Buffer.from("x")],
    ]),
  },
  "attested by a wrong signature": {
    attestation: statement("packed", ({ sign }) => [
      ["alg", -7],
      ["sig", sign(Buffer.from("another"))],
    ]),
  },
  "attested by another algorithm": {
    attestation: statement("packed", (parts) => [
      ["alg", -35],
      ["sig", selfSigned(parts, "sha384")],
    ]),
  },
  "with an attestation that is no map": { attestationObject: cbor([1, 2]) },
  "with an attestation of nothing": { attestationObject: cbor(new Map()) },
  "with an attestation that nests without end": { attestationObject: Buffer.alloc(30_000, 0x81) },
  "with a list of 2^32 that is not there": { attestationObject: Buffer.from("9affffffff00", "hex") },
  "with text for authenticator data": {
    attestationObject: cbor(
      new Map<string, Cbor>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", "x".repeat(300)],
      ]),
    ),
  },
  "under another id": { json: (json) => ({ ...json, id: b64("another"), rawId: b64("another") }) },
  "under two ids": { json: (json) => ({ ...json, rawId: b64("another") }) },
  "as a password": { json: (json) => ({ ...json, type: "password" }) },
  "with padding": { json: (json) => ({ ...json, id: `${json.id}=`, rawId: `${json.id}=` }) },
  "as nothing": { json: () => ({}) },
  "as a prototype": { json: (json) => JSON.parse(`{"__proto__":${JSON.stringify(json)},"constructor":{}}`) },
  "with no response": { json: (json) => ({ ...json, response: undefined }) },
  "with a response that is null": { json: (json) => ({ ...json, response: null }) },
  "with a response that is a list": { json: (json) => ({ ...json, response: [json.response] }) },
  "with numbers": { json: (json) => ({ ...json, response: { clientDataJSON: 1, attestationObject: 2 } }) },
  "with empty text": {
    json: (json) => ({ ...json, response: { clientDataJSON: "", attestationObject: "" } }),
  },
  "with spaces": {
    json: (json) => ({
      ...json,
      response: { ...json.response, clientDataJSON: `${json.response.clientDataJSON} ` },
    }),
  },
  "with transports that are none": {
    json: (json) => ({ ...json, response: { ...json.response, transports: [1] } }),
  },
};

/** Where the library would say no as well, for now, or where one fault may hide another. */
const REASONS: Record<string, string> = {
  "of ES384": "Unexpected public key alg",
  "of RS1": "Unexpected public key alg",
  "of ML-DSA": "Unexpected public key alg",
  "with an unknown attestation": "attestation not asked for",
  "attested by a certificate": "attestation not asked for",
  "attested by U2F": "attestation not asked for",
  "attested by a TPM": "attestation not asked for",
  "attested by Android": "attestation not asked for",
};

describe("a registration is refused, and changes nothing,", () => {
  const shared = town();
  afterAll(async () => (await shared)[Symbol.asyncDispose]());
  for (const [what, bad] of Object.entries(BAD)) {
    test(what, async () => {
      const w = await shared;
      const flaws = typeof bad === "function" ? bad(w.origin) : bad;
      const { options, ...begun } = (await w.adas.begin()).body;
      const before = stateOf(w);
      const authenticator = newAuthenticator(w);
      const answer = await w.adas.complete({ ...begun, credential: authenticator.create(options, flaws) });
      expect([answer.status, answer.body]).toEqual([
        400,
        { detail: "Invalid credential", code: "INVALID_CREDENTIAL" },
      ]);
      // Any attempt spends the challenge.
      const good = { ...begun, credential: authenticator.create(options) };
      expect((await w.adas.complete(good)).status).toBe(400);
      expect(stateOf(w)).toEqual(before);
      const reasons = (await audited(w)).slice(-2);
      expect(reasons).toEqual([
        expect.stringMatching(/^passkey\.refused: [ -~]{1,200}$/),
        "passkey.refused: no such challenge",
      ]);
      expect(reasons[0]).toContain(REASONS[what] ?? "");
      expect((await w.adas.add(authenticator)).status).toBe(200);
      // Nobody may have as many as there are rows here.
      await w.ctx.db.run`delete from passkeys`;
    });
  }

  test("of an RSA key that is too short", async () => {
    await using w = await town();
    expect((await w.adas.add(newAuthenticator(w, { alg: "RS256", bits: 1024 }))).status).toBe(400);
    expect(dump(w)["passkeys"]).toEqual([]);
  });

  test("of a credential that is known, one's own or another's", async () => {
    await using w = await town();
    const one = newAuthenticator(w);
    expect((await w.adas.add(one)).status).toBe(200);
    const before = stateOf(w);
    for (const who of [w.adas, w.bobs]) {
      const answer = await who.add(one);
      expect([answer.status, answer.body.code]).toEqual([400, "INVALID_CREDENTIAL"]);
    }
    expect(stateOf(w)).toEqual(before);
    expect((await audited(w)).at(-1)).toBe("passkey.refused: credential is known already");
  });

  test("for a challenge that is unknown, another's, another passkey's, expired, of a login, or of before a sign-out", async () => {
    await using w = await town();
    const one = newAuthenticator(w);
    const attempt = async (
      who: typeof w.adas,
      begun: { device_id: string; challenge_id: string; options: unknown },
    ) => {
      const { options, device_id, challenge_id } = begun;
      const { status, body } = await who.complete({
        device_id,
        challenge_id,
        credential: one.create(options),
      });
      return [status, body.code];
    };
    const no = [400, "INVALID_CREDENTIAL"];
    const begin = async (who = w.adas) => (await who.begin()).body;
    expect(await attempt(w.adas, { ...(await begin()), challenge_id: "wch_nope" })).toEqual(no);
    expect(await attempt(w.adas, { ...(await begin()), device_id: (await begin()).device_id })).toEqual(no);
    expect(await attempt(w.adas, await begin(w.bobs))).toEqual(no);
    const late = await begin();
    w.clock.advance(5 * MINUTE);
    expect(await attempt(w.adas, late)).toEqual(no);
    expect(dump(w)["passkeys"]).toEqual([]);

    const two = newAuthenticator(w);
    expect((await w.adas.add(two)).status).toBe(200);
    const pending = await passwordOf(w, ADA, w.acme.id);
    const login = (await beginAssertion(w, pending)).body.data;
    const row = await w.ctx.db.get<{ binding: string }>`
      select binding from webauthn_challenges where id = ${login.challenge_id}`;
    const asked = await begin();
    const crossed = { challenge_id: login.challenge_id, device_id: row?.binding ?? "" };
    const options = { ...asked.options, challenge: login.options.challenge };
    expect(await attempt(w.adas, { ...crossed, options })).toEqual(no);
    expect(dump(w)["passkeys"]).toHaveLength(1);
    const refused = (await audited(w)).filter((entry) => entry.startsWith("passkey.refused"));
    expect(refused).toEqual(Array.from({ length: 5 }, () => "passkey.refused: no such challenge"));
  });

  test("at the schema, where fields are missing or no text", async () => {
    await using w = await town();
    const { options: _, ...begun } = (await w.adas.begin()).body;
    for (const credential of [undefined, null, 5, "x", [], [{}], true]) {
      const { status, body } = await w.adas.complete({ ...begun, credential });
      expect([status, body.detail[0].loc]).toEqual([422, ["body", "credential"]]);
    }
    const long = await w.adas.complete({ ...begun, challenge_id: "x".repeat(65), credential: {} });
    expect(long.status).toBe(422);
  });
});

describe("of several completes with one challenge", () => {
  test("one makes a passkey, from another process and at once", async () => {
    await using w = await town();
    const { options, ...begun } = (await w.adas.begin()).body;
    const requests = Array.from({ length: 8 }, () => ({
      method: "POST",
      path: "/api/v1/me/mfa/webauthn/register/complete",
      headers: { authorization: `Bearer ${w.adaKey}` },
      body: { ...begun, credential: newAuthenticator(w).create(options) },
    }));
    const hits = await volley({ origin: w.origin, requests });
    const statuses = hits.map(({ status }) => String(status)).toSorted();
    expect(statuses).toEqual(["200", ...Array.from({ length: 7 }, () => "400")]);
    expect(dump(w)["passkeys"]).toHaveLength(1);
  });
});

describe("a passkey that is being verified", () => {
  test("while everything of its user's is ended is not kept", async () => {
    await using w = await town();
    const { options, ...begun } = (await w.adas.begin()).body;
    const good = newAuthenticator(w).create(options);
    const identity = await identify(w.ctx, { authorization: `Bearer ${w.adaKey}`, cookie: null }, true);
    let ending: Promise<void> | undefined;
    const credential = {
      ...good,
      // Read once the challenge is spent.
      get id() {
        ending ??= transaction(w.ctx, (ctx) => endAllSignIns(ctx, w.ada.userId));
        return good.id;
      },
    };
    const shown = { deviceId: begun.device_id, challengeId: begun.challenge_id, credential, name: undefined };
    expect(await outcomeOf(completePasskey(w.ctx, identity, shown, client()))).toBe("INVALID_CREDENTIAL");
    await ending;
    expect(dump(w)["passkeys"]).toEqual([]);
    expect((await audited(w)).at(-1)).toBe("passkey.refused: signed out meanwhile");
  });
});

describe("removing a passkey", () => {
  test("takes that one, tells the owner, ends trusted devices, and leaves what else there is", async () => {
    await using w = await townWithMail();
    const blue = (await w.adas.add(newAuthenticator(w), {}, { name: "Blue" })).body.device;
    const red = (await w.adas.add(newAuthenticator(w), {}, { name: "Red" })).body.device;
    const bobs = (await w.bobs.add(newAuthenticator(w))).body.device;
    await trustedDevices.create(w.ctx, w.ada, client());
    const { status, body } = await w.adas.remove(blue.id);
    expect([status, body]).toEqual([200, { message: "Passkey removed" }]);
    expect(dump(w)["passkeys"]?.map((row) => (row as { id: string }).id)).toEqual([red.id, bobs.id]);
    expect(dump(w)["trusted_devices"]).toEqual([]);
    expect(dump(w)["backup_codes"]).toHaveLength(20);
    expect((await audited(w)).at(-1)).toBe("passkey.removed: Blue");
    const mails = [await w.mailbox.waitFor(ADA), await w.mailbox.waitFor(ADA), await w.mailbox.waitFor(ADA)];
    expect(mails.filter(({ text }) => text.includes("a passkey was removed"))).toHaveLength(1);
  });

  test("that is the last factor takes the backup codes along", async () => {
    await using w = await town();
    const { device } = (await w.adas.add(newAuthenticator(w))).body;
    await w.bobs.add(newAuthenticator(w));
    expect((await w.adas.remove(device.id)).status).toBe(200);
    expect(dump(w)["backup_codes"]).toHaveLength(10);
    expect(await w.ctx.db.all`select distinct user_id from backup_codes`).toEqual([
      { user_id: w.bob.userId },
    ]);
    expect((await w.send("GET", "/api/v1/me", { key: w.adaKey })).body.mfa_enabled).toBe(false);
  });

  test("of another looks like removing none", async () => {
    await using w = await town();
    const { device } = (await w.bobs.add(newAuthenticator(w))).body;
    const before = stateOf(w);
    const [foreign, unknown] = [await w.adas.remove(device.id), await w.adas.remove("pky_nope")];
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect(stateOf(w)).toEqual(before);
  });

  test("is refused for the last factor, of whatever kind, while an active membership asks for one", async () => {
    await using w = await town();
    const strict = await makeTenant(w, "strict", { mfa_policy: "required" });
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${strict.id}, ${w.ada.userId}, 'member', 'active', 1)`;
    const one = (await w.adas.add(newAuthenticator(w))).body.device;
    const two = (await w.adas.add(newAuthenticator(w))).body.device;
    expect((await w.adas.remove(one.id)).status).toBe(200);
    const before = stateOf(w);
    const answer = await w.adas.remove(two.id);
    expect([answer.status, answer.body.code]).toEqual([400, "LAST_FACTOR"]);
    expect(stateOf(w)).toEqual(before);
    await enableTotp(w, w.adaKey);
    expect((await w.adas.remove(two.id)).status).toBe(200);
    const three = (await w.adas.add(newAuthenticator(w))).body.device;
    await w.ctx.db.run`delete from totp_devices`;
    expect((await w.adas.remove(three.id)).status).toBe(400);
    await w.ctx.db.run`update memberships set status = 'suspended' where tenant_id = ${strict.id}`;
    expect((await w.adas.remove(three.id)).status).toBe(200);
  });
});
