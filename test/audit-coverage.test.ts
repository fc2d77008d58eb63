// Every refusal leaves a row in the audit log (ASVS 16.3.1 to 16.3.3): with the request id of its answer, the address, the precise
// reason, and who it was where a credential says so. Generated from the routes; for every secret in the wrong place token-kinds.test.ts
// asks the same.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createApp } from "../src/server.ts";
import { told } from "./support/audit-log.ts";
import { takesCookies } from "./support/cookie-routes.ts";
import { eachOf, type Holder, KINDS, newHolder, openStage, type Stage } from "./support/credential-kinds.ts";
import { org } from "./support/org-group.ts";
import { makePerson, makeTenant, PASSWORD, suspend } from "./support/people.ts";
import { cookieFrom } from "./support/portal-group.ts";
import { signInForKey, signInForTokens } from "./support/sessions.ts";
import { tenantOf, withCookie } from "./support/tenant-group.ts";
import { type Answer, type SendOptions, type World, world } from "./support/world.ts";

interface Route {
  method: string;
  path: string;
  /** Some session may be shown by cookie. */
  takesCookies: boolean;
  evenActing: boolean;
}

const guarded: Route[] = await (async () => {
  await using w = await world();
  return createApp(w.ctx)
    .routes.filter(({ hooks }) => (hooks.detail?.security?.length ?? 0) > 0)
    .map(({ method, path, hooks }) => ({
      method,
      path: path.replaceAll(/:tenant\w*/g, "acme").replaceAll(/:\w+/g, "sample"),
      takesCookies: takesCookies(path),
      evenActing: hooks.detail !== undefined && "x-impersonation" in hooks.detail,
    }));
})();

const ask = (w: World, { method, path }: Route, options: SendOptions): Promise<Answer> =>
  w.send(method, path, { ...options, ...(method === "GET" ? {} : { body: {} }) });

let w: Stage;
let holder: Holder;
let startedAt = 0;

beforeAll(async () => {
  w = await openStage();
  holder = await newHolder(w);
  startedAt = w.clock.now();
});
afterAll(() => w[Symbol.asyncDispose]());
beforeEach(() => w.clock.advance(startedAt - w.clock.now()));

/** Ways to be nobody, or not whom the route is for: what is shown, whom the log has to name, and in which words. */
interface Way {
  show: () => Promise<SendOptions>;
  code: string;
  reason: RegExp;
  /** Whether the log must say whose credential it was. */
  names?: "user" | "actor";
  routes?: (route: Route) => boolean;
}

const session = (more: { userId?: Holder["userId"] } = {}) =>
  signInForTokens(w.ctx, { userId: holder.userId, tenantId: w.acme.id, ...more });

async function someone(): Promise<Holder["userId"]> {
  return makePerson(w, w.acme, { email: w.newEmail(), password: null });
}

/** Of somebody without any factor. */
const freshKey = async () => (await session({ userId: await someone() })).accessToken;

