// What users do with their own account: names, password, sessions, keys, devices.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import type { ApiKeyId, SessionId } from "../core/ids.ts";
import { isName, LONGEST_NAME } from "../core/names.ts";
import * as sessions from "../core/sessions.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import { Invalid, Refused } from "../errors.ts";
import { refuseSpared, requireFreshLogin } from "./fresh-login.ts";
import { type Identity, requireStillSignedIn } from "./identify.ts";
import { endActingBy } from "./impersonate.ts";
import { notify } from "./notify.ts";
import { unusableNames } from "./prepare-person.ts";
import { judge } from "./spend-code.ts";

/** Undefined leaves a name as it is, null removes it. Throws Invalid. */
export async function changeNames(
  ctx: Context,
  { userId, tenantId }: Identity,
  { firstName, lastName }: { firstName?: string | null | undefined; lastName?: string | null | undefined },
  client: Client,
): Promise<void> {
  const fields = unusableNames({ first_name: firstName, last_name: lastName });
  if (fields.length > 0) throw new Invalid(fields);
  await transaction(ctx, async (ctx) => {
    const account = await accounts.find(ctx, userId);
    if (!account) throw new Refused("INVALID_BEARER");
    await accounts.rename(ctx, account, { firstName, lastName });
    await audit.append(ctx, client, { event: "profile.updated", actorId: userId, userId, tenantId });
  });
}

/** Ends one of the user's own sessions. Throws Refused NOT_FOUND, also for another's. */
export async function endOwnSession(
  ctx: Context,
  { userId, tenantId }: Identity,
  sessionId: string,
  client: Client,
): Promise<void> {
  await transaction(ctx, async (ctx) => {
    if (!(await sessions.endOfUser(ctx, userId, sessionId))) throw new Refused("NOT_FOUND");
    await endActingBy(ctx, { actorId: userId, credential: sessionId as SessionId }, client);
    await audit.append(ctx, client, { event: "session.ended", actorId: userId, userId, tenantId });
  });
}

/**
 * A key for scripts, shown this once; it is as strong as the login that made it and never fresh. Mails the owner. Throws Refused
 * REAUTH_REQUIRED, INVALID_BEARER (ended meanwhile), KEY_LIMIT_REACHED; Invalid.
 */
export async function createKey(
  ctx: Context,
  identity: Identity,
  name: string,
  client: Client,
): Promise<{ id: ApiKeyId; key: string }> {
  const { userId, tenantId, amr } = identity;
  requireFreshLogin(ctx, identity);
  if (!isName(name)) {
    const msg = `Name should have 1 to ${LONGEST_NAME} printable characters`;
    throw new Invalid([{ loc: ["name"], msg, type: "value_error" }]);
  }
  return judge(ctx, async (ctx): Promise<Refused | { id: ApiKeyId; key: string }> => {
    await requireStillSignedIn(ctx, identity);
    const spared = await refuseSpared(ctx, identity, client);
    if (spared) return spared;
    const created = await apiKeys.createManual(ctx, { userId, tenantId, name, amr });
    if (!created) throw new Refused("KEY_LIMIT_REACHED");
    await notify(ctx, identity, { kind: "key_created", keyName: name });
    await audit.append(ctx, client, {
      event: "key.created",
      actorId: userId,
      userId,
      tenantId,
      reason: name,
    });
    return created;
  });
}

/** Throws Refused NOT_FOUND, also for another's. */
export async function deleteKey(
  ctx: Context,
  { userId, tenantId }: Identity,
  keyId: string,
  client: Client,
): Promise<void> {
  await transaction(ctx, async (ctx) => {
    if (!(await apiKeys.endOfUser(ctx, userId, keyId))) throw new Refused("NOT_FOUND");
    await endActingBy(ctx, { actorId: userId, credential: keyId as ApiKeyId }, client);
    await audit.append(ctx, client, { event: "key.deleted", actorId: userId, userId, tenantId });
  });
}

/** From now on the device shows the second factor again. Throws Refused NOT_FOUND, also for another's. */
export async function forgetDevice(
  ctx: Context,
  { userId, tenantId }: Identity,
  deviceId: string,
  client: Client,
): Promise<void> {
  await transaction(ctx, async (ctx) => {
    if (!(await trustedDevices.endOfUser(ctx, userId, deviceId))) throw new Refused("NOT_FOUND");
    await audit.append(ctx, client, { event: "trusted_device.removed", actorId: userId, userId, tenantId });
  });
}
