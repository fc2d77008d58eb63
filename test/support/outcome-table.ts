// What every operation answers, and how it comes to that. Data: test/outcomes.test.ts sends it, holds what comes back against the
// served documentation, and fails where an operation documents a status that no row and no rule provokes.
import type { CookieKind } from "../../src/api/http/cookies.ts";
import type { SettingName } from "../../src/settings.ts";
import type { Step, Who } from "./outcome-stage.ts";

/** What stands in a request; `$name` is a thing of outcome-stage.ts, or a kind of credential. */
export type Value = string | boolean | number | null | Value[] | { [field: string]: Value };

export interface Row {
  who?: Who;
  /** What has happened before, in this order. */
  given?: Step[];
  /** By default what its group asks for; null: none. */
  bearer?: string | null;
  headers?: Record<string, string>;
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: Record<string, Value>;
  form?: Record<string, string>;
  /** In place of what the rest comes to. */
  raw?: { method?: string; query?: string; body?: string };
  /** The same request this many times before; the last answer counts. */
  before?: number;
  /** In the answer, besides what its documentation asks for. */
  says?: Record<string, unknown>;
  /** That it sets. */
  cookies?: CookieKind[];
  /** Of a server of its own. `empty`: one in which nobody has an account yet. */
  settings?: Partial<Record<SettingName, string>>;
  empty?: true;
}

const WRONG = "not the password";
const TOKENS: CookieKind[] = ["device"];
/** Whoever acts as another by the cookie that goes with the session does so no more. */
const COOKIE: CookieKind[] = ["acting", "device", "session"];
const AT = { tenant_slug: "acme" };
const ELSEWHERE = { origin: "https://elsewhere.example" };
const NEW_PASSWORD = "another horse battery";
const ONE_FAILURE = { LIMIT_ADDRESS_FAILURES: "1" } as const;

const tenantLogin = { path: { tenant_slug: "$slug" }, body: { email: "$email", password: "$password" } };
const wrongTenantLogin = { ...tenantLogin, body: { email: "$email", password: WRONG } };
const login = { body: { email: "$email", password: "$password" } };
const wrongLogin = { body: { email: "$email", password: WRONG } };
const portalLogin = { body: { email: "$email", password: "$password", portal_id: "$tenant" } };
const flow = { flow_token: "$flow token", password: "$password" };
const factor = { mfa_token: "$pending token", user_id: "$user" };
const pendingQuery = { mfa_token: "$pending token", user_id: "$user" };
const decision = { session_id: "$waiting id", number: "$waiting number" };
const waiting = { email: "$email", login_session_id: "$waiting id" };
const passkey = { device_id: "$device begun", challenge_id: "$challenge begun" };
const alone = { challenge_id: "$challenge for anyone", credential: "$credential for anyone" };
const acting = { user_id: "$user", organization_id: "$tenant" };
const OURS = { "sec-fetch-site": "same-origin" };
const own = { cookie: "$cookie", ...OURS };
const strongOwn = { cookie: "$strong cookie", ...OURS };
const rootOwn = { cookie: "$root cookie", ...OURS };
const actingOwn = { cookie: "$acting cookies", ...OURS };
const registration = { email: "$new email", password: "$password", first_name: "Ada", last_name: "Hill" };

