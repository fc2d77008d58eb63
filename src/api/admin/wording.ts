import { WORDING, type Wording } from "../http/wording.ts";

/** Whoever administers is signed in and may be told which one it was. */
export const ADMIN: Wording = {
  ...WORDING,
  NOT_AUTHENTICATED: { status: 401, detail: "Not authenticated" },
};
