// A right password whose second factor is due, at a client that can also be let in from another session of the user.
import { type Client, type Context, transaction } from "../context.ts";
import * as credentials from "../core/credentials.ts";
import * as loginRequests from "../core/login-requests.ts";
import { newLoginSessionId } from "../core/login-session-ids.ts";
import * as memberships from "../core/memberships.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { languageFor } from "./language.ts";
import { tryToMailLoginCode } from "./mail-code.ts";
import { mayMail } from "./may-mail.ts";
import { senderOf } from "./sender.ts";
import type { Challenge } from "./challenge-factor.ts";
import { hasVerifiedEmail } from "./verify-email.ts";

const MINUTE_MS = 60_000;

/** What the client is told. */
export interface Waiting {
  /** Whom it waits for: to be said again with the code, and when asking how it fares. */
  name: string;
  loginSessionId: string;
  /** To be shown; null when a code is the only way. */
  matchNumber: string | null;
}

/**
 * Mails a code where email is one of the factors, as this client has no way to ask for one; and a notice where another session can
 * approve. Throws Refused INVALID_CREDENTIALS when the account died since its password was right.
 */
export async function waitForFactor(ctx: Context, challenge: Challenge, client: Client): Promise<Waiting> {
  const { userId, tenantId, methods, jti, epoch } = challenge;
  return transaction(ctx, async (ctx) => {
    const user = await credentials.findById(ctx, userId);
    const tenant = await tenants.findLive(ctx, tenantId);
    const isAlive = (await memberships.isAlive(ctx, userId, tenantId)) && user && tenant;
    if (!isAlive || !(await credentials.isSignInValid(ctx, userId, epoch)))
      throw new Refused("INVALID_CREDENTIALS");
    // Where email stands first, the sign-in has mailed it already.
    if (methods.indexOf("email") > 0) await tryToMailLoginCode(ctx, { user, tenant, binding: jti }, client);
    const waiting = await create(ctx, challenge, user, client);
    if (waiting.matchNumber !== null) await notify(ctx, { user, tenant, jti }, client);
    return waiting;
  });
}

async function create(
  ctx: Context,
  { userId, tenantId, jti, epoch }: Challenge,
  { email, username }: credentials.Account,
  client: Client,
): Promise<Waiting> {
  const kind = "approval";
  const name = email ?? username ?? userId;
  const expiresAt = ctx.now() + loginRequests.LIFETIME_MS[kind];
  const secret = newLoginSessionId(ctx, { kind, name }, expiresAt);
  const request = { id: loginRequests.idOf(jti), kind, secret, userId, tenantId, name, expiresAt } as const;
  const matchNumber = await loginRequests.create(ctx, { ...request, amr: ["pwd"], epoch }, client);
  return { name, loginSessionId: secret, matchNumber };
}

/** Tells the user, who may know nothing of it (A41). */
async function notify(
  ctx: Context,
  { user, tenant, jti }: { user: credentials.Account; tenant: tenants.Tenant; jti: string },
  client: Client,
): Promise<void> {
  const { id: userId, email } = user;
  if (email === null || !hasVerifiedEmail(user)) return;
  const realm = tenants.realmOf(tenant);
  const { address, userAgent } = client;
  // Not within the limits of the address that signs in, which a thief could use up before.
  const mail = { purpose: "login_waiting", email, realm, network: undefined } as const;
  if (!(await mayMail(ctx, mail, client, { tenantId: tenant.id, userId }))) return;
  const lifetimeMs = loginRequests.LIFETIME_MS.approval;
  await outbox.enqueue(ctx, {
    to: email,
    tenantId: tenant.id,
    userId,
    sender: senderOf(tenant),
    content: {
      kind: "login_waiting",
      id: loginRequests.idOf(jti),
      address,
      userAgent,
      minutes: lifetimeMs / MINUTE_MS,
    },
    // Whoever signs in there may be somebody else.
    language: languageFor(ctx, user),
    expiresAt: ctx.now() + lifetimeMs,
  });
}
