// Every kind of credential, one row each: how somebody gets one through the API. Where each is worth something, and where it is
// not, is in consumers.ts; a new kind joins the three suites by its row here and by the `takes` of its consumer.
import { cookieName } from "../../src/api/http/cookies.ts";
import type { UserId } from "../../src/core/ids.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import { setupToken } from "../../src/flows/setup.ts";
import type { SettingName } from "../../src/settings.ts";
import { type Authenticator, makeAuthenticator } from "./authenticator.ts";
import { solve } from "./captcha.ts";
import { BASE, totpCode } from "./key-group.ts";
import { tokenIn } from "./mailbox.ts";
import { org } from "./org-group.ts";
import { beginAssertion, passkeyAlone, passkeysOf, passwordOf } from "./passkeys.ts";
import { makePerson, makeTenant, PASSWORD, type TenantOptions } from "./people.ts";
import { cookieFrom, portal } from "./portal-group.ts";
import { portals } from "./portals.ts";
import { enrolEmail, enrolTotp, mailedCode, makeBackupCodes } from "./second-factors.ts";
import type { Mailbox } from "./mailbox.ts";
import { signInForCookie, signInForKey, signInForTokens } from "./sessions.ts";
import { tenantOf } from "./tenant-group.ts";
import { type Answer, dump, type World, worldWithMail } from "./world.ts";

export interface Stage extends World {
  mailbox: Mailbox;
  /** Shared, as beta is; iso is isolated; all but acme ask for a captcha. */
  acme: Tenant;
  beta: Tenant;
  iso: Tenant;
  guarded: Tenant;
  /** A superuser's key. */
  root: string;
  rootId: UserId;
  newEmail(): string;
  newAuthenticator(): Authenticator;
}

/** Somebody with every factor, or who has yet to get so far. */
export interface Holder {
  userId: UserId;
  email: string;
  username: string;
  password: string;
  tenant: Tenant;
  /** Ten: sign-ins take the first that is left, consumers the last. */
  backupCodes: string[];
  totpSecret: string;
  authenticator: Authenticator | undefined;
}

/** A credential with what its consumer asks for besides. */
export interface Held {
  secret: string;
  /** Of the sign-in to which it belongs. */
  extras?: Record<string, string>;
  /** For an authenticator. */
  options?: object;
  /** By which it was obtained: who logs out there ends what hangs on it. */
  bearer?: string;
  cookie?: string;
}

export interface Kind {
  /** pending: registered, and not verified. invited: likewise. nobody: belongs to no user. By default somebody who can sign in. */
  who?: "pending" | "invited" | "nobody";
  obtain: (w: Stage, holder: Holder) => Promise<Held>;
}

export const TRUSTED = "ostiary_trusted";

export const openStage = async (settings: Partial<Record<SettingName, string>> = {}): Promise<Stage> =>
  furnish(await worldWithMail({ LIMIT_ADDRESS_FAILURES: "100000", ...settings }));

/** Tenants and a superuser, in whatever world. */
export async function furnish<Bare extends World & { mailbox: Mailbox }>(w: Bare): Promise<Bare & Stage> {
  const shared: TenantOptions = { self_registration: true };
  const acme = await makeTenant(w, "acme", shared);
  const strict: TenantOptions = { ...shared, captcha: true };
  const beta = await makeTenant(w, "beta", strict);
  const iso = await makeTenant(w, "iso", { ...strict, identity: "isolated" });
  const guarded = await makeTenant(w, "guarded", strict);
  const rootId = await makePerson(w, beta, { email: "root@example.com", password: null, isSuperuser: true });
  const root = await signInForKey(w.ctx, { userId: rootId, tenantId: beta.id });
  let people = 0;
  const newEmail = () => `p${++people}@example.com`;
  const newAuthenticator = () => makeAuthenticator({ origin: w.ctx.config.url });
  return Object.assign(w, { acme, beta, iso, guarded, root, rootId, newEmail, newAuthenticator });
}

