// The three ways a request can end other than well. None knows HTTP: each group words them for its callers.

/** Why something was refused. Each API group says every one of these in its own words (`api/http/errors.ts`). */
export type Refusal =
  | "CAPTCHA_REQUIRED"
  | "CROSS_SITE"
  | "EMAIL_NOT_VERIFIED"
  | "EMAIL_TAKEN"
  | "ENROLMENT_NOT_STARTED"
  | "FORBIDDEN"
  | "IMPERSONATION_FORBIDDEN"
  | "INVALID_BEARER"
  | "INVALID_CODE"
  | "INVALID_CREDENTIALS"
  | "INVALID_CREDENTIAL"
  | "INVALID_EXCHANGE_CODE"
  | "INVALID_FLOW_TOKEN"
  | "INVALID_MFA_TOKEN"
  | "INVALID_REFRESH_TOKEN"
  | "INVALID_TOKEN"
  | "KEY_LIMIT_REACHED"
  | "LAST_FACTOR"
  | "LAST_OWNER"
  | "LAST_SUPERUSER"
  | "LOCAL_ONLY"
  | "LOGIN_DECIDED"
  | "MEMBER_EXISTS"
  | "MFA_ALREADY_ENABLED"
  | "MFA_ENROLMENT_REQUIRED"
  | "MFA_NOT_ENABLED"
  | "NO_VERIFIED_EMAIL"
  | "NOT_AUTHENTICATED"
  | "NOT_FOUND"
  | "PASSKEY_LIMIT_REACHED"
  | "RATE_LIMITED"
  | "REAUTH_REQUIRED"
  | "REGISTRATION_DISABLED"
  | "SESSION_COOKIE_REQUIRED"
  | "SETUP_ALREADY_COMPLETED"
  | "SETUP_TOKEN_REQUIRED"
  | "SLUG_TAKEN"
  | "TENANT_NOT_FOUND"
  | "UNREACHABLE"
  | "USERNAME_TAKEN"
  | "WRONG_NUMBER"
  | "WRONG_PASSWORD";

/** What the audit log is told of a refusal and the wire is not. */
export interface Because {
  reason?: string;
  /** Of whom the refused request speaks, where it showed that. */
  userId?: string;
  tenantId?: string;
}

/** An expected "no". `retryAfterS` (seconds) says when trying again is worth it, where that is known. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly code: Refusal,
    readonly retryAfterS?: number,
    readonly because?: Because,
  ) {
    super(code);
  }
}

/** The same with what the audit log is told. */
export const refusedAs = (code: Refusal, because: Because): Refused => new Refused(code, undefined, because);

/** What can be wrong with one value; the vocabulary of the documented 422. */
export type FieldErrorType =
  | "bool_type"
  | "enum"
  | "json_invalid"
  | "missing"
  | "string_pattern_mismatch"
  | "string_too_long"
  | "string_too_short"
  | "string_type"
  | "value_error";

/** One unusable value: where it stood and what would be right. Never carries the value itself. */
export interface FieldError {
  loc: (string | number)[];
  msg: string;
  type: FieldErrorType;
}

/** Input that is well formed and still unusable, such as a password that is too short. */
export class Invalid extends Error {
  override readonly name = "Invalid";
  constructor(
    readonly fields: FieldError[],
    /** Where the fields stood. */
    readonly place: "body" | "query" = "body",
  ) {
    super("invalid input");
  }
}

/** Something this server needs is busy or gone for now; nothing was changed. Answered 503. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  constructor(
    message: string,
    readonly retryAfterS: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
