import { Elysia } from "elysia";

/** For some of the routes of this group, or of a part of it (see `createApp`). */
export const meGroup = (part: "" | "/mfa" | "/mfa/totp" | "/mfa/email" = "") =>
  new Elysia({ prefix: `/api/v1/me${part}`, tags: ["me"] });
