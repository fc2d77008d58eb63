// Reading a request body: JSON, or a form for the one route that takes one; small, flat. What passes here is an object.
import { invalid, refusal, unavailable } from "./answers.ts";
import type { WaitingRoom } from "./waiting-room.ts";

const LARGEST_BYTES = 64 * 1024;
const DEEPEST = 32;
/** A phone on a bad line sends 64 KiB within it. */
const WITHIN_MS = 10_000;
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** Who sends the body, and where whoever is still sending waits; all of them together take bounded memory. */
export interface Sending {
  room: WaitingRoom;
  network: string;
  withinMs?: number;
}

/** The JSON object in the body, an empty one when there is none; or the answer that refuses it. */
export async function readJsonBody(request: Request, sending: Sending): Promise<object | Response> {
  const bytes = await readBytes(request, sending, JSON_TYPE, () => unsupported("application/json"));
  return bytes instanceof Uint8Array ? parseObject(bytes) : bytes;
}

/** The fields of a form, each once and each a string; or the answer that refuses it. */
export async function readFormBody(request: Request, sending: Sending): Promise<object | Response> {
  const form = "application/x-www-form-urlencoded";
  const bytes = await readBytes(request, sending, FORM_TYPE, () => unsupported(form));
  return bytes instanceof Uint8Array ? parseForm(bytes) : bytes;
}

async function readBytes(
  request: Request,
  { room, network, withinMs = WITHIN_MS }: Sending,
  wanted: RegExp,
  unsupported: () => Response,
): Promise<Uint8Array | Record<string, never> | Response> {
  const declared = request.headers.get("content-length");
  if (Number(declared) > LARGEST_BYTES) return tooLarge();
  const type = request.headers.get("content-type");
  if (type !== null && !wanted.test(type.trim())) return unsupported();
  using seat = room.enter(network);
  if (!seat) return unavailable(1);
  const read = (late: Promise<"too slow">) =>
    declared === null ? readUpTo(request.body, LARGEST_BYTES, late) : Promise.race([request.bytes(), late]);
  const bytes = await within(withinMs, read).catch(() => "cut short" as const);
  if (bytes === "cut short") return refusal(400, "Request body ended early", "BAD_REQUEST");
  if (bytes === "too large") return tooLarge();
  if (bytes === "too slow") return tooSlow(withinMs);
  if (bytes.length === 0) return {};
  if (type === null || request.headers.has("content-encoding")) return unsupported();
  return bytes;
}

// Without `Connection: close`, which would reset the connection under a client that is still sending.
const tooLarge = () => refusal(413, "Request body should have at most 64 KiB", "CONTENT_TOO_LARGE");

// The runtime goes on reading what nobody waits for, for as long as it lets a connection be idle.
const tooSlow = (withinMs: number) =>
  refusal(408, `Request body should arrive within ${withinMs / 1000} s`, "REQUEST_TIMEOUT", {
    connection: "close",
  });

const unsupported = (wanted: string) =>
  refusal(415, `Content-Type should be ${wanted}`, "UNSUPPORTED_MEDIA_TYPE");

/** For the whole of it: one byte every few seconds must not buy more time. */
async function within<T>(ms: number, read: (late: Promise<"too slow">) => Promise<T>): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<"too slow">();
  const timer = setTimeout(() => resolve("too slow"), ms);
  try {
    return await read(late);
  } finally {
    clearTimeout(timer);
  }
}

/** Where nobody said how much it will be: piece by piece, which costs several times as much. */
async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  most: number,
  late: Promise<"too slow">,
): Promise<Uint8Array | "too large" | "too slow"> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "too slow") return read;
      if (read.done) return Buffer.concat(chunks);
      length += read.value.length;
      if (length > most) return "too large";
      chunks.push(read.value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

const unusable = (msg: string, type: "json_invalid" | "value_error") =>
  invalid([{ loc: ["body"], msg, type }]);

function parseForm(bytes: Uint8Array): object | Response {
  // Whatever is no UTF-8 becomes U+FFFD, by the standard of forms (URL §5.1), which is nobody's name or password.
  const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))];
  if (new Set(fields.map(([name]) => name)).size < fields.length)
    return unusable("Fields should be given once each", "value_error");
  return Object.fromEntries(fields);
}

function parseObject(bytes: Uint8Array): object | Response {
  // Before it is parsed: 30,000 brackets cost 5 ms there, as much as 50 good requests.
  if (isDeeperThan(bytes, DEEPEST))
    return unusable(`Input should nest at most ${DEEPEST} deep`, "value_error");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value
      : unusable("Input should be a JSON object", "value_error");
  } catch {
    return unusable("JSON decode error", "json_invalid");
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** By its brackets outside of strings, which in UTF-8 are bytes of nothing else (RFC 8259 §2). What is no JSON is found out later. */
function isDeeperThan(bytes: Uint8Array, most: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) inString = !inString;
    else if (inString) i += byte === BACKSLASH ? 1 : 0;
    else if (OPENING.has(byte) && ++depth > most) return true;
    else if (CLOSING.has(byte)) depth -= 1;
  }
  return false;
}
