// Calls of the documented API. What the reader is signed in with is in cookies that no script sees.

const TIMEOUT_MS = 30_000;

export interface Answer {
  /** 0: the server was not reached. */
  status: number;
  isOk: boolean;
  /** The object that came back, without the tenant group's envelope; empty when there was none. */
  body: Record<string, unknown>;
  retryAfterS?: number;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Never throws. Who shows a `bearer` is not asked for the cookie's session. */
export async function call(
  method: Method,
  path: string,
  body?: object,
  { bearer }: { bearer?: string } = {},
): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status, ok: isOk, headers } = response;
    const answer: unknown = await response.json().catch(() => ({}));
    const retryAfterS = Number(headers.get("retry-after")) || undefined;
    return { status, isOk, body: unwrap(answer), ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  } catch {
    return { status: 0, isOk: false, body: {} };
  }
}

function unwrap(answer: unknown): Record<string, unknown> {
  if (!isObject(answer)) return {};
  return "meta" in answer && isObject(answer["data"]) ? answer["data"] : answer;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
