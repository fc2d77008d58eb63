// Proof of work where a tenant asks for it (decisions §2 tenant): an ALTCHA challenge of version 2, which costs a phone about a
// second and us a hash, without cookie, picture or third party. Nothing is stored until a solution is spent.
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import * as altcha from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import type { Context } from "../context.ts";
import { derive } from "../crypto/derive.ts";
import type { TenantId } from "./ids.ts";

const LIFETIME_MS = 10 * 60 * 1000;
/** Native in every browser (WebCrypto); the memory-hard ones would need WebAssembly, which a page's CSP may forbid. */
const ALGORITHM = "PBKDF2/SHA-256";
const COST = 2000;
/** So many keys have to be tried in turn: 1 to 2 million rounds in all, no luck involved. */
const TRIES = { least: 500, most: 1000 };

/** For those who tell how far the work is. */
export const MOST_TRIES = TRIES.most;

/** What a widget or library of ALTCHA takes. */
export type Challenge = Pick<altcha.Challenge, "signature" | "parameters">;

/** A right solution, not spent yet. */
export interface Solution {
  jti: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** The part of a solved challenge that we read ourselves; the library judges the rest by our signature. */
const Payload = Type.Object({
  challenge: Type.Object({
    parameters: Type.Object({
      algorithm: Type.Literal(ALGORITHM),
      nonce: Type.String({ minLength: 1, maxLength: 64 }),
      salt: Type.String(),
      cost: Type.Integer(),
      keyLength: Type.Integer(),
      keyPrefix: Type.String(),
      keySignature: Type.String(),
      expiresAt: Type.Integer(),
      data: Type.Object({ tenant: Type.String() }),
    }),
    signature: Type.String(),
  }),
  solution: Type.Object({ counter: Type.Integer(), derivedKey: Type.String() }),
});

/** A new challenge, good for ten minutes and at that tenant only. */
export async function createChallenge(ctx: Context, tenantId: TenantId): Promise<Challenge> {
  const { least, most } = TRIES;
  const counter = least + (Buffer.from(ctx.random(4)).readUInt32BE() % (most - least + 1));
  return altcha.createChallenge({
    algorithm: ALGORITHM,
    cost: COST,
    counter,
    deriveKey,
    data: { tenant: tenantId },
    expiresAt: Math.floor((ctx.now() + LIFETIME_MS) / 1000),
    ...secretsOf(ctx),
  });
}

/** What can be spent for a solved challenge of that tenant; undefined when it is none. Not inside a transaction. */
export async function verify(ctx: Context, tenantId: TenantId, token: string): Promise<Solution | undefined> {
  const payload = parse(token);
  if (!payload) return undefined;
  const { nonce, data, expiresAt } = payload.challenge.parameters;
  if (data.tenant !== tenantId) return undefined;
  const { verified } = await altcha.verifySolution({ ...payload, deriveKey, ...secretsOf(ctx) });
  return verified ? { jti: `captcha ${nonce}`, expiresAt: expiresAt * 1000 } : undefined;
}

/** Spends it. Of any number of parallel calls exactly one gets true; none after it expired. Inside a transaction. */
export async function consume(ctx: Context, { jti, expiresAt }: Solution): Promise<boolean> {
  const now = ctx.now();
  if (expiresAt <= now) return false;
  const spent = await ctx.db.run`
    insert into continuations (jti, kind, tries, spent_at, expires_at)
    values (${jti}, 'captcha', 1, ${now}, ${expiresAt})
    on conflict (jti) do nothing`;
  return spent === 1;
}

/** base64 of JSON, as the widget sends it. */
function parse(token: string): Static<typeof Payload> | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token, "base64").toString("utf8"));
    return Value.Check(Payload, payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** One key for the challenge and another for the key to be found: neither signature passes for the other. */
const secretsOf = (ctx: Context) => ({
  hmacSignatureSecret: Buffer.from(ctx.keys.captcha).toString("hex"),
  hmacKeySignatureSecret: Buffer.from(derive(ctx.keys.captcha, "ostiary/captcha/key")).toString("hex"),
});
