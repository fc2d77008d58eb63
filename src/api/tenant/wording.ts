import { WORDING, type Wording } from "../http/wording.ts";

export const TENANT: Wording = {
  ...WORDING,
  INVALID_CODE: {
    status: 401,
    detail: "Invalid MFA code",
    code: "INVALID_MFA_CODE",
    data: { status: "FAILED", error: "INVALID_CODE" },
  },
};
