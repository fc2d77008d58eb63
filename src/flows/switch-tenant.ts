// From one tenant to another, without signing in again: a new session there, as old and as strong as the one that asks.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import { type Refusal, Refused } from "../errors.ts";
import { type Challenge, challengeFactor } from "./challenge-factor.ts";
import type { Identity } from "./identify.ts";
import { accessToken, type OpenedTokens, openTokens } from "./open-session.ts";
import { findOrigin, type Source } from "./origin.ts";
import { factorsDue } from "./second-factor.ts";
import { hasVerifiedEmail, isUnverified, sendVerification } from "./verify-email.ts";

/** A second factor that a session has yet to show. Whoever proves it gets what the session would have. */
export interface SwitchChallenge extends Challenge {
  from: Source;
}

export type Switched =
  | { status: "switched"; accessToken: string; refreshToken: string }
  | { status: "second_factor_due"; challenge: SwitchChallenge };

type Entered =
  { status: "opened"; opened: OpenedTokens } | { status: "second_factor_due"; challenge: SwitchChallenge };

/**
 * By id or slug. What a login there would ask for is asked for here: a second factor, unless the session has shown one; a
 * verified email; and where a factor is required and cannot be had, the session is good for enrolling one. Throws Refused
 * FORBIDDEN where the user is no active member of such a tenant, whether it exists or not; EMAIL_NOT_VERIFIED, and the mail goes
 * out again; INVALID_BEARER when the session ended meanwhile.
 */
export async function switchTenant(
  ctx: Context,
  identity: Identity,
  idOrSlug: string,
  client: Client,
): Promise<Switched> {
  const entered = await transaction(ctx, (ctx) => enter(ctx, identity, idOrSlug, client));
  if (entered instanceof Refused) throw entered;
  if (entered.status === "second_factor_due") return entered;
  const { opened } = entered;
  return {
    status: "switched",
    accessToken: await accessToken(ctx, opened),
    refreshToken: opened.refreshToken,
  };
}

async function enter(
  ctx: Context,
  { userId, credential }: Identity,
  idOrSlug: string,
  client: Client,
): Promise<Entered | Refused> {
  const origin = await findOrigin(ctx, credential);
  if (!origin) return new Refused("INVALID_BEARER");
  const refuse = async (tenantId: tenants.Tenant["id"] | undefined, code: Refusal) => {
    const entry = { actorId: userId, userId, tenantId, reason: code };
    await audit.append(ctx, client, { event: "session.switch_refused", ...entry });
    return new Refused(code);
  };
  const tenant = await tenants.find(ctx, idOrSlug);
  const user = await credentials.findById(ctx, userId);
  // An isolated account is a member of its own tenant and of no other.
  if (!tenant || !user || !(await memberships.isAlive(ctx, userId, tenant.id))) {
    // Its administrators read a tenant's log, and must not learn by it who has an account elsewhere.
    const member = tenant && (await memberships.find(ctx, tenant.id, userId));
    return refuse(member && tenant?.id, "FORBIDDEN");
  }
  if (isUnverified(user, tenant)) {
    await sendVerification(ctx, { user, tenant, redirectUri: undefined }, client);
    return refuse(tenant.id, "EMAIL_NOT_VERIFIED");
  }
  const signingIn = { userId, tenant, hasVerifiedEmail: hasVerifiedEmail(user), first: origin.amr };
  const { trustedDevice } = client;
  const due = await factorsDue(ctx, signingIn, trustedDevice === null ? [] : [trustedDevice]);
  if (due.kind === "factor" && !origin.amr.includes("mfa")) {
    const { methods } = due;
    const challenging = { user, tenant, methods, opens: "tokens", remember: false } as const;
    const challenge = { ...(await challengeFactor(ctx, challenging, client)), from: credential };
    return { status: "second_factor_due", challenge };
  }
  const tenantId = tenant.id;
  const restricted = due.kind === "enrolment";
  await audit.append(ctx, client, { event: "session.switched", actorId: userId, userId, tenantId });
  return { status: "opened", opened: await openTokens(ctx, { ...origin, tenantId, restricted }, client) };
}
