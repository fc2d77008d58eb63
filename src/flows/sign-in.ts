// Signing in. The only place that knows the order of the steps; every group signs in through it.
import { type Client, type Context, transaction } from "../context.ts";
import * as continuations from "../core/continuations.ts";
import * as credentials from "../core/credentials.ts";
import type { TenantId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as memberships from "../core/memberships.ts";
import * as tenants from "../core/tenants.ts";
import { Refused } from "../errors.ts";
import { type Challenge, challengeFactor } from "./challenge-factor.ts";
import { accountsOf } from "./identify-email.ts";
import { type Entry, type GrantedAs, handOut, open, type Opens } from "./grant.ts";
import { type Claim, type Proof, type Proven, provePassword, refuse } from "./prove-password.ts";
import { factorsDue } from "./second-factor.ts";
import { hasVerifiedEmail, isUnverified, sendVerification } from "./verify-email.ts";

/** RFC 8176 §2. */
const PASSWORD_AMR = ["pwd"];

/** Where a sign-in leads. */
export type Destination =
  /** A shared account's oldest living membership. */
  | { kind: "default" }
  /** This tenant; undefined: one that does not exist, at which every password is wrong. */
  | { kind: "tenant"; tenant: tenants.Tenant | undefined }
  /** Whatever tenant the password opens, if it is one only. */
  | { kind: "any" };

export interface SignInRequest<As extends Opens = Opens> extends Omit<Claim, "realms"> {
  destination: Destination;
  opens: As;
  /** Keeps the cookie past the browser session. */
  remember?: boolean;
  /** Of a trusted device, where the client says so itself; its cookie counts too. */
  trustedToken?: string | undefined;
}

export type SignIn<As extends Opens = Opens> =
  | { status: "signed_in"; granted: GrantedAs<As> }
  | { status: "second_factor_due"; challenge: Challenge }
  | { status: "tenant_needed"; tenants: memberships.LiveMembership[] };

type Entered = { status: "signed_in"; entry: Entry } | Exclude<SignIn, { status: "signed_in" }>;

/** A tenant that a right password opens. */
interface Door {
  proven: Proven;
  membership: memberships.LiveMembership;
}

/**
 * Password → session or key, or what is missing. Throws Refused INVALID_CREDENTIALS, INVALID_FLOW_TOKEN, EMAIL_NOT_VERIFIED or
 * RATE_LIMITED, and Unavailable under overload.
 */
export async function signIn<As extends Opens>(
  ctx: Context,
  request: SignInRequest<As>,
  client: Client,
): Promise<SignIn<As>> {
  const realms = await realmsOf(ctx, request);
  const { destination } = request;
  const tenantId = destination.kind === "tenant" ? destination.tenant?.id : undefined;
  const proof = await provePassword(ctx, { ...request, realms, tenantId }, client);
  const entered = await transaction(ctx, (ctx) => enter(ctx, request, proof, client));
  if (entered instanceof Refused) throw entered;
  if (entered.status !== "signed_in") return entered;
  const granted = await handOut(ctx, entered.entry);
  return { status: "signed_in", granted: granted as GrantedAs<As> };
}

/** The destination of those who may name a tenant by its id. */
export const destinationOf = async (
  ctx: Context,
  tenantId: string | null | undefined,
): Promise<Destination> =>
  typeof tenantId === "string"
    ? { kind: "tenant", tenant: await tenants.findLive(ctx, tenantId as TenantId) }
    : { kind: "any" };

async function realmsOf(ctx: Context, { destination, login }: SignInRequest) {
  if (destination.kind === "tenant" && destination.tenant) return [tenants.realmOf(destination.tenant)];
  if (destination.kind !== "any" || !login || !("email" in login)) return ["instance"] as const;
  return accountsOf(ctx, login.email);
}

async function enter(
  ctx: Context,
  request: SignInRequest,
  proof: Proof,
  client: Client,
): Promise<Entered | Refused> {
  const doors = await findDoors(ctx, request.destination, proof);
  const [door] = doors;
  if (!door) return refuse(ctx, client, proof.proven[0]?.user.id, await whyNoDoor(ctx, proof));
  await settleTries(ctx, proof);
  const { flow, opens, remember = false } = request;
  if (doors.length > 1) {
    if (flow) await continuations.giveTryBack(ctx, flow);
    return { status: "tenant_needed", tenants: doors.map(({ membership }) => membership) };
  }
  const { user } = door.proven;
  const { tenantId } = door.membership;
  const tenant = await tenants.findLive(ctx, tenantId);
  if (!tenant) return refuse(ctx, client, user.id, "tenant is not active");
  if (isUnverified(user, tenant)) {
    await sendVerification(ctx, { user, tenant, redirectUri: undefined }, client);
    return refuse(ctx, client, user.id, "email not verified", "EMAIL_NOT_VERIFIED", tenantId);
  }
  if (flow && !(await continuations.consume(ctx, flow))) {
    return refuse(ctx, client, user.id, "flow token just spent", "INVALID_FLOW_TOKEN", tenantId);
  }
  const signingIn = {
    userId: user.id,
    tenant,
    hasVerifiedEmail: hasVerifiedEmail(user),
    first: PASSWORD_AMR,
  };
  const due = await factorsDue(ctx, signingIn, trustedTokens(request, client));
  if (due.kind === "factor") {
    const challenging = { user, tenant, methods: due.methods, opens, remember };
    return { status: "second_factor_due", challenge: await challengeFactor(ctx, challenging, client) };
  }
  const restricted = due.kind === "enrolment";
  const by = { userId: user.id, tenant, amr: PASSWORD_AMR, opens, remember, restricted };
  return { status: "signed_in", entry: await open(ctx, by, client) };
}

/** A script has no device: what it signs in with lives 90 days, and the next sign-in is to be as strong. */
const trustedTokens = ({ opens, trustedToken }: SignInRequest, { trustedDevice }: Client): string[] =>
  opens === "key" ? [] : [trustedToken, trustedDevice].filter((token) => typeof token === "string");

/** The living memberships behind the passwords that were right, as far as the request means them, the oldest first. */
async function findDoors(ctx: Context, destination: Destination, { proven }: Proof): Promise<Door[]> {
  const doors: Door[] = [];
  for (const one of proven) {
    const { id, passwordSetAt } = one.user;
    // Hashing took its time: the password may have been replaced meanwhile.
    if (!(await credentials.isPasswordSince(ctx, id, passwordSetAt))) continue;
    if (one.rehashed) await credentials.rehash(ctx, id, { passwordSetAt, passwordHash: one.rehashed });
    for (const membership of await memberships.findLiveOf(ctx, id)) doors.push({ proven: one, membership });
  }
  if (destination.kind === "default") return doors.slice(0, 1);
  if (destination.kind === "any") return doors;
  return doors.filter(({ membership }) => membership.tenantId === destination.tenant?.id);
}

async function whyNoDoor(ctx: Context, { proven }: Proof): Promise<string> {
  for (const { user } of proven) {
    if (!(await credentials.isPasswordSince(ctx, user.id, user.passwordSetAt)))
      return "password just changed";
  }
  return "account is not active";
}

/** A right password starts its account anew; at accounts that merely share the name the try is taken back. */
async function settleTries(ctx: Context, { proven, others, source }: Proof): Promise<void> {
  await limits.giveSourceBack(ctx, source);
  for (const { budget } of proven) await limits.forgive(ctx, budget);
  for (const budget of others) await limits.giveAccountTryBack(ctx, budget);
}
