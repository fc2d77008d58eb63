// Requests and answers of signing in at a portal, named as in the reference.
import { t } from "elysia";
import { emailField, optional, passwordField, tokenField } from "../http/fields.ts";
import { Token } from "./schemas.ts";

const portalField = t.String({
  minLength: 1,
  maxLength: 64,
  examples: ["acme"],
  description: "Id or slug of the tenant",
});
/** A username too, where the account has no email. */
const nameField = t.String({
  minLength: 1,
  maxLength: 320,
  examples: ["ada@example.com"],
  description: "Email address; the username where the account has none",
});
const codeField = t.String({ maxLength: 64, examples: ["123456"] });
const clientId = optional(t.String({ maxLength: 200, description: "Of an OAuth client; not looked at" }));

export const PortalLoginRequest = t.Object({
  email: emailField,
  password: passwordField,
  portal_id: portalField,
});

export const OAuth2LoginForm = t.Object({
  username: t.String({ minLength: 1, maxLength: 320, examples: ["ada@example.com"] }),
  password: passwordField,
  client_id: clientId,
});

export const TwoFAResponse = t.Object(
  {
    detail: t.String({ description: "2FA Required" }),
    two_fa_required: t.Boolean(),
    email: t.String({ description: "To be said again at verify-2fa and login-status" }),
    login_session_id: t.Union([t.String(), t.Null()], {
      description: "A secret: for verify-2fa and for polling login-status, within 5 minutes",
    }),
    match_number: t.Union([t.String(), t.Null()], {
      description: "To be shown: it is typed where the user approves. Null: a code is the only way",
    }),
    mfa_token: t.String({ description: "For the tenant's mfa/webauthn/begin and mfa/verify" }),
    available_methods: t.Array(t.String(), { description: "totp, webauthn, email, backup_code" }),
  },
  { $id: "TwoFAResponse", description: "The password was right; a second factor or an approval is due" },
);

export const TokenOrTwoFAResponse = t.Union([Token, TwoFAResponse], {
  description: "Signed in, or a second factor is due",
});

export const Verify2FAPayload = t.Object({
  email: nameField,
  code: codeField,
  login_session_id: optional(tokenField),
  portal_id: optional(portalField),
});

export const MagicCodeRequest = t.Object({ email: emailField, client_id: clientId });

export const PortalMagicCodeRequest = t.Object({ email: emailField, portal_id: portalField });

export const MagicCodeResponse = t.Object(
  {
    detail: t.String(),
    login_session_id: t.Union([t.String(), t.Null()], {
      description: "For verify-2fa, with the code, within 10 minutes",
    }),
  },
  { description: "The same whether a mail goes out or not" },
);

const numberField = t.String({
  pattern: "^[0-9]{2}$",
  examples: ["42"],
  description: "That the waiting screen shows",
});
const loginId = t.String({
  maxLength: 4096,
  examples: ["lrq_019ab…"],
  description: "Of the waiting login: its public id or its login_session_id",
});

export const LoginApprovalData = t.Object({ session_id: loginId, number: numberField });

export const LoginRejectionData = t.Object({ session_id: loginId });

export const LoginDecision = t.Object({ status: t.String() }, { description: "approved or rejected" });

export const LoginStatusQuery = t.Object({
  email: t.String({ maxLength: 320, description: "As TwoFAResponse or the request for a code says it" }),
  session_id: t.String({ maxLength: 4096, description: "login_session_id" }),
  wait: t.Optional(
    t.String({
      pattern: "^(1?[0-9]|2[0-5])$",
      description: "Seconds to wait for news before the answer, at most 25",
    }),
  ),
});

export const LoginStatus = t.Object(
  {
    status: t.String({ description: "pending, approved, rejected or expired" }),
    access_token: t.Optional(t.String()),
    refresh_token: t.Optional(t.String()),
    token_type: t.Optional(t.String()),
  },
  { description: "The first answer after an approval carries the tokens, and no other does" },
);

export const PortalForgotPasswordRequest = t.Object({ email: emailField, portal_id: portalField });

export const Detail = t.Object({ detail: t.String() }, { description: "What happens now" });

export const ResetCallbackQuery = t.Object({
  token: tokenField,
  portal_id: t.String({ maxLength: 64, description: "Id or slug of the tenant" }),
});

export const ResetCallbackResponse = t.Object(
  { valid: t.Boolean(), portal_id: t.String() },
  { description: "The link is still good; nothing is spent" },
);

export const PortalResetPasswordRequest = t.Object({
  token: tokenField,
  portal_id: portalField,
  password: t.Optional(passwordField),
  new_password: t.Optional(passwordField),
});
