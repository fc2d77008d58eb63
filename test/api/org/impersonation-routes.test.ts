// What whoever acts as another user may do, from the routes that the server has (A51, A52): a new one is closed to them until its
// `operation` says otherwise, and this list with it.
import { describe, expect, test } from "bun:test";
import { createApp } from "../../../src/server.ts";
import { type Stage, stage, stored } from "../../support/acting.ts";
import { takesCookies } from "../../support/cookie-routes.ts";
import { cookieFrom } from "../../support/portal-group.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { saidBy } from "../../support/org-group.ts";
import { type SendOptions, world } from "../../support/world.ts";

/** Reading what the target sees, and leaving. */
const OPEN = [
  "GET /api/v1/admin/audit",
  "GET /api/v1/admin/outbox",
  "GET /api/v1/admin/sessions",
  "GET /api/v1/admin/tenants",
  "GET /api/v1/admin/tenants/:tenant",
  "GET /api/v1/admin/tenants/:tenant/members",
  "GET /api/v1/admin/users",
  "GET /api/v1/admin/users/:user_id",
  "GET /api/v1/auth/me/",
  "GET /api/v1/auth/mfa/status/",
  "GET /api/v1/me",
  "GET /api/v1/me/mfa",
  "GET /v1/auth/load",
  "DELETE /api/v1/me/impersonation",
  "POST /api/v1/auth/logout",
  "POST /v1/auth/logout",
];

const routes = await (async () => {
  await using w = await world();
  return createApp(w.ctx)
    .routes.filter(({ path }) => !path.startsWith("/swagger"))
    .map(({ method, path, hooks }) => ({
      name: `${method} ${path}`,
      method,
      path,
      asksWho: hooks.detail?.security?.length > 0 || path.endsWith("/logout"),
    }));
})();

/** A path that leads to something of the target's. */
const pathOf = (w: Stage, path: string): string =>
  path
    .replace(":tenant_slug", "acme")
    .replace(":tenant", "acme")
    .replace(":user_id", w.targets.member)
    .replaceAll(/:\w+/g, "sample");

const requestsOf = ({ ctx }: Stage) =>
  ctx.db.all<{ reason: string; actor: string; target: string; tenant: string }>`
    select reason, actor_id as actor, user_id as target, tenant_id as tenant from audit
    where event = 'impersonation.request' order by id`;

/** As an admin, who has more to lose than a member. */
const acting = (w: Stage) => w.act("owner", "admin");

/** The same in a browser. */
async function actingInBrowser(w: Stage): Promise<SendOptions> {
  const { cookie } = await w.cookieOf("owner");
  const answer = await w.actInBrowser(cookie, { user_id: w.targets.admin });
  return withCookie(cookie, cookieFrom(answer, "acting"));
}

const WAYS: Record<string, { show: (w: Stage) => Promise<SendOptions>; leadsTo: (path: string) => boolean }> =
  {
    token: { show: async (w) => ({ key: await acting(w) }), leadsTo: () => true },
    cookie: { show: actingInBrowser, leadsTo: takesCookies },
  };

describe("acting as another user", () => {
  test("is possible at these routes and no others", () => {
    expect(routes.length).toBeGreaterThan(60);
    for (const name of OPEN) expect(routes.map((route) => route.name)).toContain(name);
  });

  test("every route that is open says so in the documentation, and no other does", async () => {
    await using w = await world();
    const { paths } = (await w.send("GET", "/swagger/json")).body;
    const marked = Object.entries<Record<string, Record<string, unknown>>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation["x-impersonation"] === true)
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    expect(marked.toSorted()).toEqual(OPEN.toSorted());
  });

  test("HEAD is as GET", async () => {
    await using w = await stage();
    const key = await acting(w);
    expect((await w.send("HEAD", "/v1/auth/load", { key })).status).toBe(200);
    expect((await w.send("HEAD", "/api/v1/me/sessions", { key })).status).toBe(403);
    const noted = (await requestsOf(w)).map(({ reason }) => reason);
    expect(noted).toEqual(["HEAD /v1/auth/load", "HEAD /api/v1/me/sessions: refused"]);
  });

  test("no request goes unwritten: one that cannot be written down is not answered", async () => {
    await using w = await stage();
    const key = await acting(w);
    await w.ctx.db.run`drop table audit`;
    expect((await w.send("GET", "/v1/auth/load", { key })).status).toBe(500);
  });

  test("the routes that ask for nobody are no way around: they take no Bearer", async () => {
    await using w = await stage();
    const key = await acting(w);
    const { sessions, api_keys, users } = stored(w);
    for (const { method, path } of routes.filter((route) => !route.asksWho)) {
      const { status } = await w.send(method, pathOf(w, path), {
        key,
        ...(method === "GET" ? {} : { body: {} }),
      });
      expect([method, path, status < 500]).toEqual([method, path, true]);
    }
    expect(stored(w)).toMatchObject({ sessions, api_keys, users });
  });
});

describe.each(Object.entries(WAYS))("to whoever acts as another by %s", (_by, { show, leadsTo }) => {
  for (const { name, method, path, asksWho } of routes.filter(
    (route) => route.asksWho && leadsTo(route.path),
  )) {
    if (OPEN.includes(name)) {
      test(`${name} is open, and written down`, async () => {
        await using w = await stage();
        const shown = await show(w);
        const body = method === "GET" ? {} : { body: {} };
        const answer = await w.send(method, pathOf(w, path), { ...shown, ...body });
        const isForSuperusers = path.startsWith("/api/v1/admin/users");
        if (isForSuperusers) expect(saidBy(answer)).toEqual([403, "FORBIDDEN"]);
        else expect(answer.status).toBeLessThan(300);
        const noted = { actor: w.actors.owner, target: w.targets.admin, tenant: w.acme.id };
        expect(await requestsOf(w)).toEqual([{ reason: `${method} ${path}`, ...noted }]);
      });
    } else {
      test(`${name} is closed, whatever it is sent; nothing changes, and it is written down`, async () => {
        await using w = await stage();
        const shown = await show(w);
        const before = stored(w);
        const answer = await w.send(method, pathOf(w, path), {
          ...shown,
          ...(method === "GET" ? {} : { body: {} }),
        });
        expect([asksWho, ...saidBy(answer)]).toEqual([true, 403, "IMPERSONATION_FORBIDDEN"]);
        expect(stored(w)).toEqual(before);
        const noted = { actor: w.actors.owner, target: w.targets.admin, tenant: w.acme.id };
        expect(await requestsOf(w)).toEqual([{ reason: `${method} ${path}: refused`, ...noted }]);
      });
    }
  }
});
