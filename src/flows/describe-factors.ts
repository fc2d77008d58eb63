import type { Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as backupCodes from "../core/backup-codes.ts";
import * as emailFactors from "../core/email-factors.ts";
import type { UserId } from "../core/ids.ts";
import * as passkeys from "../core/passkeys.ts";
import * as totp from "../core/totp.ts";
import { rfc3339 } from "./describe.ts";
import { hasFactor } from "./second-factor.ts";

interface Factor {
  id: string;
  confirmedAt: number | null;
  createdAt: number;
  lastUsedAt: number | null;
}

/** A user's second factors as their owner sees them, those too that wait to be confirmed; never a secret. */
export async function describeFactors(ctx: Context, userId: UserId) {
  const app = await totp.find(ctx, userId);
  const mailed = await emailFactors.find(ctx, userId);
  const email = mailed && (await accounts.find(ctx, userId))?.email;
  const keys = await passkeys.listOfUser(ctx, userId);
  return {
    mfa_enabled: await hasFactor(ctx, userId),
    methods: [
      ...(app ? [describe("totp", "Authenticator app", app)] : []),
      ...keys.map((key) => describe("webauthn", key.name, { ...key, confirmedAt: key.createdAt })),
      ...(mailed ? [describe("email", email ?? "Email", mailed)] : []),
    ],
    backup_codes_remaining: await backupCodes.count(ctx, userId),
  };
}

const describe = (
  type: "totp" | "webauthn" | "email",
  name: string,
  { id, confirmedAt, createdAt, lastUsedAt }: Factor,
) => ({
  id,
  type,
  name,
  confirmed: confirmedAt !== null,
  created_at: rfc3339(createdAt),
  last_used_at: rfc3339(lastUsedAt),
});
