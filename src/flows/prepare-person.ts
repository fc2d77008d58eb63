// What is given about a person who is to be added: checked, and the password hashed, before any transaction.
import type { Context } from "../context.ts";
import { positionOf } from "../core/decoys.ts";
import { canonicalEmail } from "../core/emails.ts";
import { parseUsername, type Username } from "../core/logins.ts";
import { isName, LONGEST_NAME } from "../core/names.ts";
import * as passwords from "../core/passwords.ts";
import type { Tenant } from "../core/tenants.ts";
import type { NewUser } from "../core/users.ts";
import { type FieldError, Invalid } from "../errors.ts";
import { checkNewPassword } from "./new-password.ts";

/** As it was given. */
export interface GivenPerson {
  email?: string | undefined;
  username?: string | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  /** Null: none, and that is meant so. */
  password?: string | null | undefined;
  /** To be asked by mail, and to choose the password themselves. */
  invite?: boolean | undefined;
}

/** Checked and hashed. */
export interface Person {
  email: NewUser["email"];
  username: Username | null;
  firstName: string | null;
  lastName: string | null;
  /** Undefined: not given. Null: none, and that is meant so. */
  passwordHash: string | null | undefined;
  isInvited: boolean;
}

/** Throws Invalid, naming every field that cannot be used; Unavailable. The password is judged by the policy of each tenant. */
export async function preparePerson(
  ctx: Context,
  given: GivenPerson,
  into: readonly Tenant[],
): Promise<Person> {
  const { email, username, firstName = null, lastName = null, password } = given;
  const address = email === undefined ? null : canonicalEmail(email);
  const parsed = username === undefined ? null : parseUsername(username);
  const fields = unusableNames({ first_name: firstName, last_name: lastName });
  const unusable = (name: string, msg: string) => fields.push({ loc: [name], msg, type: "value_error" });
  if (address === undefined) unusable("email", "Input should be an email address");
  if (parsed === undefined)
    unusable("username", "Username should have 1 to 64 characters without spaces and @");
  if (fields.length > 0 || address === undefined || parsed === undefined) throw new Invalid(fields);
  if (address === null && parsed === null) missing("email");
  if (typeof password === "string") {
    const owner = { email: address, username: parsed?.canonical ?? null, firstName, lastName };
    for (const tenant of into) checkNewPassword(password, "password", tenant, owner);
  }
  return {
    email: address && { address, isVerified: true, decoyPosition: positionOf(ctx, address) },
    username: parsed,
    firstName,
    lastName,
    passwordHash: typeof password === "string" ? await passwords.hash(ctx, password) : password,
    isInvited: given.invite === true,
  };
}

/** What is wrong with the names of a person, by the name of the field. */
export const unusableNames = (names: Record<string, string | null | undefined>): FieldError[] =>
  Object.entries(names)
    .filter(([, name]) => typeof name === "string" && !isName(name))
    .map(([field]) => ({
      loc: [field],
      msg: `Name should have 1 to ${LONGEST_NAME} printable characters`,
      type: "value_error",
    }));

/** Throws Invalid. */
export function missing(field: string): never {
  throw new Invalid([{ loc: [field], msg: "Field required", type: "missing" }]);
}