/** Some at once: the server is as fast as its disk. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += 8)
    results.push(...(await Promise.all(items.slice(i, i + 8).map((item) => work(item)))));
  return results;
}

/** As if nobody had tried anything so far: mails, wrong codes and addresses count anew. */
export async function forgetTries({ ctx: { db } }: Stage): Promise<void> {
  await db.run`delete from limits`;
  await db.run`delete from factor_failures`;
  await db.run`update totp_devices set failures = 0`;
}

/** Somebody new with a password, TOTP, a passkey, email as a factor and backup codes. */
export async function newHolder(
  w: Stage,
  into: Tenant | Tenant[] = w.acme,
  email = w.newEmail(),
): Promise<Holder> {
  const homes = [into].flat();
  const tenant = homes[0] ?? w.acme;
  const username = email.split("@")[0] ?? "";
  const userId = await makePerson(w, homes, { email, username });
  const fresh = await signInForTokens(w.ctx, { userId, tenantId: tenant.id });
  const authenticator = w.newAuthenticator();
  done(await passkeysOf(w, fresh.accessToken).add(authenticator));
  const totpSecret = await enrolTotp(w, userId);
  await enrolEmail(w, userId);
  const backupCodes = await makeBackupCodes(w, userId);
  await w.ctx.db.run`delete from sessions where user_id = ${userId}`;
  return { userId, email, username, password: PASSWORD, tenant, backupCodes, totpSecret, authenticator };
}

/** Whoever can hold one of this kind; for those who hold it before they can sign in, nobody else is there yet. */
export async function holderFor(w: Stage, { who }: Kind, into: Tenant | Tenant[] = w.acme): Promise<Holder> {
  if (who === undefined) return newHolder(w, into);
  const [tenant = w.acme] = [into].flat();
  const email = w.newEmail();
  const unknown = { userId: "" as UserId, username: "", totpSecret: "", backupCodes: [] };
  return { ...unknown, email, password: PASSWORD, tenant, authenticator: undefined };
}

/** Signs in by password and backup code. */
async function signIn(w: Stage, holder: Holder, trust_device = false): Promise<Answer> {
  const { email, tenant } = holder;
  const pending = await passwordOf(w, email, tenant.id);
  const code = holder.backupCodes.shift() ?? "";
  return done(await portal(w).verify({ ...pending, method: "backup_code", code, trust_device }));
}

async function signInAtTenant(w: Stage, holder: Holder, trust_device = false): Promise<Answer> {
  const at = tenantOf(w, holder.tenant.slug);
  const { mfa_token } = done(await at.login(holder.email, holder.password)).body.data;
  const code = holder.backupCodes.shift() ?? "";
  return done(await at.verifyMfa({ mfa_token, method: "backup_code", code, trust_device }));
}

async function waitAt(w: Stage, { email, tenant }: Holder): Promise<Answer["body"]> {
  return done(await portals(w).login(tenant.slug, email)).body;
}

/** The secret of the next letter that has one; notices come in between. */
async function tokenMailed(w: Stage, email: string): Promise<string> {
  const mail = await w.mailbox.waitFor(email);
  return mail.text.includes("token=") ? tokenIn(mail) : tokenMailed(w, email);
}

/** The row's own user, where the API made it. */
async function settle(w: Stage, holder: Holder): Promise<void> {
  const found = await w.ctx.db.get<{ id: UserId }>`
    select u.id from users u join memberships m on m.user_id = u.id
    where u.email = ${holder.email} and m.tenant_id = ${holder.tenant.id}`;
  if (!found) throw new Error(`${holder.email} is not there`);
  holder.userId = found.id;
}

