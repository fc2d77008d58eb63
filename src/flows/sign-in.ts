// Signing in. The only place that knows the order of the steps; every group signs in through it.
import { type Client, type Context, transaction } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import type { TenantId, UserId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import * as memberships from "../core/memberships.ts";
import * as passwords from "../core/passwords.ts";
import * as users from "../core/users.ts";
import { digest } from "../crypto/digest.ts";
import { type Refusal, Refused } from "../errors.ts";
import { isSecondFactorDue, spendSecondFactor } from "./second-factor.ts";

export type SignIn = { status: "signed_in"; key: string } | { status: "second_factor_due" };

/** An account whose password was just right. */
interface Proven {
  user: users.User;
  budget: limits.Budget;
  /** Of the same password, where the stored hash is cheaper than the setting. */
  rehashed: string | undefined;
}

/**
 * Password → API key, or a challenge for the second factor. Throws Refused INVALID_CREDENTIALS or RATE_LIMITED, and
 * Unavailable under overload.
 */
export async function signIn(
  ctx: Context,
  { login, password }: { login: string; password: string },
  client: Client,
): Promise<SignIn> {
  const { user, budget, rehashed } = await provePassword(ctx, { login, password }, client);
  const { id: userId, passwordSetAt } = user;
  const outcome = await transaction(ctx, async (ctx): Promise<SignIn | Refused> => {
    // Hashing took its time: the account may have been disabled or its password changed meanwhile.
    const membership = await memberships.findDefault(ctx, userId);
    if (!membership || !(await users.isPasswordSince(ctx, userId, passwordSetAt))) {
      return refuse(ctx, client, userId, membership ? "password just changed" : "account is not active");
    }
    const { tenantId } = membership;
    if (rehashed) await users.rehash(ctx, userId, { passwordSetAt, passwordHash: rehashed });
    await limits.givePasswordTryBack(ctx, budget);
    if (await isSecondFactorDue(ctx, userId)) {
      const { address } = client;
      await loginChallenges.create(ctx, { userId, tenantId, purpose: "key", address, amr: ["pwd"] });
      await audit.append(ctx, client, {
        event: "login.second_factor_due",
        actorId: userId,
        userId,
        tenantId,
      });
      return { status: "second_factor_due" };
    }
    return { status: "signed_in", key: await finish(ctx, { userId, tenantId, amr: ["pwd"] }, client) };
  });
  if (outcome instanceof Refused) throw outcome;
  return outcome;
}

/**
 * Finishes, with a code, what `signIn` began from the same address. Throws Refused INVALID_CREDENTIALS when nothing was
 * begun, it is over, or the account died meanwhile; INVALID_CODE; RATE_LIMITED.
 */
export async function signInWithCode(
  ctx: Context,
  { login, code }: { login: string; code: string },
  client: Client,
): Promise<string> {
  const { network, address } = client;
  const parsed = users.parseLogin(login);
  const user = parsed && (await users.findByLogin(ctx, "instance", parsed));
  const userId = user?.id;
  // An outcome and not an exception: a wrong try must stay counted, so the transaction commits either way.
  const outcome = await transaction(ctx, async (ctx): Promise<Refused | string> => {
    const budget = await limits.findBudget(ctx, { userId, unknownLogin: "", network, device: null });
    const limited = await countTry(ctx, client, userId, budget, (ctx) => limits.countSource(ctx, budget));
    if (limited) return limited;
    const challenge = userId && (await loginChallenges.countTry(ctx, { userId, purpose: "key", address }));
    if (!userId || !challenge) return refuse(ctx, client, userId, "no login waits for a second factor here");
    const { id, tenantId } = challenge;
    if (!(await memberships.isAlive(ctx, userId, tenantId))) {
      return refuse(ctx, client, userId, "account is not active");
    }
    const method = await spendSecondFactor(ctx, userId, code);
    if (!method) return refuse(ctx, client, userId, "wrong or used code", "INVALID_CODE");
    if (!(await loginChallenges.consume(ctx, id)))
      return refuse(ctx, client, userId, "challenge already spent");
    await limits.giveSourceBack(ctx, network);
    return finish(ctx, { userId, tenantId, amr: [...challenge.amr.split(" "), method, "mfa"] }, client);
  });
  if (outcome instanceof Refused) throw outcome;
  return outcome;
}

/** Limits → account → password (a dummy hash when there is none). */
async function provePassword(
  ctx: Context,
  { login, password }: { login: string; password: string },
  client: Client,
): Promise<Proven> {
  const parsed = users.parseLogin(login);
  const user = parsed && (await users.findByLogin(ctx, "instance", parsed));
  const unknownLogin = digest(JSON.stringify(parsed ?? login));
  const { network } = client;
  using taken = new DisposableStack();
  const { budget, limited, place } = await transaction(ctx, async (ctx) => {
    const budget = await limits.findBudget(ctx, { userId: user?.id, unknownLogin, network, device: null });
    const limited = await countTry(ctx, client, user?.id, budget, (ctx) =>
      limits.countPasswordTry(ctx, budget),
    );
    // Last: a refused try takes no place, and for want of a place nothing stays counted.
    return { budget, limited, place: limited ? undefined : taken.use(ctx.hasher.reserve()) };
  });
  if (!place) throw limited;
  const { matches, rehashed } = await passwords.verify(ctx, place, user?.passwordHash, password);
  if (!user) throw await refuse(ctx, client, undefined, "unknown user");
  if (!matches) throw await refuse(ctx, client, user.id, "wrong password");
  return { user, budget, rehashed };
}

/** Counts a try before it is judged, or says why not; the first refusal of each wait is written down. Inside a transaction. */
async function countTry(
  ctx: Context,
  client: Client,
  userId: UserId | undefined,
  budget: limits.Budget,
  count: (ctx: Context) => Promise<void>,
): Promise<Refused | undefined> {
  try {
    await transaction(ctx, count);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (await limits.noteRefusal(ctx, budget)) {
      await audit.append(ctx, client, {
        event: "login.limited",
        userId,
        reason: `for ${error.retryAfterS} s`,
      });
    }
    return error;
  }
}

/** Writes the precise reason down and gives the collapsed one to the caller. */
async function refuse(
  ctx: Context,
  client: Client,
  userId: UserId | undefined,
  reason: string,
  code: Refusal = "INVALID_CREDENTIALS",
): Promise<Refused> {
  await audit.append(ctx, client, { event: "login.failed", userId, reason });
  return new Refused(code);
}

/** The last step of every sign-in, inside its transaction. */
async function finish(
  ctx: Context,
  { userId, tenantId, amr }: { userId: UserId; tenantId: TenantId; amr: string[] },
  client: Client,
): Promise<string> {
  await limits.rememberAddress(ctx, userId, client.network);
  await audit.append(ctx, client, {
    event: "login.succeeded",
    actorId: userId,
    userId,
    tenantId,
    reason: amr.join(" "),
  });
  return apiKeys.createForLogin(ctx, { userId, tenantId, authTime: ctx.now(), amr });
}
