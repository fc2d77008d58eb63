// Which second factors a user has, and spending one. One user, one set of factors, whichever group asks.
import type { Context } from "../context.ts";
import type { UserId } from "../core/ids.ts";
import * as totp from "../core/totp.ts";

/** How a second factor was shown, as RFC 8176 names it. */
export type FactorMethod = "otp";

/** Whether a right password is not enough. */
export const isSecondFactorDue = (ctx: Context, userId: UserId): Promise<boolean> =>
  totp.isEnabled(ctx, userId);

/** Spends a code of any factor the user has; undefined when none takes it. Run inside a transaction that commits either way. */
export const spendSecondFactor = async (
  ctx: Context,
  userId: UserId,
  code: string,
): Promise<FactorMethod | undefined> => ((await totp.consume(ctx, userId, code)) ? "otp" : undefined);
