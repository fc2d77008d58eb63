// Reading a request body: JSON only, small, flat. What passes here is valid JSON text of an object.
import { invalid, refusal } from "./answers.ts";

const LARGEST_BYTES = 64 * 1024;
const DEEPEST = 32;

/** The text of the JSON object in the body, `{}` when there is none; or the answer that refuses it. */
export async function readJsonBody(request: Request): Promise<string | Response> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > LARGEST_BYTES) return tooLarge();
  const type = request.headers.get("content-type");
  if (type !== null && !isJson(type)) return unsupported();
  const bytes = await readUpTo(request, LARGEST_BYTES).catch(() => "cut short" as const);
  if (bytes === "cut short") return refusal(400, "Request body ended early", "BAD_REQUEST");
  if (bytes === undefined) return tooLarge();
  if (bytes.length === 0) return "{}";
  if (type === null || request.headers.has("content-encoding")) return unsupported();
  return checkObject(bytes);
}

// Without `Connection: close`, which would reset the connection under a client that is still sending.
const tooLarge = () => refusal(413, "Request body should have at most 64 KiB", "CONTENT_TOO_LARGE");

const unsupported = () => refusal(415, "Content-Type should be application/json", "UNSUPPORTED_MEDIA_TYPE");

const isJson = (type: string): boolean =>
  /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type.trim());

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

function checkObject(bytes: Uint8Array): string | Response {
  const unusable = (msg: string, type: "json_invalid" | "value_error") =>
    invalid([{ loc: ["body"], msg, type }]);
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
