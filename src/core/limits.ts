// How often a password may be wrong (decisions §5). Counted in the database and before judging, so neither a restart nor
// parallel requests win an extra try; unknown accounts are counted like known ones.
import type { Context } from "../context.ts";
import { Refused } from "../errors.ts";
import type { UserId } from "./ids.ts";
import { knows, type Owner } from "./known-devices.ts";
import { count, countInWindows, NOBODYS, type Window } from "./windows.ts";

/** Without a further try for this long, an account's failures are forgotten. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000;
/** How often in a day a right password at another account of the name makes a try none. */
const NAMESAKES = { scope: "namesake", most: 10, windowMs: 24 * 60 * 60 * 1000 };
/** How exactly it is known when somebody signed in from an address. */
const REMEMBERED_TO_MS = 60 * 60 * 1000;

/** Where a failure comes from. */
export interface Source {
  network: string;
  /** What the account knows of whoever tries. */
  known: "device" | "address" | undefined;
}

/** Whose failure a wrong password would be. */
export interface Budget extends Source {
  /** The account, or the account as seen from a device or an address it knows, which strangers cannot use up. */
  account: string;
}

/** Whoever tries: `device` is the cookie as it was sent, if any was (core/known-devices.ts). */
export interface Tries {
  owner: Owner | undefined;
  /** Stands for an account that is none. */
  unknownLogin: string;
  network: string;
  device: string | null;
}

/** The budget for signing in to an account from a network. */
export async function findBudget(
  ctx: Context,
  { owner, unknownLogin, network, device }: Tries,
): Promise<Budget> {
  const deviceId = owner && knows(ctx, device, owner);
  const userId = owner?.userId;
  if (deviceId) return { account: `${userId} device ${deviceId}`, network, known: "device" };
  // Looked for where there is no account too: else the time would tell.
  const row = await ctx.db.get`
    select 1 as known from known_addresses
    where user_id = ${userId ?? ""} and address = ${network} and last_at > ${ctx.now() - ctx.config.limits.knownForMs}`;
  if (userId === undefined) return { account: unknownLogin, network, known: undefined };
  return row
    ? { account: `${userId} ${network}`, network, known: "address" }
    : { account: userId, network, known: undefined };
}

/** Accounts at which a try is none, and for how many seconds. */
export type Held = ReadonlyMap<Budget, number>;

/** Where a try was counted, and when: for giving it back. */
export type CountedSource = Source & { countedAt: number };

/** A password try that was counted. */
export interface CountedTry {
  held: Held;
  source: CountedSource;
}

/** The one that knows least of whoever tries stands first. */
const KNOWN = [undefined, "address", "device"] as const;

/**
 * Counts a password try before it is judged, at each account that goes by the name. Those that have to wait, for themselves or
 * for the source, are returned: it is none at theirs, as neither failures at a namesake's may hold up its owner nor its device
 * open the door to others. Throws Refused RATE_LIMITED when that is all of them: then nothing is counted. Run inside a transaction.
 */
export async function countPasswordTry(ctx: Context, ...budgets: Budget[]): Promise<CountedTry> {
  const held = new Map<Budget, number>();
  let source: CountedSource | undefined;
  for (const known of KNOWN) {
    const alike = budgets.filter((budget) => budget.known === known);
    const [first] = alike;
    if (!first) continue;
    const counted = await tryToCountSource(ctx, first);
    if (typeof counted === "object") {
      source = counted;
      break;
    }
    for (const budget of alike) held.set(budget, counted);
  }
  for (const budget of budgets) {
    const atSource = held.get(budget);
    // Both have to be over before it is judged.
    const atAccount = await (atSource
      ? waitAtAccount(ctx, budget.account)
      : countAccount(ctx, budget.account));
    if (atSource || atAccount) held.set(budget, Math.max(atSource ?? 0, atAccount ?? 0));
  }
  if (held.size === budgets.length || !source) throw new Refused("RATE_LIMITED", shortestWait(held));
  return { held, source };
}

/** In seconds, until the first of them is judged again. */
export const shortestWait = (held: Held): number => Math.min(...held.values());

/** The seconds to wait where it cannot be counted. */
const tryToCountSource = (ctx: Context, source: Source): Promise<CountedSource | number> =>
  countSource(ctx, source).catch((error: unknown) => {
    if (error instanceof Refused) return error.retryAfterS ?? 1;
    throw error;
  });

/**
 * Where failures from a source count: what can hold it up, and nothing else, which it would only fill for others. Address before
 * instance, in counting and in giving back: two databases' worth of requests must not deadlock.
 */
function windowsOf(ctx: Context, { network, known }: Source): [Window, Window] {
  const { addressFailures, instanceFailures, windowMs } = ctx.config.limits;
  const address = { scope: "address", subject: network, most: addressFailures, windowMs };
  const instance = { scope: "instance", subject: "", most: instanceFailures, windowMs };
  // A device cannot be shared with strangers as an address can (an office, a mobile network): theirs do not hold it up. As many
  // counts for everyone: else the time would tell who is known where.
  return [known === "device" ? NOBODYS : address, known === undefined ? instance : NOBODYS];
}

/** Counts a try against its source, as for a second factor, where the account's own bound is the challenge's. Throws Refused RATE_LIMITED. */
export async function countSource(ctx: Context, source: Source): Promise<CountedSource> {
  await countInWindows(ctx, windowsOf(ctx, source));
  // Afterwards: no window in which it was counted began later.
  return { network: source.network, known: source.known, countedAt: ctx.now() };
}

