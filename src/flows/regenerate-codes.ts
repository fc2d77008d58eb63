import type { Client, Context } from "../context.ts";
import * as totp from "../core/totp.ts";
import { Refused } from "../errors.ts";
import { makeBackupCodes } from "./factor-change.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";
import { notify } from "./notify.ts";
import { hasFactor } from "./second-factor.ts";
import { judge, refuseCode, spendCode } from "./spend-code.ts";

/**
 * New backup codes, shown this once; the old set is void. Asks for a TOTP code, or without TOTP for one of the old codes. Mails the
 * owner. Throws Refused MFA_NOT_ENABLED without any factor, or INVALID_CODE.
 */
export async function regenerateCodes(
  ctx: Context,
  identity: Identity,
  code: string,
  client: Client,
): Promise<string[]> {
  const { userId } = identity;
  return judge(ctx, async (ctx) => {
    if (!(await hasFactor(ctx, userId))) return new Refused("MFA_NOT_ENABLED");
    const hasTotp = await totp.isEnabled(ctx, userId);
    const accepted = hasTotp
      ? { digits: "totp" as const, backup: false }
      : { digits: undefined, backup: true };
    if (!(await spendCode(ctx, userId, code, accepted)))
      return refuseCode(
        ctx,
        identity,
        client,
        "backup_codes.refused",
        "wrong or used code on making new ones",
      );
    await requireStillSignedIn(ctx, identity);
    await notify(ctx, identity, { kind: "factor_changed", change: "backup_codes_made" });
    return makeBackupCodes(ctx, identity, client);
  });
}
