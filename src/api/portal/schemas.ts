// Requests and answers of the portal group, named as in its reference.
import { t } from "elysia";
import { emailField, methodField, objectField, optional, passwordField, tokenField } from "../http/fields.ts";
import { UserView } from "../http/schemas.ts";

const tenantId = optional(t.String({ maxLength: 64, description: "Of the tenants that identify showed" }));
const accessToken = t.String({ description: "JWT for 15 minutes" });
const refreshToken = t.String({ description: "Good once; each refresh gives the next" });
const methods = t.Array(t.String(), { description: "totp, webauthn, email, backup_code" });

export const IdentifyRequest = t.Object({ email: emailField });

export const IdentifyResponse = t.Object(
  {
    flow_token: t.String({ description: "For authenticate, within 10 minutes" }),
    tenants: t.Array(t.Object({ id: t.String(), slug: t.String(), name: t.String() })),
    requires_tenant_selection: t.Boolean(),
  },
  { description: "The same for emails that exist and emails that do not" },
);

export const AuthenticateRequest = t.Object({
  flow_token: tokenField,
  tenant_id: tenantId,
  password: passwordField,
});

export const AuthenticateResponse = t.Object(
  {
    status: t.String({ description: "SUCCESS or MFA_REQUIRED", default: "SUCCESS" }),
    access_token: optional(accessToken),
    refresh_token: optional(refreshToken),
    user: optional(UserView),
    mfa_token: optional(t.String({ description: "For mfa/verify, within 5 minutes" })),
    user_id: optional(t.String()),
    available_methods: optional(methods),
  },
  { description: "Signed in, or a second factor is due" },
);

export const scaikey__api__v1__me__auth__LoginRequest = t.Object({
  email: emailField,
  password: passwordField,
  tenant_id: tenantId,
});

const signedIn = { access_token: accessToken, refresh_token: refreshToken, user: UserView };

export const scaikey__api__v1__me__auth__LoginResponse = t.Object(signedIn, { description: "Signed in" });

export const PortalMFAVerifyRequest = t.Object({
  mfa_token: tokenField,
  user_id: t.String({ maxLength: 64, examples: ["usr_019ab…"] }),
  method: methodField,
  code: optional(t.String({ maxLength: 64 })),
  challenge_id: optional(
    t.String({ maxLength: 64, description: "Of the tenant's mfa/webauthn/begin, for webauthn" }),
  ),
  credential: optional(objectField("PublicKeyCredential.toJSON(), for webauthn")),
  trust_device: t.Optional(t.Boolean({ default: false })),
});

export const PortalMFAVerifyResponse = t.Object(signedIn, { description: "Signed in" });

export const scaikey__api__v1__me__auth__RefreshRequest = t.Object({ refresh_token: tokenField });

export const scaikey__api__v1__me__auth__RefreshResponse = t.Object(
  { access_token: accessToken, refresh_token: optional(refreshToken) },
  { description: "The next pair; the old refresh token is spent" },
);

export const LogoutResponse = t.Object({ message: t.String() }, { description: "Logged out" });

const slug = optional(t.String({ maxLength: 64, examples: ["acme"], description: "Slug of a tenant" }));

export const PasskeyBeginRequest = t.Object({ tenant: slug });

export const PasskeyBegun = t.Object(
  {
    challenge_id: t.String({ description: "For passkey/complete, once, within 5 minutes" }),
    options: objectField("For PublicKeyCredential.parseRequestOptionsFromJSON()"),
  },
  { description: "The authenticator's turn" },
);

export const PasskeyCompleteRequest = t.Object({
  challenge_id: tokenField,
  credential: t.Record(t.String(), t.Unknown(), {
    description: "PublicKeyCredential.toJSON()",
    examples: [{ id: "AQID", rawId: "AQID", type: "public-key", response: {}, clientExtensionResults: {} }],
  }),
  tenant: slug,
  remember_me: t.Optional(
    t.Boolean({ default: false, description: "Keeps the cookie past the browser session" }),
  ),
});

export const BrowserSessionRequest = t.Object({ exchange_code: tokenField });

export const SessionOpened = t.Object(
  {
    status: t.String({ description: "SUCCESS: a session cookie is set" }),
    session_id: t.String({ description: "An id, no secret" }),
    tenant: t.String({ description: "Slug of the tenant whose session it is" }),
    redirect_uri: optional(t.String({ description: "Where to go on: the tenant's default" })),
    user: UserView,
  },
  { description: "Signed in" },
);
