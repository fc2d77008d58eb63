// Cookies, read and written by hand: the framework's own cost a quarter of its speed (design/stack-notes.md).
import type { Config } from "../../config.ts";
import { LIFETIME_MS as TRUSTED_FOR_MS } from "../../core/trusted-devices.ts";
import type { GrantedAs } from "../../flows/grant.ts";

/**
 * session: what a browser is signed in with. device: by which an account knows a browser that signed in before. trusted: by which
 * it need not show the second factor again. acting: by which its user acts as another, beside the first.
 */
export type CookieKind = "session" | "device" | "trusted" | "acting";

/** Ours are shorter by far. */
const LONGEST_VALUE = 1024;

/** Whether cookies are Secure is a matter of the URL. */
interface Addressed {
  config: Pick<Config, "url">;
}

const isSecure = (ctx: Addressed): boolean => ctx.config.url.startsWith("https:");

/** With `__Host-` no subdomain and no plain-text answer can plant one; browsers take that over https only (RFC 6265bis §4.1.3.2). */
export const cookieName = (ctx: Addressed, kind: CookieKind): string =>
  `${isSecure(ctx) ? "__Host-" : ""}ostiary_${kind}`;

/** The value that a request carries; null when there is none, or several, of which nobody can tell which is ours. */
export const readCookie = (ctx: Addressed, request: Request, kind: CookieKind): string | null =>
  readNamedCookie(request, cookieName(ctx, kind));

/** The same for a cookie that is no secret. */
export function readNamedCookie(request: Request, name: string): string | null {
  const header = request.headers.get("cookie");
  if (header === null) return null;
  const values = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return value === undefined || values.length > 1 || value === "" || value.length > LONGEST_VALUE
    ? null
    : value;
}

/** A `Set-Cookie` header. `maxAgeS` in seconds; without it the cookie goes with the browser's session. */
export function setCookie(ctx: Addressed, kind: CookieKind, value: string, maxAgeS?: number): string {
  const age = maxAgeS === undefined ? "" : `; Max-Age=${Math.floor(maxAgeS)}`;
  const secure = isSecure(ctx) ? "; Secure" : "";
  return `${cookieName(ctx, kind)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`;
}

/** A `Set-Cookie` header that takes the cookie away. */
export const clearCookie = (ctx: Addressed, kind: CookieKind): string => setCookie(ctx, kind, "", 0);

/** The `Set-Cookie` headers of a browser in which nobody is signed in any more, nor acts as another. */
export const signOutCookies = (ctx: Addressed): string[] => [
  clearCookie(ctx, "session"),
  clearCookie(ctx, "acting"),
];

/** The `Set-Cookie` headers of a browser's new session: whoever was signed in there before acts as nobody from now on. */
export const sessionCookies = (
  ctx: Addressed,
  { cookie, cookieAgeS }: { cookie: string; cookieAgeS?: number | undefined },
): string[] => [clearCookie(ctx, "acting"), setCookie(ctx, "session", cookie, cookieAgeS)];

/** How long a device stays known, in seconds; each sign-in starts it anew. Browsers keep no cookie longer (RFC 6265bis §5.5). */
const DEVICE_AGE_S = 400 * 24 * 60 * 60;

const TRUSTED_AGE_S = TRUSTED_FOR_MS / 1000;

/** The `Set-Cookie` header by which a browser stays known. */
export const deviceCookie = (ctx: Addressed, device: string): string =>
  setCookie(ctx, "device", device, DEVICE_AGE_S);

/** The `Set-Cookie` headers of a finished sign-in. */
export function signInCookies(ctx: Addressed, granted: GrantedAs<"cookie" | "tokens">): string[] {
  const { device, trustedDevice } = granted;
  const cookies = [deviceCookie(ctx, device)];
  if (trustedDevice !== undefined) cookies.push(setCookie(ctx, "trusted", trustedDevice, TRUSTED_AGE_S));
  if (granted.opens === "cookie") cookies.push(...sessionCookies(ctx, granted));
  return cookies;
}
