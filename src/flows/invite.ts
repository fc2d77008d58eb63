// Being asked into a tenant by mail, and saying yes.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import type { UserId } from "../core/ids.ts";
import { parseUsername } from "../core/logins.ts";
import { countMailOrRefuse } from "../core/mail-limits.ts";
import * as memberships from "../core/memberships.ts";
import * as secrets from "../core/one-time-secrets.ts";
import * as outbox from "../core/outbox.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import { Invalid, Refused } from "../errors.ts";
import type { Actor } from "./authority.ts";
import { endAllSignIns } from "./end-sign-ins.ts";
import { languageFor } from "./language.ts";
import { invitationLink } from "./links.ts";
import { checkNewPassword } from "./new-password.ts";
import { missing, unusableNames } from "./prepare-person.ts";
import { removeFactors } from "./remove-factors.ts";
import { senderOf } from "./sender.ts";
import { turnAway } from "./strangers.ts";

/** Mails the link that turns a membership active; an earlier one into the same tenant is void. Inside a transaction. Throws Refused RATE_LIMITED. */
export async function invite(
  ctx: Context,
  actor: Actor,
  { tenant, member }: { tenant: tenants.Tenant; member: memberships.Member },
  client: Client,
): Promise<void> {
  const { userId, email, role } = member;
  if (email === null) throw new Error("an invitation needs an email");
  const tenantId = tenant.id;
  const realm = tenants.realmOf(tenant);
  await countMailOrRefuse(ctx, { purpose: "invitation", email, realm, network: client.network });
  const account = await accounts.find(ctx, userId);
  const token = await secrets.create(ctx, { purpose: "invitation", userId, tenantId });
  const link = invitationLink(ctx, tenant.slug, token);
  await outbox.enqueue(ctx, {
    to: email,
    tenantId,
    userId,
    sender: senderOf(tenant),
    content: { kind: "invitation", link, tenantName: tenant.name, role, invitedBy: actor.name ?? null },
    language: languageFor(ctx, account),
    expiresAt: ctx.now() + secrets.LIFETIME_MS.invitation,
  });
  await audit.append(ctx, client, { event: "invitation.sent", actorId: actor.userId, userId, tenantId });
}

export interface Acceptance {
  tenant: tenants.Tenant;
  token: string;
  /** These concern only an account whose email nobody has shown to own yet. */
  password: string | undefined;
  username: string | undefined;
  firstName: string | null | undefined;
  lastName: string | null | undefined;
}

/**
 * Spends the mailed secret: the membership is active, and a new account has its password; signs nobody in. Throws Refused
 * INVALID_TOKEN (unknown, spent, expired, of another tenant, or the account was disabled) or USERNAME_TAKEN; Invalid, Unavailable.
 */
export async function acceptInvitation(
  ctx: Context,
  acceptance: Acceptance,
  client: Client,
): Promise<memberships.Member> {
  const { tenant, token } = acceptance;
  const offered = { purpose: "invitation", tenantId: tenant.id, token } as const;
  const secret = await secrets.find(ctx, offered);
  const account = secret && secret.usedAt === null ? await accounts.find(ctx, secret.userId) : undefined;
  if (!account || account.disabledAt !== null) {
    const reason = secret ? "token spent, or account not active" : "token unknown or expired";
    throw await refuse(ctx, client, tenant, reason, secret?.userId);
  }
  // What is refused for its password or names leaves the token as it is.
  const claim = account.emailVerifiedAt === null ? await claimOf(ctx, acceptance, account) : undefined;
  const joined = await transaction(ctx, async (ctx) => {
    if (!(await secrets.consume(ctx, offered))) return undefined;
    // Its sender may have taken it back while the password was hashed.
    if (!(await memberships.activate(ctx, tenant.id, account.id))) return undefined;
    if (claim) await take(ctx, account, claim);
    await accounts.keepLanguage(ctx, account.id, client.language);
    const entry = { actorId: account.id, userId: account.id, tenantId: tenant.id };
    await audit.append(ctx, client, { event: "invitation.accepted", ...entry });
    return memberships.find(ctx, tenant.id, account.id);
  });
  if (!joined) throw await refuse(ctx, client, tenant, "token just spent or taken back", account.id);
  return joined;
}

/** Whoever has the mail owns the account from now on: what others set up before is gone (CVE-2026-53514). */
async function take(ctx: Context, { id, activeAt }: accounts.Account, claim: accounts.Claim): Promise<void> {
  await credentials.forgetUnverified(ctx, id);
  // Where a tenant asks for no verification, somebody may have signed in, and enrolled, without.
  if (activeAt !== null) {
    await removeFactors(ctx, id);
    await endAllSignIns(ctx, id);
  }
  if (!(await accounts.claim(ctx, id, claim))) throw new Refused("USERNAME_TAKEN");
}

async function claimOf(
  ctx: Context,
  { tenant, password, ...given }: Acceptance,
  account: accounts.Account,
): Promise<accounts.Claim> {
  const { firstName = account.firstName, lastName = account.lastName } = given;
  const { username: text = account.username } = given;
  const username = text === null ? null : parseUsername(text);
  const fields = unusableNames({ first_name: firstName, last_name: lastName });
  if (username === undefined) {
    const msg = "Username should have 1 to 64 characters without spaces and @";
    fields.push({ loc: ["username"], msg, type: "value_error" });
  }
  if (fields.length > 0 || username === undefined) throw new Invalid(fields);
  if (password === undefined) missing("password");
  const owner = { email: account.email, username: username?.canonical ?? null, firstName, lastName };
  checkNewPassword(password, "password", tenant, owner);
  return { passwordHash: await passwords.hash(ctx, password), username, firstName, lastName };
}

async function refuse(
  ctx: Context,
  client: Client,
  { id: tenantId }: tenants.Tenant,
  reason: string,
  userId?: UserId,
): Promise<Refused> {
  return turnAway(ctx, client, { event: "invitation.refused", userId, tenantId, reason }, "INVALID_TOKEN");
}