/** By operation, then by status and code; 200s may have a name of their own. */
export const OUTCOMES: Record<string, Record<string, Row>> = {
  healthz: { "200": {} },
  readyz: { "200": {} },
  jwks: { "200": {} },

  keyToken: {
    "200": { body: { username: "$username", password: "$password" }, says: { requires_mfa: false } },
    "200 by email": { body: { username: "$email", password: "$password" } },
    "200 requires_mfa": {
      who: "with an app",
      body: { username: "$username", password: "$password" },
      says: { key: "", requires_mfa: true },
    },
    "401 INVALID_CREDENTIALS": { body: { username: "$username", password: WRONG } },
    "403 EMAIL_NOT_VERIFIED": {
      who: "unverified",
      body: { username: "$username", password: "$password" },
    },
  },
  keySetupStatus: {
    "200": { says: { needs_setup: false } },
    "200 empty": { empty: true, says: { needs_setup: true } },
  },
  keySetup: {
    "200": { empty: true, body: { username: "admin", password: "mypassword" } },
    "200 from elsewhere": {
      empty: true,
      headers: { via: "1.1 proxy", "x-setup-token": "$setup token" },
      body: { username: "admin", password: "mypassword" },
    },
    "403 SETUP_TOKEN_REQUIRED": {
      empty: true,
      headers: { via: "1.1 proxy" },
      body: { username: "admin", password: "mypassword" },
    },
    "409 SETUP_ALREADY_COMPLETED": { body: { username: "admin", password: "mypassword" } },
    "200 with an email": {
      empty: true,
      body: { username: "admin", password: "mypassword", email: "$new email" },
    },
    "422 short": { empty: true, body: { username: "admin", password: "short" } },
    "422 email": { empty: true, body: { username: "admin", password: "mypassword", email: "nobody" } },
  },
  keyMfaLoginVerify: {
    "200": {
      who: "with an app",
      given: ["the password was shown at token/"],
      body: { username: "$username", code: "$app code" },
      says: { requires_mfa: false },
    },
    "401 INVALID_CREDENTIALS": { who: "with an app", body: { username: "$username", code: "$app code" } },
    "401 INVALID_CODE": {
      who: "with an app",
      given: ["the password was shown at token/"],
      body: { username: "$username", code: "$wrong app code" },
    },
    "422 no digits": { body: { username: "$username", code: "abc" } },
  },
  keyMe: { "200": {} },
  keyMfaSetup: {
    "200": {},
    "400 MFA_ALREADY_ENABLED": { who: "with an app", bearer: "$strong token" },
    "403 REAUTH_REQUIRED": { bearer: "$old token" },
  },
  keyMfaVerify: {
    "200": { given: ["an app was begun"], body: { code: "$code of the begun app" } },
    "400 ENROLMENT_NOT_STARTED": { body: { code: "123456" } },
    "400 INVALID_CODE": { given: ["an app was begun"], body: { code: "000000" } },
    "400 MFA_ALREADY_ENABLED": { who: "with an app", body: { code: "123456" } },
    "422 no digits": { body: { code: "abc" } },
  },
  keyMfaDisable: {
    "200": { who: "with an app", bearer: "$strong token", body: { code: "$app code" } },
    "400 MFA_NOT_ENABLED": { body: { code: "123456" } },
    "400 INVALID_CODE": { who: "with an app", bearer: "$strong token", body: { code: "$wrong app code" } },
    "400 LAST_FACTOR": {
      who: "of a strict tenant too",
      bearer: "$strong token",
      body: { code: "$app code" },
    },
    "403 REAUTH_REQUIRED": { who: "with an app", bearer: "$old token", body: { code: "$app code" } },
  },
  keyMfaStatus: { "200": {} },
  keyMfaReset: { "200": {}, "403 LOCAL_ONLY": { headers: { "x-forwarded-for": "203.0.113.7" } } },

  portalIdentify: {
    "200": { body: { email: "$email" }, says: { requires_tenant_selection: false } },
    "200 of several": {
      who: "of two tenants",
      body: { email: "$email" },
      says: { requires_tenant_selection: true },
    },
    "200 of nobody": { who: "nobody", body: { email: "$email" } },
    "422 no email": { body: { email: "nobody" } },
    "429 RATE_LIMITED": { settings: { LIMIT_IDENTIFY: "1" }, before: 1, body: { email: "$email" } },
  },
  portalAuthenticate: {
    "200 SUCCESS": { body: flow, cookies: TOKENS },
    "200 MFA_REQUIRED": { who: "armed", body: { ...flow, tenant_id: "$tenant" } },
    "400 TENANT_SELECTION_REQUIRED": { who: "of two tenants", body: flow },
    "401 INVALID_CREDENTIALS": { body: { ...flow, password: WRONG } },
    "401 INVALID_FLOW_TOKEN": { body: { ...flow, flow_token: "none" } },
    "403 EMAIL_NOT_VERIFIED": { who: "unverified", body: flow },
    "429 RATE_LIMITED": { given: ["five wrong passwords"], body: flow },
  },
  portalLogin: {
    "200": { ...login, cookies: TOKENS },
    "400 TENANT_SELECTION_REQUIRED": { who: "of two tenants", ...login },
    "401 INVALID_CREDENTIALS": wrongLogin,
    "403 MFA_REQUIRED": { who: "armed", ...login },
    "403 EMAIL_NOT_VERIFIED": { who: "unverified", ...login },
    "429 RATE_LIMITED": { ...wrongLogin, before: 5 },
  },
  portalMfaVerify: {
    "200 totp": {
      who: "with an app",
      body: { ...factor, method: "totp", code: "$app code" },
      cookies: TOKENS,
    },
    "200 email": {
      who: "with mailed codes",
      body: { ...factor, method: "email", code: "$mailed code" },
      cookies: TOKENS,
    },
    "200 backup_code": {
      who: "armed",
      body: { ...factor, method: "backup_code", code: "$own backup code" },
      cookies: TOKENS,
    },
    "200 webauthn": {
      who: "armed",
      body: {
        ...factor,
        method: "webauthn",
        challenge_id: "$challenge asked",
        credential: "$credential shown",
      },
      cookies: TOKENS,
    },
    "200 trusting": {
      who: "with an app",
      body: { ...factor, method: "totp", code: "$app code", trust_device: true },
      cookies: ["device", "trusted"],
    },
    "401 INVALID_MFA_CODE": {
      who: "with an app",
      body: { ...factor, method: "totp", code: "$wrong app code" },
    },
    "401 INVALID_MFA_TOKEN": { body: { ...factor, mfa_token: "none", method: "totp", code: "123456" } },
    "422 method": { body: { ...factor, mfa_token: "none", method: "none", code: "123456" } },
    "429 RATE_LIMITED": {
      who: "with an app",
      settings: ONE_FAILURE,
      before: 1,
      body: { ...factor, method: "totp", code: "$wrong app code" },
    },
  },
  portalRefresh: {
    "200": { body: { refresh_token: "$refresh" } },
    "401 INVALID_REFRESH_TOKEN": { body: { refresh_token: "none" } },
  },
  portalLogout: {
    "200": { bearer: "$token", body: {} },
    "200 without any": { bearer: null, body: {} },
    "200 by cookie": {
      bearer: null,
      headers: { cookie: "$cookie", "sec-fetch-site": "same-origin" },
      body: {},
      cookies: ["acting", "session"],
    },
    "200 by cookie, acting": {
      bearer: null,
      headers: { cookie: "$acting cookies", "sec-fetch-site": "same-origin" },
      body: {},
      cookies: ["acting", "session"],
    },
    "403 CROSS_SITE": { bearer: null, headers: { cookie: "$cookie", ...ELSEWHERE }, body: {} },
    "403 CROSS_SITE unnamed": { bearer: null, headers: { cookie: "$cookie" }, body: {} },
  },

  portalPasskeyBegin: {
    "200": { who: "nobody", body: {} },
    "200 at a tenant": { body: { tenant: "$slug" } },
    "404 TENANT_NOT_FOUND": { body: { tenant: "nowhere" } },
    "422 tenant": { body: { tenant: true } },
  },
  portalPasskeyComplete: {
    "200 SUCCESS": { who: "armed", body: alone, cookies: COOKIE },
    "200 SUCCESS remembered": {
      who: "armed",
      body: { ...alone, tenant: "$slug", remember_me: true },
      says: { tenant: "acme" },
      cookies: COOKIE,
    },
    "401 INVALID_CREDENTIALS": { body: { ...alone, credential: { id: "none" } } },
    "401 INVALID_CREDENTIALS of no challenge": {
      body: { challenge_id: "none", credential: { id: "none" } },
    },
    "401 INVALID_CREDENTIALS elsewhere": { who: "armed", body: { ...alone, tenant: "beta" } },
    "403 CROSS_SITE": { who: "armed", headers: ELSEWHERE, body: alone },
    "422 no credential": { body: { challenge_id: "none" } },
    "429 RATE_LIMITED": {
      settings: ONE_FAILURE,
      before: 1,
      body: { ...alone, credential: { id: "none" } },
    },
  },

  portalBrowserSession: {
    "200 SUCCESS": {
      who: "armed",
      body: { exchange_code: "$exchange code" },
      says: { tenant: "acme" },
      cookies: ["acting", "session"],
    },
    "401 INVALID_EXCHANGE_CODE": { body: { exchange_code: "none" } },
    "403 CROSS_SITE": { headers: ELSEWHERE, body: { exchange_code: "none" } },
    "422 none": { body: {} },
  },

  tenantLogin: {
    "200 SUCCESS": { ...tenantLogin, cookies: COOKIE },
    "200 SUCCESS remembered": {
      ...tenantLogin,
      body: { ...tenantLogin.body, remember_me: true },
      cookies: COOKIE,
    },
    "200 SUCCESS trusted": {
      who: "armed",
      ...tenantLogin,
      body: { ...tenantLogin.body, trusted_device_token: "$trusted-device token" },
      cookies: COOKIE,
    },
    "200 MFA_REQUIRED": { who: "armed", ...tenantLogin },
    "401 INVALID_CREDENTIALS": wrongTenantLogin,
    "403 EMAIL_NOT_VERIFIED": { who: "unverified", ...tenantLogin },
    "429 RATE_LIMITED": { ...wrongTenantLogin, before: 5 },
  },
  tenantWebauthnBegin: {
    "200": { who: "armed", path: AT, query: pendingQuery },
    "401 INVALID_MFA_TOKEN": { path: AT, query: { mfa_token: "none", user_id: "$user" } },
    "422 no query": { path: AT },
    "429 RATE_LIMITED": {
      who: "armed",
      settings: ONE_FAILURE,
      before: 1,
      path: { tenant_slug: "beta" },
      query: pendingQuery,
    },
  },
  tenantMfaVerify: {
    "200 SUCCESS": {
      who: "with an app",
      path: AT,
      body: { ...factor, method: "totp", code: "$app code" },
      cookies: COOKIE,
    },
    "200 SUCCESS trusting": {
      who: "with an app",
      path: AT,
      body: { ...factor, method: "totp", code: "$app code", trust_device: true },
      cookies: ["acting", "device", "session", "trusted"],
    },
    "200 SUCCESS webauthn": {
      who: "armed",
      path: AT,
      body: {
        ...factor,
        method: "webauthn",
        challenge_id: "$challenge asked",
        credential: "$credential shown",
      },
      cookies: COOKIE,
    },
    "401 INVALID_MFA_CODE": {
      who: "with an app",
      path: AT,
      body: { ...factor, method: "totp", code: "$wrong app code" },
    },
    "401 INVALID_MFA_TOKEN": { path: AT, body: { mfa_token: "none", method: "totp", code: "123456" } },
    "429 RATE_LIMITED": {
      who: "with an app",
      settings: ONE_FAILURE,
      before: 1,
      path: AT,
      body: { ...factor, method: "totp", code: "$wrong app code" },
    },
  },
  tenantSendEmailMfa: {
    "200": { who: "armed", path: AT, query: pendingQuery },
    "401 INVALID_MFA_TOKEN": { path: AT, query: { mfa_token: "none", user_id: "$user" } },
    "422 no query": { path: AT },
    "429 RATE_LIMITED": { who: "armed", before: 1, path: AT, query: pendingQuery },
  },
  tenantCaptcha: { "200": { path: AT } },
  tenantRegister: {
    "200 PENDING_VERIFICATION": { path: AT, body: registration },
    "200 PENDING_VERIFICATION of an email that is taken": {
      path: AT,
      body: { ...registration, email: "$email" },
    },
    "200 ACTIVE": { path: { tenant_slug: "lax" }, body: registration },
    "200 PENDING_VERIFICATION with a captcha": {
      path: { tenant_slug: "guarded" },
      body: { ...registration, captcha_token: "$captcha solution" },
    },
    "400 CAPTCHA_REQUIRED": { path: { tenant_slug: "guarded" }, body: registration },
    "403 REGISTRATION_DISABLED": { path: { tenant_slug: "closed" }, body: registration },
    "422 common": { path: AT, body: { ...registration, password: "password1" } },
  },
  tenantVerifyEmail: {
    "200 VERIFIED": { who: "nobody", path: AT, query: { token: "$verify-email token" } },
    "200 DISOWNED": {
      who: "nobody",
      path: AT,
      query: { token: "$verify-email token", answer: "disown" },
    },
    "400 INVALID_TOKEN": { path: AT, query: { token: "none" } },
    "422 no token": { path: AT },
  },
  tenantForgotPassword: {
    "200": { path: AT, body: { email: "$email" } },
    "200 of nobody": { who: "nobody", path: AT, body: { email: "$email" } },
    "422 elsewhere": { path: AT, body: { email: "$email", redirect_uri: "https://elsewhere.example" } },
  },
  tenantPasswordForgot: {
    "200": { path: AT, body: { email: "$email" } },
    "200 of nobody": { who: "nobody", path: AT, body: { email: "$email" } },
  },
  tenantPasswordReset: {
    "200": { path: AT, body: { token: "$reset token", new_password: NEW_PASSWORD } },
    "400 INVALID_TOKEN": { path: AT, body: { token: "none", new_password: NEW_PASSWORD } },
    "422 common": { path: AT, body: { token: "$reset token", new_password: "password1" } },
  },
  tenantAcceptInvitation: {
    "200 ACTIVE": {
      who: "nobody",
      path: AT,
      body: { token: "$invitation token", password: NEW_PASSWORD },
    },
    "400 INVALID_TOKEN": { path: AT, body: { token: "none", password: NEW_PASSWORD } },
    "409 USERNAME_TAKEN": {
      who: "nobody",
      path: AT,
      body: { token: "$invitation token", password: NEW_PASSWORD, username: "taken" },
    },
    "422 no password": { who: "nobody", path: AT, body: { token: "$invitation token" } },
  },

  meGet: { "200": {} },
  meUpdate: { "200": { body: { first_name: "Ada" } }, "422 empty": { body: { first_name: "\u0000" } } },
  meChangePassword: {
    "200": { body: { current_password: "$password", new_password: NEW_PASSWORD }, cookies: ["device"] },
    "400 WRONG_PASSWORD": { body: { current_password: WRONG, new_password: NEW_PASSWORD } },
    "422 common": { body: { current_password: "$password", new_password: "password1" } },
    "429 RATE_LIMITED": { before: 5, body: { current_password: WRONG, new_password: NEW_PASSWORD } },
  },
  meListSessions: { "200": {}, "422 limit": { query: { limit: "0" } } },
  meEndSession: { "204": { path: { session_id: "$session id" } } },
  meListKeys: {
    "200": { path: {}, given: ["ten keys were made"] },
    "422 limit": { query: { limit: "201" } },
  },
  meCreateKey: {
    "201": { body: { name: "ci" } },
    "403 REAUTH_REQUIRED": { bearer: "$old token", body: { name: "ci" } },
    "409 KEY_LIMIT_REACHED": { given: ["ten keys were made"], body: { name: "ci" } },
    "422 name": { body: { name: "\u0000" } },
  },
  meDeleteKey: { "204": { path: { key_id: "$key id" } } },
  meListDevices: { "200": { who: "armed" }, "422 limit": { query: { limit: "x" } } },
  meForgetDevice: { "204": { who: "armed", path: { device_id: "$device id" } } },

  meMfaList: { "200": { who: "armed" }, "200 of none": {} },
  meMfaRegenerateBackupCodes: {
    "200": { who: "with an app", body: { code: "$app code" } },
    "400 MFA_NOT_ENABLED": { body: { code: "123456" } },
    "400 INVALID_CODE": { who: "with an app", body: { code: "$wrong app code" } },
  },
  meMfaEnableTotp: {
    "200": {},
    "400 MFA_ALREADY_ENABLED": { who: "with an app", bearer: "$strong token" },
    "403 REAUTH_REQUIRED": { bearer: "$old token" },
  },
  meMfaConfirmTotp: {
    "200": { given: ["an app was begun"], body: { code: "$code of the begun app" } },
    "400 ENROLMENT_NOT_STARTED": { body: { code: "123456" } },
    "400 INVALID_CODE": { given: ["an app was begun"], body: { code: "abc" } },
    "400 MFA_ALREADY_ENABLED": { who: "with an app", body: { code: "123456" } },
  },
  meMfaDisableTotp: {
    "200": { who: "with an app", body: { code: "$app code" } },
    "400 MFA_NOT_ENABLED": { body: { code: "123456" } },
    "400 INVALID_CODE": { who: "with an app", body: { code: "$wrong app code" } },
    "400 LAST_FACTOR": { who: "of a strict tenant too", body: { code: "$app code" } },
  },
  meMfaEnableEmail: {
    "200": {},
    "400 NO_VERIFIED_EMAIL": { who: "enrolling", bearer: "$enrolling token" },
    "400 MFA_ALREADY_ENABLED": { who: "armed", bearer: "$strong token" },
    "403 REAUTH_REQUIRED": { bearer: "$old token" },
    "429 RATE_LIMITED": { before: 1 },
  },
  meMfaConfirmEmail: {
    "200": { given: ["codes by mail were begun"], body: { code: "$mailed code" } },
    "400 ENROLMENT_NOT_STARTED": { body: { code: "123456" } },
    "400 INVALID_CODE": { given: ["codes by mail were begun"], body: { code: "abc" } },
    "400 MFA_ALREADY_ENABLED": { who: "with mailed codes", body: { code: "123456" } },
  },
  meMfaDisableEmail: {
    "200": {
      who: "with mailed codes",
      given: ["the code to stop mailed codes was sent"],
      body: { code: "$mailed code" },
    },
    "400 MFA_NOT_ENABLED": { body: { code: "123456" } },
    "400 INVALID_CODE": { who: "with mailed codes", body: { code: "abc" } },
  },
  meWebauthnRegisterBegin: {
    "200": {},
    "403 REAUTH_REQUIRED": { bearer: "$old token" },
    "409 PASSKEY_LIMIT_REACHED": {
      who: "with an app",
      bearer: "$strong token",
      given: ["twenty passkeys were added"],
    },
  },
  meWebauthnRegisterComplete: {
    "200": { body: { ...passkey, credential: "$credential made", name: "Laptop" } },
    "400 INVALID_CREDENTIAL": { body: { ...passkey, credential: {} } },
    "403 REAUTH_REQUIRED": {
      bearer: "$old token",
      body: { device_id: "psk_x", challenge_id: "wch_x", credential: {} },
    },
    "409 PASSKEY_LIMIT_REACHED": {
      given: ["the last passkey that there was room for was another"],
      body: { ...passkey, credential: "$credential made" },
    },
    "422 name": { body: { ...passkey, credential: "$credential made", name: "\u0000" } },
  },
  meWebauthnRemove: {
    "200": { bearer: "$strong token", path: { device_id: "$passkey id" } },
    "400 LAST_FACTOR": {
      who: "with a passkey that cannot go",
      bearer: "$strong token",
      path: { device_id: "$only passkey" },
    },
    "403 REAUTH_REQUIRED": { bearer: "$old token", path: { device_id: "$passkey id" } },
  },
  meStartImpersonation: {
    "201": { bearer: null, headers: rootOwn, body: acting, cookies: ["acting"] },
    "403 SESSION_COOKIE_REQUIRED": { bearer: "$superuser", body: acting },
    "403 FORBIDDEN": { body: acting },
    "403 IMPERSONATION_FORBIDDEN": { bearer: null, headers: actingOwn, body: acting },
    "403 CROSS_SITE": { bearer: null, headers: { cookie: "$root cookie", ...ELSEWHERE }, body: acting },
    "404 NOT_FOUND": { bearer: null, headers: rootOwn, body: { user_id: "usr_none" } },
    "422 several": {
      who: "of a strict tenant too",
      bearer: null,
      headers: rootOwn,
      body: { user_id: "$user" },
    },
  },
  meEndImpersonation: {
    "204": { bearer: "$acting token", cookies: ["acting"] },
    "204 by cookie": { bearer: null, headers: actingOwn, cookies: ["acting"] },
    "403 CROSS_SITE": { bearer: null, headers: { cookie: "$acting cookies", ...ELSEWHERE } },
    "404 NOT_FOUND": { bearer: "$token" },
    "404 NOT_FOUND by cookie": { bearer: null, headers: own },
  },

  orgLoad: {
    "200": { who: "of two tenants" },
    "200 acting": { bearer: "$acting token" },
    "200 by cookie": { bearer: null, headers: { cookie: "$cookie" }, says: { impersonator: null } },
    "200 by cookie, acting": {
      bearer: null,
      headers: { cookie: "$acting cookies" },
      says: { impersonator: { name: "root@example.com" } },
    },
  },
  orgSwitch: {
    "200": { who: "of two tenants", body: { id: "beta" } },
    "403 FORBIDDEN": { body: { id: "beta" } },
    "403 MFA_REQUIRED": { who: "of a strict tenant too", body: { id: "strict" } },
    "422 none": { body: {} },
    "422 two": { body: { id: "beta", org_id: "acme" } },
  },
  orgCliBrowserToken: {
    "200": {},
    "200 by cookie": { bearer: null, headers: own },
    "403 CROSS_SITE": { bearer: null, headers: { cookie: "$cookie", ...ELSEWHERE } },
  },
  orgConsumeCliToken: {
    "200": { who: "armed", bearer: null, body: { exchange_code: "$exchange code" } },
    "401 INVALID_EXCHANGE_CODE": { bearer: null, body: { exchange_code: "none" } },
    "403 CROSS_SITE": { bearer: null, headers: ELSEWHERE, body: { exchange_code: "none" } },
    "422 none": { bearer: null, body: {} },
  },
  orgLoginAsUser: {
    "200": { bearer: "$superuser", body: { user_id: "$user", organization_id: "$tenant" } },
    "200 by cookie": { bearer: null, headers: rootOwn, body: acting },
    "403 FORBIDDEN": { body: { user_id: "$user" } },
    "404 NOT_FOUND": { bearer: "$superuser", body: { user_id: "usr_none" } },
    "422 several": { who: "of a strict tenant too", bearer: "$superuser", body: { user_id: "$user" } },
  },
  orgLogout: { "204": {} },
  orgRefresh: {
    "200": { body: { refresh_token: "$refresh" } },
    "401 INVALID_REFRESH_TOKEN": { body: { refresh_token: "none" } },
  },
  orgPortalLogin: {
    "200": { ...portalLogin, says: { token_type: "bearer" }, cookies: TOKENS },
    "200 2FA Required": { who: "armed", ...portalLogin, says: { two_fa_required: true } },
    "401 INVALID_CREDENTIALS": { body: { ...portalLogin.body, password: WRONG } },
    "403 EMAIL_NOT_VERIFIED": { who: "unverified", ...portalLogin },
    "404 TENANT_NOT_FOUND": { body: { ...portalLogin.body, portal_id: "nowhere" } },
    "429 RATE_LIMITED": { before: 5, body: { ...portalLogin.body, password: WRONG } },
  },
  orgLogin: {
    "200": {
      form: { username: "$email", password: "$password" },
      says: { token_type: "bearer" },
      cookies: TOKENS,
    },
    "200 2FA Required": {
      who: "armed",
      form: { username: "$username", password: "$password" },
      says: { two_fa_required: true },
    },
    "401 INVALID_CREDENTIALS": { form: { username: "$email", password: WRONG } },
    "403 EMAIL_NOT_VERIFIED": { who: "unverified", form: { username: "$email", password: "$password" } },
    "403 CROSS_SITE": { headers: ELSEWHERE, form: { username: "$email", password: "$password" } },
    "422 none": { form: {} },
    "429 RATE_LIMITED": { before: 5, form: { username: "$email", password: WRONG } },
  },
  ...Object.fromEntries(
    ["orgPortalVerify2fa", "orgVerify2fa"].map((operation): [string, Record<string, Row>] => [
      operation,
      {
        "200": { who: "armed", body: { ...waiting, code: "$own backup code" }, cookies: TOKENS },
        "200 magic": {
          body: { email: "$email", login_session_id: "$login_session_id", code: "$magic code" },
          given: ["a magic code was asked for"],
          cookies: TOKENS,
        },
        "401 INVALID_MFA_CODE": { who: "armed", body: { ...waiting, code: "$wrong app code" } },
        "401 INVALID_MFA_CODE of nothing": { body: { email: "$email", code: "123456" } },
        "403 MFA_REQUIRED": {
          who: "armed",
          body: { email: "$email", login_session_id: "$login_session_id", code: "$magic code" },
          given: ["a magic code was asked for"],
        },
        "429 RATE_LIMITED": { before: 5, body: { email: "$email", code: "123456" } },
      },
    ]),
  ),
  orgRequestMagicCode: {
    "200": { body: { email: "$email" } },
    "200 of nobody": { who: "nobody", body: { email: "$email" } },
    "422 no email": { body: { email: "nobody" } },
  },
  orgPortalRequestMagicCode: {
    "200": { body: { email: "$email", portal_id: "acme" } },
    "200 nowhere": { body: { email: "$email", portal_id: "nowhere" } },
  },
  orgLoginStatus: {
    "200 pending": { who: "armed", query: { email: "$email", session_id: "$waiting id" } },
    "200 expired": { query: { email: "$email", session_id: "none" } },
    "200 rejected": {
      who: "armed",
      given: ["it was rejected"],
      query: { email: "$email", session_id: "$waiting id" },
    },
    "200 approved": {
      who: "armed",
      given: ["it was approved"],
      query: { email: "$email", session_id: "$waiting id" },
      says: { token_type: "bearer" },
      cookies: TOKENS,
    },
    "200 approved, once": {
      who: "armed",
      given: ["it was approved", "its tokens were fetched"],
      query: { email: "$email", session_id: "$waiting id" },
    },
    "422 wait": { query: { email: "$email", session_id: "none", wait: "26" } },
  },
  orgPortalForgotPassword: {
    "201": { body: { email: "$email", portal_id: "acme" } },
    "201 nowhere": { body: { email: "$email", portal_id: "nowhere" } },
  },
  orgPortalResetCallback: {
    "200": { query: { token: "$reset token", portal_id: "acme" } },
    "303": { headers: { accept: "text/html" }, query: { token: "none", portal_id: "acme" } },
    "400 INVALID_TOKEN": { query: { token: "none", portal_id: "acme" } },
    "422 none": {},
  },
  orgPortalResetPassword: {
    "200": { body: { token: "$reset token", portal_id: "acme", password: NEW_PASSWORD } },
    "400 INVALID_TOKEN": { body: { token: "none", portal_id: "acme", password: NEW_PASSWORD } },
    "422 none": { body: { token: "none", portal_id: "acme" } },
  },
  orgApprove2fa: {
    "200 approved": { who: "armed", bearer: "$strong token", body: decision },
    "200 approved by cookie": { who: "armed", bearer: null, headers: strongOwn, body: decision },
    "403 FORBIDDEN by cookie": { who: "armed", bearer: null, headers: own, body: decision },
    "400 WRONG_NUMBER": {
      who: "armed",
      bearer: "$strong token",
      body: { ...decision, number: "$wrong number" },
    },
    "403 FORBIDDEN": { who: "armed", bearer: "$token", body: decision },
    "404 NOT_FOUND": { bearer: "$strong token", body: { session_id: "none", number: "00" } },
    "409 LOGIN_DECIDED": {
      who: "armed",
      given: ["it was rejected"],
      bearer: "$strong token",
      body: decision,
    },
    "422 number": { bearer: "$strong token", body: { session_id: "none", number: "1" } },
  },
  orgReject2fa: {
    "200 rejected": { who: "armed", bearer: "$strong token", body: { session_id: "$waiting id" } },
    "200 rejected by cookie": {
      who: "armed",
      bearer: null,
      headers: strongOwn,
      body: { session_id: "$waiting id" },
    },
    "404 NOT_FOUND": { bearer: "$strong token", body: { session_id: "none" } },
    "409 LOGIN_DECIDED": {
      who: "armed",
      given: ["it was approved"],
      bearer: "$strong token",
      body: { session_id: "$waiting id" },
    },
  },

  adminListTenants: { "200": {}, "200 of one": { who: "admin", bearer: "$token" } },
  adminCreateTenant: {
    "201": { body: { slug: "$new slug", name: "Acme Inc" } },
    "403 FORBIDDEN": { who: "owner", bearer: "$token", body: { slug: "$new slug", name: "Acme Inc" } },
    "409 SLUG_TAKEN": { body: { slug: "acme", name: "Acme Inc" } },
    "422 slug": { body: { slug: "No Slug", name: "Acme Inc" } },
  },
  adminGetTenant: { "200": { path: { tenant: "$tenant" } } },
  adminUpdateTenant: {
    "200": { path: { tenant: "$own tenant" }, body: { name: "Other" } },
    "403 FORBIDDEN": {
      bearer: "$own admin token",
      path: { tenant: "$own tenant" },
      body: { disabled: true },
    },
    "409 SLUG_TAKEN": { path: { tenant: "$own tenant" }, body: { slug: "acme" } },
    "422 slug": { path: { tenant: "$own tenant" }, body: { slug: "No Slug" } },
  },
  adminDeleteTenant: {
    "204": { path: { tenant: "$own tenant" } },
    "409 LAST_SUPERUSER": { path: { tenant: "beta" } },
  },
  adminListMembers: {
    "200": { path: { tenant: "acme" } },
    "422 role": { path: { tenant: "acme" }, query: { role: "none" } },
  },
  adminAddMember: {
    "201": { path: { tenant: "acme" }, body: { email: "$new email", password: "$password", role: "admin" } },
    "201 invited": { path: { tenant: "acme" }, body: { email: "$new email", invite: true } },
    "403 FORBIDDEN": {
      bearer: "$own admin token",
      path: { tenant: "$own tenant" },
      body: { email: "$new email", password: "$password" },
    },
    "409 MEMBER_EXISTS": { path: { tenant: "acme" }, body: { email: "$email" } },
    "409 USERNAME_TAKEN": {
      path: { tenant: "acme" },
      body: { email: "$new email", username: "$username", password: "$password" },
    },
    "422 nobody": { path: { tenant: "acme" }, body: { role: "member" } },
    "429 RATE_LIMITED": {
      who: "nobody",
      given: ["invited elsewhere"],
      path: { tenant: "acme" },
      body: { email: "$email", invite: true },
    },
  },
  adminUpdateMember: {
    "200": { path: { tenant: "acme", user_id: "$user" }, body: { role: "admin" } },
    "403 FORBIDDEN": {
      bearer: "$own admin token",
      path: { tenant: "$own tenant", user_id: "$own owner" },
      body: { role: "member" },
    },
    "409 LAST_OWNER": { path: { tenant: "$own tenant", user_id: "$own owner" }, body: { role: "member" } },
    "422 role": { path: { tenant: "acme", user_id: "$user" }, body: { role: "none" } },
  },
  adminRemoveMember: {
    "204": { path: { tenant: "acme", user_id: "$user" } },
    "409 LAST_OWNER": { path: { tenant: "$own tenant", user_id: "$own owner" } },
  },
  adminListUsers: { "200": {}, "422 disabled": { query: { disabled: "perhaps" } } },
  adminGetUser: { "200": { who: "of two tenants", path: { user_id: "$user" } } },
  adminUpdateUser: {
    "200": { path: { user_id: "$user" }, body: { disabled: true } },
    "409 LAST_SUPERUSER": { path: { user_id: "$root id" }, body: { disabled: true } },
    "422 disabled": { path: { user_id: "$user" }, body: { disabled: "yes" } },
  },
  adminDeleteUser: {
    "204": { path: { user_id: "$user" } },
    "409 LAST_SUPERUSER": { path: { user_id: "$root id" } },
  },
  adminResetMfa: {
    "204": { who: "armed", path: { user_id: "$user" } },
    "403 FORBIDDEN": { path: { user_id: "$root id" } },
  },
  adminSendPasswordReset: {
    "200": { path: { user_id: "$user" } },
    "409 UNREACHABLE": { who: "without an email", path: { user_id: "$user" } },
    "429 RATE_LIMITED": { before: 1, path: { user_id: "$user" } },
  },
  adminListSessions: { "200": {}, "200 of one": { query: { user_id: "$user" } } },
  adminEndSession: { "204": { path: { session_id: "$session id" } } },
  adminListAudit: { "200": { query: { limit: "200" } }, "422 since": { query: { since: "yesterday" } } },
  adminListOutbox: { "200": { query: { limit: "200" } }, "422 status": { query: { status: "none" } } },
};

/** Statuses that stand in the documentation and that nothing here provokes, each with its reason. */
export const UNPROVOKED: { operations: RegExp; status: number; reason: string }[] = [
  {
    operations:
      /^org(Load|CliBrowserToken|Logout|ConsumeCliToken|(Portal)?Verify2fa|(Portal)?RequestMagicCode|LoginStatus|PortalForgotPassword|PortalReset(Callback|Password)|Switch)$/,
    status: 404,
    reason: "the reference has a 404 at every operation of the group; nothing that these name can be missing",
  },
  {
    operations: /^keySetup$/,
    status: 503,
    reason: "wants an empty installation under load: test/overload.test.ts",
  },
];
