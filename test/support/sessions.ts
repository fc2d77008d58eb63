// Accounts and what they are signed in with, made without any endpoint.
import { type Context, type Client, transaction } from "../../src/context.ts";
import type { ApiKeyId, SessionId, TenantId, UserId } from "../../src/core/ids.ts";
import { createForLogin } from "../../src/core/api-keys.ts";
import { accessToken, type OpenedTokens, openCookie, openTokens } from "../../src/flows/open-session.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const ADA = "usr_ada" as UserId;
export const BOB = "usr_bob" as UserId;
export const ACME = "tnt_acme" as TenantId;
export const EMCA = "tnt_emca" as TenantId;

export const client = (over: Partial<Client> = {}): Client => ({
  requestId: "req_test",
  address: "198.51.100.7",
  network: "198.51.100.7",
  userAgent: "test",
  language: null,
  device: null,
  trustedDevice: null,
  isLocal: false,
  ...over,
});

/** Two tenants, and Ada and Bob who belong to both; Ada owns them. */
export async function settle(ctx: Context): Promise<void> {
  for (const tenantId of [ACME, EMCA]) {
    await ctx.db.run`
      insert into tenants (id, slug, name, identity, settings, created_at)
      values (${tenantId}, ${tenantId.slice(4)}, ${tenantId}, 'shared', '{}', 1)`;
  }
  for (const userId of [ADA, BOB]) {
    const name = userId.slice(4);
    await ctx.db.run`
      insert into users (id, realm, email, username, username_canonical, active_at, created_at)
      values (${userId}, 'instance', ${`${name}@example.com`}, ${name}, ${name}, 1, 1)`;
    for (const tenantId of [ACME, EMCA]) {
      await ctx.db.run`
        insert into memberships (tenant_id, user_id, role, status, created_at)
        values (${tenantId}, ${userId}, ${userId === ADA ? "owner" : "member"}, 'active', 1)`;
    }
  }
}

export interface Who {
  userId?: UserId;
  tenantId?: TenantId;
  amr?: string[];
  authTime?: number;
}

const opening = (ctx: Context, { userId = ADA, tenantId = ACME, amr = ["pwd"], authTime }: Who) => ({
  userId,
  tenantId,
  amr,
  authTime: authTime ?? ctx.now(),
});

/** Signs someone in as the portal group would. */
export async function signInForTokens(
  ctx: Context,
  who: Who = {},
): Promise<OpenedTokens & { accessToken: string }> {
  const opened = await transaction(ctx, (ctx) => openTokens(ctx, opening(ctx, who), client()));
  return { ...opened, accessToken: await accessToken(ctx, opened) };
}

/** Signs someone in as the tenant group would, for a day. */
export const signInForCookie = (
  ctx: Context,
  who: Who = {},
): Promise<{ sessionId: SessionId; cookie: string }> =>
  transaction(ctx, (ctx) => openCookie(ctx, { ...opening(ctx, who), lifetimeMs: DAY }, client()));

/** Signs someone in as the key group would. */
export const signInForKey = (ctx: Context, who: Who = {}): Promise<string> =>
  createForLogin(ctx, opening(ctx, who));

/** A key made by hand, which is no sign-in. */
export async function makeKey(ctx: Context, who: Who = {}): Promise<string> {
  const key = await signInForKey(ctx, who);
  await ctx.db.run`
    update api_keys set kind = 'manual', auth_time = null
    where id in (select id from api_keys order by id desc limit 1)`;
  return key;
}

export const keyIds = async (ctx: Context): Promise<ApiKeyId[]> =>
  (await ctx.db.all<{ id: ApiKeyId }>`select id from api_keys order by id`).map(({ id }) => id);

export const sessionIds = async (ctx: Context): Promise<SessionId[]> =>
  (await ctx.db.all<{ id: SessionId }>`select id from sessions order by id`).map(({ id }) => id);

/** The code of the refusal, or "done". */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}