const KINDS_BY_NAME = {
  "access token": {
    obtain: async (w, holder) => {
      const { access_token } = (await signIn(w, holder)).body;
      return { secret: access_token, bearer: access_token };
    },
  },
  "refresh token": {
    obtain: async (w, holder) => {
      const { refresh_token, access_token } = (await signIn(w, holder)).body;
      return { secret: refresh_token, bearer: access_token };
    },
  },
  "session cookie": {
    obtain: async (w, holder) => {
      const cookie = cookieFrom(await signInAtTenant(w, holder), "session");
      return { secret: cookie, cookie };
    },
  },
  "API key of a login": {
    obtain: async (w, { username, password, totpSecret }) => {
      done(await w.send("POST", `${BASE}/token/`, { body: { username, password } }));
      const code = totpCode(w.clock, totpSecret);
      const { key } = done(
        await w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username, code } }),
      ).body;
      return { secret: key, bearer: key };
    },
  },
  "API key made by hand": {
    obtain: async (w, holder) => {
      const bearer = (await signIn(w, holder)).body.access_token;
      const { key } = done(
        await w.send("POST", "/api/v1/me/keys", { key: bearer, body: { name: "ci" } }),
      ).body;
      return { secret: key, bearer };
    },
  },
  "flow token": {
    obtain: async (w, { email }) => ({ secret: done(await portal(w).identify(email)).body.flow_token }),
  },
  "mfa token": {
    obtain: async (w, { email, tenant }) => ({ secret: (await passwordOf(w, email, tenant.id)).mfa_token }),
  },
  "reset token": {
    obtain: async (w, { email, tenant }) => {
      done(await tenantOf(w, tenant.slug).forgot(email));
      return { secret: await tokenMailed(w, email) };
    },
  },
  "verify-email token": {
    who: "pending",
    obtain: async (w, holder) => {
      done(await tenantOf(w, holder.tenant.slug).register({ email: holder.email }));
      await settle(w, holder);
      return { secret: await tokenMailed(w, holder.email) };
    },
  },
  "invitation token": {
    who: "invited",
    obtain: async (w, holder) => {
      const path = `/api/v1/admin/tenants/${holder.tenant.id}/members`;
      done(
        await w.send("POST", path, {
          key: w.root,
          body: { email: holder.email, role: "member", invite: true },
        }),
      );
      await settle(w, holder);
      return { secret: await tokenMailed(w, holder.email) };
    },
  },
  "exchange code": {
    obtain: async (w, holder) => {
      const bearer = (await signIn(w, holder)).body.access_token;
      return { secret: done(await org(w, bearer).issueCode()).body.exchange_code, bearer };
    },
  },
  "magic code": {
    obtain: async (w, { email, tenant }) => {
      const { login_session_id } = done(await portals(w).magic(tenant.slug, email)).body;
      return { secret: await mailedMagic(w, email), extras: { login_session_id } };
    },
  },
  "magic login_session_id": {
    obtain: async (w, { email, tenant }) => {
      const { login_session_id } = done(await portals(w).magic(tenant.slug, email)).body;
      return { secret: login_session_id, extras: { code: await mailedMagic(w, email) } };
    },
  },
  "waiting login": {
    obtain: async (w, holder) => {
      const { login_session_id, match_number } = await waitAt(w, holder);
      return { secret: login_session_id, extras: { number: match_number } };
    },
  },
  "public id of a waiting login": {
    obtain: async (w, holder) => {
      const { match_number } = await waitAt(w, holder);
      const { bearer } = await approver(w, holder);
      const [pending] = done(await org(w, bearer).load()).body.pending_logins;
      return { secret: pending.id, extras: { number: match_number }, bearer };
    },
  },
  "approved login": {
    obtain: async (w, holder) => {
      const { login_session_id, match_number } = await waitAt(w, holder);
      const bearer = (await signIn(w, holder)).body.access_token;
      done(await portals(w).approve(bearer, login_session_id, match_number));
      return { secret: login_session_id, extras: { number: match_number }, bearer };
    },
  },
  "email code": {
    obtain: async (w, { email, tenant }) => {
      const { mfa_token, user_id } = await passwordOf(w, email, tenant.id);
      done(await tenantOf(w, tenant.slug).sendCode(mfa_token, user_id));
      return { secret: await mailedCode(w, email), extras: { mfa_token } };
    },
  },
  "trusted-device token": {
    obtain: async (w, holder) => {
      const answer = await signInAtTenant(w, holder, true);
      return { secret: answer.body.data.trusted_device_token, cookie: cookieFrom(answer, "session") };
    },
  },
  "device cookie": {
    obtain: async (w, holder) => ({ secret: cookieFrom(await signIn(w, holder), "device") }),
  },
  // The current step: nobody else has used it, and it is good for a minute and a half.
  "TOTP code": {
    obtain: async (w, { totpSecret }) => ({ secret: totpCode(w.clock, totpSecret) }),
  },
  "backup code": {
    obtain: async (_, { backupCodes }) => ({ secret: backupCodes.shift() ?? "" }),
  },
  "webauthn challenge": {
    obtain: async (w, { email, tenant }) => {
      const pending = await passwordOf(w, email, tenant.id);
      const { challenge_id, options } = done(await beginAssertion(w, pending, tenant.slug)).body.data;
      return { secret: challenge_id, extras: { ...pending }, options };
    },
  },
  // Anybody's: whoever shows it shows their own passkey with it.
  "challenge of a passkey alone": {
    obtain: async (w, { tenant }) => {
      const { challenge_id, options } = done(await passkeyAlone(w).begin({ tenant: tenant.slug })).body;
      return { secret: challenge_id, options };
    },
  },
  "impersonation token": {
    obtain: async (w, { userId, tenant }) => {
      const asked = { user_id: userId, organization_id: tenant.id };
      const { access_token } = done(await org(w, w.root).loginAs(asked)).body;
      return { secret: access_token, bearer: access_token };
    },
  },
  "acting cookie": {
    obtain: async (w, { userId, tenant }) => {
      const { cookie } = await signInForCookie(w.ctx, { userId: w.rootId, tenantId: w.beta.id });
      const headers = {
        cookie: `${cookieName(w.ctx, "session")}=${cookie}`,
        "sec-fetch-site": "same-origin",
      };
      const body = { user_id: userId, organization_id: tenant.id };
      const answer = done(await w.send("POST", "/api/v1/me/impersonation", { headers, body }));
      return { secret: cookieFrom(answer, "acting"), extras: { own: cookie }, cookie };
    },
  },
  "captcha solution": {
    who: "nobody",
    obtain: async (w) => {
      const challenge = done(await w.send("GET", "/api/v1/auth/tenants/guarded/captcha")).body;
      return { secret: await solve(challenge) };
    },
  },
  "setup token": { who: "nobody", obtain: async (w) => ({ secret: setupToken(w.ctx) }) },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS_BY_NAME;
