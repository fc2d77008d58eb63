// The first admin of an empty installation.
import { type Client, type Context, transaction } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import { positionOf } from "../core/decoys.ts";
import { canonicalEmail } from "../core/emails.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as instance from "../core/instance.ts";
import * as limits from "../core/limits.ts";
import { parseUsername } from "../core/logins.ts";
import * as memberships from "../core/memberships.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import * as users from "../core/users.ts";
import { constantTimeEqual, hmac } from "../crypto/digest.ts";
import { Invalid, Refused } from "../errors.ts";
import { turnAway } from "./strangers.ts";

export interface Setup extends FirstAdmin {
  token: string | undefined;
}

export interface FirstAdmin {
  username: string;
  /** Taken for theirs, as whoever sets up says it. */
  email: string | null;
  password: string;
}

/** Whether the first admin is still to be made, and anyone with the setup token may. */
export const needsSetup = async (ctx: Context): Promise<boolean> =>
  !(await instance.isSetUp(ctx)) && !(await instance.hasUsers(ctx));

/** Whether it is still to be made, if only by whoever holds the data directory: accounts may have been made before it. */
export const needsLocalSetup = async (ctx: Context): Promise<boolean> => !(await instance.isSetUp(ctx));

/**
 * The token that setup asks for when it is called from elsewhere than this machine. Derived from the master secret, so it
 * survives restarts without being stored; it opens one door, which setup closes for good.
 */
export const setupToken = (ctx: Context): string => `ost_setup_${hmac(ctx.keys.setupToken, "setup token")}`;

/**
 * Creates the superuser, the tenant `default` and the owner membership, and signs the superuser in. Of any number of
 * parallel calls exactly one succeeds. Throws Refused SETUP_ALREADY_COMPLETED or SETUP_TOKEN_REQUIRED, Invalid, Unavailable.
 */
export async function setUp(ctx: Context, { token, ...given }: Setup, client: Client): Promise<string> {
  // Before any hashing: afterwards this door must not cost anything.
  if (!(await needsSetup(ctx))) throw new Refused("SETUP_ALREADY_COMPLETED");
  if (ctx.config.setupToken && !client.isLocal && !constantTimeEqual(token ?? "", setupToken(ctx))) {
    const reason = token ? "wrong setup token" : "no setup token";
    throw await turnAway(ctx, client, { event: "setup.refused", reason }, "SETUP_TOKEN_REQUIRED");
  }
  const admin = await prepare(ctx, given);
  return transaction(ctx, async (ctx) => {
    const { userId, tenantId } = await createFirstAdmin(ctx, { admin, evenWithUsers: false }, client);
    await limits.rememberAddress(ctx, userId, client.network);
    return apiKeys.createForLogin(ctx, { userId, tenantId, authTime: ctx.now(), amr: ["pwd"] });
  });
}

/**
 * The same from the command line: who can write to the data directory needs no token, is not signed in, and may also have made
 * tenants and people before. Throws Refused SETUP_ALREADY_COMPLETED, USERNAME_TAKEN, EMAIL_TAKEN or SLUG_TAKEN; Invalid, Unavailable.
 */
export async function setUpLocally(ctx: Context, admin: FirstAdmin, client: Client): Promise<void> {
  if (!(await needsLocalSetup(ctx))) throw new Refused("SETUP_ALREADY_COMPLETED");
  const prepared = await prepare(ctx, admin);
  await transaction(ctx, (ctx) => createFirstAdmin(ctx, { admin: prepared, evenWithUsers: true }, client));
}

type Admin = Pick<users.NewUser, "username" | "email" | "passwordHash">;

/** Checks, and hashes. Throws Invalid, Unavailable. */
async function prepare(ctx: Context, { username, email, password }: FirstAdmin): Promise<Admin> {
  const parsed = parseUsername(username);
  if (!parsed) {
    const msg = "Username should have 1 to 64 characters without spaces and @";
    throw new Invalid([{ loc: ["username"], msg, type: "value_error" }]);
  }
  const canonical = email === null ? null : canonicalEmail(email);
  if (canonical === undefined) {
    throw new Invalid([{ loc: ["email"], msg: "Email should be an email address", type: "value_error" }]);
  }
  // Nothing but the length: the documented example is a common password (decisions §2 key).
  passwords.checkLength(password, "password");
  return {
    username: parsed,
    email: canonical && {
      address: canonical,
      isVerified: true,
      decoyPosition: positionOf(ctx, canonical),
    },
    passwordHash: await passwords.hash(ctx, password),
  };
}

async function createFirstAdmin(
  ctx: Context,
  { admin, evenWithUsers }: { admin: Admin; evenWithUsers: boolean },
  client: Client,
): Promise<{ userId: UserId; tenantId: TenantId }> {
  if (!(await instance.completeSetup(ctx, { evenWithUsers }))) throw new Refused("SETUP_ALREADY_COMPLETED");
  const userId = await users.create(ctx, {
    ...admin,
    realm: "instance",
    isActive: true,
    isSuperuser: true,
    language: client.language,
  });
  if (!userId) {
    const email = admin.email && (await credentials.find(ctx, "instance", { email: admin.email.address }));
    throw new Refused(email ? "EMAIL_TAKEN" : "USERNAME_TAKEN");
  }
  const tenantId = await findOrMakeDefault(ctx);
  await memberships.create(ctx, { tenantId, userId, role: "owner", status: "active" });
  await audit.append(ctx, client, { event: "setup.completed", actorId: userId, userId, tenantId });
  return { userId, tenantId };
}

/** The tenant `default`, where the admin is at home. Throws Refused SLUG_TAKEN when one of that slug is no home for them. */
async function findOrMakeDefault(ctx: Context): Promise<TenantId> {
  const made = await tenants.create(ctx, {
    slug: "default",
    name: "Default",
    identity: "shared",
    settings: { self_registration: false },
  });
  if (made) return made;
  const there = await tenants.findLiveBySlug(ctx, "default");
  if (there?.identity !== "shared") throw new Refused("SLUG_TAKEN");
  return there.id;
}