const WAYS: Record<string, Way> = {
  nothing: { show: async () => ({}), code: "NOT_AUTHENTICATED", reason: /no credential/ },
  garbage: { show: async () => ({ key: "garbage" }), code: "INVALID_BEARER", reason: /no Bearer of ours/ },
  "a key that never was": {
    show: async () => ({ key: `ost_key_${"x".repeat(43)}` }),
    code: "INVALID_BEARER",
    reason: /unknown API key/,
  },
  "a refresh token": {
    show: async () => ({ key: (await session()).refreshToken }),
    code: "INVALID_BEARER",
    reason: /a secret of another kind: ost_rt/,
  },
  "an access token that expired": {
    show: async () => {
      const { accessToken } = await session();
      w.clock.advance(16 * 60_000);
      return { key: accessToken };
    },
    code: "INVALID_BEARER",
    reason: /access token expired/,
    names: "user",
    // Whoever leaves late may.
    routes: ({ path }) => !path.endsWith("/logout"),
  },
  "an access token whose session has ended": {
    show: async () => {
      const { accessToken, sessionId } = await session();
      await w.ctx.db.run`delete from sessions where id = ${sessionId}`;
      return { key: accessToken };
    },
    code: "INVALID_BEARER",
    reason: /session has ended/,
    names: "user",
  },
  "an access token with another signature": {
    show: async () => ({ key: `${(await session()).accessToken.slice(0, -8)}AAAAAAAA` }),
    code: "INVALID_BEARER",
    reason: /signature/,
  },
  "an access token of a suspended member": {
    show: async () => {
      const userId = await someone();
      const { accessToken } = await session({ userId });
      await suspend(w, userId, w.acme.id);
      return { key: accessToken };
    },
    code: "INVALID_BEARER",
    reason: /not active/,
    names: "user",
  },
  "the key of a disabled user": {
    show: async () => {
      const userId = await someone();
      const key = await signInForKey(w.ctx, { userId, tenantId: w.acme.id });
      await w.ctx.db.run`update users set disabled_at = 1 where id = ${userId}`;
      return { key };
    },
    code: "INVALID_BEARER",
    reason: /not active/,
    names: "user",
  },
  "an API key that expired": {
    show: async () => {
      const key = await signInForKey(w.ctx, { userId: holder.userId, tenantId: w.acme.id });
      w.clock.advance(91 * 24 * 60 * 60_000);
      return { key };
    },
    code: "INVALID_BEARER",
    reason: /API key expired/,
    names: "user",
  },
  "a cookie of no session": {
    show: async () => withCookie("ost_ses_nobody"),
    code: "NOT_AUTHENTICATED",
    reason: /cookie of no session/,
    routes: ({ takesCookies }) => takesCookies,
  },
  "a cookie without a word of the browser": {
    show: async () => {
      const email = w.newEmail();
      await makePerson(w, w.beta, { email });
      const answer = await tenantOf(w, "beta").login(email, PASSWORD);
      const { "sec-fetch-site": _, ...headers } = withCookie(cookieFrom(answer, "session")).headers;
      return { headers };
    },
    code: "CROSS_SITE",
    reason: /origin not named/,
    names: "user",
    routes: ({ takesCookies, method }) => takesCookies && method !== "GET",
  },
  "a session that can only enrol": {
    show: async () => {
      const { accessToken, sessionId } = await session();
      await w.ctx.db.run`update sessions set restricted_at = 1 where id = ${sessionId}`;
      return { key: accessToken };
    },
    code: "MFA_ENROLMENT_REQUIRED",
    reason: /MFA_ENROLMENT_REQUIRED/,
    names: "user",
    routes: ({ path }) => !/\/me\/?$|\/mfa\b|logout/.test(path),
  },
  "a session in which somebody acts as another": {
    show: async () => {
      const { body } = await org(w, w.root).loginAs({ user_id: await someone(), organization_id: "acme" });
      return { key: body.access_token };
    },
    code: "IMPERSONATION_FORBIDDEN",
    reason: /: refused$/,
    names: "actor",
    routes: ({ evenActing }) => !evenActing,
  },
  "the cookies of a browser in which somebody acts as another": {
    show: async () => {
      const { secret, cookie } = await KINDS["acting cookie"].obtain(w, holder);
      return withCookie(cookie ?? "", secret);
    },
    code: "IMPERSONATION_FORBIDDEN",
    reason: /: refused$/,
    names: "actor",
    routes: (route) => route.takesCookies && !route.evenActing,
  },
  "a member, where administrators are asked for": {
    show: async () => ({ key: (await session()).accessToken }),
    code: "FORBIDDEN",
    reason: /FORBIDDEN$/,
    names: "actor",
    routes: ({ path }) => path.startsWith("/api/v1/admin/"),
  },
};

describe("at every guarded route, for whoever shows", () => {
  for (const [what, { show, code, reason, names, routes = () => true }] of Object.entries(WAYS)) {
    const asked = guarded.filter(routes);
    // Leaving with what is dead is fine at some routes: nothing is refused then.
    test(`${what}: ${asked.length} routes`, async () => {
      expect(asked.length).toBeGreaterThan(10);
      const options = await show();
      const answers = await eachOf(asked, async (route) => ({ route, answer: await ask(w, route, options) }));
      const rowsOf = await told(w);
      const refused = answers.filter(({ answer }) => answer.status >= 400);
      expect(refused.length).toBeGreaterThanOrEqual(asked.length - 2);
      for (const { route, answer } of refused) {
        const where = `${route.method} ${route.path}`;
        expect([where, answer.body.code]).toEqual([where, code]);
        const rows = rowsOf(answer);
        expect([where, rows]).toEqual([
          where,
          [expect.objectContaining({ reason: expect.stringMatching(reason) })],
        ]);
        const [row] = rows;
        expect([where, row?.address]).toEqual([where, "127.0.0.1"]);
        if (names) expect([where, row?.[names]]).toEqual([where, expect.stringMatching(/^usr_/)]);
        // Nothing of what was shown.
        const secret = options.key ?? options.headers?.["cookie"]?.split("=")[1] ?? "nothing";
        expect([where, rows.some((row) => JSON.stringify(row).includes(secret))]).toEqual([where, false]);
      }
    });
  }
});