export const KINDS: Record<KindName, Kind> = KINDS_BY_NAME;
export const KIND_NAMES = Object.keys(KINDS) as KindName[];

async function approver(w: Stage, { userId, tenant }: Holder): Promise<{ bearer: string }> {
  const who = { userId, tenantId: tenant.id, amr: ["pwd", "otp", "mfa"] };
  return { bearer: (await signInForTokens(w.ctx, who)).accessToken };
}

async function mailedMagic(w: Stage, email: string): Promise<string> {
  const { text } = await w.mailbox.waitFor(email);
  return /^\s*([0-9]{6})\s*$/m.exec(text)?.[1] ?? mailedMagic(w, email);
}

function done(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

/** What refused tries may leave behind: entries in the log, counts, and when something was last looked at. */
const TRACES = new Set(["audit", "limits", "continuations", "factor_failures", "instance"]);
const COUNTS = new Set(["tries", "failures", "last_seen_at", "last_used_at", "last_at"]);

/** Everything else in the database; of mail, which is delivered meanwhile, what there is. */
export function stateOf(w: World): Record<string, unknown> {
  const kept = Object.entries(dump(w)).filter(([table]) => !TRACES.has(table));
  return Object.fromEntries(
    kept.map(([table, rows]) => [
      table,
      rows.map((row) => {
        const columns = row as Record<string, unknown>;
        if (table === "outbox") return columns["id"];
        // A key slides while it is used.
        const dropped = table === "api_keys" ? new Set([...COUNTS, "expires_at"]) : COUNTS;
        return Object.fromEntries(Object.entries(columns).filter(([name]) => !dropped.has(name)));
      }),
    ]),
  );
}
