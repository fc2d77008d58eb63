// Whether a password opens an account: limits → account → argon2id, with the same work for whoever does not exist.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as continuations from "../core/continuations.ts";
import * as credentials from "../core/credentials.ts";
import type { Realm, TenantId, UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import type { Login } from "../core/logins.ts";
import * as memberships from "../core/memberships.ts";
import * as passwords from "../core/passwords.ts";
import { digest } from "../crypto/digest.ts";
import { type Refusal, Refused } from "../errors.ts";
import { budgetOf, ownerOf, turnAway } from "./strangers.ts";

export interface Claim {
  /** As it was typed, and what it means; undefined when nobody can be called that. */
  text: string;
  login: Login | undefined;
  password: string;
  /** Where accounts of that name are looked for; each costs one hash, whether there is one or not. */
  realms: readonly Realm[];
  /** Where it is to lead, if that is known before. */
  tenantId?: TenantId | undefined;
  /** The flow token that is used up by this, where there is one. */
  flow?: continuations.Countable | undefined;
}

/** An account whose password was just right. */
export interface Proven {
  user: credentials.Account;
  budget: limits.Budget;
  /** Of the same password, where the stored hash is cheaper than the setting. */
  rehashed: string | undefined;
}

export interface Proof {
  /** At least one. */
  proven: Proven[];
  /** Accounts of the same name that have another password: the try is to be none at theirs. */
  others: limits.Budget[];
  /** Where the try was counted besides. */
  source: limits.CountedSource;
}

interface Account {
  user: credentials.Account | undefined;
  budget: limits.Budget;
}

/**
 * Throws Refused INVALID_CREDENTIALS, INVALID_FLOW_TOKEN or RATE_LIMITED, and Unavailable under overload. A proof is to be told
 * to nobody before another transaction has resolved: not until then is it on disk that a try was counted.
 */
export async function provePassword(ctx: Context, claim: Claim, client: Client): Promise<Proof> {
  const found = await Promise.all(
    claim.realms.map(async (realm) => ({
      user: claim.login && (await credentials.find(ctx, realm, claim.login)),
      unknownLogin: digest(JSON.stringify([realm, claim.login ?? claim.text])),
    })),
  );
  using taken = new DisposableStack();
  const count = async (ctx: Context) => {
    const accounts: Account[] = [];
    for (const { user, unknownLogin } of found) {
      accounts.push({
        user,
        budget: await limits.findBudget(ctx, budgetOf(client, user && ownerOf(user), unknownLogin)),
      });
    }
    const tried = await countTry(ctx, client, accounts, claim.flow);
    if (tried instanceof Refused) return tried;
    const judged = accounts.filter(({ budget }) => !tried.held.has(budget));
    // Last: a refused try takes no place, and for want of a place nothing stays counted.
    return { ...tried, judged, place: taken.use(ctx.hasher.reserve()) };
  };
  // Whoever is refused hears of it. All others do not until they are judged, which is written down too; or are told nothing.
  const counted = await transaction(ctx, count, { isInterim: (counted) => !(counted instanceof Refused) });
  if (counted instanceof Refused) throw counted;
  const { judged, held, source, place } = counted;
  const proof: Proof = { proven: [], others: [], source };
  const unreadable = new Set<Account>();
  for (const account of judged) {
    const { user, budget } = account;
    const verdict = await passwords.verify(ctx, place, user?.passwordHash, claim.password);
    const { matches, rehashed } = verdict;
    if (verdict.isUnreadable) unreadable.add(account);
    if (matches && user) proof.proven.push({ user, budget, rehashed });
    else proof.others.push(budget);
  }
  if (proof.proven.length > 0) return proof;
  const refused = await refuseAll(ctx, client, { judged, unreadable, tenantId: claim.tenantId });
  // It may have been right where it was not judged.
  throw held.size > 0 ? new Refused("RATE_LIMITED", limits.shortestWait(held)) : refused;
}

/** Counts a try before it is judged, or says where or why not. Inside a transaction, which commits either way. */
async function countTry(
  ctx: Context,
  client: Client,
  accounts: Account[],
  flow: continuations.Countable | undefined,
): Promise<Refused | limits.CountedTry> {
  const userId = accounts[0]?.user?.id;
  const budgets = accounts.map(({ budget }) => budget);
  // What a limit forbids is not judged, so no wrong password of the flow token's either.
  const tried = await unlessLimited(ctx, client, userId, budgets, async (ctx) => {
    if (flow && !(await continuations.countTry(ctx, "flow", flow))) return "flow token spent";
    return limits.countPasswordTry(ctx, ...budgets);
  });
  if (tried !== "flow token spent") return tried;
  return turnAway(ctx, client, { event: "login.failed", userId, reason: tried }, "INVALID_FLOW_TOKEN");
}

/** What `count` has counted; the refusal, of which the first of each wait is written down and the others are counted, when a limit forbids. */
export async function unlessLimited<Counted>(
  ctx: Context,
  client: Client,
  userId: UserId | undefined,
  budgets: readonly limits.Budget[],
  count: (ctx: Context) => Promise<Counted>,
): Promise<Refused | Counted> {
  try {
    return await transaction(ctx, count);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    let isFirst = false;
    for (const budget of budgets) isFirst = (await limits.noteRefusal(ctx, budget)) || isFirst;
    const reason = `for ${error.retryAfterS} s`;
    if (isFirst) await audit.append(ctx, client, { event: "login.limited", userId, reason });
    else audit.countOnly(ctx, client);
    return error;
  }
}

/** Writes the precise reason down and gives the collapsed one to the caller. */
export async function refuse(
  ctx: Context,
  client: Client,
  userId: UserId | undefined,
  reason: string,
  code: Refusal = "INVALID_CREDENTIALS",
  tenantId?: TenantId,
): Promise<Refused> {
  return turnAway(ctx, client, { event: "login.failed", userId, tenantId, reason }, code);
}

interface Failed {
  judged: Account[];
  /** Whose stored hash is none. */
  unreadable: ReadonlySet<Account>;
  tenantId: TenantId | undefined;
}

async function refuseAll(
  ctx: Context,
  client: Client,
  { judged, unreadable, tenantId }: Failed,
): Promise<Refused> {
  const known = judged.filter(({ user }) => user !== undefined);
  const reasonOf = (account: Account) =>
    unreadable.has(account) ? "password hash unreadable" : "wrong password";
  return transaction(ctx, async (ctx) => {
    for (const account of known.slice(1)) await refuse(ctx, client, account.user?.id, reasonOf(account));
    const [first] = known;
    const userId = first?.user?.id;
    const reason = first ? reasonOf(first) : "unknown user";
    return refuse(ctx, client, userId, reason, undefined, await tenantOf(ctx, tenantId, userId));
  });
}

/**
 * Whose log a failure belongs to: a tenant's, if it is a member's. Of others its administrators must not learn whether they have an
 * account. Asked for in any case: else the time of the answer would tell who is one.
 */
export async function tenantOf(
  ctx: Context,
  tenantId: TenantId | undefined,
  userId: UserId | undefined,
): Promise<TenantId | undefined> {
  if (tenantId === undefined) return undefined;
  return (await memberships.find(ctx, tenantId, userId ?? "")) && tenantId;
}
