// Which second factors a user has, and spending one. One user, one set of factors, whichever group asks.
import type { Context } from "../context.ts";
import type { UserId } from "../core/ids.ts";
import * as totp from "../core/totp.ts";

/** How a second factor can be shown, as the references name it, in the order in which they are offered. */
export type FactorMethod = "totp" | "webauthn" | "email" | "backup_code";

/** What a client offers. Without a method, any factor that takes the code will do. */
export interface Shown {
  method?: FactorMethod;
  code: string;
}

/** The second factors of which one must be shown; none: a right password is enough. */
export const factorsDue = async (ctx: Context, userId: UserId): Promise<FactorMethod[]> =>
  (await totp.isEnabled(ctx, userId)) ? ["totp"] : [];

/** Whether any second factor is on. */
export const hasFactor = async (ctx: Context, userId: UserId): Promise<boolean> =>
  (await factorsDue(ctx, userId)).length > 0;

/**
 * Spends what was shown; undefined when no factor takes it, else what it adds to `amr` (RFC 8176). Run inside a transaction
 * that commits either way.
 */
export async function spendFactor(
  ctx: Context,
  userId: UserId,
  { method = "totp", code }: Shown,
): Promise<string | undefined> {
  return method === "totp" && (await totp.consume(ctx, userId, code)) ? "otp" : undefined;
}
