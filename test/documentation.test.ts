// The API described: what /swagger/json promises, and a viewer that asks no other server for anything.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { createApp } from "../src/server.ts";
import { BASE } from "./support/key-group.ts";
import { ROOT } from "./support/process.ts";
import { world } from "./support/world.ts";

interface Content {
  content?: Record<string, { schema?: { $ref?: string } }>;
}
interface Operation {
  operationId?: string;
  summary?: string;
  security?: unknown[];
  requestBody?: Content;
  parameters?: { in: string }[];
  responses: Record<string, Content>;
}

async function document() {
  await using w = await world();
  const { status, body } = await w.send("GET", "/swagger/json");
  expect(status).toBe(200);
  const paths: Record<string, Record<string, Operation>> = body.paths;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  return { body, paths, operations };
}

/** Every value that stands under a name, at any depth. */
function* valuesOf(name: string, value: unknown): Generator {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === name) yield child;
    yield* valuesOf(name, child);
  }
}

/** What a reference inside the document leads to (RFC 6901). */
const resolve = (body: unknown, reference: string): unknown =>
  reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body);

const schemaName = (part: Content | undefined): string | undefined =>
  part?.content?.["application/json"]?.schema?.$ref?.replace("#/components/schemas/", "");

/** key-auth.md: method, path, and the schemas of the body and of the 200. Setup has a name of its own: it also takes the token. */
const KEY_OPERATIONS: [method: string, path: string, body: string | undefined, answer: string][] = [
  ["post", "/token/", "TokenRequest", "TokenResponse"],
  ["get", "/me/", undefined, "MeResponse"],
  ["get", "/setup-status/", undefined, "SetupStatusResponse"],
  ["post", "/setup/", "SetupRequest", "TokenResponse"],
  ["post", "/mfa/setup/", undefined, "TotpSetupResponse"],
  ["post", "/mfa/verify/", "TotpCodeRequest", "MfaStatusResponse"],
  ["post", "/mfa/disable/", "TotpCodeRequest", "MfaStatusResponse"],
  ["get", "/mfa/status/", undefined, "MfaStatusResponse"],
  ["post", "/mfa/login-verify/", "MfaLoginVerifyRequest", "TokenResponse"],
  ["post", "/mfa/reset/", undefined, "MfaStatusResponse"],
];