/** The password was right: the account starts anew, and its source gets the try back. */
export async function givePasswordTryBack(
  ctx: Context,
  budget: Budget,
  { source }: Pick<CountedTry, "source">,
): Promise<void> {
  await giveSourceBack(ctx, source);
  await forgive(ctx, budget);
}

/** The password was right: the account starts anew. */
export async function forgive(ctx: Context, { account }: Pick<Budget, "account">): Promise<void> {
  await ctx.db.run`delete from limits where scope = 'account' and subject = ${account}`;
}

/**
 * The try was none at this account, which only shares its name with one whose password was right. Earlier failures stay. Ten times
 * a day: whoever gave the other account its password, and may change it at will, would guess for nothing here.
 */
export async function giveAccountTryBack(ctx: Context, { account }: Pick<Budget, "account">): Promise<void> {
  const { freeFailures } = ctx.config.limits;
  if ((await count(ctx, { ...NAMESAKES, subject: account })) > 0) return;
  await ctx.db.run`
    update limits set failures = failures - 1,
      blocked_until = case when failures <= ${freeFailures} then 0 else blocked_until end
    where scope = 'account' and subject = ${account} and failures > 0`;
}

/** The try turned out right: takes back what `countSource` has counted, unless its window is over. */
export async function giveSourceBack(ctx: Context, source: CountedSource): Promise<void> {
  for (const { scope, subject } of windowsOf(ctx, source)) {
    await ctx.db.run`
      update limits set failures = failures - 1
      where scope = ${scope} and subject = ${subject} and failures > 0 and window_started_at <= ${source.countedAt}`;
  }
}

/** Whether the refusal that just happened is the first since a try was last counted: one to write down. */
export async function noteRefusal(ctx: Context, budget: Budget): Promise<boolean> {
  const [here, everywhere] = windowsOf(ctx, budget);
  const now = ctx.now();
  const noted = await ctx.db.run`
    update limits set noted_at = ${now} where noted_at < window_started_at and (
      (scope = 'account' and subject = ${budget.account} and blocked_until > ${now})
      or (scope = ${here.scope} and subject = ${here.subject} and failures >= ${here.most})
      or (scope = ${everywhere.scope} and subject = ${everywhere.subject} and failures >= ${everywhere.most}))`;
  return noted > 0;
}

/** Remembers where an account signed in from; to the hour, so that most sign-ins write nothing here. */
export async function rememberAddress(ctx: Context, userId: UserId, network: string): Promise<void> {
  const now = ctx.now();
  await ctx.db.run`
    insert into known_addresses (user_id, address, last_at) values (${userId}, ${network}, ${now})
    on conflict (user_id, address) do update set last_at = excluded.last_at
    where known_addresses.last_at not between ${now - REMEMBERED_TO_MS} and ${now}`;
}

/** As if it had never signed in anywhere: whoever it was, a thief among them. */
export async function forgetAddresses(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from known_addresses where user_id = ${userId}`;
}

/** A count where there is nothing to count. */
export async function countForNobody(ctx: Context): Promise<void> {
  await count(ctx, NOBODYS);
}

/** Frees the room of counters that no longer count. Returns how many went, at most `most`. */
export async function removeForgotten(ctx: Context, most: number): Promise<number> {
  const now = ctx.now();
  return ctx.db.run`
    delete from limits where (scope, subject) in (
      select scope, subject from limits
      where window_started_at <= ${now - FORGOTTEN_AFTER_MS} and blocked_until <= ${now} limit ${most})`;
}

/** Frees the room of addresses that no longer count. Returns how many went, at most `most`. */
export async function removeOldAddresses(ctx: Context, most: number): Promise<number> {
  const { knownForMs } = ctx.config.limits;
  return ctx.db.run`
    delete from known_addresses where (user_id, address) in (
      select user_id, address from known_addresses where last_at <= ${ctx.now() - knownForMs} limit ${most})`;
}

/**
 * Up to `freeFailures` at once, then waits that double. The try itself starts the wait; one that is refused does not: then
 * nothing is counted, and the seconds to wait are returned.
 */
async function countAccount(ctx: Context, account: string): Promise<number | undefined> {
  const { freeFailures, firstWaitMs, longestWaitMs } = ctx.config.limits;
  const now = ctx.now();
  // A wait that ends later than any wait could was written before the clock was set back.
  const counted = await ctx.db.get<{ failures: number }>`
    insert into limits (scope, subject, failures, window_started_at, blocked_until)
    values ('account', ${account}, 1, ${now}, 0)
    on conflict (scope, subject) do update set
      failures = case when limits.window_started_at <= ${now - FORGOTTEN_AFTER_MS} then 1 else limits.failures + 1 end,
      window_started_at = ${now}
    where limits.blocked_until <= ${now} or limits.blocked_until > ${now + longestWaitMs}
    returning failures`;
  if (!counted) return waitAtAccount(ctx, account);
  if (counted.failures < freeFailures) return undefined;
  const waitMs = Math.min(firstWaitMs * 2 ** (counted.failures - freeFailures), longestWaitMs);
  await ctx.db.run`
    update limits set blocked_until = ${now + waitMs} where scope = 'account' and subject = ${account}`;
  return undefined;
}

/** In seconds; undefined when the account does not have to wait. */
async function waitAtAccount(ctx: Context, account: string): Promise<number | undefined> {
  const now = ctx.now();
  const row = await ctx.db.get<{ blockedUntil: number }>`
    select blocked_until as "blockedUntil" from limits
    where scope = 'account' and subject = ${account} and blocked_until > ${now}
      and blocked_until <= ${now + ctx.config.limits.longestWaitMs}`;
  return row && Math.ceil((row.blockedUntil - now) / 1000);
}
