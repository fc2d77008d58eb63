// From what went wrong to an answer. Each group brings its own wording, complete: a new refusal does not compile until every
// group can say it.
import { Elysia, ValidationError } from "elysia";
import type { Context } from "../../context.ts";
import { Invalid, Refused, Unavailable } from "../../errors.ts";
import { fault, invalid, json, retryAfter, unavailable } from "./answers.ts";
import { clientBehind } from "./client.ts";
import { tellRefusal } from "./refusals.ts";
import { fieldErrors } from "./validation.ts";
import type { Wording } from "./wording.ts";

/** Says the refusals of the routes that are added after it in the words of their group. */
export const wording = (words: Wording) =>
  new Elysia().onError({ as: "scoped" }, ({ error }) => {
    if (!(error instanceof Refused)) return undefined;
    const { status, detail, code = error.code, data } = words[error.code];
    const headers = status === 429 ? retryAfter(error.retryAfterS ?? 1) : {};
    return json(status, { detail, code, data }, headers);
  });

/**
 * Everything else that can go wrong, for all routes: the documented 422; 503 for what passes; and a bare 500 and a log line
 * for a fault. Registered before the groups, it is asked before them, and leaves refusals to them, once they are written down.
 */
export const catchAll = (ctx: Context) =>
  new Elysia().onError({ as: "global" }, async ({ error, request }) => {
    if (error instanceof Refused) return tellRefusal(ctx, request, error);
    if (error instanceof Invalid)
      return invalid(error.fields.map((field) => ({ ...field, loc: [error.place, ...field.loc] })));
    if (error instanceof ValidationError && error.type !== "response") return invalid(fieldErrors(error));
    const { requestId } = clientBehind(request);
    if (error instanceof Unavailable) {
      ctx.log.warn("unavailable", { requestId, reason: error.message });
      return unavailable(error.retryAfterS);
    }
    return logFault(ctx, requestId, error);
  });

/** A fault in full in the log, under the request id, and as little as possible on the wire. */
export function logFault(ctx: Context, requestId: string, error: unknown): Response {
  ctx.log.error("fault", { requestId, error: describe(error) });
  return fault();
}

/** An answer that does not fit its schema is described without its values: they may be secrets. */
function describe(error: unknown): string {
  if (error instanceof ValidationError) {
    const findings = error.all.map((finding) =>
      "path" in finding ? `${finding.path} ${finding.message}` : "",
    );
    return `answer does not fit its schema: ${findings.join("; ")}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
