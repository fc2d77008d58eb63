// Signing in with a passkey and nothing else. Who holds one, and has shown its authenticator that they are its user, has shown two
// factors (NIST SP 800-63B-4 §2.2.1 and §3.1.7, ASVS 6.3.3): nothing further is due, whatever is enrolled or the tenant asks for.
import { type Client, type Context, transaction } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as continuations from "../core/continuations.ts";
import * as credentials from "../core/credentials.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as memberships from "../core/memberships.ts";
import * as passkeys from "../core/passkeys.ts";
import * as tenants from "../core/tenants.ts";
import { type AssertionJson, parseAssertion } from "../crypto/credential-json.ts";
import type { Verdict } from "../crypto/webauthn.ts";
import { Refused } from "../errors.ts";
import { judgeByPasskey } from "./assert-passkey.ts";
import { type Entry, type GrantedAs, handOut, open } from "./grant.ts";
import { lastTenantOf } from "./last-tenant.ts";
import { discoveryOptions } from "./passkey-options.ts";
import { refuse, tenantOf, unlessLimited } from "./prove-password.ts";
import { type Assertion, spendFactor } from "./second-factor.ts";
import { findEntrance } from "./sign-in-with-factor.ts";
import { budgetOf, NOBODY } from "./strangers.ts";

/** What an authenticator is asked, carried by a continuation token: anybody may ask, and asking leaves no row. */
export interface AskedPasskey {
  /** The challenge itself: 32 random bytes, base64url. */
  jti: string;
  /** Where it is to lead; undefined: wherever it is said to when it is shown. */
  tenantId: TenantId | undefined;
}

/** Asks for any passkey. Throws Refused TENANT_NOT_FOUND for a slug of none that is alive. */
export async function askForPasskey(
  ctx: Context,
  slug: string | undefined,
): Promise<AskedPasskey & { options: ReturnType<typeof discoveryOptions> }> {
  const tenant = slug === undefined ? undefined : await tenants.findLiveBySlug(ctx, slug);
  if (slug !== undefined && !tenant) throw new Refused("TENANT_NOT_FOUND");
  const jti = Buffer.from(ctx.random(32)).toString("base64url");
  return { jti, tenantId: tenant?.id, options: discoveryOptions(ctx, jti) };
}

export interface PasskeySignIn {
  asked: AskedPasskey & continuations.Countable;
  /** An answer of `navigator.credentials.get`, as `toJSON()` has it. */
  credential: unknown;
  /** The tenant; undefined: the one for which the passkey was asked, or else where its user was last. */
  slug: string | undefined;
  /** Keeps the cookie past the browser session. */
  remember: boolean;
}

interface Opened<Made> {
  made: Made;
  tenant: tenants.Tenant;
}

/**
 * Passkey → session. Spends the challenge, whatever is shown for it. Throws Refused RATE_LIMITED, and else INVALID_CREDENTIALS alone:
 * which passkeys there are, whose, and where these may sign in is told to nobody who cannot show one.
 */
export async function signInWithPasskey(
  ctx: Context,
  { asked, credential, slug, remember }: PasskeySignIn,
  client: Client,
): Promise<Opened<GrantedAs<"cookie">>> {
  const shown = parseAssertion(credential);
  const passkey = shown && (await passkeys.findByCredentialAlone(ctx, shown.id));
  const userId = passkey?.userId;
  const meant = await findMeant(ctx, asked, slug);
  const source = await findSource(ctx, userId, client);
  const refuseIt = async (ctx: Context, reason: string) => {
    const tenantId = await tenantOf(ctx, "good" in meant ? meant.good : undefined, userId);
    return refuse(ctx, client, userId, `passkey: ${reason}`, undefined, tenantId);
  };
  const counted = await transaction(ctx, async (ctx) => {
    const tried = await unlessLimited(ctx, client, userId, [source], (ctx) =>
      limits.countSource(ctx, source),
    );
    if (tried instanceof Refused) return tried;
    return (await spend(ctx, asked)) ? tried : refuseIt(ctx, "challenge spent or expired");
  });
  if (counted instanceof Refused) throw counted;
  const verdict = await judge(ctx, asked, { shown, passkey });
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | Opened<Entry>> => {
    if ("fault" in verdict) return refuseIt(ctx, verdict.fault);
    if ("fault" in meant) return refuseIt(ctx, meant.fault);
    const { userId, assertion } = verdict.good;
    const doors = meant.good === undefined ? await findDoors(ctx, userId) : [meant.good];
    const entrance = await findFirstEntrance(ctx, userId, doors);
    if (!entrance) return refuseIt(ctx, await whyNoEntrance(ctx, userId, doors[0]));
    const shownAs = await spendPasskey(ctx, userId, assertion);
    if (shownAs === undefined) return refuseIt(ctx, "counter, just removed, or off after wrong ones");
    await limits.giveSourceBack(ctx, counted);
    const { tenant } = entrance;
    const amr = [shownAs, "mfa"];
    return { made: await open(ctx, { userId, tenant, amr, opens: "cookie", remember }, client), tenant };
  });
  if (outcome instanceof Refused) throw outcome;
  return { ...outcome, made: (await handOut(ctx, outcome.made)) as GrantedAs<"cookie"> };
}

