// The front door of all groups. A request passes host, route and body here before the framework sees it, and every answer,
// errors included, leaves with the same headers.
import type { Client, Context } from "../../context.ts";
import { fault, invalid, notFound, refusal } from "./answers.ts";
import { clientOf, isLoopback, isLoopbackHost, note, type Noted } from "./client.ts";
import { logFault } from "./errors.ts";
import { readFormBody, readJsonBody } from "./json-body.ts";
import {
  createRouteTable,
  otherSlashForm,
  type Registered,
  type Route,
  type RouteTable,
} from "./route-table.ts";
import { createWaitingRoom, type WaitingRoom } from "./waiting-room.ts";

/** The application behind the door. */
export interface App {
  routes: Registered[];
  fetch(request: Request): Response | Promise<Response>;
}

const HEALTH_CHECKS = new Set(["/healthz", "/readyz"]);
/** A name or an address, and perhaps a port: one Host header and not two, which arrive joined by a comma (RFC 9112 §3.2). */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";
/** For those who are still sending their body, of at most 64 KiB each: 125 MiB in all. */
const SEATS = { most: 2000, mostFromOne: 250 };
const WITH_BODY = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** The handler for `Bun.serve`: (request, address of the peer) → answer. Never rejects. `stopping`: aborted when the server stops. */
export function createFront(
  ctx: Context,
  app: App,
  stopping: AbortSignal,
): (request: Request, peer: string) => Promise<Response> {
  const house: House = {
    app,
    table: createRouteTable(app.routes),
    room: createWaitingRoom(SEATS),
    checkHost: createHostCheck(ctx),
    stopping,
  };
  const dress = createDressing(ctx);
  return async (request, peer) => {
    const started = performance.now();
    const client = clientOf(ctx, request, peer);
    const path = pathOf(request.url);
    const route = house.table.find(path);
    let response: Response;
    try {
      response = await answer(house, request, { client, path, route, peer });
      // Whatever made a 500, it says nothing more.
      if (response.status === 500) response = fault();
    } catch (error) {
      response = logFault(ctx, client.requestId, error);
    }
    if (ctx.log.isDebugging) {
      ctx.log.debug("request", {
        requestId: client.requestId,
        method: request.method,
        route: route?.pattern,
        status: response.status,
        ms: Math.round(performance.now() - started),
        address: client.address,
      });
    }
    return dress(response, client.requestId);
  };
}

/** What stands behind the door, for as long as the server runs. */
interface House {
  app: App;
  table: RouteTable;
  room: WaitingRoom;
  checkHost: HostCheck;
  stopping: AbortSignal;
}

interface Asked {
  client: Client;
  path: string;
  route: Route | undefined;
  /** Address of the socket. */
  peer: string;
}

function answer(
  house: House,
  request: Request,
  { client, path, route, peer }: Asked,
): Response | Promise<Response> {
  const { app, table, stopping } = house;
  const misdirected = house.checkHost(request.headers.get("host"), peer, path);
  if (misdirected) return misdirected;
  if (!route) return otherForm(table, path, request.url);
  if (!route.methods.has(request.method)) {
    const allow = [...route.methods].toSorted().join(", ");
    return refusal(405, "Method Not Allowed", "METHOD_NOT_ALLOWED", { allow });
  }
  if (repeatsParameter(request.url)) {
    return invalid([{ loc: ["query"], msg: "Parameters should be given once each", type: "value_error" }]);
  }
  const evenActing = route.evenActing.has(request.method);
  const noted = { client, pattern: route.pattern, evenActing, stopping };
  if (!WITH_BODY.has(request.method)) return handOver(app, request, noted);
  return withBody(house, request, noted, route.takingForms.has(request.method));
}

async function withBody(
  { app, room }: House,
  request: Request,
  noted: Noted,
  takesForm: boolean,
): Promise<Response> {
  const sending = { room, network: noted.client.network };
  const body = await (takesForm ? readFormBody(request, sending) : readJsonBody(request, sending));
  if (body instanceof Response) return body;
  return handOver(app, request, { ...noted, body });
}

function handOver(app: App, request: Request, noted: Noted): Response | Promise<Response> {
  note(request, noted);
  return app.fetch(request);
}

type HostCheck = (host: string | null, peer: string, path: string) => Response | undefined;

/** Unknown names are refused: neither a link nor a rebound DNS name can lend us its origin. */
function createHostCheck(ctx: Context): HostCheck {
  const { host: ours, protocol } = new URL(ctx.config.url);
  const withPort = `${ours}:${protocol === "https:" ? 443 : 80}`;
  return (host, peer, path) => {
    if (host === ours) return undefined;
    // No URL could be made with a port above 65535.
    if (host === null || !HOST.test(host) || !URL.canParse(`http://${host}`))
      return refusal(400, "One valid Host header required", "BAD_REQUEST");
    if (HEALTH_CHECKS.has(path)) return undefined;
    const name = host.toLowerCase();
    if (name === ours || name === withPort) return undefined;
    if (isLoopbackHost(name) && isLoopback(peer.replace(/^::ffff:/, ""))) return undefined;
    return refusal(421, `This server answers for ${ours} only; see OSTIARY_URL`, "MISDIRECTED_REQUEST");
  };
}

function otherForm(table: RouteTable, path: string, url: string): Response {
  const other = otherSlashForm(table, path);
  if (other === undefined) return notFound();
  const query = url.indexOf("?");
  const location = query === -1 ? other : other + url.slice(query);
  return new Response(null, { status: 307, headers: { location } });
}

/** The path as it was sent; `new URL` would throw on what an odd Host header leaves of it. */
function pathOf(url: string): string {
  const authority = url.indexOf("://");
  const start = Math.max(0, authority === -1 ? 0 : url.indexOf("/", authority + 3));
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}

/** Which of two equal keys counts, readers of a query disagree about: neither does. */
function repeatsParameter(url: string): boolean {
  const query = url.indexOf("?");
  if (query === -1) return false;
  const names = [...new URLSearchParams(url.slice(query)).keys()];
  return new Set(names).size < names.length;
}

/** What every answer leaves with. */
function createDressing({ config }: Context): (response: Response, requestId: string) => Response {
  const isSecure = config.url.startsWith("https:");
  return (response, requestId) => {
    const { headers } = response;
    headers.set("x-request-id", requestId);
    headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    // No page of another origin may load what we answer as its own image, style or script (ASVS 3.5.8).
    headers.set("cross-origin-resource-policy", "same-origin");
    // Nor may one that opens a page of ours keep a hold on it (ASVS 3.4.8).
    if (headers.get("content-type")?.startsWith("text/html")) {
      headers.set("cross-origin-opener-policy", "same-origin");
    }
    if (!headers.has("content-security-policy")) headers.set("content-security-policy", API_POLICY);
    if (isSecure) headers.set("strict-transport-security", "max-age=31536000");
    if (response.status === 401 && !headers.has("www-authenticate"))
      headers.set("www-authenticate", "Bearer");
    return response;
  };
}
