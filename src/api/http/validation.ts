// From TypeBox's findings to the documented 422. The submitted value is never part of it.
import { ValueErrorType } from "@sinclair/typebox/errors";
import type { ValidationError } from "elysia";
import type { FieldError } from "../../errors.ts";

interface Finding {
  path: string;
  type: ValueErrorType;
  value: unknown;
  schema: { minLength?: number; maxLength?: number; anyOf?: unknown[] };
}

/** One entry for each unusable field, the first finding of each. */
export function fieldErrors(error: ValidationError): FieldError[] {
  const place = error.type === "params" ? "path" : error.type;
  const byPath = new Map<string, FieldError>();
  for (const finding of error.all as Finding[]) {
    if (byPath.has(finding.path)) continue;
    const path = finding.path
      .split("/")
      .slice(1)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    byPath.set(finding.path, { loc: [place, ...path], ...describe(finding) });
  }
  return [...byPath.values()];
}

function describe({ type, value, schema }: Finding): Omit<FieldError, "loc"> {
  if (value === undefined) return { msg: "Field required", type: "missing" };
  switch (type) {
    case ValueErrorType.String:
      return { msg: "Input should be a valid string", type: "string_type" };
    case ValueErrorType.StringMinLength:
      return { msg: `String should have at least ${schema.minLength} characters`, type: "string_too_short" };
    case ValueErrorType.StringMaxLength:
      return { msg: `String should have at most ${schema.maxLength} characters`, type: "string_too_long" };
    case ValueErrorType.StringPattern:
      return { msg: "String does not have the expected form", type: "string_pattern_mismatch" };
    case ValueErrorType.Boolean:
      return { msg: "Input should be a valid boolean", type: "bool_type" };
    case ValueErrorType.Union:
    case ValueErrorType.Literal:
      return { msg: "Input should be one of the documented values", type: "enum" };
    default:
      return { msg: "Input should be a valid value", type: "value_error" };
  }
}
