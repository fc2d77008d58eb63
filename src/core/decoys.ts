import type { Context } from "../context.ts";
import { hmac } from "../crypto/digest.ts";
import type { Email } from "./emails.ts";
export const positionOf = (ctx: Context, email: Email): number =>
  Number.parseInt(
    Buffer.from(hmac(ctx.keys.decoy, `place:${email}`), "base64url")
      .toString("hex")
      .slice(0, 12),
    16,
  );
