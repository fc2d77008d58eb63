// Requests and answers of /api/v1/me/mfa, named as in the reference where it has a name for them.
import { t } from "elysia";

const orNull = (schema: ReturnType<typeof t.String>) => t.Union([schema, t.Null()]);
const time = t.String({ description: "RFC 3339, UTC" });

/** A length and no pattern: what is no code is the usual refusal and never a 422. */
const code = (description: string) => t.String({ maxLength: 256, examples: ["123456"], description });
const backupCodes = t.Array(t.String(), {
  description: "Good once each, dashes and case do not count; shown this once",
});

export const ConfirmTotpRequest = t.Object(
  { code: code("Of the authenticator app") },
  { description: "Turns TOTP on" },
);
export const DisableTotpRequest = t.Object(
  { code: code("Of the authenticator app, or a backup code") },
  { description: "Turns TOTP off" },
);
export const EmailMFAConfirmRequest = t.Object(
  { code: code("As it was mailed") },
  { description: "Turns codes by email on" },
);
export const DisableEmailMFARequest = t.Object(
  { code: code("Of the authenticator app where TOTP is on, else as it was mailed; or a backup code") },
  { description: "Turns codes by email off" },
);
export const RegenerateBackupCodesRequest = t.Object(
  { code: code("Of the authenticator app; without TOTP, a backup code") },
  { description: "Makes new backup codes" },
);

export const MfaOverview = t.Object(
  {
    mfa_enabled: t.Boolean({ description: "Whether a second factor is asked for" }),
    methods: t.Array(
      t.Object({
        id: t.String(),
        type: t.Union([t.Literal("totp"), t.Literal("email"), t.Literal("webauthn")]),
        name: t.String(),
        confirmed: t.Boolean({ description: "Whether it is on, and not only begun" }),
        created_at: time,
        last_used_at: orNull(time),
      }),
    ),
    backup_codes_remaining: t.Integer(),
  },
  { description: "One's second factors" },
);

export const TotpEnrolment = t.Object(
  {
    device_id: t.String(),
    secret: t.String({ description: "base32" }),
    provisioning_uri: t.String({ description: "otpauth:// URI for authenticator apps" }),
    qr_code: t.String({ description: "The same to scan: data: URI of an image" }),
  },
  { description: "What an authenticator app needs; nothing is on until it is confirmed" },
);

export const MfaChanged = t.Object({ message: t.String() }, { description: "Done" });
export const MfaChangedWithCodes = t.Object(
  { message: t.String(), backup_codes: backupCodes },
  { description: "Done; a new set of ten backup codes, the old one is void" },
);
export const MfaChangedMaybeWithCodes = t.Object(
  { message: t.String(), backup_codes: t.Optional(backupCodes) },
  { description: "Done; with ten backup codes where none were left" },
);
