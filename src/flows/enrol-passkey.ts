// Making and removing passkeys, by their owner.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import type { PasskeyId, WebauthnChallengeId } from "../core/ids.ts";
import { isName, LONGEST_NAME } from "../core/names.ts";
import * as passkeys from "../core/passkeys.ts";
import * as tenants from "../core/tenants.ts";
import * as webauthnChallenges from "../core/webauthn-challenges.ts";
import { relyingPartyOf } from "../crypto/relying-party.ts";
import type { MadeCredential } from "../crypto/webauthn.ts";
import { Invalid, Refused } from "../errors.ts";
import { factorAdded, factorRemoved, requireRemovable } from "./factor-change.ts";
import { refuseSpared, requireFreshLogin } from "./fresh-login.ts";
import type { Identity } from "./identify.ts";
import { creationOptions } from "./passkey-options.ts";
import { senderOf } from "./sender.ts";
import { judge } from "./spend-code.ts";

const UNNAMED = "Passkey";

export interface BegunPasskey {
  /** Of the passkey that it will make. */
  deviceId: PasskeyId;
  challengeId: WebauthnChallengeId;
  options: ReturnType<typeof creationOptions>;
}

/**
 * Asks for a new passkey; nothing is on until `completePasskey`, within five minutes. Throws Refused REAUTH_REQUIRED, or
 * PASSKEY_LIMIT_REACHED with twenty.
 */
export async function beginPasskey(ctx: Context, identity: Identity, client: Client): Promise<BegunPasskey> {
  const { userId, tenantId, name } = identity;
  requireFreshLogin(ctx, identity);
  return judge(ctx, async (ctx): Promise<Refused | BegunPasskey> => {
    const spared = await refuseSpared(ctx, identity, client);
    if (spared) return spared;
    if (await passkeys.isFull(ctx, userId)) return new Refused("PASSKEY_LIMIT_REACHED");
    const account = await accounts.find(ctx, userId);
    const tenant = await tenants.findLive(ctx, tenantId);
    if (!account || !tenant) throw new Refused("INVALID_BEARER");
    const deviceId = ctx.id("pky") as PasskeyId;
    const { id, challenge } = await webauthnChallenges.create(ctx, challengeFor(identity, deviceId));
    await audit.append(ctx, client, { event: "passkey.begun", actorId: userId, userId, tenantId });
    const full = [account.firstName, account.lastName].filter((part) => part !== null).join(" ");
    const owner = { id: userId, name, displayName: full || name };
    const asked = { challenge, existing: await passkeys.listOfUser(ctx, userId) };
    return {
      deviceId,
      challengeId: id,
      options: creationOptions(ctx, owner, senderOf(tenant).brand, asked),
    };
  });
}

export interface ShownCredential {
  deviceId: string;
  challengeId: string;
  /** An answer of `navigator.credentials.create`, as `toJSON()` has it. */
  credential: unknown;
  /** What its owner calls it. */
  name: string | undefined;
}

export interface AddedPasskey {
  passkey: Pick<passkeys.Passkey, "id" | "name" | "createdAt">;
  /** Where the user had none left. */
  backupCodes: string[] | undefined;
}

/**
 * Turns the passkey on, with all that follows when a factor is added. Any attempt spends the challenge. Throws Refused
 * INVALID_CREDENTIAL, PASSKEY_LIMIT_REACHED or REAUTH_REQUIRED; Invalid for a name that cannot be shown, which is no attempt.
 */
export async function completePasskey(
  ctx: Context,
  identity: Identity,
  { deviceId, challengeId, credential, name = UNNAMED }: ShownCredential,
  client: Client,
): Promise<AddedPasskey> {
  requireFreshLogin(ctx, identity);
  requireName(name);
  const challenge = await webauthnChallenges.consume(ctx, challengeId, challengeFor(identity, deviceId));
  if (challenge === undefined) throw await refuse(ctx, identity, "no such challenge", client);
  // Not inside the transaction: verifying is more than SQL (context.ts).
  const { verifyRegistration } = await import("../crypto/webauthn.ts");
  const verdict = await verifyRegistration(relyingPartyOf(ctx.config.url), challenge, credential);
  if ("fault" in verdict) throw await refuse(ctx, identity, verdict.fault, client);
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | AddedPasskey> => {
    if (!(await webauthnChallenges.endSpent(ctx, challengeId, identity.userId)))
      return refuse(ctx, identity, "signed out meanwhile", client);
    if (await passkeys.isFull(ctx, identity.userId)) return new Refused("PASSKEY_LIMIT_REACHED");
    const passkey = { id: deviceId as PasskeyId, name, createdAt: ctx.now() };
    if (!(await keep(ctx, identity, passkey, verdict.good)))
      return refuse(ctx, identity, "credential is known already", client);
    const backupCodes = await factorAdded(ctx, identity, "passkey_added", client, { reason: name });
    return { passkey, backupCodes };
  });
  if (outcome instanceof Refused) throw outcome;
  return outcome;
}

/**
 * With all that follows when a factor is removed. Throws Refused NOT_FOUND, also for another's; REAUTH_REQUIRED; LAST_FACTOR
 * while a tenant asks for one.
 */
export async function removePasskey(
  ctx: Context,
  identity: Identity,
  deviceId: string,
  client: Client,
): Promise<void> {
  const { userId } = identity;
  requireFreshLogin(ctx, identity);
  await judge(ctx, async (ctx): Promise<Refused | undefined> => {
    const passkey = (await passkeys.listOfUser(ctx, userId)).find(({ id }) => id === deviceId);
    if (!passkey) throw new Refused("NOT_FOUND");
    const spared = await refuseSpared(ctx, identity, client);
    if (spared) return spared;
    await requireRemovable(ctx, userId, "webauthn");
    await passkeys.endOfUser(ctx, userId, deviceId);
    await factorRemoved(ctx, identity, "passkey_removed", client, { reason: passkey.name });
    return undefined;
  });
}

const challengeFor = ({ userId }: Identity, binding: string): webauthnChallenges.ChallengeFor => ({
  userId,
  purpose: "register",
  binding,
});

/** False when the credential is known, whoever's it is. */
const keep = (
  ctx: Context,
  { userId }: Identity,
  { id, name }: AddedPasskey["passkey"],
  made: MadeCredential,
): Promise<boolean> =>
  passkeys.create(ctx, {
    id,
    userId,
    name,
    credentialId: made.credentialId,
    publicKey: made.publicKey,
    signCount: made.signCount,
    transports: made.transports.join(" "),
    backupEligible: Number(made.isBackupEligible),
    backedUp: made.isBackedUp,
    userVerified: made.isUserVerified,
  });

function requireName(name: string): void {
  if (isName(name)) return;
  const msg = `Name should have 1 to ${LONGEST_NAME} printable characters`;
  throw new Invalid([{ loc: ["name"], msg, type: "value_error" }]);
}

async function refuse(
  ctx: Context,
  { userId, tenantId }: Identity,
  reason: string,
  client: Client,
): Promise<Refused> {
  const entry = { actorId: userId, userId, tenantId, reason };
  await audit.append(ctx, client, { event: "passkey.refused", ...entry });
  return new Refused("INVALID_CREDENTIAL");
}
