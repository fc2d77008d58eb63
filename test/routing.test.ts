// Routing is strict (decisions §1). Generated from the routes that the server has: a new one is covered the day it appears.
import { describe, expect, test } from "bun:test";
import { createApp } from "../src/server.ts";
import { setUpAdmin } from "./support/key-group.ts";
import { exchange } from "./support/raw-socket.ts";
import { dump, type World, world } from "./support/world.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Each form is an endpoint of its own, or will be. */
const TWINS = new Set(["/api/v1/auth/mfa/verify", "/api/v1/auth/mfa/verify/"]);

/** From each path to its methods, HEAD beside GET. */
const allowed = await (async () => {
  await using w = await world();
  const found = new Map<string, Set<string>>();
  for (const { method, path } of createApp(w.ctx).routes) {
    const methods = found.get(path) ?? new Set();
    found.set(path, methods.add(method));
    if (method === "GET") methods.add("HEAD");
  }
  return found;
})();
const paths = [...allowed.keys()];
/** A path that belongs to the route. */
const sample = (route: string) => route.replaceAll(/:\w+/g, "sample");
const otherForm = (path: string) => (path.endsWith("/") ? path.slice(0, -1) : `${path}/`);

/** Sends a target as it stands. */
async function sendRaw({ origin }: World, method: string, target: string) {
  const text = await exchange(
    origin,
    `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const [head = "", body = ""] = text.split("\r\n\r\n", 2);
  return { status: Number(head.split(" ")[1]), head, body };
}

/** The route that the server says it found for the last request. */
const lastRoute = ({ log }: World): unknown => JSON.parse(log.at(-1) ?? "{}").route;

describe("the other slash form of", () => {
  for (const route of paths) {
    const other = otherForm(sample(route));
    // The path of the server itself has no other form.
    if (TWINS.has(route) || allowed.has(other) || route === "/") continue;
    test(`${route} leads there with 307, whatever the method, and keeps the query`, async () => {
      await using w = await world();
      for (const method of METHODS) {
        const answer = await w.send(method, `${other}?next=https%3A%2F%2Fexample.com%2F&n=1`);
        expect([method, answer.status, answer.body]).toEqual([method, 307, ""]);
        expect(answer.headers.get("location")).toBe(`${sample(route)}?next=https%3A%2F%2Fexample.com%2F&n=1`);
      }
      const bare = await w.send("GET", other);
      expect(bare.headers.get("location")).toBe(sample(route));
    });
  }

  for (const path of TWINS) {
    test(`${path} is never led to: the two are different endpoints`, async () => {
      await using w = await world();
      for (const method of METHODS) {
        const { status, headers } = await w.send(method, path);
        expect(headers.has("location")).toBe(false);
        if (!allowed.has(path)) expect([method, status]).toEqual([method, 404]);
        else if (!allowed.get(path)?.has(method)) expect([method, status]).toEqual([method, 405]);
      }
    });
  }
});

describe("methods:", () => {
  for (const [route, methods] of allowed) {
    const allow = [...methods].toSorted().join(", ");
    test(`${route} takes ${allow} and answers 405 to the others`, async () => {
      await using w = await world();
      for (const method of METHODS.filter((method) => !methods.has(method))) {
        const { status, headers, body } = await w.send(method, sample(route));
        expect([method, status, headers.get("allow")]).toEqual([method, 405, allow]);
        const refusal = { detail: "Method Not Allowed", code: "METHOD_NOT_ALLOWED" };
        expect(body).toEqual(method === "HEAD" ? "" : refusal);
      }
      for (const method of methods) expect((await w.send(method, sample(route))).status).not.toBe(405);
    });
  }

  test("HEAD answers like GET, without the body, and changes nothing", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    const { instance: _, audit: __, ...before } = dump(w);
    for (const [route, methods] of allowed) {
      if (!methods.has("GET")) continue;
      for (const options of [{}, { key }]) {
        const [get, head] = [
          await w.send("GET", sample(route), options),
          await w.send("HEAD", sample(route), options),
        ];
        expect([route, head.status, head.body]).toEqual([route, get.status, ""]);
        for (const name of ["content-type", "content-security-policy", "www-authenticate"]) {
          expect([route, name, head.headers.get(name)]).toEqual([route, name, get.headers.get(name)]);
        }
      }
    }
    // A refusal is written down, whoever asks and how.
    const { instance: ___, audit: ____, ...after } = dump(w);
    expect(after).toEqual(before);
  });
});

describe("unknown paths", () => {
  const unknown = [
    "/%2f",
    "/%20",
    "/;x",
    "/nope",
    "/api",
    "/api/v1/auth/",
    "/api/v1/auth/token/x",
    "/favicon.ico",
    "/.env",
    // Neither source control nor source, and no listing of a directory (ASVS 13.4.1, 13.4.3).
    "/.git/HEAD",
    "/.git/",
    "/src/",
    "/package.json",
    "/data/ostiary.db",
    "/*",
  ];
  for (const path of unknown) {
    test(`${path} is the bare 404, whatever the method`, async () => {
      await using w = await world();
      for (const method of METHODS) {
        const { status, headers, body } = await w.send(method, path);
        expect([method, status, body]).toEqual([
          method,
          404,
          method === "HEAD" ? "" : { detail: "Not Found" },
        ]);
        expect(headers.has("location")).toBe(false);
      }
    });
  }

  /** Ways to write a path that some servers take for the same. */
  function disguises(path: string): string[] {
    const [, first = "", ...rest] = path.split("/");
    const inner = rest.length > 0 && rest[0] !== "" ? [`/${first}//${rest.join("/")}`] : [];
    return [
      `/${path}`,
      `//example.com${path}`,
      ...inner,
      `${path}//`,
      `${path.replace(/\/$/, "")}//`,
      path.toUpperCase(),
      `/${first[0]?.toUpperCase()}${path.slice(2)}`,
      `/%2f${path.slice(1)}`,
      `/x/..%2f${path.slice(1)}`,
      `/x/%2e%2e%2f${path.slice(1)}`,
      `/x/..%5c${path.slice(1)}`,
      `/${[first, ...rest].join("%2f")}%2f`,
      `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
      `/;x${path}`,
      ...(path.endsWith("/") ? [] : [`${path};x`]),
      ...["%00", "%20", "%2e", "..."].map((end) => path.replace(/\/?$/, end)),
      `${path}#fragment`,
    ];
  }
  for (const route of paths.filter((path) => !path.includes(":") && path !== "/")) {
    test(`no other spelling of ${route} reaches a handler`, async () => {
      await using w = await world();
      const [method = "GET"] = allowed.get(route) ?? [];
      // A first character without a capital is no disguise.
      for (const target of disguises(route).filter((target) => target !== route)) {
        const { status, head, body } = await sendRaw(w, method, target);
        expect([target, status, body]).toEqual([target, 404, '{"detail":"Not Found"}']);
        expect(head).not.toMatch(/^location:/im);
        expect([target, lastRoute(w)]).toEqual([target, undefined]);
      }
    });
  }

  test("dot segments are resolved before routing (RFC 3986 §5.2.4), so they lead where a client would have gone itself", async () => {
    await using w = await world();
    expect((await sendRaw(w, "GET", "/x/../healthz")).status).toBe(200);
    for (const target of ["/healthz/..", "/healthz/%2e%2e/", "/../.."])
      expect([target, (await sendRaw(w, "GET", target)).status, lastRoute(w)]).toEqual([target, 303, "/"]);
    expect((await sendRaw(w, "GET", "//")).status).toBe(404);
    for (const target of ["/healthz/../x", "/healthz/../nope/..%2f", "/swagger/../nope"]) {
      const { status, body } = await sendRaw(w, "GET", target);
      expect([target, status, body]).toEqual([target, 404, '{"detail":"Not Found"}']);
    }
  });
});
