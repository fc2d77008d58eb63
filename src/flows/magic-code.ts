// Signing in with six digits by mail instead of a password. What an email without an account gets looks the same, costs the same,
// and leaves nothing behind.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import type { Email } from "../core/emails.ts";
import * as emailCodes from "../core/email-codes.ts";
import type { LoginRequestId, UserId } from "../core/ids.ts";
import * as loginRequests from "../core/login-requests.ts";
import { newLoginSessionId } from "../core/login-session-ids.ts";
import * as memberships from "../core/memberships.ts";
import * as outbox from "../core/outbox.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { type Challenge, challengeFactor } from "./challenge-factor.ts";
import { type Entry, type GrantedAs, handOut, open } from "./grant.ts";
import { inVain } from "./in-vain.ts";
import { languageFor } from "./language.ts";
import { lastTenantOf } from "./last-tenant.ts";
import { mayMail } from "./may-mail.ts";
import { refuse } from "./prove-password.ts";
import { factorsDue } from "./second-factor.ts";
import { senderOf } from "./sender.ts";
import { type Entrance, findEntrance } from "./sign-in-with-factor.ts";
import { isStranger } from "./strangers.ts";

const MINUTE_MS = 60_000;
/** It came by another channel (RFC 8176 §2). */
const MAGIC_AMR = ["mca"];

/** The portal; shared: none is named, and the tenant used last is meant; undefined: a portal that does not exist. */
export type MagicDestination = tenants.Tenant | "shared" | undefined;

export interface MagicRequest {
  email: Email;
  destination: MagicDestination;
}

/**
 * Mails a code to whoever has a living account with a verified email there, and nothing to anyone else; the caller cannot tell.
 * Resolves to the id that binds the code. A new code voids the last; where limits forbid the mail nothing changes, and the id is good
 * for nothing.
 */
export async function requestMagicCode(
  ctx: Context,
  { email, destination }: MagicRequest,
  client: Client,
): Promise<string> {
  const kind = "magic";
  const expiresAt = ctx.now() + loginRequests.LIFETIME_MS[kind];
  const secret = newLoginSessionId(ctx, { kind, name: email }, expiresAt);
  if (destination === undefined) return secret;
  await transaction(ctx, async (ctx) => {
    const realm = destination === "shared" ? "instance" : tenants.realmOf(destination);
    const account = await credentials.find(ctx, realm, { email });
    const byStranger = await isStranger(ctx, account, client);
    const tenantId = destination === "shared" ? undefined : destination.id;
    const asked = { purpose: "magic", email, realm, byStranger, network: client.network } as const;
    if (!(await mayMail(ctx, asked, client, { tenantId }))) return;
    // The same for everyone, in the same order; only what is kept of it differs. Else the time of the answer would tell who has an
    // account (measured: `bun run timing`).
    const someone = await findSomeone(ctx, destination);
    const entrance = await findDoor(ctx, account?.id ?? someone, destination);
    const isMailed = account !== undefined && entrance?.hasVerifiedEmail === true;
    const standIn = await findDoor(ctx, someone, destination);
    const mail = { email, secret, expiresAt };
    if (isMailed) await transaction(ctx, (ctx) => mailMagicCode(ctx, { ...mail, ...entrance }, client));
    else if (standIn) await inVain(ctx, (ctx) => mailMagicCode(ctx, { ...mail, ...standIn }, client));
    const entry = { userId: account?.id, tenantId: account && entrance?.tenant.id };
    const reason = isMailed ? {} : { reason: "no such account" };
    await audit.append(ctx, client, { event: "magic_code.requested", ...entry, ...reason });
  });
  return secret;
}

/** Some member, in whose name the work is done for those who are none. */
const findSomeone = (ctx: Context, destination: tenants.Tenant | "shared"): Promise<UserId | undefined> =>
  destination === "shared"
    ? memberships.findAnyReachable(ctx)
    : memberships.findReachable(ctx, destination.id);

