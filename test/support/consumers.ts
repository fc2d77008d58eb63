// Everywhere a secret is asked for, one row each: what it takes, and how one is offered with everything else right. Bearers and
// session cookies are not here: the suites take those from the routes themselves.
import { TRUSTED } from "./credential-kinds.ts";
import type { Held, Holder, KindName, Stage } from "./credential-kinds.ts";
import { BASE } from "./key-group.ts";
import { passkeyAlone } from "./passkeys.ts";
import { browserSession, portal } from "./portal-group.ts";
import { portals } from "./portals.ts";
import { PASSWORD } from "./people.ts";
import { signInForCookie, signInForTokens } from "./sessions.ts";
import { tenantOf, withCookie } from "./tenant-group.ts";
import type { Answer } from "./world.ts";

/** What goes with the secret: of the same sign-in where it is the right one, else of another of the same person. */
export type Extras = Record<string, string>;

export interface Offer {
  w: Stage;
  /** Who can sign in, and has every factor. */
  holder: Holder;
  secret: string;
  extras: Extras;
  /** The tenant at whose endpoint it is offered. */
  at: string;
  held?: Held | undefined;
}

export interface Consumer {
  takes: readonly KindName[];
  /** Whether it is offered at some tenant's address. */
  isTenants?: true;
  /** Makes the rest of the request, where there is one; before anything is compared. */
  prepare?: (w: Stage, holder: Holder) => Promise<Extras>;
  offer: (offer: Offer) => Promise<Answer>;
  /** By default: 200. */
  accepts?: (answer: Answer) => boolean;
  /** By default: 401. */
  refuses?: (answer: Answer) => boolean;
}

const PENDING = async (w: Stage, { email, password, tenant }: Holder): Promise<Extras> => {
  const { mfa_token, user_id } = (await portal(w).login(email, password, tenant.id)).body.detail ?? {};
  return { mfa_token, user_id };
};
const WAITING = async (w: Stage, { email, password, tenant }: Holder): Promise<Extras> => {
  const { login_session_id } = (await portals(w).login(tenant.slug, email, password)).body;
  return { login_session_id };
};
const signedIn = async (w: Stage, { userId, tenant }: Holder): Promise<Extras> => ({
  bearer: (await signInForTokens(w.ctx, { userId, tenantId: tenant.id, amr: ["pwd", "otp", "mfa"] }))
    .accessToken,
});
const takenAs =
  (...statuses: number[]) =>
  (answer: Answer) =>
    statuses.includes(answer.status);
const isSignedIn = ({ body }: Answer): boolean => body.data?.status === "SUCCESS";
const isAskedForFactor = ({ status, body }: Answer): boolean =>
  (status === 200 && body.data?.status === "MFA_REQUIRED") ||
  (status === 403 && body.code === "MFA_REQUIRED");
/** Right, and as good as its kind gets: a first factor does not skip the second. */
const isPast = (answer: Answer): boolean => answer.status === 200 || isAskedForFactor(answer);
const spare = ({ backupCodes }: Holder): string => backupCodes.at(-1) ?? "";

export const CODES = ["TOTP code", "backup code"] as const;
const MFA_CODE = { accepts: takenAs(200), refuses: takenAs(401, 422) };
const OWN_CODE = { accepts: takenAs(200), refuses: takenAs(400, 422), prepare: signedIn };
const mailed = { isTenants: true, refuses: takenAs(400) } as const;
const me = (path: string, { w, secret, extras }: Offer, body: object = { code: secret }) =>
  w.send("POST", `/api/v1/me/mfa${path}`, { body, key: extras["bearer"] ?? "" });

