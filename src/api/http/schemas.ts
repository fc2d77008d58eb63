// Shapes that all groups share, under the names of the references.
import { t } from "elysia";

export const ErrorDetail = t.Object(
  {
    detail: t.String({ description: "What went wrong, for people" }),
    code: t.String({ description: "What went wrong, for programs; stays the same" }),
  },
  { description: "Refused" },
);

export const ValidationError = t.Object({
  loc: t.Array(t.Union([t.String(), t.Integer()])),
  msg: t.String(),
  type: t.String(),
});

export const HTTPValidationError = t.Object(
  { detail: t.Array(t.Ref("ValidationError")) },
  { description: "Input that cannot be used" },
);