async function findDoor(
  ctx: Context,
  userId: UserId | undefined,
  destination: tenants.Tenant | "shared",
): Promise<Entrance | undefined> {
  if (!userId) return undefined;
  const tenantId = destination === "shared" ? await lastTenantOf(ctx, userId) : destination.id;
  return tenantId && findEntrance(ctx, userId, tenantId);
}

interface MagicMail extends Entrance {
  email: Email;
  secret: string;
  expiresAt: number;
}

async function mailMagicCode(
  ctx: Context,
  { userId, tenant, user, email, secret, expiresAt }: MagicMail,
  client: Client,
): Promise<void> {
  await loginRequests.endMagic(ctx, userId);
  await emailCodes.endOfPurpose(ctx, userId, "magic");
  const id = ctx.id("lrq") as LoginRequestId;
  const request = { id, kind: "magic", secret, userId, tenantId: tenant.id, name: email } as const;
  await loginRequests.create(ctx, { ...request, amr: MAGIC_AMR, expiresAt, epoch: user.signInEpoch }, client);
  const code = await emailCodes.create(ctx, { userId, purpose: "magic", binding: id });
  await outbox.enqueue(ctx, {
    to: email,
    tenantId: tenant.id,
    userId,
    sender: senderOf(tenant),
    content: { kind: "magic_code", code, minutes: emailCodes.LIFETIME_MS / MINUTE_MS },
    language: languageFor(ctx, user, client),
    expiresAt,
  });
}

export type MagicSignIn =
  | { status: "signed_in"; granted: GrantedAs<"tokens"> }
  | { status: "second_factor_due"; challenge: Challenge };

type Entered = { status: "signed_in"; entry: Entry } | Exclude<MagicSignIn, { status: "signed_in" }>;

/**
 * Magic code → session, or what is missing: it is a first factor, and never skips an enrolled second one. Throws Refused
 * INVALID_CODE. Tries are counted by flows/verify-code.ts.
 */
export async function signInWithMagicCode(
  ctx: Context,
  request: loginRequests.LoginRequest,
  code: string,
  client: Client,
): Promise<MagicSignIn> {
  const entered = await transaction(ctx, (ctx) => enter(ctx, request, code, client));
  if (entered instanceof Refused) throw entered;
  if (entered.status === "second_factor_due") return entered;
  return { status: "signed_in", granted: (await handOut(ctx, entered.entry)) as GrantedAs<"tokens"> };
}

async function enter(
  ctx: Context,
  { id, userId, tenantId, epoch }: loginRequests.LoginRequest,
  code: string,
  client: Client,
): Promise<Entered | Refused> {
  const no = (reason: string) => refuse(ctx, client, userId, reason, "INVALID_CODE");
  if (!(await emailCodes.consume(ctx, { userId, purpose: "magic", binding: id }, code)))
    return no("wrong or used magic code");
  if (!(await loginRequests.end(ctx, id))) return no("magic code just spent");
  if (!(await credentials.isSignInValid(ctx, userId, epoch))) return no("signed out since");
  const entrance = await findEntrance(ctx, userId, tenantId);
  if (!entrance?.hasVerifiedEmail) return no("account is not active");
  const trusted = client.trustedDevice === null ? [] : [client.trustedDevice];
  const due = await factorsDue(ctx, { ...entrance, first: MAGIC_AMR }, trusted);
  const { user, tenant } = entrance;
  const into = { tenant, opens: "tokens", remember: false } as const;
  if (due.kind === "factor") {
    const challenging = { ...into, user, methods: due.methods, first: MAGIC_AMR };
    return { status: "second_factor_due", challenge: await challengeFactor(ctx, challenging, client) };
  }
  const restricted = due.kind === "enrolment";
  const by = { ...into, userId, amr: MAGIC_AMR };
  return { status: "signed_in", entry: await open(ctx, { ...by, restricted }, client) };
}