export const CONSUMERS: Record<string, Consumer> = {
  "portal refresh": {
    takes: ["refresh token"],
    offer: ({ w, secret }) => portal(w).refresh(secret),
  },
  "oauth2 refresh": {
    takes: ["refresh token"],
    offer: ({ w, secret }) => w.send("POST", "/v1/oauth2/refresh", { body: { refresh_token: secret } }),
  },
  "authenticate.flow_token": {
    takes: ["flow token"],
    offer: ({ w, secret, holder }) =>
      portal(w).authenticate({ flow_token: secret, password: holder.password, tenant_id: holder.tenant.id }),
  },
  "portal mfa/verify.mfa_token": {
    takes: ["mfa token"],
    offer: ({ w, secret, holder }) =>
      portal(w).verify({
        mfa_token: secret,
        user_id: holder.userId,
        method: "backup_code",
        code: spare(holder),
      }),
  },
  "tenant mfa/verify.mfa_token": {
    takes: ["mfa token"],
    isTenants: true,
    offer: ({ w, secret, holder, at }) =>
      tenantOf(w, at).verifyMfa({ mfa_token: secret, method: "backup_code", code: spare(holder) }),
  },
  "mfa/email/send?mfa_token": {
    takes: ["mfa token"],
    isTenants: true,
    offer: ({ w, secret, holder, at }) => tenantOf(w, at).sendCode(secret, holder.userId),
  },
  "mfa/webauthn/begin?mfa_token": {
    takes: ["mfa token"],
    isTenants: true,
    offer: ({ w, secret, holder, at }) => {
      const query = new URLSearchParams({ mfa_token: secret, user_id: holder.userId }).toString();
      return w.send("POST", `/api/v1/auth/tenants/${at}/mfa/webauthn/begin?${query}`);
    },
  },
  ...Object.fromEntries(
    ([undefined, "totp", "email", "backup_code"] as const).map((method): [string, Consumer] => {
      const takes: Record<string, readonly KindName[]> = {
        totp: ["TOTP code"],
        email: ["email code"],
        backup_code: ["backup code"],
      };
      if (method === undefined)
        return [
          "login-verify/.code",
          {
            takes: ["TOTP code"],
            ...MFA_CODE,
            prepare: async (w, { username, password }) => {
              await w.send("POST", `${BASE}/token/`, { body: { username, password } });
              return {};
            },
            offer: ({ w, secret, holder: { username } }) =>
              w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username, code: secret } }),
          },
        ];
      return [
        `mfa/verify.code by ${method}`,
        {
          takes: takes[method] ?? [],
          ...MFA_CODE,
          prepare: PENDING,
          offer: ({ w, secret, extras, holder }) =>
            portal(w).verify({ ...extras, user_id: holder.userId, method, code: secret }),
        },
      ];
    }),
  ),
  "mfa/verify.challenge_id": {
    takes: ["webauthn challenge"],
    ...MFA_CODE,
    prepare: PENDING,
    offer: ({ w, secret, extras, holder, held }) => {
      const { mfa_token = "" } = extras;
      const { options } = held ?? {};
      const credential = holder.authenticator?.get(options ?? { challenge: secret, rpId: "localhost" });
      const shown = { method: "webauthn", challenge_id: secret, credential };
      return portal(w).verify({ mfa_token, user_id: holder.userId, ...shown });
    },
  },
  "passkey/complete.challenge_id": {
    takes: ["challenge of a passkey alone"],
    offer: ({ w, secret, holder, held }) => {
      const options = held?.options ?? { challenge: secret, rpId: "localhost" };
      const credential = holder.authenticator?.get(options) ?? {};
      return passkeyAlone(w).complete({ challenge_id: secret, credential });
    },
  },
  "webauthn/register/complete.challenge_id": {
    takes: [],
    ...OWN_CODE,
    offer: (offer) => {
      const { secret, holder } = offer;
      const user = { id: "" };
      const options = { challenge: secret, rp: { id: "localhost" }, user };
      const credential = offer.w.newAuthenticator().create(options);
      return me("/webauthn/register/complete", offer, {
        device_id: `psk_${holder.userId.slice(4)}`,
        challenge_id: secret,
        credential,
      });
    },
  },
  "totp/disable.code": { takes: CODES, ...OWN_CODE, offer: (offer) => me("/totp/disable", offer) },
  "email/disable.code": { takes: CODES, ...OWN_CODE, offer: (offer) => me("/email/disable", offer) },
  "email/confirm.code": { takes: [], ...OWN_CODE, offer: (offer) => me("/email/confirm", offer) },
  "totp/confirm.code": { takes: [], ...OWN_CODE, offer: (offer) => me("/totp/confirm", offer) },
  "backup-codes/regenerate.code": {
    takes: ["TOTP code"],
    ...OWN_CODE,
    offer: (offer) => me("/backup-codes/regenerate", offer),
  },
  "key group mfa/disable/.code": {
    takes: ["TOTP code"],
    ...OWN_CODE,
    offer: ({ w, secret, extras }) =>
      w.send("POST", `${BASE}/mfa/disable/`, { body: { code: secret }, key: extras["bearer"] ?? "" }),
  },
  "verify-2fa.code": {
    takes: [...CODES, "magic code"],
    accepts: isPast,
    refuses: (answer) => !isPast(answer) && takenAs(401, 422)(answer),
    prepare: WAITING,
    offer: ({ w, secret, extras, holder }) => portals(w).verify(secret, { ...extras, email: holder.email }),
  },
  "login-status?session_id": {
    takes: ["approved login"],
    accepts: ({ body }) => body.access_token !== undefined,
    // What waits for a magic code polls as pending, and has nothing to be handed out (decisions §2 org).
    refuses: ({ status, body }) =>
      status === 200 && Object.keys(body).length === 1 && /^(pending|expired)$/.test(body.status),
    offer: ({ w, secret, holder: { email } }) => portals(w).status(secret, { email }),
  },
  "verify-2fa.login_session_id": {
    takes: ["waiting login", "approved login", "magic login_session_id"],
    accepts: isPast,
    refuses: (answer) => !isPast(answer) && takenAs(401)(answer),
    offer: ({ w, secret, extras, holder }) => {
      const code = extras["code"] ?? spare(holder);
      return portals(w).verifyElsewhere(code, { login_session_id: secret, email: holder.email });
    },
  },
  "approve-2fa.session_id": {
    takes: ["waiting login", "public id of a waiting login", "approved login"],
    prepare: signedIn,
    refuses: takenAs(404),
    offer: ({ w, secret, extras }) =>
      portals(w).approve(extras["bearer"] ?? "", secret, extras["number"] ?? "00"),
  },
  "reject-2fa.session_id": {
    takes: ["waiting login", "public id of a waiting login"],
    prepare: signedIn,
    // One that was approved is there, and stays as it is.
    refuses: takenAs(404, 409),
    offer: ({ w, secret, extras }) => portals(w).reject(extras["bearer"] ?? "", secret),
  },
  ...Object.fromEntries(
    ["exchange_code", "code", "token"].map((field): [string, Consumer] => [
      `consume-cli-token.${field}`,
      {
        takes: ["exchange code"],
        offer: ({ w, secret }) => w.send("POST", "/v1/auth/consume-cli-token", { body: { [field]: secret } }),
      },
    ]),
  ),
  "browser-session.exchange_code": {
    takes: ["exchange code"],
    offer: ({ w, secret }) => browserSession(w, secret),
  },
  "password/reset.token": {
    takes: ["reset token"],
    ...mailed,
    offer: ({ w, secret, at }) => tenantOf(w, at).reset(secret, "another horse battery"),
  },
  "portal reset-password.token": {
    takes: ["reset token"],
    ...mailed,
    offer: ({ w, secret, at }) =>
      portals(w).reset({ token: secret, portal_id: at, password: "another horse battery" }),
  },
  "portal reset-callback?token": {
    takes: ["reset token"],
    ...mailed,
    offer: ({ w, secret, at }) => portals(w).callback(secret, at),
  },
  "verify-email?token": {
    takes: ["verify-email token"],
    ...mailed,
    offer: ({ w, secret, at }) => tenantOf(w, at).verifyEmail(secret),
  },
  "verify-email?token, disowned": {
    takes: ["verify-email token"],
    ...mailed,
    offer: ({ w, secret, at }) => tenantOf(w, at).verifyEmail(secret, {}, "&answer=disown"),
  },
  "invitations/accept.token": {
    takes: ["invitation token"],
    ...mailed,
    offer: ({ w, secret, at }) =>
      w.send("POST", `/api/v1/auth/tenants/${at}/invitations/accept`, {
        body: { token: secret, password: PASSWORD },
      }),
  },
  "tenant login.trusted_device_token": {
    takes: ["trusted-device token"],
    isTenants: true,
    accepts: isSignedIn,
    refuses: isAskedForFactor,
    offer: ({ w, secret, holder: { email, password }, at }) =>
      tenantOf(w, at).login(email, password, { trusted_device_token: secret }),
  },
  "trusted-device cookie at the tenant's login": {
    takes: ["trusted-device token"],
    isTenants: true,
    accepts: isSignedIn,
    refuses: isAskedForFactor,
    offer: ({ w, secret, holder: { email, password }, at }) =>
      tenantOf(w, at, { headers: { cookie: `${TRUSTED}=${encodeURIComponent(secret)}` } }).login(
        email,
        password,
      ),
  },
  "trusted-device cookie at the portal's login": {
    takes: ["trusted-device token"],
    accepts: takenAs(200),
    refuses: isAskedForFactor,
    offer: ({ w, secret, holder: { email, password, tenant } }) =>
      portal(w, { headers: { cookie: `${TRUSTED}=${encodeURIComponent(secret)}` } }).login(
        email,
        password,
        tenant.id,
      ),
  },
  "register.captcha_token": {
    takes: ["captcha solution"],
    isTenants: true,
    refuses: takenAs(400, 403),
    offer: ({ w, secret, at }) =>
      tenantOf(w, at === "acme" ? "guarded" : at).register({ email: w.newEmail(), captcha_token: secret }),
  },
  // The ones that every route asks for, at one route each; the matrix of kinds asks them all.
  Bearer: {
    takes: ["access token", "API key of a login", "API key made by hand", "impersonation token"],
    offer: ({ w, secret }) => w.send("GET", "/v1/auth/load", { key: encodeURIComponent(secret) }),
  },
  "session cookie": {
    takes: ["session cookie"],
    offer: ({ w, secret }) => w.send("GET", "/api/v1/me", withCookie(encodeURIComponent(secret))),
  },
  "acting cookie": {
    takes: ["acting cookie"],
    prepare: async (w) => ({
      own: (await signInForCookie(w.ctx, { userId: w.rootId, tenantId: w.beta.id })).cookie,
    }),
    offer: ({ w, secret, extras }) =>
      w.send("GET", "/v1/auth/load", withCookie(extras["own"] ?? "", encodeURIComponent(secret))),
    accepts: ({ status, body }) => status === 200 && body.impersonator !== null,
    // Whoever acts as nobody is themselves.
    refuses: ({ status, body }) => status === 200 && body.impersonator === null,
  },
};

export const accepted = ({ accepts }: Consumer, answer: Answer): boolean =>
  accepts ? accepts(answer) : answer.status === 200;

export const refused = (consumer: Consumer, answer: Answer): boolean =>
  !accepted(consumer, answer) && (consumer.refuses ?? takenAs(401))(answer);
