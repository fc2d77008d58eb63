// Requests and answers of the org group, named as in its reference.
import { t } from "elysia";
import { actingFields, idOrSlugField, optional, tokenField } from "../http/fields.ts";
import { UserView } from "../http/schemas.ts";

export const Token = t.Object(
  {
    access_token: t.String({ description: "JWT for 15 minutes" }),
    refresh_token: t.String({ description: "Good once; empty where there is nothing to refresh" }),
    token_type: t.String({ description: "bearer" }),
  },
  { $id: "Token", description: "Signed in" },
);

const Organization = t.Object({ id: t.String(), slug: t.String(), name: t.String(), role: t.String() });

export const LoadResponse = t.Object(
  {
    user: t.Composite([
      UserView,
      t.Object({ name: t.String(), organization_id: t.String(), organization_name: t.String() }),
    ]),
    organization: Organization,
    organizations: t.Array(Organization, { description: "Where switch leads" }),
    pending_logins: t.Array(
      t.Object({
        id: t.String({ description: "For approve-2fa and reject-2fa, as session_id" }),
        created_at: t.String(),
        expires_at: t.String(),
        ip: t.String(),
        user_agent: t.Union([t.String(), t.Null()]),
        portal_id: t.Union([t.String(), t.Null()]),
      }),
      { description: "Sign-ins of this user that wait for approval" },
    ),
    impersonator: t.Union([t.Object({ id: t.String(), name: t.String() }), t.Null()], {
      description: "Who acts as the user; null: the user",
    }),
  },
  { description: "Who is signed in, where, and what waits for them" },
);

export const SwitchOrgData = t.Object({
  id: optional(idOrSlugField),
  organization_id: optional(idOrSlugField),
  org_id: optional(idOrSlugField),
});

export const CliBrowserTokenResponse = t.Object(
  {
    exchange_code: t.String({ description: "For consume-cli-token, once" }),
    expires_in: t.Integer({ description: "Seconds" }),
  },
  { description: "A code that hands this sign-in on" },
);

export const ConsumeCliTokenRequest = t.Object({
  exchange_code: optional(tokenField),
  code: optional(tokenField),
  token: optional(tokenField),
});

export const LoginAsRequest = t.Object(actingFields);

export const OAuth2RefreshRequest = t.Object({ refresh_token: tokenField });
