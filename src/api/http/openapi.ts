// The document at /swagger/json: OpenAPI, made of the routes.
import { Elysia, type TSchema } from "elysia";
import { version } from "../../../package.json";

const NAMED = "#/components/schemas/";

/** What any operation may answer besides its own, for how it was asked or for how the server fares (api/http/front.ts). */
const COMMON = {
  400: ["No valid Host, or a body that was cut short", "ErrorDetail"],
  405: ["Another method is asked for: see Allow", "ErrorDetail"],
  408: ["A body that took more than 10 s to arrive", "ErrorDetail"],
  413: ["A body of more than 64 KiB", "ErrorDetail"],
  415: ["A body of another type", "ErrorDetail"],
  421: ["Not the host of OSTIARY_URL", "ErrorDetail"],
  422: ["A body that is no JSON object, or a parameter given twice", "HTTPValidationError"],
  500: ["A fault of ours; X-Request-Id finds it in the log", "Fault"],
  503: ["Too busy, or storage that cannot be written: see Retry-After", "ErrorDetail"],
} as const;

const commonResponses = () =>
  Object.fromEntries(
    Object.entries(COMMON).map(([status, [description, schema]]) => [
      status,
      { description, content: { "application/json": { schema: { $ref: NAMED + schema } } } },
    ]),
  );

const FAULT = {
  type: "object" as const,
  properties: { detail: { type: "string" as const } },
  required: ["detail"],
};

const ABOUT =
  "Self-hosted authentication server. Besides what an operation lists, any may answer components.responses.";

/**
 * A schema with an `$id` is referred to by it where it is a part of another; the framework's own (`#/…`) say nothing. And unknown
 * fields are ignored here, not forbidden.
 */
function tidy(name: string, value: unknown): unknown {
  if (name === "$id" || (name === "additionalProperties" && value === false)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  if ("x-form" in value) return asForm(value);
  const id = "$id" in value ? String(value.$id) : "#";
  return id.startsWith("#") ? value : { $ref: NAMED + id };
}

/** A route that takes a form: for the framework, behind the front door, it is JSON like all others. */
function asForm(operation: object): object {
  const { "x-form": _, requestBody, ...rest } = operation as Form;
  const { "application/json": schema } = requestBody.content;
  return {
    ...rest,
    requestBody: { ...requestBody, content: { "application/x-www-form-urlencoded": schema } },
  };
}

interface Form {
  "x-form": boolean;
  requestBody: { content: Record<string, unknown> };
}

const DOCUMENT = {
  openapi: "3.1.0",
  info: { title: "Ostiary", version, description: ABOUT },
  servers: [{ url: "/" }],
  components: {
    securitySchemes: { bearer: { type: "http" as const, scheme: "bearer" } },
    responses: commonResponses(),
    schemas: { Fault: FAULT },
  },
};

/** The document. Routes have their schemas themselves, which the plugin would spell out each time: it is told their names. */
export async function describe(routes: Elysia["routes"], schemas: Record<string, TSchema>): Promise<string> {
  const names = new Map<unknown, string>(Object.entries(schemas).map(([name, schema]) => [schema, name]));
  const named = <Schema>(schema: Schema) => names.get(schema) ?? schema;
  // By the framework's own ids: else the answers that they stand in would be taken for parts.
  const models = Object.entries(schemas).map(([name, schema]) => [name, { ...schema, $id: undefined }]);
  const { swagger } = await import("@elysiajs/swagger");
  const app = new Elysia()
    .model(Object.fromEntries(models))
    .onAfterHandle({ as: "global" }, ({ response }) => new Response(JSON.stringify(response, tidy)));
  for (const { method, path, hooks } of routes) {
    const { detail, body, headers, params, query, response = {} } = hooks;
    const answers = Object.entries(response).map(([status, schema]) => [status, named(schema)]);
    app.route(method, path, "", {
      detail,
      // The front door's own way says nothing to the plugin.
      parse: "json",
      body: named(body),
      headers: named(headers),
      params: named(params),
      query: named(query),
      response: Object.fromEntries(answers),
    });
  }
  // It takes whatever has a dot for a file.
  app.use(swagger({ path: "/swagger", excludeStaticFile: false, documentation: DOCUMENT }));
  return (await app.handle(new Request("http://localhost/swagger/json"))).text();
}
