// What a right first factor gets where a second one is due.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import type { Account } from "../core/credentials.ts";
import type { LoginChallengeId, TenantId, UserId } from "../core/ids.ts";
import * as loginChallenges from "../core/login-challenges.ts";
import type { Tenant } from "../core/tenants.ts";
import type { Opens } from "./grant.ts";
import { tryToMailLoginCode } from "./mail-code.ts";
import type { FactorMethod } from "./second-factor.ts";

/** A right first factor that waits for the second. Whoever proves one, wherever, gets a session. */
export interface Challenge {
  userId: UserId;
  tenantId: TenantId;
  methods: FactorMethod[];
  remember: boolean;
  /** Of the account when the first factor was right (core/credentials.ts). */
  epoch: number;
  /** Of the continuation token that will carry it: what a mailed code is bound to. */
  jti: string;
  /** How the first factor was shown (RFC 8176), where that was no password. */
  first?: readonly string[];
}

export interface Challenging {
  user: Account;
  tenant: Tenant;
  methods: FactorMethod[];
  opens: Opens;
  remember: boolean;
  first?: readonly string[];
}

/** Where email is the only factor, its code goes out at once. Run inside a transaction. */
export async function challengeFactor(
  ctx: Context,
  challenging: Challenging,
  client: Client,
): Promise<Challenge> {
  const { user, tenant, opens, methods, ...carried } = challenging;
  const userId = user.id;
  const tenantId = tenant.id;
  const jti = ctx.id("jti");
  if (opens === "key") await challengeByAddress(ctx, challenging, client);
  else if (methods[0] === "email") await tryToMailLoginCode(ctx, { user, tenant, binding: jti }, client);
  const event = "login.second_factor_due";
  await audit.append(ctx, client, { event, actorId: userId, userId, tenantId });
  return { ...carried, userId, tenantId, methods, epoch: user.signInEpoch, jti };
}

/**
 * The key group's client is given nothing to come back with: it is known by its address. Nor can it ask for another code, so one
 * is mailed wherever email is a factor; and where limits forbid that, the last one stays good.
 */
async function challengeByAddress(
  ctx: Context,
  { user, tenant, methods }: Challenging,
  client: Client,
): Promise<void> {
  const id = ctx.id("lch") as LoginChallengeId;
  const { address } = client;
  const challenge = { userId: user.id, tenantId: tenant.id, purpose: "key", address } as const;
  if (methods.includes("email")) {
    const isMailed = await tryToMailLoginCode(ctx, { user, tenant, binding: id }, client);
    if (!isMailed && (await loginChallenges.renew(ctx, challenge))) return;
  }
  await loginChallenges.create(ctx, { ...challenge, id, amr: ["pwd"] });
}
