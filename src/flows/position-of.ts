// Stands in for POLICY's positionOf until its branch is merged.
import type { Context } from "../context.ts";
import type { Email } from "../core/emails.ts";
import { hmac } from "../crypto/digest.ts";

export const positionOf = (ctx: Context, email: Email): number =>
  Buffer.from(hmac(ctx.keys.decoy, email), "base64url").readUIntBE(0, 6);
