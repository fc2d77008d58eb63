import { WORDING, type Wording } from "../http/wording.ts";

/** While signed in a wrong code is a 400: a 401 would make clients refresh (decisions §2 me). */
export const ME_MFA: Wording = {
  ...WORDING,
  INVALID_CODE: { status: 400, detail: "Invalid code" },
  REAUTH_REQUIRED: { status: 403, detail: "Sign in again to change second factors" },
};
