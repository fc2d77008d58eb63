// Shapes that all groups share, under the names of the references.
import { type TSchema, t } from "elysia";

export const ErrorDetail = t.Object(
  {
    detail: t.String({ description: "What went wrong, for people" }),
    code: t.String({ description: "What went wrong, for programs; stays the same" }),
  },
  { $id: "ErrorDetail", description: "Refused" },
);

export const ValidationError = t.Object(
  {
    loc: t.Array(t.Union([t.String(), t.Integer()])),
    msg: t.String(),
    type: t.String(),
  },
  { $id: "ValidationError" },
);

export const HTTPValidationError = t.Object(
  { detail: t.Array(ValidationError) },
  { description: "Input that cannot be used" },
);

const orNull = <Schema extends TSchema>(schema: Schema) => t.Union([schema, t.Null()]);

/** A user as every group shows it, and nothing else of one (decisions §2 portal). */
export const UserView = t.Object(
  {
    id: t.String(),
    email: orNull(t.String()),
    username: orNull(t.String()),
    first_name: orNull(t.String()),
    last_name: orNull(t.String()),
    display_name: t.String(),
    tenant_id: t.String(),
    role: t.String(),
    email_verified: t.Boolean(),
    mfa_enabled: t.Boolean(),
  },
  { description: "A user within a tenant" },
);

/** The refusals that say more than a text. */
export const MfaRequiredError = t.Object(
  {
    detail: t.Object({
      code: t.String(),
      message: t.String(),
      mfa_token: t.String({ description: "For mfa/verify, within 5 minutes" }),
      user_id: t.String(),
      available_methods: t.Array(t.String()),
    }),
    code: t.String({ description: "MFA_REQUIRED" }),
  },
  { $id: "MfaRequiredError", description: "The password was right; a second factor is due" },
);

export const RefusedOrMfaRequired = t.Union([ErrorDetail, MfaRequiredError], {
  description: "Refused; or the password was right, and a second factor is due",
});

export const TenantSelectionError = t.Object(
  {
    detail: t.Object({
      code: t.String(),
      message: t.String(),
      tenants: t.Array(t.Object({ id: t.String(), slug: t.String(), name: t.String() })),
    }),
    code: t.String({ description: "TENANT_SELECTION_REQUIRED" }),
  },
  { description: "The password was right at several tenants: name one" },
);