/** The tenant that is meant: undefined: the one where the user was last. */
async function findMeant(
  ctx: Context,
  { tenantId }: AskedPasskey,
  slug: string | undefined,
): Promise<Verdict<TenantId | undefined>> {
  if (slug === undefined) return { good: tenantId };
  const named = await tenants.findLiveBySlug(ctx, slug);
  if (!named) return { fault: "tenant unknown or disabled" };
  const isOther = tenantId !== undefined && tenantId !== named.id;
  return isOther ? { fault: "challenge of another tenant" } : { good: named.id };
}

/**
 * Where a failure counts: at the address and the instance, and never at the account, nor at its passkeys, which a stranger could
 * switch off else. A known browser stands for an address of its own, which strangers cannot use up, and which uses up nothing of
 * theirs.
 */
async function findSource(ctx: Context, userId: UserId | undefined, client: Client): Promise<limits.Budget> {
  // Asked for nobody too: else the time would tell which credentials there are.
  const epoch = await credentials.signInEpochOf(ctx, userId ?? NOBODY.userId);
  const owner = userId && { userId, epoch };
  const { account, network, known } = await limits.findBudget(ctx, budgetOf(client, owner, ""));
  return known === "device"
    ? { account: "", network: account, known: "address" }
    : { account: "", network, known };
}

/** Where the user was last, then the others: one of them may ask for a verified email, and another not. */
async function findDoors(ctx: Context, userId: UserId): Promise<TenantId[]> {
  const last = await lastTenantOf(ctx, userId);
  const live = (await memberships.findLiveOf(ctx, userId)).map(({ tenantId }) => tenantId);
  return last === undefined ? [] : [last, ...live.filter((id) => id !== last)];
}

async function findFirstEntrance(ctx: Context, userId: UserId, doors: TenantId[]) {
  for (const door of doors) {
    const entrance = await findEntrance(ctx, userId, door);
    if (entrance) return entrance;
  }
  return undefined;
}

/** False when it was spent or has expired. */
const spend = async (ctx: Context, asked: continuations.Countable): Promise<boolean> =>
  (await continuations.countTry(ctx, "passkey", asked)) && continuations.consume(ctx, asked);

interface Shown {
  shown: AssertionJson | undefined;
  passkey: passkeys.Passkey | undefined;
}

async function judge(
  ctx: Context,
  { jti: challenge }: AskedPasskey,
  { shown, passkey }: Shown,
): Promise<Verdict<{ userId: UserId; assertion: Assertion }>> {
  if (!shown) return { fault: "not the JSON of an assertion" };
  if (!passkey) return { fault: "unknown credential" };
  const verdict = await judgeByPasskey(ctx, passkey, { challenge, isAlone: true }, shown);
  return "fault" in verdict ? verdict : { good: { userId: passkey.userId, assertion: verdict.good } };
}

/**
 * Takes it as every passkey is taken: once for each state of its counter, and not at all while passkeys are off. What is wrong here was
 * signed by the passkey, so that no stranger counts.
 */
const spendPasskey = (ctx: Context, userId: UserId, assertion: Assertion): Promise<string | undefined> =>
  spendFactor(ctx, userId, {
    shown: { method: "webauthn", code: "", assertion },
    due: { kind: "factor", methods: ["webauthn"] },
    binding: "",
  });

async function whyNoEntrance(ctx: Context, userId: UserId, tenantId: TenantId | undefined): Promise<string> {
  const account = await accounts.find(ctx, userId);
  if (!account || account.disabledAt !== null) return "account is disabled";
  if (tenantId === undefined) return "no active membership";
  if (!(await tenants.findLive(ctx, tenantId))) return "tenant is disabled";
  const member = await memberships.find(ctx, tenantId, userId);
  if (!member) return "no membership";
  return member.status === "active" ? "email not verified" : `membership ${member.status}`;
}
