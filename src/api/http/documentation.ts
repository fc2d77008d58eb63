// The API described: OpenAPI at /swagger/json, and a viewer for people at /swagger that works without internet.
import { Elysia, type TSchema } from "elysia";
import viewerScript from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import viewerStyle from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import { describe } from "./openapi.ts";

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

const served = (type: string, content: string | Blob) => () =>
  new Response(content, {
    headers: { "content-type": `${type}; charset=utf-8`, "content-security-policy": VIEWER_POLICY },
  });

/** Use it after all groups: it describes the routes that are there, and calls schemas by the names that they have in `schemas`. */
export function documentation(routes: Elysia["routes"], schemas: Record<string, TSchema>) {
  const hidden = { detail: { hide: true } };
  let described: Promise<string> | undefined;
  // Once, and not before somebody asks: it takes some 50 ms.
  const json = async () =>
    new Response(await (described ??= describe(routes, schemas)), {
      headers: { "content-type": "application/json;charset=utf-8" },
    });
  return new Elysia({ name: "documentation" })
    .get("/swagger/json", json, hidden)
    .get("/swagger", served("text/html", PAGE), hidden)
    .get("/swagger/viewer.js", served("text/javascript", Bun.file(viewerScript)), hidden)
    .get("/swagger/viewer.css", served("text/css", Bun.file(viewerStyle)), hidden)
    .get("/swagger/start.js", served("text/javascript", START), hidden);
}
