// Signed in where the tenant asks for a second factor that the user has not got: good for enrolling one, and nothing else
// (decisions §2 tenant, CVE-2025-3910). Generated from the routes, so that a new one is shut until it is let in here.
import { describe, expect, test } from "bun:test";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { createApp } from "../src/server.ts";
import { takesCookies } from "./support/cookie-routes.ts";
import { BASE, signIn, totpCode } from "./support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { cookieFrom, portal } from "./support/portal-group.ts";
import { ADA, codesMailed, enrolTotp, signedInWith } from "./support/second-factors.ts";
import { tenantOf, withCookie } from "./support/tenant-group.ts";
import { type Answer, type SendOptions, type World, world, worldWithMail } from "./support/world.ts";

const MINUTE = 60_000;

/** Ada, whose email is not verified, owns a tenant that asks for a second factor. */
async function strict() {
  const w = await worldWithMail();
  const tenant = await makeTenant(w, "strict", { mfa_policy: "required", email_verification: false });
  const options = {
    email: ADA,
    username: "ada",
    isVerified: false,
    role: "owner",
    isSuperuser: true,
  } as const;
  const userId = await makePerson(w, tenant, options);
  return Object.assign(w, { tenant, userId });
}

/** Each way to be signed in: what the login gives, as every later request shows it. */
const CREDENTIALS: Record<string, (w: World) => Promise<SendOptions>> = {
  "an access token": async (w) => ({ key: (await portal(w).login(ADA, PASSWORD)).body.access_token }),
  "a session cookie": async (w) =>
    withCookie(cookieFrom(await tenantOf(w, "strict").login(ADA, PASSWORD), "session")),
  "an API key": async (w) => ({
    key: (await signIn(w, { username: "ada", password: PASSWORD })).body.key,
  }),
};

/** Where a second factor is enrolled, and where one sees who one is. */
const OPEN = [
  /^GET \/api\/v1\/me$/,
  // Whoever has yet to enrol has no passkey to remove.
  /^(?!DELETE)\w+ \/api\/v1\/me\/mfa(\/.+)?$/,
  /^GET \/api\/v1\/auth\/me\/$/,
  /^\w+ \/api\/v1\/auth\/mfa\/(setup|verify|disable|status|reset)\/$/,
];

interface Route {
  method: string;
  path: string;
  guarded: boolean;
  isOpen: boolean;
}

const routes: Route[] = await (async () => {
  await using w = await world();
  return createApp(w.ctx).routes.map(({ method, path, hooks }) => ({
    method,
    path,
    guarded: (hooks.detail?.security?.length ?? 0) > 0,
    isOpen: OPEN.some((pattern) => pattern.test(`${method} ${path}`)),
  }));
})();

const ask = (w: World, { method, path }: Route, options: SendOptions): Promise<Answer> => {
  const body = method === "GET" || method === "HEAD" ? {} : { body: {} };
  // From elsewhere, so that the emergency exit stays shut.
  const headers = { ...options.headers, via: "1.1 proxy" };
  return w.send(method, path.replaceAll(/:tenant\w*/g, "strict").replaceAll(/:\w+/g, "sample"), {
    ...options,
    ...body,
    headers,
  });
};

test("there are routes to judge", () => {
  const guarded = routes.filter((route) => route.guarded);
  expect(guarded.length).toBeGreaterThan(40);
  expect(guarded.filter(({ isOpen }) => isOpen).length).toBeGreaterThan(15);
  expect(routes.filter(({ isOpen, guarded }) => isOpen && !guarded)).toEqual([]);
});

