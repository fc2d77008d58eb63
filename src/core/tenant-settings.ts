// What a tenant may set for itself, by the names of the admin API (decisions §1). Not a noun: it belongs to tenants.ts.
import { type FieldError, Invalid } from "../errors.ts";
import { canonicalEmail } from "./emails.ts";
import { isName, LONGEST_NAME } from "./names.ts";

/** Every setting; what a tenant did not set is the default. */
export interface TenantSettings {
  self_registration: boolean;
  email_verification: boolean;
  captcha: boolean;
  mfa_policy: "optional" | "required";
  password_min_length: number;
  /** Seconds. */
  session_ttl: number;
  /** Compared by exact string equality (RFC 9700 §2.1). */
  redirect_uris: string[];
  default_redirect_uri: string | null;
  mail_from_name: string | null;
  mail_from_address: string | null;
  brand_name: string | null;
  brand_logo_url: string | null;
  brand_color: string | null;
}

export const DEFAULT_SETTINGS: Readonly<TenantSettings> = {
  self_registration: false,
  email_verification: true,
  captcha: false,
  mfa_policy: "optional",
  password_min_length: 8,
  session_ttl: 86_400,
  redirect_uris: [],
  default_redirect_uri: null,
  mail_from_name: null,
  mail_from_address: null,
  brand_name: null,
  brand_logo_url: null,
  brand_color: null,
};

export const LONGEST_SLUG = 63;
export const LONGEST_URL = 2048;
export const MOST_REDIRECT_URIS = 50;
export const PASSWORD_MIN_LENGTHS = { minimum: 8, maximum: 128 };
/** Seconds: a minute to 30 days. */
export const SESSION_TTLS = { minimum: 60, maximum: 2_592_000 };

const SLUG = /^[a-z0-9](-?[a-z0-9])*$/;
const COLOR = /^#[0-9a-fA-F]{6}$/;
/** What `new URL` would tidy away in silence, so that the string stored is not the URL that a browser goes to. */
const UNTIDY = /[\s\\\p{C}]/u;
const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isSlug = (text: string): boolean => text.length <= LONGEST_SLUG && SLUG.test(text);

/**
 * Whether browsers may be sent there: an absolute https URL, or http on a loopback host (RFC 8252 §7.3), without user and
 * fragment.
 */
export function isRedirectUri(text: string): boolean {
  if (text.length > LONGEST_URL || UNTIDY.test(text) || !/^https?:\/\/[^/]/i.test(text)) return false;
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "" || text.includes("#") || hasUserinfo(text)) return false;
  // No wildcards here, whatever it may look like.
  if (hostname.includes("*")) return false;
  return protocol === "https:" || (protocol === "http:" && LOOPBACK_HOSTS.has(hostname));
}

/** An empty one too, which `new URL` does not show. */
const hasUserinfo = (text: string): boolean => /^https?:\/\/[^/?#]*@/i.test(text);

type Check = (value: never, settings: TenantSettings) => boolean;

/** What makes a value of the right type usable, and how to say what would be. */
const CHECKS: { readonly [Name in keyof TenantSettings]?: [check: Check, msg: string] } = {
  mfa_policy: [
    (policy: string) => policy === "optional" || policy === "required",
    "Input should be optional or required",
  ],
  password_min_length: [
    (length: number) => isWholeIn(length, PASSWORD_MIN_LENGTHS),
    `Input should be a whole number from ${PASSWORD_MIN_LENGTHS.minimum} to ${PASSWORD_MIN_LENGTHS.maximum}`,
  ],
  session_ttl: [
    (seconds: number) => isWholeIn(seconds, SESSION_TTLS),
    `Input should be a whole number of seconds from ${SESSION_TTLS.minimum} to ${SESSION_TTLS.maximum}`,
  ],
  redirect_uris: [
    (uris: string[]) => uris.length <= MOST_REDIRECT_URIS && uris.every(isRedirectUri),
    `Input should be at most ${MOST_REDIRECT_URIS} https URLs without user and fragment; http for localhost only`,
  ],
  default_redirect_uri: [
    (uri: string | null, { redirect_uris }) => uri === null || redirect_uris.includes(uri),
    "Input should be one of redirect_uris",
  ],
  mail_from_name: [optional(isName), `Input should be 1 to ${LONGEST_NAME} printable characters`],
  mail_from_address: [
    optional((address) => canonicalEmail(address) === address),
    "Input should be an email address",
  ],
  brand_name: [optional(isName), `Input should be 1 to ${LONGEST_NAME} printable characters`],
  brand_logo_url: [
    optional((url) => isRedirectUri(url) && url.startsWith("https:")),
    "Input should be an https URL",
  ],
  brand_color: [optional((color) => COLOR.test(color)), "Input should be a color such as #1a2b3c"],
};

function optional(check: (text: string) => boolean) {
  return (value: string | null): boolean => value === null || check(value);
}

const isWholeIn = (value: number, { minimum, maximum }: { minimum: number; maximum: number }): boolean =>
  Number.isInteger(value) && value >= minimum && value <= maximum;

/** Throws Invalid, naming every setting whose value cannot be used. The values have the right types. */
export function checkSettings(settings: TenantSettings): void {
  const fields: FieldError[] = [];
  for (const [name, [check, msg]] of Object.entries(CHECKS)) {
    const value = settings[name as keyof TenantSettings] as never;
    if (!check(value, settings)) fields.push({ loc: [name], msg, type: "value_error" });
  }
  if (fields.length > 0) throw new Invalid(fields);
}
