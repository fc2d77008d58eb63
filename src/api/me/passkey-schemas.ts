// Requests and answers about passkeys, named as in the reference where it names them.
import { t } from "elysia";
import { objectField, optional } from "../http/fields.ts";

const orNull = <Schema extends Parameters<typeof t.Optional>[0]>(schema: Schema) =>
  t.Union([schema, t.Null()]);
const time = t.String({ description: "RFC 3339, UTC" });
const id = t.String({ maxLength: 64, examples: ["pky_0198a1b2c3d47e5f8a9b0c1d2e3f4a5b"] });

export const WebAuthnBegun = t.Object(
  {
    device_id: t.String({ description: "For complete" }),
    challenge_id: t.String({ description: "For complete, once, within 5 minutes" }),
    options: objectField("For PublicKeyCredential.parseCreationOptionsFromJSON()"),
  },
  { description: "Begun" },
);

export const WebAuthnConfirmRequest = t.Object({
  device_id: id,
  challenge_id: t.String({ maxLength: 64, examples: ["wch_0198a1b2c3d47e5f8a9b0c1d2e3f4a5b"] }),
  credential: t.Record(t.String(), t.Unknown(), {
    description: "PublicKeyCredential.toJSON()",
    examples: [{ id: "AQID", rawId: "AQID", type: "public-key", response: {}, clientExtensionResults: {} }],
  }),
  name: optional(t.String({ minLength: 1, maxLength: 200, examples: ["Blue key"] })),
});

export const WebAuthnDevice = t.Object({
  id: t.String(),
  type: t.Literal("webauthn"),
  name: t.String(),
  confirmed: t.Boolean(),
  created_at: time,
  last_used_at: orNull(time),
});

export const WebAuthnConfirmed = t.Object(
  {
    message: t.String(),
    device: WebAuthnDevice,
    backup_codes: t.Optional(t.Array(t.String(), { description: "Where none were left; shown this once" })),
  },
  { description: "Added" },
);

export const WebAuthnRemoved = t.Object({ message: t.String() }, { description: "Removed" });
