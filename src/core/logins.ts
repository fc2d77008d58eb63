// How people name themselves: usernames and emails. Not a noun: every noun may use it.
import { canonicalEmail, type Email } from "./emails.ts";

/** How someone names themselves when signing in. */
export type Login = { email: Email } | { username: CanonicalUsername };

declare const username: unique symbol;
/** A username in the form that is compared. */
export type CanonicalUsername = string & { readonly [username]: true };

const LONGEST_USERNAME = 64;
/** "@", spaces, control characters, and what cannot be seen: the last is the empty Braille pattern. */
const NO_USERNAME = /[@\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * NFKC, trimmed, lower case. Undefined when it is no username: 1 to 64 characters, no spaces, control or invisible
 * characters, and no "@", so that nobody's username can be another's email.
 */
export function canonicalUsername(text: string): CanonicalUsername | undefined {
  if (!text.isWellFormed()) return undefined;
  // Once more after lower-casing, which can take a composed letter apart.
  const canonical = text.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
  const length = [...canonical].length;
  if (length === 0 || length > LONGEST_USERNAME || NO_USERNAME.test(canonical)) return undefined;
  return canonical as CanonicalUsername;
}

/** As chosen, and as compared. */
export interface Username {
  shown: string;
  canonical: CanonicalUsername;
}

/** Undefined when it is no username. */
export function parseUsername(text: string): Username | undefined {
  const canonical = canonicalUsername(text);
  return canonical && { shown: text.normalize("NFKC").trim(), canonical };
}

/** What a login field means: an email when it has an "@". Undefined when nobody can be called that. */
export function parseLogin(text: string): Login | undefined {
  if (text.normalize("NFKC").includes("@")) {
    const email = canonicalEmail(text);
    return email && { email };
  }
  const canonical = canonicalUsername(text);
  return canonical && { username: canonical };
}
