// Acting as another user, to see what they see (decisions §2 org): for 15 minutes, in one tenant, under the eyes of the audit log.
// What such a session may do is decided in api/http/identity.ts, and who may act as whom in core/sessions.ts, on every request.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as audit from "../core/audit.ts";
import { shownId } from "../core/audit-events.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as sessions from "../core/sessions.ts";
import * as tenants from "../core/tenants.ts";
import { Invalid, Refused } from "../errors.ts";
import { inOffice, requireAdministrator } from "./authority.ts";
import type { Identity } from "./identify.ts";
import { notify } from "./notify.ts";
import { accessToken, type OpenedActing, openActing } from "./open-session.ts";
import { findOrigin } from "./origin.ts";

export interface ImpersonationRequest {
  userId: string;
  /** Id or slug: for superusers, where the target is in several. */
  organization: string | undefined;
  reason: string | undefined;
}

/**
 * An access token of the target, which names the actor. The target is told by mail. Throws Refused FORBIDDEN (no administrator; a
 * target who is disabled, a superuser, oneself, or not below the actor in that tenant), NOT_FOUND for whom the actor cannot see,
 * and Invalid without a reason where one is asked for, or without a tenant where there are several.
 */
export async function impersonate(
  ctx: Context,
  identity: Identity,
  request: ImpersonationRequest,
  client: Client,
): Promise<{ accessToken: string }> {
  const opened = await begin(ctx, identity, { ...request, kind: "tokens" }, client);
  return { accessToken: await accessToken(ctx, opened) };
}

export interface BrowserImpersonation {
  userId: UserId;
  tenantId: TenantId;
  cookie: string;
  expiresAt: number;
}

/**
 * The same for a browser: a cookie beside the session cookie of the actor, and good beside that one alone. Throws as above, and
 * Refused SESSION_COOKIE_REQUIRED for who shows anything else, to whom `impersonate` gives a token.
 */
export async function impersonateInBrowser(
  ctx: Context,
  identity: Identity,
  request: ImpersonationRequest,
  client: Client,
): Promise<BrowserImpersonation> {
  const { userId, tenantId, cookie, expiresAt } = await begin(
    ctx,
    identity,
    { ...request, kind: "cookie" },
    client,
  );
  if (cookie === undefined) throw new Error("a session of the kind cookie came without one");
  return { userId, tenantId, cookie, expiresAt };
}

type Beginning = ImpersonationRequest & { kind: sessions.SessionKind };

async function begin(
  ctx: Context,
  identity: Identity,
  request: Beginning,
  client: Client,
): Promise<OpenedActing> {
  try {
    return await inOffice(ctx, identity, (ctx) => enter(ctx, identity, request, client));
  } catch (error) {
    if (error instanceof Refused) {
      const { userId: actorId, tenantId } = identity;
      const reason = `as ${shownId(request.userId)}: ${error.code}`;
      await audit.append(ctx, client, { event: "impersonation.refused", actorId, tenantId, reason });
    }
    throw error;
  }
}

async function enter(
  ctx: Context,
  identity: Identity,
  request: Beginning,
  client: Client,
): Promise<OpenedActing> {
  requireAdministrator(identity);
  if (request.kind === "cookie" && !isOfBrowser(identity)) throw new Refused("SESSION_COOKIE_REQUIRED");
  const reason = reasonOf(ctx, request);
  const origin = await findOrigin(ctx, identity.credential);
  if (!origin) throw new Refused("INVALID_BEARER");
  const target = await accounts.find(ctx, request.userId);
  if (!target) throw new Refused("NOT_FOUND");
  const tenantId = await placeOf(ctx, identity, target, request.organization);
  const { userId: actorId, credential, name: by } = identity;
  const acting = { actorId, reason, credential: credential.id };
  const { kind } = request;
  const opened = await openActing(ctx, { ...origin, userId: target.id, tenantId, acting, kind }, client);
  if (!opened) throw new Refused("FORBIDDEN");
  await notify(ctx, { userId: target.id, tenantId }, { kind: "impersonated", by, at: ctx.now() });
  const event = "impersonation.started";
  const entry = { actorId, userId: target.id, tenantId, ...(reason === null ? {} : { reason }) };
  await audit.append(ctx, client, { event, ...entry });
  return opened;
}

const isOfBrowser = ({ credential }: Identity): boolean =>
  credential.kind === "session" && credential.via === "cookie";

function reasonOf({ config }: Context, { reason = "" }: ImpersonationRequest): string | null {
  const text = reason.trim();
  if (text === "" && config.impersonationReason)
    throw new Invalid([{ loc: ["reason"], msg: "Field required", type: "missing" }]);
  return text === "" ? null : text;
}

/** The tenant in which the actor will be the target, of which the target is a member, in whatever status. */
async function placeOf(
  ctx: Context,
  { tenantId: home, isSuperuser }: Identity,
  target: accounts.Account,
  organization: string | undefined,
): Promise<TenantId> {
  const isMember = async (id: TenantId) => (await memberships.find(ctx, id, target.id)) !== undefined;
  if (organization !== undefined) {
    const tenant = await tenants.find(ctx, organization);
    const isSeen = tenant && (isSuperuser || tenant.id === home) && (await isMember(tenant.id));
    if (!isSeen) throw new Refused("NOT_FOUND");
    return tenant.id;
  }
  if (await isMember(home)) return home;
  if (!isSuperuser) throw new Refused("NOT_FOUND");
  const [first, ...others] = await memberships.findLiveOf(ctx, target.id);
  if (!first) throw new Refused("FORBIDDEN");
  if (others.length === 0) return first.tenantId;
  const msg = "Field required: the user is in several organizations";
  throw new Invalid([{ loc: ["organization_id"], msg, type: "missing" }]);
}

/** Ends whatever somebody does as another by a sign-in that has just ended. Inside the transaction that ended it. */
export async function endActingBy(
  ctx: Context,
  { actorId, credential }: Pick<sessions.Acting, "actorId" | "credential">,
  client: Client,
): Promise<void> {
  for (const other of await sessions.endActingBy(ctx, { actorId, credential }))
    await audit.append(ctx, client, { event: "impersonation.ended", actorId, ...other });
}

/** Ends the session in which the caller acts as another. Throws Refused NOT_FOUND for any other. */
export async function endImpersonation(
  ctx: Context,
  { userId, tenantId, credential, actorId }: Identity,
  client: Client,
): Promise<void> {
  await transaction(ctx, async (ctx) => {
    const isActing = actorId !== null && credential.kind === "session";
    if (!isActing || !(await sessions.end(ctx, credential.id))) throw new Refused("NOT_FOUND");
    await audit.append(ctx, client, { event: "impersonation.ended", actorId, userId, tenantId });
  });
}
