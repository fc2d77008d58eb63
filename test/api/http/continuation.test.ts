// Continuation tokens that are forged, stretched or of another kind (RFC 8725; A01, A43–A45): some signed with our very own key, so
// that what refuses them is the rule and not the signature.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from "jose";
import { hmac } from "../../../src/crypto/digest.ts";
import type { Authenticator } from "../../support/authenticator.ts";
import { newAuthenticator, passkeyAlone, passkeysOf } from "../../support/passkeys.ts";
import { PASSWORD } from "../../support/people.ts";
import { portal } from "../../support/portal-group.ts";
import {
  ADA,
  enrolTotp,
  makeBackupCodes,
  signedInWith,
  type Town,
  town,
} from "../../support/second-factors.ts";
import { signInForTokens } from "../../support/sessions.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import type { Answer } from "../../support/world.ts";

type Claims = Record<string, unknown>;

/** One of the kinds, good, with where it is shown. */
interface Kind {
  obtain: (w: Town) => Promise<string>;
  show: (w: Town, token: string) => Promise<Answer>;
  code: string;
}

let codes: string[] = [];
let authenticator: Authenticator;

const KINDS: Record<string, Kind> = {
  "flow token": {
    obtain: async (w) => (await portal(w).identify(ADA)).body.flow_token,
    show: (w, flow_token) => portal(w).authenticate({ flow_token, password: PASSWORD, tenant_id: w.acme.id }),
    code: "INVALID_FLOW_TOKEN",
  },
  "mfa token": {
    obtain: async (w) => (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data.mfa_token,
    show: (w, mfa_token) =>
      portal(w).verify({ mfa_token, user_id: w.userId, method: "backup_code", code: codes.at(-1) ?? "" }),
    code: "INVALID_MFA_TOKEN",
  },
  "challenge of a passkey alone": {
    obtain: async (w) => (await passkeyAlone(w).begin()).body.challenge_id,
    show: (w, challenge_id) => {
      const { jti } = unverified(challenge_id);
      const credential = authenticator.get({ challenge: jti ?? "none", rpId: "localhost" });
      return passkeyAlone(w).complete({ challenge_id, credential });
    },
    code: "INVALID_CREDENTIALS",
  },
};

/** What a token says, whoever signed it. */
function unverified(token: string): Claims {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}

let w: Town;
beforeAll(async () => {
  w = await town();
  const { accessToken, sessionId } = await signInForTokens(w.ctx, { userId: w.userId, tenantId: w.acme.id });
  authenticator = newAuthenticator(w);
  await passkeysOf(w, accessToken).add(authenticator);
  await w.ctx.db.run`delete from sessions where id = ${sessionId}`;
  await enrolTotp(w, w.userId);
  codes = await makeBackupCodes(w, w.userId);
});
afterAll(() => w[Symbol.asyncDispose]());

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** By hand, as libraries refuse to write some of these. */
function signed(header: Claims, claims: Claims, key: Uint8Array | string): string {
  const text = `${b64(header)}.${b64(claims)}`;
  return `${text}.${hmac(Buffer.from(key as string), text)}`;
}

describe.each(Object.entries(KINDS))("a %s", (_name, { obtain, show, code }) => {
  const good = async () => {
    const token = await obtain(w);
    return { token, header: decodeProtectedHeader(token) as Claims, claims: decodeJwt(token) as Claims };
  };
  const refuse = async (what: string, token: string) => {
    const { status, body } = await show(w, token);
    expect([what, status, body.code]).toEqual([what, 401, code]);
  };
  const nothingOpened = async () => expect(await signedInWith(w, w.userId)).toEqual([]);

  test("that we sign anew by hand is as good as before: what follows fails for its own fault", async () => {
    const { token, header, claims } = await good();
    expect(signed(header, claims, w.ctx.keys.continuation)).toBe(token);
  });

  test("with claims that are none of ours is refused, though our own key has signed it", async () => {
    const { header, claims } = await good();
    const now = Math.floor(w.clock.now() / 1000);
    const others = Object.values(KINDS).filter((kind) => kind.code !== code);
    const foreign = decodeJwt((await others[0]?.obtain(w)) ?? "");
    const changes: Record<string, Claims> = {
      "expired a second ago": { exp: now - 1 },
      "expiring now": { exp: now },
      "exp as text": { exp: String(claims["exp"]) },
      "exp as a list": { exp: [claims["exp"]] },
      "exp of null": { exp: null },
      "exp below zero": { exp: -1 },
      "no exp": { exp: undefined },
      "not before tomorrow": { nbf: now + 86_400 },
      "nbf as text": { nbf: "0" },
      "no sub": { sub: undefined },
      "an empty sub": { sub: "" },
      "no jti": { jti: undefined },
      "an empty jti": { jti: "" },
      "no aud": { aud: undefined },
      "the aud of the other kind": { aud: foreign.aud },
      "the aud of an access token": { aud: w.ctx.config.audience },
      "no iss": { iss: undefined },
      "another iss": { iss: "https://evil.example" },
      "an iss with a slash": { iss: `${w.ctx.config.url}/` },
    };
    for (const [what, change] of Object.entries(changes))
      await refuse(what, signed(header, { ...claims, ...change }, w.ctx.keys.continuation));
    await nothingOpened();
  });

  test("of another typ, or none, is refused", async () => {
    const { header, claims } = await good();
    for (const typ of [
      undefined,
      "JWT",
      "at+jwt",
      "flow+jwt",
      "mfa+jwt",
      "passkey+jwt",
      "",
      "none",
      1,
      ["mfa+jwt"],
    ].filter((typ) => typ !== header["typ"]))
      await refuse(`typ ${String(typ)}`, signed({ ...header, typ }, claims, w.ctx.keys.continuation));
    await nothingOpened();
  });

  test("of another algorithm, or with a header that is to be understood, is refused", async () => {
    const { header, claims } = await good();
    for (const alg of [
      "none",
      "None",
      "NONE",
      "nOnE",
      "",
      "HS384",
      "HS512",
      "hs256",
      "RS256",
      "EdDSA",
      "ES256",
      null,
      256,
    ])
      await refuse(`alg ${alg}`, signed({ ...header, alg }, claims, w.ctx.keys.continuation));
    for (const alg of ["none", "None", "NONE", "HS256"]) {
      const text = `${b64({ ...header, alg })}.${b64(claims)}`;
      for (const unsigned of [`${text}.`, text, `${text}.${b64("")}`])
        await refuse(`unsigned ${alg}`, unsigned);
    }
    for (const extra of [{ crit: ["exp"] }, { crit: [] }, { crit: ["b64"], b64: false }])
      await refuse(JSON.stringify(extra), signed({ ...header, ...extra }, claims, w.ctx.keys.continuation));
    await nothingOpened();
  });

  test("that is signed with what others know is refused, and no key is fetched from anywhere", async () => {
    const { header, claims } = await good();
    let hits = 0;
    const sink = createServer((_, response) => {
      hits++;
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => sink.once("listening", resolve));
    const address = sink.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    const [jwk] = (await w.send("GET", "/.well-known/jwks.json")).body.keys;
    const guesses = [
      "",
      "secret",
      w.ctx.config.url,
      JSON.stringify(jwk),
      jwk.x,
      Buffer.from(jwk.x, "base64url"),
    ];
    for (const key of guesses) await refuse("a guess", signed(header, claims, key));
    const { privateKey } = await generateKeyPair("EdDSA");
    const pair = await new SignJWT(claims).setProtectedHeader({ ...header, alg: "EdDSA" }).sign(privateKey);
    await refuse("another pair", pair);
    const places: Claims[] = [{ jku: url }, { x5u: url }, { jwk }, { x5c: [url] }];
    const kids = ["../../../../dev/null", "' or 1=1 --", url, "x".repeat(2000), "__proto__", 1, null];
    for (const extra of [...places, ...kids.map((kid) => ({ kid }))])
      await refuse(JSON.stringify(extra).slice(0, 40), signed({ ...header, ...extra }, claims, "theirs"));
    sink.close();
    expect(hits).toBe(0);
    await nothingOpened();
  });

  test("that is cut, stretched, or spoiled anywhere is refused", async () => {
    const { token } = await good();
    const [header = "", claims = "", signature = ""] = token.split(".");
    const spoiled = Array.from({ length: 30 }, (_, i) => {
      // The last letter of each part holds bits that mean nothing.
      const at = Math.floor((i / 30) * (token.length - 2));
      const letter = token[at] === "A" ? "B" : "A";
      return token[at] === "." ? "" : token.slice(0, at) + letter + token.slice(at + 1);
    });
    const others = [
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `.${claims}.${signature}`,
      `${header}..${signature}`,
      `${token}.${signature}`,
      `${token}.`,
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `Bearer ${token}`,
      `${token}=`,
      `${token}A`,
      "..",
      "",
      "null",
      `${header}.${b64(null)}.${signature}`,
      "a.".repeat(1000),
    ];
    for (const [i, text] of [...spoiled, ...others].entries())
      if (text !== token) await refuse(`no. ${i}`, text);
    await nothingOpened();
  });
});

test("facts of an mfa token cannot be traded for others: each sign-in's belong to its own", async () => {
  const token = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data.mfa_token;
  const [header, , signature] = token.split(".");
  const claims = decodeJwt(token);
  for (const change of [
    { sub: "usr_root" },
    { tid: w.beta.id },
    { first: "pwd otp mfa" },
    { remember: true },
    { epoch: 9 },
  ]) {
    const traded = `${header}.${b64({ ...claims, ...change })}.${signature}`;
    const shown = { mfa_token: traded, user_id: w.userId, method: "backup_code", code: codes[0] ?? "" };
    expect((await portal(w).verify(shown)).body.code).toBe("INVALID_MFA_TOKEN");
  }
});

test("where a challenge leads cannot be traded either, nor how long it lives", async () => {
  const { challenge_id, options } = (await passkeyAlone(w).begin({ tenant: "acme" })).body;
  const [header, , signature] = challenge_id.split(".");
  const claims = decodeJwt(challenge_id);
  expect(claims).toMatchObject({ tid: w.acme.id, jti: options.challenge });
  for (const change of [
    { tid: w.beta.id },
    { tid: undefined },
    { jti: "another" },
    { exp: (claims.exp ?? 0) + 9 },
  ]) {
    const traded = `${header}.${b64({ ...claims, ...change })}.${signature}`;
    const shown = { challenge_id: traded, credential: authenticator.get(options) };
    expect((await passkeyAlone(w).complete(shown)).body.code).toBe("INVALID_CREDENTIALS");
  }
  const shown = { challenge_id, credential: authenticator.get(options) };
  expect((await passkeyAlone(w).complete(shown)).body.tenant).toBe("acme");
});

test("a mfa token ends with its fifth minute, to the whole second that such a token can say", async () => {
  const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
  const { exp = 0 } = decodeJwt(mfa_token);
  const lifetimeMs = exp * 1000 - w.clock.now();
  expect(lifetimeMs).toBeGreaterThan(299_000);
  expect(lifetimeMs).toBeLessThanOrEqual(301_000);
  w.clock.advance(exp * 1000 - w.clock.now());
  const shown = { mfa_token, user_id: w.userId, method: "backup_code", code: codes[0] ?? "" };
  expect((await portal(w).verify(shown)).body.code).toBe("INVALID_MFA_TOKEN");
});
