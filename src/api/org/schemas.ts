// Requests and answers of the org group, named as in its reference.
import { t } from "elysia";
import { tokenField } from "../http/fields.ts";

export const Token = t.Object(
  {
    access_token: t.String({ description: "JWT for 15 minutes" }),
    refresh_token: t.String({ description: "Good once; empty where there is nothing to refresh" }),
    token_type: t.String({ description: "bearer" }),
  },
  { description: "Signed in" },
);

export const OAuth2RefreshRequest = t.Object({ refresh_token: tokenField });
