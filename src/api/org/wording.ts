import { WORDING, type Wording } from "../http/wording.ts";

export const ORG: Wording = {
  ...WORDING,
  INVALID_CODE: { status: 401, detail: "Invalid MFA code", code: "INVALID_MFA_CODE" },
};
