// ASVS 6.1.3: the README's table of every way to sign in, held against what is served. A route that hands out a session, a token or a
// key and is not in it fails, and so does a row that names no route.
import { expect, test } from "bun:test";
import { OUTCOMES } from "./support/outcome-table.ts";
import { README } from "./support/readme.ts";
import { world } from "./support/world.ts";

interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
}
interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** What an answer hands out that signs in. An `mfa_token` and a `flow_token` do not. */
const HANDED_OUT = ["access_token", "refresh_token", "key"];

const section = README.slice(
  README.indexOf("\n### Every way to sign in"),
  README.indexOf("\n### Organizations"),
);
const listed = [...section.matchAll(/^\| `(GET|POST) ([^`]+)`/gm)].flatMap(([, method = "", path = ""]) =>
  spelledOut(path).map((one) => `${method} ${one}`),
);

/** /v1/auth[/portal]/x → two; {a,b} → two; {slug} is a parameter. */
function spelledOut(path: string): string[] {
  const [, optional] = /\[([^\]]*)\]/.exec(path) ?? [];
  if (optional !== undefined)
    return ["", optional].flatMap((part) => spelledOut(path.replace(/\[[^\]]*\]/, part)));
  const [whole = "", choices] = /\{([^}]*,[^}]*)\}/.exec(path) ?? [];
  if (choices !== undefined)
    return choices.split(",").flatMap((part) => spelledOut(path.replace(whole, part)));
  return [path.replaceAll(/\{\w+\}/g, "{}")];
}

test("every route that hands out a session, a token or a key is in the README's table, and every row of that is a route", async () => {
  await using w = await world();
  const { paths, components } = (await w.send("GET", "/swagger/json")).body;
  const namesIn = (schema: Schema): string[] => {
    const named = schema.$ref ? components.schemas[schema.$ref.split("/").at(-1) ?? ""] : schema;
    const { properties = {}, anyOf = [] }: Schema = named;
    return [...Object.keys(properties), ...anyOf.flatMap(namesIn)];
  };
  const setsSession = (id: string) =>
    Object.entries(OUTCOMES[id] ?? {}).some(
      ([name, { cookies }]) =>
        (cookies?.includes("session") && !name.includes("by cookie")) ||
        (cookies?.includes("acting") && name.startsWith("201")),
    );
  const served: { route: string; signsIn: boolean }[] = Object.entries<Record<string, Operation>>(
    paths,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, responses }]) => {
      const schemas = Object.entries(responses).flatMap(([status, { content }]) =>
        status.startsWith("2") ? Object.values(content ?? {}).map(({ schema }) => schema) : [],
      );
      const hands = schemas.flatMap(namesIn).some((name) => HANDED_OUT.includes(name));
      const route = `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`;
      return { route, signsIn: hands || setsSession(operationId) };
    }),
  );
  const routes = served.map(({ route }) => route);
  const signingIn = served.filter(({ signsIn }) => signsIn).map(({ route }) => route);
  expect(signingIn.length).toBeGreaterThan(15);
  expect(signingIn.filter((route) => !listed.includes(route))).toEqual([]);
  expect(listed.filter((route) => !routes.includes(route))).toEqual([]);
});
