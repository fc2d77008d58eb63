import type { Context } from "../context.ts";
import * as backupCodes from "../core/backup-codes.ts";
import * as emailCodes from "../core/email-codes.ts";
import * as emailFactors from "../core/email-factors.ts";
import * as factorFailures from "../core/factor-failures.ts";
import type { UserId } from "../core/ids.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as passkeys from "../core/passkeys.ts";
import * as totp from "../core/totp.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import * as webauthnChallenges from "../core/webauthn-challenges.ts";

/** Every second factor of every kind, begun or on, with all that hangs on them. Run inside a transaction. */
export async function removeFactors(ctx: Context, userId: UserId): Promise<void> {
  await totp.end(ctx, userId);
  await emailFactors.end(ctx, userId);
  await passkeys.endAllOfUser(ctx, userId);
  await backupCodes.end(ctx, userId);
  await trustedDevices.endAllOfUser(ctx, userId);
  await emailCodes.endAllOf(ctx, userId);
  await webauthnChallenges.endAllOf(ctx, userId);
  await loginChallenges.end(ctx, userId);
  for (const method of ["email", "backup_code", "webauthn"] as const) {
    await factorFailures.forgive(ctx, userId, method);
  }
}
