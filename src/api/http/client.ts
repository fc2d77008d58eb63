// Who is asking: the address, past trusted proxies only, and whether it is this very machine. And what the front door noted.
import { type BlockList, isIP } from "node:net";
import type { Config } from "../../config.ts";
import type { Client, Context } from "../../context.ts";
import type { TenantId } from "../../core/ids.ts";
import type { Identity } from "../../flows/identify.ts";
import { readCookie } from "./cookies.ts";
import { languageWanted } from "./language.ts";

const FORWARDING_HEADERS = ["forwarded", "x-real-ip", "via"];
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const LONGEST_USER_AGENT = 512;

/** A request as the front door saw it. */
export interface Noted {
  client: Client;
  /** The route's path as registered. */
  pattern: string;
  /** Whether those may use the route who act as another user. */
  evenActing: boolean;
  /** What was sent, of a method that has a body. */
  body?: object;
  /** Aborted when the server stops: an answer that is held back is due then. */
  stopping: AbortSignal;
  /** Who asks, once a credential has shown it. */
  identity?: Identity;
  /** At whose endpoint, once that is known. */
  tenantId?: TenantId;
}

const notes = new WeakMap<Request, Noted>();

export const note = (request: Request, noted: Noted): void => void notes.set(request, noted);

/** Of a request that came through the front door. */
export function noteOf(request: Request): Noted {
  const noted = notes.get(request);
  if (!noted) throw new Error("the request did not come through the front door");
  return noted;
}

/** Who sent a request that came through the front door. */
export const clientBehind = (request: Request): Client => noteOf(request).client;

/** Whether the name in a Host header can only mean this machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

export const isLoopback = (address: string): boolean =>
  address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);

/**
 * Never throws: what a header says that cannot be understood is not believed. All but the id is worked out when it is asked for,
 * which most requests never do; the `peer` only must be known from the start, as nobody can tell it once the connection is closed.
 */
export function clientOf(
  ctx: { config: Pick<Config, "trustedProxies" | "url">; id: Context["id"] },
  request: Request,
  peer: string,
): Client {
  const { headers } = request;
  const { trustedProxies, url } = ctx.config;
  let address: string | undefined;
  let network: string | undefined;
  return {
    requestId: ctx.id("req"),
    get address() {
      return (address ??= pastProxies(plain(peer), headers.get("x-forwarded-for"), trustedProxies));
    },
    get network() {
      return (network ??= networkOf(this.address));
    },
    get userAgent() {
      return headers.get("user-agent")?.slice(0, LONGEST_USER_AGENT) ?? null;
    },
    get language() {
      return languageWanted(request) ?? null;
    },
    get device() {
      return readCookie(ctx, request, "device");
    },
    get trustedDevice() {
      return readCookie(ctx, request, "trusted");
    },
    get isLocal() {
      return (
        isLoopback(plain(peer)) &&
        isLoopbackHost(headers.get("host") ?? "") &&
        !headers.has("origin") &&
        !isForwarded(headers) &&
        !looksProxied(headers, url)
      );
    },
  };
}

function isForwarded(headers: Headers): boolean {
  if (FORWARDING_HEADERS.some((name) => headers.has(name))) return true;
  for (const name of headers.keys()) if (name.startsWith("x-forwarded")) return true;
  return false;
}

/**
 * What nginx makes of a request when nobody told it to name client and host: a new one, to our own address, that closes its
 * connection. Whoever listens at a public name has a proxy; tools at its keyboard keep connections open.
 */
const looksProxied = (headers: Headers, url: string): boolean =>
  /\bclose\b/i.test(headers.get("connection") ?? "") && !isLoopbackHost(new URL(url).host);

/** The right-most hop that is no proxy of ours. Up to there each hop was written down by one of them. */
function pastProxies(socket: string, forwardedFor: string | null, trusted: BlockList): string {
  if (forwardedFor === null) return socket;
  let address = socket;
  for (const hop of forwardedFor.split(",").toReversed()) {
    if (!trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")) return address;
    const next = plain(hop.trim());
    if (isIP(next) === 0) return address;
    address = next;
  }
  return address;
}

/** Without a zone, IPv6 in its shortest spelling (RFC 5952), and IPv4 as IPv4 however it was wrapped (RFC 4291 §2.5.5.2). */
function plain(address: string): string {
  if (!address.includes(":")) return address;
  const bare = address.split("%")[0] ?? "";
  if (isIP(bare) !== 6) return bare;
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short)?.slice(1);
  if (!mapped) return short;
  const pairs = mapped.map((group) => Number.parseInt(group, 16));
  return pairs.flatMap((pair) => [pair >> 8, pair & 255]).join(".");
}

/** What one customer of a provider holds: a single IPv4 address, but a whole /64 of IPv6 (CVE-2026-45364). */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups(head).length - groups(tail).length);
  const all = [...groups(head), ...Array<string>(zeros).fill("0"), ...groups(tail ?? "")];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
