// How refusals are said where a reference fixes no text of its own. A group spreads this and says its own over it.
import type { Refusal } from "../../errors.ts";

/** How a group says one refusal. `code` where it is not the refusal's own name; `data` where the reference shows some. */
export interface Words {
  status: number;
  detail: string;
  code?: string;
  data?: Record<string, string>;
}

export type Wording = Record<Refusal, Words>;

export const WORDING: Wording = {
  CAPTCHA_REQUIRED: {
    status: 400,
    detail: "Captcha required: solve the tenant's challenge and send it as captcha_token",
  },
  CROSS_SITE: { status: 403, detail: "Cross-site request refused" },
  EMAIL_NOT_VERIFIED: {
    status: 403,
    detail: "Email address not verified; a mail with a link was sent",
  },
  EMAIL_TAKEN: { status: 409, detail: "Email address already in use" },
  ENROLMENT_NOT_STARTED: { status: 400, detail: "Enrolment not started" },
  FORBIDDEN: { status: 403, detail: "Forbidden" },
  IMPERSONATION_FORBIDDEN: { status: 403, detail: "Not possible while acting as another user" },
  INVALID_BEARER: { status: 401, detail: "Invalid or expired token" },
  INVALID_CODE: { status: 401, detail: "Invalid MFA code" },
  INVALID_CREDENTIALS: { status: 401, detail: "Invalid credentials" },
  INVALID_CREDENTIAL: { status: 400, detail: "Invalid credential" },
  INVALID_EXCHANGE_CODE: { status: 401, detail: "Invalid or expired exchange code" },
  INVALID_FLOW_TOKEN: { status: 401, detail: "Invalid or expired flow token" },
  INVALID_MFA_TOKEN: { status: 401, detail: "Invalid or expired MFA token" },
  INVALID_REFRESH_TOKEN: { status: 401, detail: "Invalid or expired refresh token" },
  INVALID_TOKEN: { status: 400, detail: "Invalid or expired token" },
  KEY_LIMIT_REACHED: { status: 409, detail: "At most 10 API keys; delete one first" },
  LAST_FACTOR: { status: 400, detail: "A tenant of yours asks for a second factor: enrol another one first" },
  LAST_OWNER: { status: 409, detail: "A tenant needs an active owner" },
  LAST_SUPERUSER: { status: 409, detail: "The last superuser cannot be removed" },
  LOCAL_ONLY: { status: 403, detail: "Only allowed from localhost" },
  LOGIN_DECIDED: { status: 409, detail: "That login was answered already, or is over" },
  MEMBER_EXISTS: { status: 409, detail: "Already a member" },
  MFA_ALREADY_ENABLED: { status: 400, detail: "MFA is already enabled" },
  MFA_ENROLMENT_REQUIRED: { status: 403, detail: "Enrol a second factor first: this tenant asks for one" },
  MFA_NOT_ENABLED: { status: 400, detail: "MFA is not enabled" },
  NO_VERIFIED_EMAIL: { status: 400, detail: "The account has no verified email address" },
  NOT_AUTHENTICATED: { status: 401, detail: "Not authenticated" },
  NOT_FOUND: { status: 404, detail: "Not Found" },
  PASSKEY_LIMIT_REACHED: { status: 409, detail: "At most 20 passkeys; remove one first" },
  RATE_LIMITED: { status: 429, detail: "Too many attempts; try again later" },
  REAUTH_REQUIRED: { status: 403, detail: "Sign in again first" },
  REGISTRATION_DISABLED: { status: 403, detail: "Self-registration is disabled" },
  SESSION_COOKIE_REQUIRED: {
    status: 403,
    detail: "Only by a session cookie; with a Bearer use /v1/auth/login-as-user",
  },
  SETUP_ALREADY_COMPLETED: { status: 409, detail: "Setup already completed." },
  SETUP_TOKEN_REQUIRED: {
    status: 403,
    detail: "Setup token required: the server printed it when it started.",
  },
  SLUG_TAKEN: { status: 409, detail: "Slug already in use" },
  TENANT_NOT_FOUND: { status: 404, detail: "Tenant not found" },
  UNREACHABLE: { status: 409, detail: "The account has no email address, or is not active in any tenant" },
  USERNAME_TAKEN: { status: 409, detail: "Username already in use" },
  WRONG_NUMBER: { status: 400, detail: "Wrong number; that login was rejected" },
  WRONG_PASSWORD: { status: 400, detail: "Wrong password" },
};
