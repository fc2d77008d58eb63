import { domainToASCII } from "node:url";

declare const email: unique symbol;
/** An email address in canonical form. */
export type Email = string & { readonly [email]: true };

const LONGEST = 254;
const LOCAL_PART = /^[\x21-\x7e]{1,64}$/;
/** What `domainToASCII` would drop or take for the end of the domain: it parses a URL host, `%` escapes and all. */
const NO_DOMAIN = /[^a-z0-9.\u{80}-\u{10ffff}-]|[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** Not an IP address either: the last label has a letter (RFC 3696 §2). */
const DOMAIN = /^(?=.{1,253}$)(?!(.*\.)?\d+$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/;

/**
 * NFKC, trimmed, lower case, the domain in its ASCII form; undefined when that is no address. Checked after the
 * transformation, never before it: what is looked up is what was checked (CVE-2026-73420).
 */
export function canonicalEmail(text: string): Email | undefined {
  if (!text.isWellFormed()) return undefined;
  const [local, domain, ...rest] = text.normalize("NFKC").trim().toLowerCase().split("@");
  if (local === undefined || domain === undefined || rest.length > 0) return undefined;
  if (NO_DOMAIN.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  if (!LOCAL_PART.test(local) || /["(),:;<>[\\\]]/.test(local) || !DOMAIN.test(ascii)) return undefined;
  const canonical = `${local}@${ascii}`;
  return canonical.length <= LONGEST ? (canonical as Email) : undefined;
}
