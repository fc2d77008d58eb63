// Requests and answers of the tenant group, named as in its reference.
import { type TSchema, t } from "elysia";
import {
  emailField,
  methodField,
  nameField,
  objectField,
  optional,
  passwordField,
  tokenField,
  uriField,
} from "../http/fields.ts";

const methods = t.Array(t.String(), { description: "totp, webauthn, email, backup_code" });
const redirectUri = optional(
  t.String({ description: "Where to go on; one of the tenant's redirect URIs, to the letter" }),
);

export const MetaResponse = t.Object(
  {
    request_id: optional(t.String()),
    timestamp: t.String({ description: "RFC 3339, UTC" }),
  },
  { $id: "MetaResponse", description: "Of every answer of this group" },
);

const envelope = <Schema extends TSchema>(data: Schema, description: string) =>
  t.Object({ data, meta: t.Optional(MetaResponse) }, { description });

export const scaikey__schemas__auth__LoginRequest = t.Object({
  email: emailField,
  password: passwordField,
  remember_me: t.Optional(
    t.Boolean({ default: false, description: "Keeps the cookie past the browser session" }),
  ),
  trusted_device_token: optional(tokenField),
});

export const scaikey__schemas__auth__LoginResponse = t.Object(
  {
    status: t.String({ description: "SUCCESS (a session cookie is set) or MFA_REQUIRED" }),
    user_id: optional(t.String()),
    mfa_required: t.Optional(t.Boolean({ default: false })),
    mfa_token: optional(t.String({ description: "For the mfa endpoints, within 5 minutes" })),
    available_methods: optional(methods),
    default_method: optional(t.String()),
    session_id: optional(t.String({ description: "An id, no secret" })),
    redirect_uri: redirectUri,
  },
  { $id: "scaikey__schemas__auth__LoginResponse" },
);

export const MFAChallengeRequest = t.Object({
  mfa_token: tokenField,
  user_id: optional(t.String({ maxLength: 64 })),
  method: methodField,
  code: optional(t.String({ maxLength: 64 })),
  challenge_id: optional(t.String({ maxLength: 64 })),
  credential: optional(objectField("PublicKeyCredential.toJSON()")),
  remember_device: t.Optional(t.Boolean({ default: false })),
  trust_device: t.Optional(t.Boolean({ default: false })),
  device_fingerprint: optional(t.String({ maxLength: 256, description: "For the audit log only" })),
});

export const MFAChallengeResponse = t.Object(
  {
    status: t.String(),
    session_id: optional(t.String()),
    redirect_uri: redirectUri,
    trusted_device_token: optional(t.String()),
    error: optional(t.String()),
  },
  { $id: "MFAChallengeResponse" },
);

export const MfaFailedError = t.Object(
  {
    detail: t.String({ description: "What went wrong, for people" }),
    code: t.String({ description: "What went wrong, for programs; stays the same" }),
    data: t.Optional(
      t.Object(
        { status: t.String({ description: "FAILED" }), error: t.String({ description: "INVALID_CODE" }) },
        { description: "Where the factor was wrong" },
      ),
    ),
  },
  { description: "Refused" },
);

export const MfaTokenQuery = t.Object({ mfa_token: tokenField, user_id: t.String({ maxLength: 64 }) });

export const RegisterRequest = t.Object({
  email: emailField,
  password: passwordField,
  first_name: nameField,
  last_name: nameField,
  captcha_token: optional(
    t.String({
      maxLength: 4096,
      description: "The solved challenge of captcha, where the tenant asks for one",
    }),
  ),
  redirect_uri: optional(uriField),
  custom_data: optional(objectField("For your app, at most 8 KiB; nothing here reads it")),
});

export const RegisterResponse = t.Object(
  {
    user_id: t.String(),
    status: t.String({ description: "PENDING_VERIFICATION or ACTIVE" }),
    message: t.String(),
  },
  { $id: "RegisterResponse" },
);

export const ForgotPasswordRequest = t.Object({ email: emailField, redirect_uri: optional(uriField) });

export const ResetPasswordRequest = t.Object({ token: tokenField, new_password: passwordField });

export const VerifyEmailQuery = t.Object({
  token: tokenField,
  answer: t.Optional(
    t.Union([t.Literal("confirm"), t.Literal("disown")], {
      description: "What was pressed on the page that browsers are shown",
    }),
  ),
});

export const ApiResponse_LoginResponse_ = envelope(
  scaikey__schemas__auth__LoginResponse,
  "Signed in, or a second factor is due",
);
export const ApiResponse_MFAChallengeResponse_ = envelope(MFAChallengeResponse, "Signed in");
export const ApiResponse_WebAuthnAssertionBegun_ = envelope(
  t.Object({
    challenge_id: t.String({ description: "For mfa/verify, once, within 5 minutes" }),
    options: objectField("For PublicKeyCredential.parseRequestOptionsFromJSON()"),
  }),
  "The authenticator's turn",
);
export const ApiResponse_RegisterResponse_ = envelope(
  RegisterResponse,
  "The same whether the email was free or taken",
);
export const ApiResponse_Message_ = envelope(
  t.Object({ message: t.String(), redirect_uri: redirectUri }),
  "Done",
);
export const ApiResponse_VerifyEmailResponse_ = envelope(
  t.Object({
    status: t.String({ description: "VERIFIED, or DISOWNED when that was the answer" }),
    message: t.String(),
    redirect_uri: redirectUri,
  }),
  "Verified; the same again while the link lives",
);

export const CaptchaChallenge = t.Record(t.String(), t.Unknown(), {
  description: "An ALTCHA challenge, as its widget and libraries take it",
});
