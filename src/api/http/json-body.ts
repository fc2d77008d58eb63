// Reading a request body: JSON, or a form for the one route that takes one; small, flat. What passes here is valid JSON text of an
// object.
import { invalid, refusal } from "./answers.ts";

const LARGEST_BYTES = 64 * 1024;
const DEEPEST = 32;
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** The text of the JSON object in the body, `{}` when there is none; or the answer that refuses it. */
export async function readJsonBody(request: Request): Promise<string | Response> {
  const bytes = await readBytes(request, JSON_TYPE, () => unsupported("application/json"));
  return bytes instanceof Uint8Array ? checkObject(bytes) : bytes;
}

/** The fields of a form as the text of a JSON object, each once and each a string; or the answer that refuses it. */
export async function readFormBody(request: Request): Promise<string | Response> {
  const bytes = await readBytes(request, FORM_TYPE, () => unsupported("application/x-www-form-urlencoded"));
  return bytes instanceof Uint8Array ? checkForm(bytes) : bytes;
}

async function readBytes(
  request: Request,
  wanted: RegExp,
  unsupported: () => Response,
): Promise<Uint8Array | "{}" | Response> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > LARGEST_BYTES) return tooLarge();
  const type = request.headers.get("content-type");
  if (type !== null && !wanted.test(type.trim())) return unsupported();
  const bytes = await readUpTo(request, LARGEST_BYTES).catch(() => "cut short" as const);
  if (bytes === "cut short") return refusal(400, "Request body ended early", "BAD_REQUEST");
  if (bytes === undefined) return tooLarge();
  if (bytes.length === 0) return "{}";
  if (type === null || request.headers.has("content-encoding")) return unsupported();
  return bytes;
}

// Without `Connection: close`, which would reset the connection under a client that is still sending.
const tooLarge = () => refusal(413, "Request body should have at most 64 KiB", "CONTENT_TOO_LARGE");

const unsupported = (wanted: string) =>
  refusal(415, `Content-Type should be ${wanted}`, "UNSUPPORTED_MEDIA_TYPE");

async function readUpTo(request: Request, most: number): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const unusable = (msg: string, type: "json_invalid" | "value_error") =>
  invalid([{ loc: ["body"], msg, type }]);

function checkForm(bytes: Uint8Array): string | Response {
  // Whatever is no UTF-8 becomes U+FFFD, by the standard of forms (URL §5.1), which is nobody's name or password.
  const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))];
  if (new Set(fields.map(([name]) => name)).size < fields.length)
    return unusable("Fields should be given once each", "value_error");
  return JSON.stringify(Object.fromEntries(fields));
}

function checkObject(bytes: Uint8Array): string | Response {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return unusable("Input should be a JSON object", "value_error");
    }
    return isDeeperThan(value, DEEPEST)
      ? unusable(`Input should nest at most ${DEEPEST} deep`, "value_error")
      : text;
  } catch {
    return unusable("JSON decode error", "json_invalid");
  }
}

/** Level by level and not by recursion: the input decides the depth. */
function isDeeperThan(value: object, most: number): boolean {
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((node) =>
      Object.values(node).filter((child: unknown) => typeof child === "object" && child !== null),
    );
  }
  return false;
}