describe("/swagger/json", () => {
  test("has every route but the viewer's own and the pages, each with an id of its own and a summary", async () => {
    await using w = await world();
    const { operations } = await document();
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    const served = createApp(w.ctx)
      .routes.filter(({ path, hooks }) => !path.includes("/swagger") && !hooks.detail?.hide)
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.toSorted()).toEqual(served.toSorted());
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations)
      expect([path, operation.summary]).toEqual([path, expect.any(String)]);
  });

  test("speaks of JSON only, in bodies and answers, but for the one form", async () => {
    const { operations } = await document();
    for (const { path, operation } of operations) {
      const isForm = path === "/v1/oauth2/login";
      if (isForm)
        expect(Object.keys(operation.requestBody?.content ?? {})).toEqual([
          "application/x-www-form-urlencoded",
        ]);
      const bodies = isForm ? [] : [operation.requestBody ?? {}];
      for (const { content } of [...bodies, ...Object.values(operation.responses)]) {
        if (content) expect([path, Object.keys(content)]).toEqual([path, ["application/json"]]);
      }
    }
  });

  test("refers to nothing that is not in it", async () => {
    const { body } = await document();
    const references = [...valuesOf("$ref", body)];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      expect([reference, resolve(body, String(reference))]).toEqual([reference, expect.any(Object)]);
    }
    expect([...valuesOf("$id", body)]).toEqual([]);
  });

  test("documents the 422 where there is a body, and the 401 where a Bearer is wanted", async () => {
    const { body, operations } = await document();
    expect(body.components.schemas.HTTPValidationError.properties.detail.items).toEqual({
      $ref: "#/components/schemas/ValidationError",
    });
    for (const { path, operation } of operations) {
      const { requestBody, parameters = [], security = [], responses } = operation;
      const takesInput =
        requestBody !== undefined || parameters.some((parameter) => parameter.in === "query");
      // Some references name it where there is no input either.
      const unusable = schemaName(responses["422"]);
      if (takesInput || unusable) expect([path, unusable]).toEqual([path, "HTTPValidationError"]);
      if (security.length > 0) expect([path, schemaName(responses["401"])]).toEqual([path, "ErrorDetail"]);
    }
    expect(Object.keys(body.components.securitySchemes)).toEqual(["bearer"]);
  });

  for (const [method, path, request, answer] of KEY_OPERATIONS) {
    test(`names the schemas of ${method} ${path} as its reference does`, async () => {
      const { paths } = await document();
      const operation = paths[BASE + path]?.[method];
      expect(schemaName(operation?.requestBody)).toBe(request);
      expect(schemaName(operation?.responses["200"])).toBe(answer);
    });
  }

  test("has every schema of every group by its name", async () => {
    const { body } = await document();
    const files = [...new Glob("src/api/*/*schemas.ts").scanSync(ROOT)];
    const names = await Promise.all(files.map(async (file) => Object.keys(await import(join(ROOT, file)))));
    expect(Object.keys(body.components.schemas).toSorted()).toEqual(["Fault", ...names.flat()].toSorted());
  });

  const checker = join(ROOT, "../shared/tools/contract-check.ts");
  test.skipIf(!existsSync(checker))("agrees with the contract about all of the 52", async () => {
    await using w = await world();
    const child = Bun.spawn([process.execPath, checker, `${w.origin}/swagger/json`], { stdout: "pipe" });
    const lines = (await new Response(child.stdout).text()).trim().split("\n");
    expect(lines).toEqual(["52 of 52 operations served, 0 differences"]);
  });
});

describe("/swagger", () => {
  const files: [path: string, type: string][] = [
    ["/swagger", "text/html; charset=utf-8"],
    ["/swagger/start.js", "text/javascript; charset=utf-8"],
    ["/swagger/viewer.js", "text/javascript; charset=utf-8"],
    ["/swagger/viewer.css", "text/css; charset=utf-8"],
  ];

  test("is a page with its files, all from this server, under a policy that allows no other", async () => {
    await using w = await world();
    for (const [path, type] of files) {
      const { status, headers, body } = await w.send("GET", path);
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, type]);
      expect(body.length).toBeGreaterThan(100);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toStartWith("default-src 'none';");
      // Neither falls back to default-src (CSP 3 §6).
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("form-action 'none'");
      for (const source of policy.split(/;\s*|\s+/)) {
        expect(source).toMatch(
          /^([a-z]+-src|frame-ancestors|form-action|base-uri|'none'|'self'|'unsafe-inline'|data:)$/,
        );
      }
      expect(policy).not.toMatch(/script-src[^;]*unsafe|connect-src[^;]*data:/);
    }
  });

  test("names nothing elsewhere, and only files that are there", async () => {
    await using w = await world();
    const { body: page } = await w.send("GET", "/swagger");
    const { body: start } = await w.send("GET", "/swagger/start.js");
    expect(`${page}${start}`).not.toMatch(/(https?:)?\/\/[\w[]/i);
    const named = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
    expect(named.length).toBe(4);
    for (const url of [...named, "/swagger/json"]) {
      if (url === "data:,") continue;
      expect([url, (await w.send("GET", url)).status]).toEqual([url, 200]);
    }
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=/i);
    expect(start).toContain('"/swagger/json"');
    expect(start).toContain("validatorUrl: null");
  });

  test("is not there at all when it is switched off", async () => {
    await using w = await world({ DOCS: "off" });
    for (const path of [...files.map(([path]) => path), "/swagger/json", "/swagger/", "/swagger/json/"]) {
      const { status, body } = await w.send("GET", path);
      expect([path, status, body]).toEqual([path, 404, { detail: "Not Found" }]);
    }
    expect((await w.send("GET", `${BASE}/setup-status/`)).status).toBe(200);
  });
});
