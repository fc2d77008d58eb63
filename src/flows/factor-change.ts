// What else happens when a user turns a second factor on or off, whichever one it is. Each of these runs inside the transaction
// of the change.
import type { Client, Context } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import type { AuditEvent } from "../core/audit-events.ts";
import * as backupCodes from "../core/backup-codes.ts";
import * as factorFailures from "../core/factor-failures.ts";
import type { UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import type { FactorChange } from "../core/outbox.ts";
import * as passkeys from "../core/passkeys.ts";
import * as sessions from "../core/sessions.ts";
import * as tenants from "../core/tenants.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import { Refused } from "../errors.ts";
import { endOtherSignIns } from "./end-sign-ins.ts";
import { type Credential, type Identity, requireStillSignedIn } from "./identify.ts";
import { notify } from "./notify.ts";
import { enrolledMethods, type FactorMethod } from "./second-factor.ts";

export type FactorAdded = Extract<FactorChange, "totp_enabled" | "email_enabled" | "passkey_added">;
export type FactorRemoved = Extract<FactorChange, "totp_disabled" | "email_disabled" | "passkey_removed">;

const EVENTS = {
  totp_enabled: "totp.enabled",
  totp_disabled: "totp.disabled",
  email_enabled: "email_factor.enabled",
  email_disabled: "email_factor.disabled",
  passkey_added: "passkey.added",
  passkey_removed: "passkey.removed",
} as const satisfies Record<FactorAdded | FactorRemoved, AuditEvent>;

export interface AddedOptions {
  /** anew: whatever is left of the old set dies. never: for those whose answer has no room for them. */
  codes?: "when_none_left" | "anew" | "never";
  /** For the audit log. */
  reason?: string;
}

/**
 * To be called once the factor is on. Throws Refused INVALID_BEARER when the sign-in that asks has just ended: a session that a
 * password reset ends must not leave its own factor behind. The first one ends the user's other sign-ins; any ends the trust in devices, starts the
 * count of wrong codes anew, lifts the restriction of the credential that asks, mails the owner and is audited. Returns the new
 * backup codes, where it made any. Throws Refused INVALID_BEARER, which undoes it all, when the sign-in ended meanwhile.
 */
export async function factorAdded(
  ctx: Context,
  identity: Identity,
  change: FactorAdded,
  client: Client,
  { codes = "when_none_left", reason }: AddedOptions = {},
): Promise<string[] | undefined> {
  const { userId, credential } = identity;
  await requireStillSignedIn(ctx, identity);
  if ((await countFactors(ctx, userId)) === 1) await endOtherSignIns(ctx, userId, credential);
  await unrestrict(ctx, credential);
  if (change === "email_enabled") await factorFailures.forgive(ctx, userId, "email");
  if (change === "passkey_added") await factorFailures.forgive(ctx, userId, "webauthn");
  await tell(ctx, identity, change, client, reason);
  const isDue =
    codes === "anew" || (codes === "when_none_left" && (await backupCodes.count(ctx, userId)) === 0);
  return isDue ? makeBackupCodes(ctx, identity, client) : undefined;
}

/**
 * To be called once the factor is gone. With the last one the backup codes go too; trust in devices ends with any. Throws Refused
 * INVALID_BEARER as above.
 */
export async function factorRemoved(
  ctx: Context,
  identity: Identity,
  change: FactorRemoved,
  client: Client,
  { reason }: Pick<AddedOptions, "reason"> = {},
): Promise<void> {
  const { userId } = identity;
  await requireStillSignedIn(ctx, identity);
  if ((await countFactors(ctx, userId)) === 0) await backupCodes.end(ctx, userId);
  await tell(ctx, identity, change, client, reason);
}

/**
 * To be called before a factor goes, of passkeys one. Throws Refused LAST_FACTOR when it is on, is the last one, and a tenant in
 * which the user is an active member asks for one.
 */
export async function requireRemovable(
  ctx: Context,
  userId: UserId,
  method: Exclude<FactorMethod, "backup_code">,
): Promise<void> {
  const isOn = (await enrolledMethods(ctx, userId)).includes(method);
  if (!isOn || (await countFactors(ctx, userId)) > 1) return;
  for (const { tenantId } of await memberships.findLiveOf(ctx, userId)) {
    const tenant = await tenants.findLive(ctx, tenantId);
    if (tenant?.settings.mfa_policy === "required") throw new Refused("LAST_FACTOR");
  }
}

/** A new set, shown this once; the old one is void, and so are the wrong guesses at it. */
export async function makeBackupCodes(
  ctx: Context,
  { userId, tenantId }: Identity,
  client: Client,
): Promise<string[]> {
  const codes = await backupCodes.create(ctx, userId);
  await factorFailures.forgive(ctx, userId, "backup_code");
  await audit.append(ctx, client, { event: "backup_codes.made", actorId: userId, userId, tenantId });
  return codes;
}

/** Backup codes are none, and each passkey is one. */
async function countFactors(ctx: Context, userId: UserId): Promise<number> {
  const others = (await enrolledMethods(ctx, userId)).filter((method) => method !== "webauthn");
  return others.length + (await passkeys.listOfUser(ctx, userId)).length;
}

const unrestrict = (ctx: Context, credential: Credential): Promise<void> =>
  credential.kind === "key"
    ? apiKeys.unrestrict(ctx, credential.id)
    : sessions.unrestrict(ctx, credential.id);

async function tell(
  ctx: Context,
  identity: Identity,
  change: FactorAdded | FactorRemoved,
  client: Client,
  reason: string | undefined,
): Promise<void> {
  const { userId, tenantId } = identity;
  await trustedDevices.endAllOfUser(ctx, userId);
  await notify(ctx, identity, { kind: "factor_changed", change });
  const entry = { event: EVENTS[change], actorId: userId, userId, tenantId };
  await audit.append(ctx, client, reason === undefined ? entry : { ...entry, reason });
}
