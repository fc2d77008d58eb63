// How a route is documented.
import { t } from "elysia";
import { noteOf } from "./client.ts";
import { ErrorDetail, HTTPValidationError } from "./schemas.ts";

/** The front door has read it, and refused what is no object (api/http/json-body.ts). */
const parse = ({ request }: { request: Request }): object | undefined => noteOf(request).body;

/**
 * Route options that every documented operation has: its body, an id of its own, what it does, and who may call it.
 * `evenActing`: also whoever acts as another user, to whom every other route with an identity is closed. For reading what that
 * user sees, and for leaving; never for what changes the account, shows its sign-ins or hands on access (decisions §2 org).
 */
export const operation = (
  operationId: string,
  summary: string,
  access: "open" | "bearer" = "open",
  { evenActing = false }: { evenActing?: boolean } = {},
) => ({
  parse,
  detail: {
    operationId,
    summary,
    security: access === "bearer" ? [{ bearer: [] }] : [],
    ...(evenActing ? { "x-impersonation": true } : {}),
  },
});

/** The same for a route that takes a form, and no JSON: the front door makes an object of its fields (api/http/json-body.ts). */
export function formOperation(operationId: string, summary: string) {
  const { parse, detail } = operation(operationId, summary);
  return { parse, detail: { ...detail, "x-form": true } };
}

type Documented = { 422: typeof HTTPValidationError } & Record<
  400 | 401 | 403 | 404 | 409 | 429 | 503,
  typeof ErrorDetail
>;

/** The answer of a route that has nothing to say, for its `response` option. */
export const done = () => ({ 204: t.Void({ description: "Done" }) });

/** The refusals of a route, for its `response` option. */
export const refusals = <Status extends keyof Documented>(...statuses: Status[]): Pick<Documented, Status> =>
  Object.fromEntries(
    statuses.map((status) => [status, status === 422 ? HTTPValidationError : ErrorDetail]),
  ) as Pick<Documented, Status>;
