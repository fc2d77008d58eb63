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
export const passwordField = t.String({
  minLength: 1,
  maxLength: PASSWORD_UNITS,
  examples: ["correct horse battery"],
});
export const tokenField = t.String({ maxLength: TOKEN_UNITS, examples: ["as it was given"] });
export const nameField = t.String({ minLength: 1, maxLength: 200, examples: ["Ada"] });
export const uriField = t.String({ minLength: 1, maxLength: 2048 });

export const methodField = t.Union(
  [t.Literal("totp"), t.Literal("email"), t.Literal("webauthn"), t.Literal("backup_code")],
  { examples: ["totp"] },
);

/** Any JSON object; an array is none. */
export const objectField = (description: string) => t.Record(t.String(), t.Unknown(), { description });

/** May be absent or null; both mean the same. */
export const optional = <Schema extends TSchema>(schema: Schema) => t.Optional(t.Union([schema, t.Null()]));

export const idOrSlugField = t.String({ maxLength: 100, examples: ["acme"], description: "Id or slug" });

/** As whom somebody wants to act, where, and why. */
export const actingFields = {
  user_id: t.String({ maxLength: 64, examples: ["usr_019ab…"] }),
  organization_id: optional(idOrSlugField),
  reason: optional(t.String({ maxLength: 500, examples: ["ticket 4711"] })),
};

interface ActingBody {
  user_id: string;
  organization_id?: string | null;
  reason?: string | null;
}

/** The same as flows name it. */
export const actingRequest = ({ user_id, organization_id, reason }: ActingBody) => ({
  userId: user_id,
  organization: organization_id ?? undefined,
  reason: reason ?? undefined,
});

/** What a field that has several names is given as, under whichever; the same twice is fine. Throws Invalid. */
export function aliased<Name extends string>(
  body: { [name in Name]?: string | null | undefined },
  names: readonly [Name, ...Name[]],
): string {
  const [first] = names;
  const given = new Set(names.map((name) => body[name]).filter((value) => typeof value === "string"));
  const [value] = given;
  if (value === undefined) throw new Invalid([{ loc: [first], msg: "Field required", type: "missing" }]);
  if (given.size === 1) return value;
  const msg = `Input should be the same as in ${names.slice(1).join(", ")}`;
  throw new Invalid([{ loc: [first], msg, type: "value_error" }]);
}

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

const RFC3339 = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i;

/** A time in a query, or a day, as milliseconds since the epoch. Throws Invalid. */
export function instantOf(text: string | undefined, parameter: string): number | undefined {
  if (text === undefined) return undefined;
  const at = RFC3339.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  const msg = "Input should be a time such as 2026-01-31T08:00:00Z";
  throw new Invalid([{ loc: [parameter], msg, type: "value_error" }], "query");
}
