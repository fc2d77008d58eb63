import { WORDING, type Wording } from "../http/wording.ts";

const WRONG_CODE = { status: 401, detail: "Invalid or expired code", code: "INVALID_MFA_CODE" };

export const ORG: Wording = {
  ...WORDING,
  INVALID_CODE: { status: 401, detail: "Invalid MFA code", code: "INVALID_MFA_CODE" },
  TENANT_NOT_FOUND: { status: 404, detail: "Portal not found" },
};

/** Where a code is shown by name: whether anything waits for it must not show. */
export const ORG_CODE: Wording = {
  ...ORG,
  INVALID_CODE: WRONG_CODE,
  INVALID_CREDENTIALS: WRONG_CODE,
  INVALID_MFA_TOKEN: WRONG_CODE,
};