test("in a tenant that is not there, or is not theirs, too", async () => {
  const owner = await makePerson(w, w.acme, { email: w.newEmail(), password: null, role: "owner" });
  const { accessToken: key } = await signInForTokens(w.ctx, { userId: owner, tenantId: w.acme.id });
  await makeTenant(w, "foreign");
  const answers = {
    none: await w.send("GET", "/api/v1/admin/tenants/nowhere", { key }),
    foreign: await w.send("GET", "/api/v1/admin/tenants/foreign", { key }),
    changed: await w.send("PATCH", "/api/v1/admin/tenants/foreign", { key, body: { name: "Mine" } }),
    open: await tenantOf(w, "nowhere").login("ada@example.com", "wrong"),
    page: await w.send("GET", "/api/v1/auth/tenants/acme/verify-email?token=x&answer=confirm", {
      headers: { accept: "text/html" },
    }),
  };
  const rowsOf = await told(w);
  const reasons = Object.fromEntries(
    Object.entries(answers).map(([what, answer]) => [what, rowsOf(answer).map(({ reason }) => reason)]),
  );
  expect(reasons).toEqual({
    none: ["GET /api/v1/admin/tenants/:tenant: NOT_FOUND (no such tenant)"],
    foreign: ["GET /api/v1/admin/tenants/:tenant: NOT_FOUND (another tenant)"],
    changed: ["update tenant foreign: NOT_FOUND (another tenant)"],
    open: ["POST /api/v1/auth/tenants/:tenant_slug/login: TENANT_NOT_FOUND"],
    page: [
      "GET /api/v1/auth/tenants/:tenant_slug/verify-email: INVALID_TOKEN (token unknown, spent or expired, or account not active)",
    ],
  });
});

test("whoever is signed in is named with every refusal, and so is who acts as them", async () => {
  const { accessToken: key } = await session();
  const target = await someone();
  const { body } = await org(w, w.root).loginAs({ user_id: target, organization_id: "acme" });
  const answers = [
    await w.send("DELETE", "/api/v1/me/sessions/sample", { key }),
    await w.send("POST", "/api/v1/me/mfa/totp/disable", { key: await freshKey(), body: { code: "000000" } }),
    await w.send("GET", "/api/v1/admin/audit", { key: body.access_token }),
  ];
  const rowsOf = await told(w);
  const root = await w.ctx.db.get<{ id: string }>`select id from users where email = 'root@example.com'`;
  expect(
    answers.map((answer) => rowsOf(answer).map(({ reason, actor, user }) => [reason, actor, user])),
  ).toEqual([
    [["DELETE /api/v1/me/sessions/:session_id: NOT_FOUND", holder.userId, holder.userId]],
    [["POST /api/v1/me/mfa/totp/disable: MFA_NOT_ENABLED", expect.any(String), expect.any(String)]],
    [
      ["GET /api/v1/admin/audit", root?.id, target],
      ["GET /api/v1/admin/audit: FORBIDDEN", root?.id, target],
    ],
  ]);
});

test("a secret that is put where an id belongs is not written down", async () => {
  const secret = `ost_key_${"Ab1".repeat(14)}x`;
  for (const [method, path, body] of [
    ["PATCH", `/api/v1/admin/tenants/${secret}`, { name: "x" }],
    ["DELETE", `/api/v1/admin/sessions/${secret}`, undefined],
    ["DELETE", `/api/v1/admin/tenants/acme/members/${secret}`, undefined],
    ["GET", `/api/v1/admin/users/${secret}`, undefined],
    ["POST", "/v1/auth/login-as-user", { user_id: secret }],
  ] as const) {
    const answer = await w.send(method, path, { key: w.root, ...(body ? { body } : {}) });
    const rows = (await told(w))(answer);
    expect([path, answer.status, rows.length]).toEqual([path, 404, 1]);
    expect(JSON.stringify(rows)).not.toContain("Ab1");
  }
});
