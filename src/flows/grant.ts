// The last step of every sign-in: what it opens, and what the client is handed.
import type { Client, Context } from "../context.ts";
import * as accounts from "../core/accounts.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import * as credentials from "../core/credentials.ts";
import type { SessionId, TenantId, UserId } from "../core/ids.ts";
import * as knownDevices from "../core/known-devices.ts";
import * as limits from "../core/limits.ts";
import * as memberships from "../core/memberships.ts";
import type { Tenant } from "../core/tenants.ts";
import * as trustedDevices from "../core/trusted-devices.ts";
import { accessToken, openCookie, type OpenedTokens, openTokens } from "./open-session.ts";
import type { Origin } from "./origin.ts";
import { isFromElsewhere, tellOfNewPlace } from "./tell-of-sign-in.ts";

/** What a group gives to those who signed in: an API key, access and refresh tokens, or a browser's cookie. */
export type Opens = "key" | "tokens" | "cookie";

export interface Entering {
  userId: UserId;
  tenant: Tenant;
  /** How the user proved who they are (RFC 8176). */
  amr: readonly string[];
  opens: Opens;
  /** Keeps the cookie past the browser session. */
  remember: boolean;
  /** The tenant asks for a second factor that the user has not got: good for enrolling one and nothing else. */
  restricted?: boolean;
  /** Spares the second factor on this device, which just showed one. */
  trust?: boolean;
  /** The sign-in that this one stems from; undefined: it is a login of its own. */
  origin?: Origin | undefined;
  /** What the client calls this device. For the audit log only: anyone can say anything. */
  fingerprint?: string | undefined;
}

interface Entered {
  userId: UserId;
  tenantId: TenantId;
  /** The cookie by which this device is known from now on (decisions §5). */
  device: string;
  /** The token of a newly trusted device. */
  trustedDevice?: string | undefined;
}

/** Opened in a transaction; `handOut` makes it what the client is given once that is on disk. */
export type Entry = Entered &
  ({ opens: "key"; key: string } | { opens: "tokens"; opened: OpenedTokens } | CookieEntry);

interface CookieEntry {
  opens: "cookie";
  sessionId: SessionId;
  cookie: string;
  /** Seconds; undefined: until the browser is closed. */
  cookieAgeS: number | undefined;
}

/** What the client is handed. */
export type Granted = Entered &
  (
    | { opens: "key"; key: string }
    | { opens: "tokens"; accessToken: string; refreshToken: string }
    | CookieEntry
  );

export type GrantedAs<As extends Opens> = Extract<Granted, { opens: As }>;

/** Inside the transaction of the sign-in. */
export async function open(ctx: Context, entering: Entering, client: Client): Promise<Entry> {
  const { userId, tenant, amr } = entering;
  const tenantId = tenant.id;
  const isNewPlace = await isFromElsewhere(ctx, userId, client);
  await limits.rememberAddress(ctx, userId, client.network);
  await memberships.noteLogin(ctx, tenantId, userId);
  const { fingerprint } = entering;
  const said = fingerprint === undefined ? "" : `, device fingerprint ${JSON.stringify(fingerprint)}`;
  const reason = `${amr.join(" ")}${said}`;
  await audit.append(ctx, client, { event: "login.succeeded", actorId: userId, userId, tenantId, reason });
  if (isNewPlace) await tellOfNewPlace(ctx, { userId, tenant }, client);
  // Whoever comes from elsewhere may be a thief: what its owner is told of from now on stays in their own.
  else await accounts.keepLanguage(ctx, userId, client.language);
  const { restricted = false, origin } = entering;
  const { authTime, endsAt } = origin ?? { authTime: ctx.now(), endsAt: null };
  const session = { userId, tenantId, authTime, endsAt, amr, restricted };
  const device = await knownAs(ctx, userId, client);
  const entered = { userId, tenantId, device };
  if (entering.opens === "key") {
    return { ...entered, opens: "key", key: await apiKeys.createForLogin(ctx, session) };
  }
  const trustedDevice = entering.trust ? await trustDevice(ctx, session, client) : undefined;
  if (entering.opens === "tokens") {
    return { ...entered, trustedDevice, opens: "tokens", opened: await openTokens(ctx, session, client) };
  }
  const ttlS = tenant.settings.session_ttl;
  const made = await openCookie(ctx, { ...session, lifetimeMs: ttlS * 1000 }, client);
  return {
    ...entered,
    trustedDevice,
    opens: "cookie",
    ...made,
    cookieAgeS: entering.remember ? ttlS : undefined,
  };
}

/** The token by which this device need not show the second factor again in this tenant. */
async function trustDevice(
  ctx: Context,
  { userId, tenantId }: { userId: UserId; tenantId: TenantId },
  client: Client,
): Promise<string> {
  const { id, token } = await trustedDevices.create(ctx, { userId, tenantId }, client);
  const event = "trusted_device.added";
  await audit.append(ctx, client, { event, actorId: userId, userId, tenantId, reason: id });
  return token;
}

/** The cookie for a device on which the user is signed in now. Inside the transaction after which that is so. */
export const knownAs = async (ctx: Context, userId: UserId, { device }: Client): Promise<string> =>
  knownDevices.remember(ctx, device, { userId, epoch: await credentials.signInEpochOf(ctx, userId) });

/** After the commit: signs the access token. */
export async function handOut(ctx: Context, entry: Entry): Promise<Granted> {
  if (entry.opens !== "tokens") return entry;
  const { opened, ...entered } = entry;
  const { refreshToken } = opened;
  return { ...entered, accessToken: await accessToken(ctx, opened), refreshToken };
}
