// Requests and answers of the key group, named as in its reference.
import { t } from "elysia";
import { emailField } from "../http/fields.ts";

/** Longer than any password the policy takes, in whatever Unicode form it arrives. */
const PASSWORD_UNITS = 1024;
const LOGIN_UNITS = 254;

const username = t.String({ minLength: 1, maxLength: LOGIN_UNITS, examples: ["admin"] });
const password = t.String({ minLength: 1, maxLength: PASSWORD_UNITS, examples: ["mypassword"] });
const code = t.String({ pattern: "^[0-9]{6}$", examples: ["123456"], description: "6-digit TOTP code" });

export const TokenRequest = t.Object({ username, password });

export const SetupRequest = t.Object({
  username,
  password,
  email: t.Optional({ ...emailField, description: "To sign in by at pages, which ask for one" }),
  setup_token: t.Optional(
    t.String({
      maxLength: 256,
      description: "As printed at the first start; from elsewhere than the server itself",
    }),
  ),
});

export const SetupHeaders = t.Object({
  "x-setup-token": t.Optional(t.String({ description: "The setup token, when it is not in the body" })),
});

export const TokenResponse = t.Object(
  {
    key: t.String({ description: "API key; empty while a second factor is due" }),
    requires_mfa: t.Boolean(),
  },
  { description: "Signed in, or a second factor is due" },
);

export const MeResponse = t.Object(
  { username: t.String(), mfa_enabled: t.Boolean() },
  { description: "The caller" },
);

export const SetupStatusResponse = t.Object(
  { needs_setup: t.Boolean() },
  { description: "True until the first user exists, then false for good" },
);

export const TotpSetupResponse = t.Object(
  {
    secret: t.String({ description: "base32" }),
    provisioning_uri: t.String({ description: "otpauth:// URI for authenticator apps" }),
  },
  { description: "What an authenticator app needs" },
);

export const TotpCodeRequest = t.Object({ code });

export const MfaStatusResponse = t.Object(
  { mfa_enabled: t.Boolean() },
  { description: "Whether a second factor is asked for" },
);

export const MfaLoginVerifyRequest = t.Object({ username, code });
