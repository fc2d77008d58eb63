// The secret by which a client asks how its waiting sign-in fares (`login_session_id`). Not a noun: it says by itself for how long
// it lives and for whom it was made, so that an id for an email without an account needs no row, and is answered like any other
// for its whole life.
import type { Context } from "../context.ts";
import { constantTimeEqual, hmac } from "../crypto/digest.ts";

const PREFIX = "ost_lrq_";
/** Expiry (epoch milliseconds), random, HMAC: whole groups of three, so that each has one spelling in base64url. */
const EXPIRY_BYTES = 6;
const RANDOM_BYTES = 30;
const MAC_BYTES = 18;
const FORM = /^ost_lrq_[A-Za-z0-9_-]{72}$/;

/** approval: a right password waits for its second factor. magic: a mailed code is to be the first one. */
export type WaitingKind = "approval" | "magic";

/** For whom an id is made. */
export interface MadeFor {
  kind: WaitingKind;
  /** The email in canonical form, or the username. */
  name: string;
}

/** A new one, dead from `expiresAt` on (epoch milliseconds). */
export function newLoginSessionId(ctx: Context, madeFor: MadeFor, expiresAt: number): string {
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUIntBE(expiresAt, 0, EXPIRY_BYTES);
  const content = Buffer.concat([expiry, ctx.random(RANDOM_BYTES)]);
  return PREFIX + Buffer.concat([content, macOf(ctx, madeFor, content)]).toString("base64url");
}

/** When an id is over that we made for that kind and name (epoch milliseconds); undefined for any other. */
export function expiryOf(ctx: Context, id: string, madeFor: MadeFor): number | undefined {
  if (!FORM.test(id)) return undefined;
  const bytes = Buffer.from(id.slice(PREFIX.length), "base64url");
  const content = bytes.subarray(0, EXPIRY_BYTES + RANDOM_BYTES);
  const mac = bytes.subarray(EXPIRY_BYTES + RANDOM_BYTES).toString("base64url");
  const isOurs = constantTimeEqual(mac, macOf(ctx, madeFor, content).toString("base64url"));
  return isOurs ? content.readUIntBE(0, EXPIRY_BYTES) : undefined;
}

/** Truncated to 144 bits, more than any forger can try (RFC 2104 §5). */
const macOf = (ctx: Context, { kind, name }: MadeFor, content: Buffer): Buffer =>
  Buffer.from(
    hmac(ctx.keys.waiting, JSON.stringify([kind, name, content.toString("base64url")])),
    "base64url",
  ).subarray(0, MAC_BYTES);
