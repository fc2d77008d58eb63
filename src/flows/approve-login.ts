// Another session of the user lets a waiting sign-in in, or not. By the number that its screen shows, since who only says yes
// says it to anyone (NIST SP 800-63B-4 §3.1.3.2).
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as continuations from "../core/continuations.ts";
import type { SessionId, UserId } from "../core/ids.ts";
import * as loginRequests from "../core/login-requests.ts";
import { type Refusal, Refused } from "../errors.ts";
import type { Identity } from "./identify.ts";
import { hasFactor } from "./second-factor.ts";

/** Past its end nobody looks at the mfa_token any more, whose own is a moment later. */
const SPENT_FOR_MS = 60_000;

/** A waiting sign-in as its user sees it. */
export interface PendingLoginView {
  id: string;
  created_at: string;
  expires_at: string;
  ip: string;
  user_agent: string | null;
  portal_id: string;
}

/** What waits for the user's approval, the newest first; at most three. */
export async function listPending(ctx: Context, userId: UserId): Promise<PendingLoginView[]> {
  const pending = await loginRequests.listPending(ctx, userId);
  return pending.map(({ id, tenantId, address, userAgent, createdAt, expiresAt }) => ({
    id,
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    ip: address,
    user_agent: userAgent,
    portal_id: tenantId,
  }));
}

/**
 * Approves by either id and the number; the same answer again changes nothing. Throws Refused NOT_FOUND for what is not the
 * user's to approve, FORBIDDEN for an approver that shows too little, WRONG_NUMBER, which rejects, and LOGIN_DECIDED after the end.
 */
export const approveLogin = (
  ctx: Context,
  identity: Identity,
  { id, number }: { id: string; number: string },
  client: Client,
): Promise<void> =>
  decide(ctx, identity, id, client, async (ctx, request, by) => {
    const outcome = await loginRequests.approve(ctx, request.id, { number, by });
    if (outcome === "approved") return note(ctx, identity, client, "login.approved", request.id);
    if (outcome === "rejected") {
      await endCodes(ctx, request);
      await note(ctx, identity, client, "login.rejected", `${request.id}: wrong number`);
      return new Refused("WRONG_NUMBER");
    }
    const isRepeat = await loginRequests.isApprovedBy(ctx, request.id, number);
    return isRepeat ? undefined : new Refused("LOGIN_DECIDED");
  });

/** Rejects by either id, and voids the code as well; whoever is asked for no number need not know it. Throws as above. */
export const rejectLogin = (
  ctx: Context,
  identity: Identity,
  { id }: { id: string },
  client: Client,
): Promise<void> =>
  decide(ctx, identity, id, client, async (ctx, request, by) => {
    if (await loginRequests.reject(ctx, request.id, by)) {
      await endCodes(ctx, request);
      return note(ctx, identity, client, "login.rejected", request.id);
    }
    return request.status === "rejected" ? undefined : new Refused("LOGIN_DECIDED");
  });

/**
 * Whether a session shows enough to let another sign-in in. With a factor enrolled it must have shown one (CVE-2026-9798: asked at
 * the approval and again at delivery). Without one, a tenant that asks for a factor may be the reason for waiting: a session of
 * another tenant, which the password alone opened, must not stand for it.
 */
export async function mayApprove(
  ctx: Context,
  approver: Pick<Identity, "amr" | "tenantId" | "authTime">,
  { userId, tenantId }: Pick<loginRequests.LoginRequest, "userId" | "tenantId">,
): Promise<boolean> {
  // Stems from a key made by hand, by whatever hand-off: no login, however strong the one was that made the key.
  if (approver.authTime === 0) return false;
  if (approver.amr.includes("mfa")) return true;
  return approver.tenantId === tenantId && !(await hasFactor(ctx, userId));
}

type Decision = (
  ctx: Context,
  request: loginRequests.LoginRequest,
  by: SessionId,
) => Promise<Refused | undefined>;

/** An outcome and not an exception: a rejection by a wrong number must be committed. */
async function decide(
  ctx: Context,
  identity: Identity,
  id: string,
  client: Client,
  decision: Decision,
): Promise<void> {
  const refused = await transaction(ctx, async (ctx): Promise<Refused | undefined> => {
    const { userId, credential } = identity;
    const no = async (code: Refusal, reason: string) => {
      await note(ctx, identity, client, "login.approval_refused", reason);
      return new Refused(code);
    };
    const request = await loginRequests.findForApprover(ctx, userId, id);
    if (!request) return no("NOT_FOUND", "no such login of this user");
    // A key is no session that somebody sits at.
    if (credential.kind !== "session") return no("FORBIDDEN", `${request.id}: an API key`);
    if (!(await mayApprove(ctx, identity, request)))
      return no("FORBIDDEN", `${request.id}: the session has shown no second factor`);
    return decision(ctx, request, credential.id);
  });
  if (refused) throw refused;
}

/** Neither its code nor its mfa_token is worth anything from now on. */
const endCodes = (ctx: Context, { id, expiresAt }: loginRequests.LoginRequest): Promise<boolean> =>
  continuations.end(ctx, "mfa", { jti: loginRequests.jtiOf(id), expiresAt: expiresAt + SPENT_FOR_MS });

async function note(
  ctx: Context,
  { userId, tenantId }: Identity,
  client: Client,
  event: "login.approved" | "login.rejected" | "login.approval_refused",
  reason: string,
): Promise<undefined> {
  await audit.append(ctx, client, { event, actorId: userId, userId, tenantId, reason });
}
