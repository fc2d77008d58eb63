// Which paths exist, judged before the framework sees a request: routing is strict here (decisions §1).

export interface Route {
  /** As registered, such as /api/v1/me/sessions/:id. */
  pattern: string;
  methods: Set<string>;
  /** Those that may be used by whoever acts as another user: what `operation` says of the route. */
  evenActing: Set<string>;
  /** Those that take a form, and no JSON. */
  takingForms: Set<string>;
}

/** A route as the framework has it. */
export interface Registered {
  method: string;
  path: string;
  hooks?: { detail?: { "x-impersonation"?: unknown; "x-form"?: unknown } };
}

export interface RouteTable {
  /** The route of a path, whatever the method. */
  find(path: string): Route | undefined;
}

/** Both forms of this path are endpoints of their own, in two groups; neither ever redirects to the other. */
const TWINS = "/api/v1/auth/mfa/verify";

export function createRouteTable(routes: readonly Registered[]): RouteTable {
  const exact = new Map<string, Route>();
  const dynamic = new Map<string, { route: Route; segments: string[] }>();
  for (const { method, path, hooks } of routes) {
    const known = exact.get(path) ?? dynamic.get(path)?.route;
    const route = known ?? newRoute(path);
    for (const one of method === "GET" ? ["GET", "HEAD"] : [method]) {
      route.methods.add(one);
      if (hooks?.detail?.["x-impersonation"] === true) route.evenActing.add(one);
      if (hooks?.detail?.["x-form"] === true) route.takingForms.add(one);
    }
    if (path.includes(":")) dynamic.set(path, { route, segments: path.split("/") });
    else exact.set(path, route);
  }
  const fits = (segments: string[], parts: string[]) =>
    segments.length === parts.length &&
    segments.every((segment, i) => (segment.startsWith(":") ? parts[i] !== "" : segment === parts[i]));
  return {
    find(path) {
      const found = exact.get(path);
      if (found) return found;
      const parts = path.split("/");
      return [...dynamic.values()].find(({ segments }) => fits(segments, parts))?.route;
    },
  };
}

const newRoute = (pattern: string): Route => ({
  pattern,
  methods: new Set(),
  evenActing: new Set(),
  takingForms: new Set(),
});

/** Where a path leads that exists only with, or only without, its last slash. Two slashes are never taken for one. */
export function otherSlashForm(table: RouteTable, path: string): string | undefined {
  if (path.endsWith("//")) return undefined;
  const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
  if (other === TWINS || other === `${TWINS}/`) return undefined;
  return table.find(other) && other;
}
