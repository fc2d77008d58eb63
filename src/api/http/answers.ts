// Answers that no route makes by itself, in the documented shapes.
import type { FieldError } from "../../errors.ts";

/** The answer with a JSON body. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });

/** `{"detail", "code"}`: the shape of every refusal. */
export const refusal = (
  status: number,
  detail: string,
  code: string,
  headers?: Record<string, string>,
): Response => json(status, { detail, code }, headers);

/** 422 with one entry for each unusable value. */
export const invalid = (fields: FieldError[]): Response => json(422, { detail: fields });

export const notFound = (): Response => json(404, { detail: "Not Found" });

/** Something this server needs is busy or gone for now. */
export const unavailable = (retryAfterS: number): Response =>
  refusal(503, "Service temporarily unavailable", "UNAVAILABLE", retryAfter(retryAfterS));

export const retryAfter = (seconds: number): Record<string, string> => ({
  "retry-after": String(Math.max(1, seconds)),
});

/** All that a caller learns of a fault; the rest is in the log under the request id. */
export const fault = (): Response => json(500, { detail: "Internal Server Error" });