describe.each(Object.keys(CREDENTIALS))("%s that can only enrol", (kind) => {
  const start = async () => {
    const w = await strict();
    const credential = (await CREDENTIALS[kind]?.(w)) ?? {};
    return { w, credential };
  };
  const isCookie = kind === "a session cookie";

  test("comes from a login that succeeds, and mails nothing", async () => {
    const { w, credential } = await start();
    await using _ = w;
    expect((await w.send("GET", "/api/v1/me", credential)).body).toMatchObject({
      email: ADA,
      mfa_enabled: false,
    });
    expect(await codesMailed(w)).toBe(0);
    expect(await signedInWith(w, w.userId)).toHaveLength(1);
  });

  test("opens what enrolling needs, and no other route of any group", async () => {
    const { w, credential } = await start();
    await using _ = w;
    for (const route of routes) {
      const what = `${route.method} ${route.path}`;
      if (what === `POST ${BASE}/logout` || what === "POST /v1/auth/logout") continue;
      const { status, body } = await ask(w, route, credential);
      const refused = body?.code === "MFA_ENROLMENT_REQUIRED";
      if (!route.guarded) {
        // Open to all: a credential makes no difference.
        expect([what, status, refused]).toEqual([what, (await ask(w, route, {})).status, false]);
      } else if (isCookie && !takesCookies(route.path)) {
        expect([what, status]).toEqual([what, 401]);
      } else if (route.isOpen) {
        expect([what, refused, status === 401]).toEqual([what, false, false]);
      } else {
        expect([what, status, body.code]).toEqual([what, 403, "MFA_ENROLMENT_REQUIRED"]);
      }
    }
    expect(await signedInWith(w, w.userId)).toHaveLength(1);
  });

  test("logs out", async () => {
    const { w, credential } = await start();
    await using _ = w;
    expect((await portal(w, credential).logout()).status).toBe(200);
    expect(await signedInWith(w, w.userId)).toEqual([]);
  });

  const enrolments: [string, string, string][] = [
    ["me/mfa/totp", "/api/v1/me/mfa/totp/enable", "/api/v1/me/mfa/totp/confirm"],
    ["the key group", `${BASE}/mfa/setup/`, `${BASE}/mfa/verify/`],
  ];
  for (const [where, begin, confirm] of enrolments) {
    // That group takes no cookie.
    if (isCookie && where === "the key group") continue;
    test(`does everything once a factor is enrolled at ${where}, and the others of its user end`, async () => {
      const { w, credential } = await start();
      await using _ = w;
      const others = await Promise.all(Object.values(CREDENTIALS).map((login) => login(w)));
      const { secret } = (await w.send("POST", begin, credential)).body;
      const sessions = () => w.send("GET", "/api/v1/me/sessions", credential);
      expect((await sessions()).status).toBe(403);
      const wrong = await w.send("POST", confirm, { ...credential, body: { code: "000000" } });
      expect([wrong.status, (await sessions()).status]).toEqual([400, 403]);
      const right = { ...credential, body: { code: totpCode(w.clock, secret) } };
      expect((await w.send("POST", confirm, right)).status).toBe(200);
      expect((await sessions()).status).toBe(200);
      for (const other of others) expect((await w.send("GET", "/api/v1/me", other)).status).toBe(401);
      // From now on the factor is asked for.
      expect((await tenantOf(w, "strict").login(ADA, PASSWORD)).body.data.available_methods).toContain(
        "totp",
      );
    });
  }

  test("cannot have codes mailed to an address that nobody has shown to be the user's", async () => {
    const { w, credential } = await start();
    await using _ = w;
    const answer = await w.send("POST", "/api/v1/me/mfa/email/enable", credential);
    expect([answer.status, answer.body.code]).toEqual([400, "NO_VERIFIED_EMAIL"]);
    expect(await codesMailed(w)).toBe(0);
  });
});

test("refreshing keeps the restriction, and enrolling lifts it from the tokens to come", async () => {
  await using w = await strict();
  const { body } = await portal(w).login(ADA, PASSWORD);
  const next = (await portal(w).refresh(body.refresh_token)).body;
  for (const key of [body.access_token, next.access_token]) {
    const { status } = await w.send("GET", "/api/v1/me/keys", { key });
    expect(status).toBe(403);
  }
  w.clock.advance(14 * MINUTE);
  const { secret } = (await w.send("POST", "/api/v1/me/mfa/totp/enable", { key: next.access_token })).body;
  const code = totpCode(w.clock, secret);
  await w.send("POST", "/api/v1/me/mfa/totp/confirm", { key: next.access_token, body: { code } });
  const last = (await portal(w).refresh(next.refresh_token)).body;
  expect((await w.send("GET", "/api/v1/me/keys", { key: last.access_token })).status).toBe(200);
});

test("an access token that can only enrol convinces no other service that knows our keys, until the factor is on", async () => {
  await using w = await strict();
  const keys = createLocalJWKSet((await w.send("GET", "/.well-known/jwks.json")).body);
  const elsewhere = (token: string) =>
    jwtVerify(token, keys, { audience: w.ctx.config.audience, currentDate: new Date(w.clock.now()) }).then(
      () => "believed",
      (error: unknown) => (error instanceof errors.JOSEError ? error.code : error),
    );
  const { access_token: key, refresh_token } = (await portal(w).login(ADA, PASSWORD)).body;
  expect(await elsewhere(key)).toBe("ERR_JWT_CLAIM_VALIDATION_FAILED");
  const { secret } = (await w.send("POST", "/api/v1/me/mfa/totp/enable", { key })).body;
  const body = { code: totpCode(w.clock, secret) };
  expect((await w.send("POST", "/api/v1/me/mfa/totp/confirm", { key, body })).status).toBe(200);
  expect((await w.send("GET", "/api/v1/me/keys", { key })).status).toBe(200);
  const next = (await portal(w).refresh(refresh_token)).body.access_token;
  expect(await elsewhere(next)).toBe("believed");
});

test("a user who has the factor, a verified email, or a tenant that asks for nothing is not restricted", async () => {
  await using w = await strict();
  const lax = await makeTenant(w, "lax", { email_verification: false });
  await makePerson(w, lax, { email: "bob@example.com", isVerified: false });
  const bob = (await portal(w).login("bob@example.com", PASSWORD)).body.access_token;
  expect((await w.send("GET", "/api/v1/me/keys", { key: bob })).status).toBe(200);
  await makePerson(w, w.tenant, { email: "eve@example.com" });
  const eve = (await tenantOf(w, "strict").login("eve@example.com", PASSWORD)).body.data;
  expect(eve.available_methods).toEqual(["email"]);
  const secret = await enrolTotp(w, w.userId);
  const { mfa_token } = (await tenantOf(w, "strict").login(ADA, PASSWORD)).body.data;
  const code = totpCode(w.clock, secret);
  const done = await tenantOf(w, "strict").verifyMfa({ mfa_token, method: "totp", code });
  const { status } = await w.send("GET", "/api/v1/me/keys", withCookie(cookieFrom(done, "session")));
  expect(status).toBe(200);
});
