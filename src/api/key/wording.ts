import { WORDING, type Wording } from "../http/wording.ts";

/** The texts of key-auth.md, to the letter. Limits show as the text that the reference fixes, never as 429. */
export const KEY: Wording = {
  ...WORDING,
  ENROLMENT_NOT_STARTED: { status: 400, detail: "Call /mfa/setup/ first." },
  INVALID_BEARER: { status: 401, detail: "Invalid or missing API key." },
  INVALID_CODE: { status: 401, detail: "Invalid TOTP code." },
  INVALID_CREDENTIALS: { status: 401, detail: "Invalid credentials." },
  LOCAL_ONLY: { status: 403, detail: "MFA reset only allowed from localhost." },
  MFA_ALREADY_ENABLED: { status: 400, detail: "MFA is already enabled." },
  MFA_NOT_ENABLED: { status: 400, detail: "MFA is not enabled." },
  RATE_LIMITED: { status: 401, detail: "Invalid credentials.", code: "INVALID_CREDENTIALS" },
  REAUTH_REQUIRED: { status: 403, detail: "Sign in again to change second factors." },
};

/** While signed in a wrong code is a 400: a 401 would make clients throw their key away. */
export const KEY_SIGNED_IN: Wording = { ...KEY, INVALID_CODE: { ...KEY.INVALID_CODE, status: 400 } };
