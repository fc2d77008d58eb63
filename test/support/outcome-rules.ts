// Outcomes that follow from what the documentation says of an operation, so that no table has to name them.
import type { Documented } from "./documented.ts";
import { OUTCOMES, type Row } from "./outcome-table.ts";

export type Named = [name: string, row: Row];

const ELSEWHERE = "https://elsewhere.example";
const PREFLIGHT = { origin: ELSEWHERE, "access-control-request-method": "POST" };

/** Whoever asks, and however. A name without a status: whatever comes, it is documented. */
export function ruledBy(operation: Documented): Named[] {
  return [...askedWrongly(operation), ...askedByOthers(operation), ...askedForNothing(operation)];
}

/** What stands in the documentation once for all operations: said before anybody asks who it is. */
function askedWrongly(operation: Documented): Named[] {
  const nobody = { who: "nobody", bearer: null } as const;
  return wrongRequests(operation).map(([name, row]) => [name, { ...nobody, ...row }]);
}

function wrongRequests({ method, path, takesForm }: Documented): Named[] {
  const rules: Named[] = [
    ["400 BAD_REQUEST", { headers: { host: "a,b" } }],
    ["405 METHOD_NOT_ALLOWED", { raw: { method: "PUT" } }],
    ["405 METHOD_NOT_ALLOWED, a preflight", { raw: { method: "OPTIONS" }, headers: PREFLIGHT }],
    ["422 a parameter given twice", { raw: { query: "a=1&a=2" } }],
  ];
  // Load balancers ask these under any name.
  if (!/^\/(healthz|readyz)$/.test(path))
    rules.push(["421 MISDIRECTED_REQUEST", { headers: { host: "example.com" } }]);
  if (method === "GET") return rules;
  const type = takesForm ? "application/json" : "text/plain";
  rules.push(["413 CONTENT_TOO_LARGE", { raw: { body: "x".repeat(65_537) } }]);
  rules.push(["415 UNSUPPORTED_MEDIA_TYPE", { headers: { "content-type": type }, raw: { body: "{}" } }]);
  if (!takesForm) rules.push(["422 a body that is no object", { raw: { body: "[]" } }]);
  return rules;
}

function askedByOthers({ guarded, evenActing, method, path }: Documented): Named[] {
  if (!guarded) return [];
  const cookie = { cookie: "$cookie", origin: ELSEWHERE };
  return [
    ["401 NOT_AUTHENTICATED", { who: "nobody", bearer: null }],
    ["401 INVALID_BEARER", { who: "nobody", bearer: "nobody" }],
    ["by who may do nothing but enrol", { who: "enrolling", bearer: "$enrolling token" }],
    ...(evenActing ? [] : [["403 IMPERSONATION_FORBIDDEN", { bearer: "$acting token" }] satisfies Named]),
    ...(method === "GET"
      ? []
      : [["by a cookie, from another site", { bearer: null, headers: cookie }] satisfies Named]),
    ...(path.startsWith("/api/v1/admin/") ? [["403 FORBIDDEN", { bearer: "$token" }] satisfies Named] : []),
  ];
}

/** Its first row, with ids that lead nowhere. */
function askedForNothing({ id, path }: Documented): Named[] {
  const [own] = Object.values(OUTCOMES[id] ?? {});
  if (!own) return [];
  const { cookies: _, says: __, ...row } = own;
  if (path.includes("{tenant_slug}"))
    return [["404 TENANT_NOT_FOUND", { ...row, path: { tenant_slug: "nowhere" } }]];
  return path.includes("{") ? [["404 NOT_FOUND", { ...row, path: {} }]] : [];
}
