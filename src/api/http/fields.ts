// Pieces that request schemas of several groups are made of, and what has to be checked after TypeBox.
import { type TSchema, t } from "elysia";
import { canonicalEmail, type Email } from "../../core/emails.ts";
import { isName } from "../../core/names.ts";
import { Invalid } from "../../errors.ts";

/** Longer than any password the policy takes, in whatever Unicode form it arrives. */
const PASSWORD_UNITS = 1024;
/** Longer than any secret of ours; a length and no pattern, so that a wrong one is the usual refusal and never a 422. */
const TOKEN_UNITS = 4096;

export const emailField = t.String({
  minLength: 1,
  maxLength: 320,
  examples: ["ada@example.com"],
  description: "Email address",
});
export const passwordField = t.String({ minLength: 1, maxLength: PASSWORD_UNITS });
export const tokenField = t.String({ maxLength: TOKEN_UNITS });
export const nameField = t.String({ minLength: 1, maxLength: 200 });
export const uriField = t.String({ minLength: 1, maxLength: 2048 });

/** May be absent or null; both mean the same. */
export const optional = <Schema extends TSchema>(schema: Schema) => t.Optional(t.Union([schema, t.Null()]));

/** Throws Invalid unless it is an email address, which is judged in canonical form (CVE-2026-73420). */
export function emailOf(text: string, field = "email"): Email {
  const email = canonicalEmail(text);
  if (email) return email;
  throw new Invalid([{ loc: [field], msg: "Input should be an email address", type: "value_error" }]);
}

/** The name without the space around it. Throws Invalid when it is empty, too long or misleads. */
export function nameOf(text: string, field: string): string {
  const name = text.normalize("NFC").trim();
  if (isName(name)) return name;
  const msg = "Input should be 1 to 100 printable characters";
  throw new Invalid([{ loc: [field], msg, type: "value_error" }]);
}
