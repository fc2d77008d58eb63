// From a row of the table to the request that it stands for, with everything before it done.
import type { Documented } from "./documented.ts";
import { openScene, type OutcomeStage, type Scene, STEPS, thing } from "./outcome-stage.ts";
import type { Row, Value } from "./outcome-table.ts";
import type { Answer } from "./world.ts";

/** Sends it, by its own method or by another. */
export type Request = (method?: string) => Promise<Answer>;

export async function prepare(w: OutcomeStage, operation: Documented, row: Row): Promise<Request> {
  const scene = await openScene(w, row.empty ? "nobody" : (row.who ?? "plain"));
  for (const step of row.given ?? []) await STEPS[step](scene);
  const parameters = await texts(scene, row.path ?? {});
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parameters[name] ?? "sample"),
  );
  const query = row.raw?.query ?? new URLSearchParams(await texts(scene, row.query ?? {})).toString();
  const headers = new Headers(await texts(scene, row.headers ?? {}));
  const bearer = bearerOf(operation, row);
  if (bearer !== null) headers.set("authorization", `Bearer ${String(await filled(scene, bearer))}`);
  const body = await bodyOf(scene, row);
  if (body !== undefined && !headers.has("content-type"))
    headers.set("content-type", operation.takesForm ? FORM : "application/json");
  const request: Request = async (method = row.raw?.method ?? operation.method) => {
    const target = w.origin + path + (query && `?${query}`);
    const hasBody = body !== undefined && !/^(GET|HEAD|OPTIONS)$/.test(method);
    const init = { method, headers, redirect: "manual", ...(hasBody ? { body } : {}) } as const;
    const response = await fetch(target, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  for (let i = 0; i < (row.before ?? 0); i++) await request();
  return request;
}

const FORM = "application/x-www-form-urlencoded";

/** By default whoever may do it. */
function bearerOf({ guarded, path }: Documented, { bearer }: Row): string | null {
  if (bearer !== undefined) return bearer;
  if (!guarded) return null;
  return path.startsWith("/api/v1/admin/") ? "$superuser" : "$token";
}

async function bodyOf(scene: Scene, { raw, form, body }: Row): Promise<string | undefined> {
  if (raw?.body !== undefined) return raw.body;
  if (form) return new URLSearchParams(await texts(scene, form)).toString();
  return body && JSON.stringify(await filled(scene, body));
}

/** A value of the table with its names filled in. */
async function filled(scene: Scene, value: Value): Promise<unknown> {
  if (typeof value === "string") return value.startsWith("$") ? thing(scene, value.slice(1)) : value;
  if (Array.isArray(value)) return Promise.all(value.map((one) => filled(scene, one)));
  if (typeof value !== "object" || value === null) return value;
  const fields: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) fields[name] = await filled(scene, one);
  return fields;
}

async function texts(scene: Scene, values: Record<string, string>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) found[name] = String(await filled(scene, value));
  return found;
}
