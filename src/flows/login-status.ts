// How a waiting sign-in fares; and, once it is approved, what it opened, exactly once.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as continuations from "../core/continuations.ts";
import * as credentials from "../core/credentials.ts";
import * as loginRequests from "../core/login-requests.ts";
import { expiryOf } from "../core/login-session-ids.ts";
import { parseLogin } from "../core/logins.ts";
import { mayApprove } from "./approve-login.ts";
import { type Entry, type GrantedAs, handOut, open } from "./grant.ts";
import { findOrigin } from "./origin.ts";
import { type Entrance, findEntrance } from "./sign-in-with-factor.ts";

export type LoginStatus =
  | { status: "pending" | "rejected" | "expired" }
  /** `granted` for the first who asks. */
  | { status: "approved"; granted: GrantedAs<"tokens"> | undefined };

export interface StatusRequest {
  /** The email, or the username where there is none. */
  name: string;
  loginSessionId: string;
  /** Whether tokens may be handed out; else the request only looks. */
  takes: boolean;
}

/** Never throws for what a client says: an id that is not ours, or another's, has expired. */
export async function loginStatus(
  ctx: Context,
  { name: text, loginSessionId: secret, takes }: StatusRequest,
  client: Client,
): Promise<LoginStatus> {
  const login = parseLogin(text);
  if (!login) return { status: "expired" };
  const name = "email" in login ? login.email : login.username;
  // Whether its email has an account must not show, nor be measured by asking a thousand times: what waits for a magic code is told by
  // its id alone, and nothing is looked up.
  const over = expiryOf(ctx, secret, { kind: "magic", name });
  if (over !== undefined) return { status: over > ctx.now() ? "pending" : "expired" };
  const request = await loginRequests.find(ctx, { secret, name });
  if (!request || request.kind === "magic") return { status: "expired" };
  const shown = shownStatus(ctx, request);
  if (shown !== "ready")
    return shown === "approved" ? { status: shown, granted: undefined } : { status: shown };
  if (!takes) return { status: "pending" };
  const entry = await transaction(ctx, (ctx) => deliver(ctx, request, client));
  if (entry === "over") return { status: "expired" };
  if (entry === "taken") return loginStatus(ctx, { name, loginSessionId: secret, takes: false }, client);
  return { status: "approved", granted: (await handOut(ctx, entry)) as GrantedAs<"tokens"> };
}

/** ready: approved, and not delivered yet. */
function shownStatus(
  ctx: Context,
  { status, deliveredAt, expiresAt }: loginRequests.LoginRequest,
): "pending" | "rejected" | "expired" | "approved" | "ready" {
  if (status === "rejected") return "rejected";
  if (deliveredAt !== null) return "approved";
  if (status === "spent" || expiresAt <= ctx.now()) return "expired";
  return status === "approved" ? "ready" : "pending";
}

/** over: it does not stand any more. taken: another poller, or a code, was first. */
async function deliver(
  ctx: Context,
  request: loginRequests.LoginRequest,
  client: Client,
): Promise<Entry | "over" | "taken"> {
  const { id, userId, tenantId, expiresAt } = request;
  const standing = await findStanding(ctx, request);
  if (!standing) {
    await loginRequests.end(ctx, id);
    const reason = `${id}: account or approver is not what it was`;
    await audit.append(ctx, client, { event: "login.failed", userId, tenantId, reason });
    return "over";
  }
  const jti = loginRequests.jtiOf(id);
  if (!(await continuations.end(ctx, "mfa", { jti, expiresAt: expiresAt + 60_000 }))) return "taken";
  if (!(await loginRequests.deliver(ctx, id))) return "taken";
  const { tenant } = standing.entrance;
  // Another channel (RFC 8176 §2), and as many factors as the session has shown that let this one in: nothing but a login makes a
  // login stronger.
  const amr = [...request.amr.split(" "), "mca", ...(standing.isMultiFactor ? ["mfa"] : [])];
  return open(ctx, { userId, tenant, amr, opens: "tokens", remember: false }, client);
}

/** All that was so when it was approved must be so now: what is checked at the start counts at redemption. */
async function findStanding(
  ctx: Context,
  request: loginRequests.LoginRequest,
): Promise<{ entrance: Entrance; isMultiFactor: boolean } | undefined> {
  const { userId, tenantId, epoch, decidedBy } = request;
  const entrance = await findEntrance(ctx, userId, tenantId);
  if (!entrance || !(await credentials.isSignInValid(ctx, userId, epoch))) return undefined;
  const approver = decidedBy === null ? undefined : await findOrigin(ctx, { kind: "session", id: decidedBy });
  if (approver?.userId !== userId || !(await mayApprove(ctx, approver, request))) return undefined;
  return { entrance, isMultiFactor: approver.amr.includes("mfa") };
}
