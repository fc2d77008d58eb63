// What an access token says, and everything that is none: RFC 8725, RFC 9068, spec/security.md A03, A43 to A45.
import { describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import {
  base64url,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { open } from "../../src/crypto/seal.ts";
import { identify } from "../../src/flows/identify.ts";
import { accessToken } from "../../src/flows/open-session.ts";
import { BASE } from "../support/key-group.ts";
import {
  ACME,
  ADA,
  BOB,
  EMCA,
  makeKey,
  MINUTE,
  outcomeOf,
  settle,
  signInForCookie,
  signInForKey,
  signInForTokens,
} from "../support/sessions.ts";
import { type World, world } from "../support/world.ts";

const ME = `${BASE}/me/`;

/** A world with a session of Ada's, and our own private key, which is what a forger would love to have. */
async function scene(settings: Parameters<typeof world>[0] = {}) {
  const w = await world(settings);
  await settle(w.ctx);
  const opened = await signInForTokens(w.ctx, { amr: ["pwd", "otp", "mfa"] });
  const row = await w.ctx.db.get<{ kid: string; alg: string; sealed: string; publicJwk: string }>`
    select kid, alg, private_jwk_sealed as sealed, public_jwk as "publicJwk" from signing_keys`;
  if (!row) throw new Error("no signing key");
  const { kid, alg } = row;
  const privateJwk = open(w.ctx.keys.seal, `signing_keys/${kid}`, row.sealed);
  const key = (await importJWK(JSON.parse(privateJwk), alg)) as CryptoKey;
  const header: JWTHeaderParameters = { alg, kid, typ: "at+jwt" };
  const claims = decodeJwt(opened.accessToken);
  const sign = (over: JWTPayload = {}, headerOver: object = {}, by: CryptoKey | Uint8Array = key) =>
    new SignJWT(without({ ...claims, ...over }))
      .setProtectedHeader(without({ ...header, ...headerOver }) as JWTHeaderParameters)
      .sign(by, { crit: { b64: true, exp: true, x: true } });
  const publicJwk = JSON.parse(row.publicJwk) as JWK;
  return {
    w,
    opened,
    token: opened.accessToken,
    header,
    claims,
    publicJwk,
    sign,
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** Claims set to undefined are left out. */
const without = (object: object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>;

const statusOf = async (w: World, key: string) => (await w.send("GET", ME, { key })).status;

const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

describe("an access token", () => {
  for (const alg of ["EdDSA", "ES256"]) {
    test(`is a JWT with the promised claims, signed by ${alg}, that anyone can verify by the published keys`, async () => {
      await using s = await scene({ TOKEN_ALGORITHM: alg, AUDIENCE: "https://api.example.com" });
      const { body } = await s.w.send("GET", "/.well-known/jwks.json");
      const { payload, protectedHeader } = await jwtVerify(s.token, createLocalJWKSet(body), {
        issuer: s.w.ctx.config.url,
        audience: "https://api.example.com",
        typ: "at+jwt",
        algorithms: [alg],
      });
      const { kid } = body.keys[0];
      expect(protectedHeader).toEqual({ alg, kid, typ: "at+jwt" });
      const { iat, exp, jti, auth_time, ...rest } = payload;
      expect(rest).toEqual({
        iss: s.w.ctx.config.url,
        sub: ADA,
        aud: "https://api.example.com",
        sid: s.opened.sessionId,
        tid: ACME,
        org: ACME,
        role: "owner",
        amr: ["pwd", "otp", "mfa"],
      });
      expect(jti).toMatch(/^jti_[\da-f]{32}$/);
      expect(Number(exp) - Number(iat)).toBe(15 * 60);
      expect(Number(iat)).toBeWithin(Number(auth_time), Number(auth_time) + 2);
      expect(await statusOf(s.w, s.token)).toBe(200);
    });
  }

  test("works for 15 minutes and not a second longer", async () => {
    await using s = await scene();
    const ctx = { ...s.w.ctx, now: () => Number(s.claims.iat) * 1000 + at };
    let at = 15 * MINUTE - 1;
    const attempt = () =>
      outcomeOf(identify(ctx, { authorization: `Bearer ${s.token}`, cookie: null }, false));
    expect(await attempt()).toBe("done");
    at += 1;
    expect(await attempt()).toBe("INVALID_BEARER");
    // Also where it was never seen while it was good.
    s.w.clock.advance(15 * MINUTE);
    expect(await statusOf(s.w, s.token)).toBe(401);
  });

  test("does not outlive its session", async () => {
    await using s = await scene();
    const expiresAt = s.w.clock.now() + 5 * MINUTE;
    const { exp } = decodeJwt(await accessToken(s.w.ctx, { ...s.opened, expiresAt }));
    expect(exp).toBe(Math.floor(expiresAt / 1000));
  });

  test("of before the clock was set back is refused until its time comes again", async () => {
    await using s = await scene();
    expect(await statusOf(s.w, s.token)).toBe(200);
    s.w.clock.advance(-2 * MINUTE);
    expect(await statusOf(s.w, s.token)).toBe(401);
    s.w.clock.advance(2 * MINUTE);
    expect(await statusOf(s.w, s.token)).toBe(200);
  });

  const deaths: [string, (s: Scene) => Promise<unknown>][] = [
    ["its session ended", ({ w }) => w.ctx.db.run`delete from sessions`],
    ["its session expired", ({ w }) => w.ctx.db.run`update sessions set expires_at = ${w.clock.now()}`],
    ["its user was disabled", ({ w }) => w.ctx.db.run`update users set disabled_at = 1`],
    ["its user is not active any more", ({ w }) => w.ctx.db.run`update users set active_at = null`],
    ["its user was deleted", ({ w }) => w.ctx.db.run`delete from users where id = ${ADA}`],
    ["its membership was suspended", ({ w }) => w.ctx.db.run`update memberships set status = 'suspended'`],
    [
      "its membership was removed",
      ({ w }) => w.ctx.db.run`delete from memberships where tenant_id = ${ACME}`,
    ],
    ["its tenant was disabled", ({ w }) => w.ctx.db.run`update tenants set disabled_at = 1`],
    ["its tenant was deleted", ({ w }) => w.ctx.db.run`delete from tenants where id = ${ACME}`],
    ["its key was taken back", ({ w }) => w.ctx.db.run`delete from signing_keys`],
    ["its key retired", ({ w }) => w.ctx.db.run`update signing_keys set retires_at = ${w.clock.now()}`],
  ];
  for (const [what, kill] of deaths) {
    test(`stops working at once when ${what}, though it worked a moment before`, async () => {
      await using s = await scene();
      expect(await statusOf(s.w, s.token)).toBe(200);
      await kill(s);
      expect(await statusOf(s.w, s.token)).toBe(401);
    });
  }
});

/** Signed with our own key, so that nothing but what is named can be the reason. */
const SIGNED_BY_US: [string, JWTPayload, object?][] = [
  ["another type", {}, { typ: "JWT" }],
  ["the type of a continuation token", {}, { typ: "mfa+jwt" }],
  ["no type", {}, { typ: undefined }],
  ["another issuer", { iss: "https://evil.example" }],
  ["no issuer", { iss: undefined }],
  ["another audience", { aud: "https://evil.example" }],
  ["no audience", { aud: undefined }],
  ["an expiry that is past", { exp: 1 }],
  ["no expiry", { exp: undefined }],
  ["an expiry that is text", { exp: "9999999999" as unknown as number }],
  ["an expiry that is null", { exp: null as unknown as number }],
  ["a start in the future", { nbf: 99_999_999_999 }],
  ["a start that is text", { nbf: "0" as unknown as number }],
  ["an issuing time in the future", { iat: 99_999_999_999 }],
  ["an issuing time over 15 minutes ago, whatever the expiry", { iat: 1, exp: 1e300 }],
  ["no issuing time", { iat: undefined }],
  ["no subject", { sub: undefined }],
  ["a subject that is a list", { sub: [ADA] as unknown as string }],
  ["another subject", { sub: BOB }],
  ["no session", { sid: undefined }],
  ["a session that is an object", { sid: { id: "x" } }],
  ["a session that is a number", { sid: 1 }],
  ["an unknown session", { sid: "ses_0" }],
  ["no tenant", { tid: undefined }],
  ["another tenant", { tid: EMCA }],
  ["no id", { jti: undefined }],
  ["no login time", { auth_time: undefined }],
  ["an unknown kid", {}, { kid: "A".repeat(43) }],
  ["a kid that is a path", {}, { kid: "../../../../dev/null" }],
  ["a kid that is SQL", {}, { kid: "' or 1=1 --" }],
  ["a huge kid", {}, { kid: "A".repeat(2000) }],
  ["an empty kid", {}, { kid: "" }],
  ["a kid that is a number", {}, { kid: 1 }],
  ["a kid that is the name of a property", {}, { kid: "__proto__" }],
  ["no kid", {}, { kid: undefined }],
  ["a content type", {}, { cty: "JWT" }],
  ["an extension that must be understood", {}, { crit: ["x"], x: 1 }],
  ["a claim that must be understood", {}, { crit: ["exp"], exp: 1 }],
  ["an unencoded payload", {}, { crit: ["b64"], b64: true }],
];

const HEADERS = new Set(["jku", "x5u"]);

describe("a token that is refused:", () => {
  test("the one that the others differ from is not", async () => {
    await using s = await scene();
    expect(await statusOf(s.w, await s.sign())).toBe(200);
  });

  for (const [what, claims, header] of SIGNED_BY_US) {
    test(`with ${what}, even signed with our own key`, async () => {
      await using s = await scene();
      const answer = await s.w.send("GET", ME, { key: await s.sign(claims, header) });
      expect([answer.status, answer.body.detail]).toEqual([401, "Invalid or missing API key."]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    });
  }

  const unsigned = ["none", "None", "NONE", "nOnE", ""];
  test(`without a signature, by whatever spelling: ${unsigned.join(" ")}`, async () => {
    await using s = await scene();
    for (const alg of unsigned) {
      const start = `${encode({ ...s.header, alg })}.${encode(s.claims)}`;
      const signature = s.token.split(".")[2] ?? "";
      for (const token of [start, `${start}.`, `${start}.${signature}`]) {
        expect([token, await statusOf(s.w, token)]).toEqual([token, 401]);
      }
    }
  });

  test("signed with the public key as an HMAC secret", async () => {
    await using s = await scene();
    const publicKey = (await importJWK(s.publicJwk, s.header.alg, { extractable: true })) as CryptoKey;
    const spki = await exportSPKI(publicKey);
    const jwk = JSON.stringify(s.publicJwk);
    const raw = base64url.decode(s.publicJwk.x ?? "");
    for (const secret of [spki, spki.trim(), jwk, raw]) {
      const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
      expect(await statusOf(s.w, await s.sign({}, { alg: "HS256" }, bytes))).toBe(401);
    }
  });

  test("signed by another key, under our kid or under its own", async () => {
    await using s = await scene();
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const jwk = await exportJWK(publicKey);
    expect(await statusOf(s.w, await s.sign({}, {}, privateKey))).toBe(401);
    expect(await statusOf(s.w, await s.sign({}, { jwk }, privateKey))).toBe(401);
    expect(await statusOf(s.w, await s.sign({}, { kid: "A".repeat(43), jwk }, privateKey))).toBe(401);
  });

  test("signed by our key of the other algorithm, under the kid of this one", async () => {
    await using s = await scene();
    const { privateKey } = await generateKeyPair("ES256");
    expect(await statusOf(s.w, await s.sign({}, { alg: "ES256" }, privateKey))).toBe(401);
  });

  test("that names a place to fetch the key from; nothing is fetched", async () => {
    await using s = await scene();
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "theirs", alg: "EdDSA" };
    let hits = 0;
    const server = createServer((_, response) => {
      hits++;
      response.end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    for (const name of HEADERS) {
      for (const kid of ["theirs", s.header.kid]) {
        const forged = await s.sign({}, { kid, [name]: url }, privateKey);
        expect(await statusOf(s.w, forged)).toBe(401);
        expect(await statusOf(s.w, await s.sign({}, { kid, [name]: url }))).toBe(401);
      }
    }
    for (const header of [{ jwk }, { x5c: ["AAAA"] }, { x5t: "AAAA" }]) {
      expect(await statusOf(s.w, await s.sign({}, header))).toBe(401);
    }
    server.close();
    expect(hits).toBe(0);
  });

  test("cut short, longer, spoiled by one character anywhere, or written differently", async () => {
    await using s = await scene();
    const [header = "", payload = "", signature = ""] = s.token.split(".");
    const spoiled = Array.from({ length: 40 }, (_, i) => {
      const at = Math.floor((i / 40) * s.token.length);
      const other = s.token[at] === "A" ? "B" : "A";
      return s.token[at] === "." ? `${s.token}x` : s.token.slice(0, at) + other + s.token.slice(at + 1);
    });
    const cut = [0, 1, header.length, header.length + 1, -1, -2, -signature.length].map((end) =>
      s.token.slice(0, end),
    );
    const odd = [
      `${s.token}.`,
      `.${s.token}`,
      `${s.token}=`,
      `${s.token}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}.${signature}.${signature}`,
      `${s.token} ${s.token}`,
      `Bearer ${s.token}`,
      `"${s.token}"`,
      `${header}.${payload}.${signature.replaceAll("-", "+").replaceAll("_", "/")}+`,
      ".",
      "..",
      "a.b.c",
      `${encode([])}.${payload}.${signature}`,
      `${encode(null)}.${payload}.${signature}`,
      `${base64url.encode('{"alg":"EdDSA"')}.${payload}.${signature}`,
      JSON.stringify({ protected: header, payload, signature }),
    ];
    for (const token of [...spoiled, ...cut, ...odd]) {
      expect([token, await statusOf(s.w, token)]).toEqual([token, 401]);
    }
    expect(await statusOf(s.w, s.token)).toBe(200);
  });

  test("of a size that no token of ours has", async () => {
    await using s = await scene();
    for (const token of [await s.sign({ pad: "x".repeat(5000) }), `${s.token}${"A".repeat(65_536)}`]) {
      expect([401, 431]).toContain(await statusOf(s.w, token));
    }
    // Past the runtime's own bound on headers.
    const asked = identify(s.w.ctx, { authorization: `Bearer ${"A".repeat(65_536)}`, cookie: null }, false);
    expect(await outcomeOf(asked)).toBe("INVALID_BEARER");
  });

  test("of another kind: refresh token, cookie, session id, kid", async () => {
    await using s = await scene();
    const { cookie, sessionId } = await signInForCookie(s.w.ctx);
    const others = [s.opened.refreshToken, cookie, sessionId, s.opened.sessionId, String(s.header.kid), ADA];
    for (const other of others) expect([other, await statusOf(s.w, other)]).toEqual([other, 401]);
    // Nor does an access token of ours speak for a session of the other kind.
    expect(await statusOf(s.w, await s.sign({ sid: sessionId }))).toBe(401);
  });
});

describe("wherever a Bearer is asked for", () => {
  test("an access token, the key of a sign-in and a key made by hand are all taken", async () => {
    await using s = await scene();
    for (const key of [s.token, await signInForKey(s.w.ctx), await makeKey(s.w.ctx)]) {
      const answer = await s.w.send("GET", ME, { key });
      expect([answer.status, answer.body]).toEqual([200, { username: "ada", mfa_enabled: false }]);
    }
  });

  test("a session cookie is not", async () => {
    await using s = await scene();
    const { cookie } = await signInForCookie(s.w.ctx);
    const answer = await s.w.send("GET", ME, { headers: { cookie: `ostiary_session=${cookie}` } });
    expect([answer.status, answer.body.detail]).toEqual([401, "Not authenticated"]);
  });
});

test("a header is read as the one it is: ours has three members", async () => {
  await using s = await scene();
  expect(Object.keys(decodeProtectedHeader(s.token)).toSorted()).toEqual(["alg", "kid", "typ"]);
});
