// The API described: OpenAPI at /swagger/json, and a viewer for people at /swagger that works without internet.
import { swagger } from "@elysiajs/swagger";
import { Elysia } from "elysia";
import viewerScript from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "text" };
import viewerStyle from "swagger-ui-dist/swagger-ui.css" with { type: "text" };
import { version } from "../../../package.json";

const VIEWER_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ostiary API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/swagger/viewer.css">
</head>
<body>
<div id="viewer"></div>
<script src="/swagger/viewer.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
`;

/** Follows the reader's colour scheme; Swagger UI has a dark mode but only a button for it. */
const START = `document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);
SwaggerUIBundle({ url: "/swagger/json", dom_id: "#viewer", deepLinking: true, validatorUrl: null, tryItOutEnabled: true });
`;

const served = (type: string, text: string) => () =>
  new Response(text, {
    headers: { "content-type": `${type}; charset=utf-8`, "content-security-policy": VIEWER_POLICY },
  });

const SCHEMAS = "#/components/schemas/";

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
      { description, content: { "application/json": { schema: { $ref: SCHEMAS + schema } } } },
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
 * `$id` would move the base that references start from, a bare name refers to nothing, and unknown fields are ignored here, not
 * forbidden.
 */
function tidy(name: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null && "x-form" in value) return asForm(value);
  if (name === "$id" || (name === "additionalProperties" && value === false)) return undefined;
  return name === "$ref" && typeof value === "string" && !value.startsWith("#") ? SCHEMAS + value : value;
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

/** Use it after all groups: it describes the routes that are there. */
export function documentation() {
  let described: string | undefined;
  // Once: it costs 2 ms, and anyone may ask.
  const describe = (response: unknown) => {
    described ??= JSON.stringify(response, tidy);
    return new Response(described, { headers: { "content-type": "application/json;charset=utf-8" } });
  };
  return (
    new Elysia({ name: "documentation" })
      .onAfterHandle({ as: "scoped" }, ({ path, response }) =>
        path === "/swagger/json" ? describe(response) : response,
      )
      .use(
        swagger({
          path: "/swagger",
          // It takes whatever has a dot for a file.
          excludeStaticFile: false,
          documentation: {
            openapi: "3.1.0",
            info: { title: "Ostiary", version, description: ABOUT },
            servers: [{ url: "/" }],
            components: {
              securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
              responses: commonResponses(),
              schemas: { Fault: FAULT },
            },
          },
        }),
      )
      // Takes the place of the plugin's own page, which fetches its viewer from a CDN.
      .get("/swagger", served("text/html", PAGE), { detail: { hide: true } })
      .get("/swagger/viewer.js", served("text/javascript", viewerScript), { detail: { hide: true } })
      .get("/swagger/viewer.css", served("text/css", viewerStyle), { detail: { hide: true } })
      .get("/swagger/start.js", served("text/javascript", START), { detail: { hide: true } })
  );
}
