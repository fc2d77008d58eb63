// A code for a sign-in that waits: emailed, of an authenticator app, a backup code, or a magic code. Which of them is due is known
// by the sign-in, so whoever shows a code need not say what it is.
import { type Client, type Context, transaction } from "../context.ts";
import * as credentials from "../core/credentials.ts";
import * as decoys from "../core/decoys.ts";
import * as emailCodes from "../core/email-codes.ts";
import type { TenantId } from "../core/ids.ts";
import * as limits from "../core/limits.ts";
import * as loginRequests from "../core/login-requests.ts";
import { type Login, parseLogin } from "../core/logins.ts";
import * as tenants from "../core/tenants.ts";
import { digest } from "../crypto/digest.ts";
import { Refused } from "../errors.ts";
import { type MagicSignIn, signInWithMagicCode } from "./magic-code.ts";
import { refuse, unlessLimited } from "./prove-password.ts";
import { budgetOf, NOBODY, ownerOf } from "./strangers.ts";
import type { Shown } from "./second-factor.ts";
import { signInWithFactor } from "./sign-in-with-factor.ts";

const SIX_DIGITS = /^[0-9]{6}$/;

export interface CodeRequest {
  /** The email, or the username where there is none. */
  name: string;
  code: string;
  /** Which sign-in it is for; else the newest of that name from the same client address. */
  loginSessionId: string | undefined;
  /** By id or slug: where it was begun. */
  portal: string | undefined;
}

/**
 * Finishes a sign-in that waits. Throws Refused INVALID_CODE, INVALID_MFA_TOKEN, INVALID_CREDENTIALS (one answer to callers: nothing
 * waits, it is over, or the code is wrong) or RATE_LIMITED.
 */
export async function verifyCode(ctx: Context, request: CodeRequest, client: Client): Promise<MagicSignIn> {
  const { name: text, code } = request;
  const login = parseLogin(text);
  const waiting = login && (await findWaiting(ctx, nameOf(login), request, client));
  // Past the first factor: strangers' tries do not count here, nor do these where they would.
  if (waiting?.kind === "approval") return finish(ctx, waiting, code, client);
  const budget = await budgetFor(ctx, login, text, client);
  const tried = await transaction(ctx, (ctx) =>
    unlessLimited(ctx, client, waiting?.userId, [budget], (ctx) => limits.countPasswordTry(ctx, budget)),
  );
  if (tried instanceof Refused) throw tried;
  if (!waiting) throw await judgeNothing(ctx, code, client);
  const signedIn = await signInWithMagicCode(ctx, waiting, code, client);
  await limits.givePasswordTryBack(ctx, budget, tried);
  return signedIn;
}

/** The same work where there is nothing to judge: the time of the answer would tell (measured: `bun run timing`). */
const judgeNothing = (ctx: Context, code: string, client: Client): Promise<Refused> =>
  transaction(ctx, async (ctx) => {
    await emailCodes.consume(ctx, { userId: NOBODY.userId, purpose: "magic", binding: "" }, code);
    await limits.countForNobody(ctx);
    return refuse(ctx, client, undefined, "no login waits for a code here", "INVALID_CODE");
  });

const nameOf = (login: Login): string => ("email" in login ? login.email : login.username);

async function findWaiting(
  ctx: Context,
  name: string,
  { loginSessionId: secret, portal }: CodeRequest,
  { address }: Client,
): Promise<loginRequests.LoginRequest | undefined> {
  const tenant = portal === undefined ? undefined : await tenants.find(ctx, portal);
  // A portal that does not exist is no tenant's.
  const tenantId = portal === undefined ? undefined : (tenant?.id ?? ("" as TenantId));
  if (secret === undefined) return newest(await loginRequests.listWaiting(ctx, { name, address, tenantId }));
  const found = await loginRequests.find(ctx, { secret, name });
  if (!found || (tenantId !== undefined && found.tenantId !== tenantId)) return undefined;
  return found.expiresAt > ctx.now() ? found : undefined;
}

/**
 * The newest; but where limits have forbidden its mail, the one before for which a code was mailed, which is what the user has at
 * hand.
 */
function newest(waiting: loginRequests.Waiting[]): loginRequests.Waiting | undefined {
  const [first] = waiting;
  if (!first || first.hasCode || first.kind === "magic") return first;
  const { userId, tenantId } = first;
  const isSame = (one: loginRequests.Waiting) =>
    one.kind === "approval" && one.userId === userId && one.tenantId === tenantId;
  return waiting.find((one) => one.hasCode && isSame(one)) ?? first;
}

/**
 * By the name alone, whatever accounts it has and wherever a code is tried: with a count for each account, the number of tries would
 * tell how many there are. A device or an address that one of them knows has a count of its own, as with passwords.
 */
async function budgetFor(
  ctx: Context,
  login: Login | undefined,
  text: string,
  client: Client,
): Promise<limits.Budget> {
  const own = login && "email" in login ? await decoys.realmsOf(ctx, login.email) : [];
  const budgets: limits.Budget[] = [];
  // As often for everyone: else the time would tell how many accounts there are (measured: `bun run timing`).
  for (let i = 0; i < decoys.MOST_REALMS; i++) {
    const realm = own[i] ?? "instance";
    const user = login && (await credentials.find(ctx, realm, login));
    budgets.push(await limits.findBudget(ctx, budgetOf(client, user ? ownerOf(user) : NOBODY, "")));
  }
  const known =
    budgets.find((one) => one.known === "device") ?? budgets.find((one) => one.known === "address");
  const account = digest(JSON.stringify(["code", login ? nameOf(login) : text, known?.account ?? null]));
  return { account, network: client.network, known: known?.known };
}

/** A second factor: tries, limits and the state of the account are judged as for every other. */
async function finish(
  ctx: Context,
  { id, userId, tenantId, epoch, expiresAt, status, amr }: loginRequests.LoginRequest,
  code: string,
  client: Client,
): Promise<MagicSignIn> {
  if (status === "rejected" || status === "spent")
    throw await refuse(ctx, client, userId, `login ${status}`, "INVALID_CODE");
  const shown: Shown = { method: SIX_DIGITS.test(code) ? undefined : "backup_code", code };
  const jti = loginRequests.jtiOf(id);
  const password = { first: amr.split(" "), from: undefined };
  const pending = { userId, tenantId, epoch, remember: false, jti, expiresAt, ...password };
  const request = {
    pending,
    userId: undefined,
    at: undefined,
    shown,
    trust: false,
    opens: "tokens",
  } as const;
  return { status: "signed_in", granted: await signInWithFactor(ctx, request, client) };
}
