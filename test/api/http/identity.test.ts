// Cookies and the rule that keeps other sites from using them: decisions §1, spec/security.md 3.3.1, 3.5.1, A74.
import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { catchAll, wording } from "../../../src/api/http/errors.ts";
import { clearCookie, cookieName, readCookie, setCookie } from "../../../src/api/http/cookies.ts";
import { createFront } from "../../../src/api/http/front.ts";
import { withIdentity, withLeaving } from "../../../src/api/http/identity.ts";
import { WORDING } from "../../../src/api/http/wording.ts";
import {
  ADA,
  DAY,
  HOUR,
  settle,
  signInForCookie,
  signInForKey,
  signInForTokens,
} from "../../support/sessions.ts";
import { audited, world } from "../../support/world.ts";

/** The front door with two routes behind it that ask who it is, and one that ends it. */
async function scene(url = "https://auth.example.com") {
  const w = await world({ URL: url });
  await settle(w.ctx);
  const { ctx } = w;
  const asked = new Elysia()
    .use(wording(WORDING))
    .use(withIdentity(ctx))
    .get("/who", ({ identity }) => identity)
    .post("/who", ({ identity }) => identity)
    .delete("/who", ({ identity }) => identity);
  const left = new Elysia()
    .use(wording(WORDING))
    .use(withLeaving(ctx))
    .post("/leave", ({ leaving, set }) => {
      set.headers["set-cookie"] = [clearCookie(ctx, "session"), setCookie(ctx, "device", "d", 60)];
      return { leaving: leaving?.credential.id ?? null };
    });
  const app = new Elysia({ strictPath: true, systemRouter: false, handler: { standardHostname: false } })
    .use(catchAll(ctx))
    .use(asked)
    .use(left);
  const front = createFront(ctx, app, new AbortController().signal);
  const { cookie, sessionId } = await signInForCookie(ctx);
  const name = cookieName(ctx, "session");
  const request = async (method: string, headers: Record<string, string>, path = "/who") => {
    const { host } = new URL(url);
    const full = { host, "content-type": "application/json", ...headers };
    const init = { method, headers: full, ...(method === "POST" ? { body: "{}" } : {}) };
    const response = await front(new Request(`http://${host}${path}`, init), "127.0.0.1");
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? "" : JSON.parse(text) };
  };
  return {
    w,
    ctx,
    url,
    cookie,
    sessionId,
    name,
    request,
    signedIn: { cookie: `${name}=${cookie}` },
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

describe("a session cookie", () => {
  test("says who is asking, as far as it goes", async () => {
    await using s = await scene();
    const { status, body } = await s.request("GET", s.signedIn);
    expect(status).toBe(200);
    expect(body).toEqual({
      userId: ADA,
      tenantId: "tnt_acme",
      credential: { kind: "session", id: s.sessionId, via: "cookie" },
      role: "owner",
      isSuperuser: false,
      isRestricted: false,
      actorId: null,
      authTime: expect.any(Number),
      amr: ["pwd"],
      name: "ada",
    });
    expect(s.cookie).toMatch(/^ost_ses_[\w-]{43}$/);
  });

  const forged: [string, (s: { name: string; cookie: string; sessionId: string }) => string][] = [
    ["none", () => ""],
    ["another name", ({ cookie }) => `session=${cookie}`],
    ["a name that ends like it", ({ name, cookie }) => `x${name}=${cookie}`],
    ["a name that starts like it", ({ name, cookie }) => `${name}2=${cookie}`],
    ["the name without its prefix", ({ cookie }) => `ostiary_session=${cookie}`],
    ["the name in capitals", ({ name, cookie }) => `${name.toUpperCase()}=${cookie}`],
    ["another value", ({ name }) => `${name}=ost_ses_${"A".repeat(43)}`],
    ["no value", ({ name }) => `${name}=`],
    ["a value in quotes", ({ name, cookie }) => `${name}="${cookie}"`],
    ["a value with more to it", ({ name, cookie }) => `${name}=${cookie}=`],
    ["a huge value", ({ name }) => `${name}=${"A".repeat(10_000)}`],
    ["the id of the session", ({ name, sessionId }) => `${name}=${sessionId}`],
    ["the same name twice", ({ name, cookie }) => `${name}=${cookie}; ${name}=${cookie}`],
    ["another's before ours", ({ name, cookie }) => `${name}=planted; ${name}=${cookie}`],
    ["prototype names", () => "__proto__=1; constructor=2; =3; ;;"],
  ];
  for (const [what, cookieOf] of forged) {
    test(`that is none: ${what}`, async () => {
      await using s = await scene();
      const { status, body } = await s.request("GET", { cookie: cookieOf(s) });
      expect([status, body.code]).toEqual([401, "NOT_AUTHENTICATED"]);
    });
  }

  test("is found among others", async () => {
    await using s = await scene();
    const cookie = `a=b;${s.name}=${s.cookie} ; x${s.name}=no; c`;
    expect((await s.request("GET", { cookie })).status).toBe(200);
  });

  test("is worth nothing as a Bearer, nor is a token as a cookie", async () => {
    await using s = await scene();
    const { accessToken, refreshToken } = await signInForTokens(s.ctx);
    expect((await s.request("GET", { authorization: `Bearer ${s.cookie}` })).status).toBe(401);
    for (const other of [accessToken, refreshToken, await signInForKey(s.ctx)]) {
      expect((await s.request("GET", { cookie: `${s.name}=${other}` })).status).toBe(401);
    }
  });

  test("gives way to a Bearer, and a bad Bearer is not made good by it", async () => {
    await using s = await scene();
    const { accessToken, sessionId } = await signInForTokens(s.ctx);
    const both = await s.request("POST", { ...s.signedIn, authorization: `Bearer ${accessToken}` });
    expect([both.status, both.body.credential]).toEqual([
      200,
      { kind: "session", id: sessionId, via: "bearer" },
    ]);
    const bad = await s.request("GET", { ...s.signedIn, authorization: "Bearer x" });
    expect([bad.status, bad.body.code]).toEqual([401, "INVALID_BEARER"]);
    // A proxy in front may have asked for a password of its own.
    expect((await s.request("GET", { ...s.signedIn, authorization: "Basic YTpi" })).status).toBe(200);
  });

  test("is over when its time is", async () => {
    await using s = await scene();
    s.w.clock.advance(DAY - HOUR);
    expect((await s.request("GET", s.signedIn)).status).toBe(200);
    s.w.clock.advance(HOUR);
    expect((await s.request("GET", s.signedIn)).status).toBe(401);
  });
});

describe("a request that only a cookie authenticates", () => {
  const own: Record<string, string>[] = [
    { origin: "https://auth.example.com" },
    { "sec-fetch-site": "same-origin" },
    { origin: "https://auth.example.com", "sec-fetch-site": "cross-site" },
  ];
  const foreign: Record<string, string>[] = [
    {},
    { origin: "null" },
    { origin: "" },
    { origin: "https://evil.example" },
    { origin: "http://auth.example.com" },
    { origin: "https://auth.example.com:8443" },
    { origin: "https://auth.example.com.evil.example" },
    { origin: "https://sub.auth.example.com" },
    { origin: "https://AUTH.example.com" },
    { origin: "https://auth.example.com/" },
    { origin: "https://auth.example.com, https://evil.example" },
    { referer: "https://auth.example.com/" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "none" },
    { "x-http-method-override": "GET" },
  ];
  for (const headers of own) {
    test(`may do more than read with ${JSON.stringify(headers)}`, async () => {
      await using s = await scene();
      for (const method of ["POST", "DELETE"]) {
        expect((await s.request(method, { ...s.signedIn, ...headers })).status).toBe(200);
      }
    });
  }
  for (const headers of foreign) {
    test(`may read and no more with ${JSON.stringify(headers)}`, async () => {
      await using s = await scene();
      s.w.clock.advance(HOUR);
      for (const method of ["POST", "DELETE"]) {
        const { status, body } = await s.request(method, { ...s.signedIn, ...headers });
        expect([status, body]).toEqual([403, { detail: "Cross-site request refused", code: "CROSS_SITE" }]);
      }
      const refused = (await audited(s.w)).filter((entry) => entry.startsWith("session.cross_site_refused"));
      expect(refused).toHaveLength(2);
      // Nor did it keep the session alive.
      const [row] = await s.ctx.db.all<{
        seen: number;
      }>`select last_seen_at - created_at as seen from sessions`;
      expect(row).toEqual({ seen: 0 });
      expect((await s.request("GET", { ...s.signedIn, ...headers })).status).toBe(200);
    });
  }

  test("is a 401 when the cookie is dead, wherever it comes from, and nothing is written of it", async () => {
    await using s = await scene();
    await s.ctx.db.run`delete from sessions`;
    expect((await s.request("POST", { ...s.signedIn, origin: "https://evil.example" })).status).toBe(401);
    expect(await audited(s.w)).toEqual([]);
  });
});

test("a Bearer is asked for no origin: no other site can make a browser send one", async () => {
  await using s = await scene();
  const { accessToken } = await signInForTokens(s.ctx);
  for (const bearer of [accessToken, await signInForKey(s.ctx)]) {
    const headers = { authorization: `Bearer ${bearer}`, origin: "https://evil.example" };
    expect((await s.request("POST", headers)).status).toBe(200);
  }
});

describe("leaving", () => {
  test("is possible with an access token whose time is over, with a cookie, and with nothing at all", async () => {
    await using s = await scene();
    const { accessToken, sessionId } = await signInForTokens(s.ctx);
    s.w.clock.advance(HOUR);
    const leave = async (headers: Record<string, string>) => {
      const { status, body } = await s.request("POST", headers, "/leave");
      return [status, body.leaving];
    };
    expect((await s.request("POST", { authorization: `Bearer ${accessToken}` })).status).toBe(401);
    expect(await leave({ authorization: `Bearer ${accessToken}` })).toEqual([200, sessionId]);
    expect(await leave({ ...s.signedIn, origin: s.url })).toEqual([200, s.sessionId]);
    expect(await leave({ authorization: "Bearer x" })).toEqual([200, null]);
    expect(await leave({ cookie: `${s.name}=x` })).toEqual([200, null]);
    expect(await leave({})).toEqual([200, null]);
    await s.ctx.db.run`delete from signing_keys`;
    expect(await leave({ authorization: `Bearer ${accessToken}` })).toEqual([200, null]);
  });

  test("cannot be brought about by another site", async () => {
    await using s = await scene();
    const headers = { ...s.signedIn, origin: "https://evil.example" };
    expect((await s.request("POST", headers, "/leave")).status).toBe(403);
  });
});

describe("the cookies that are set", () => {
  test("over https are for this host alone, and out of reach of scripts", async () => {
    await using s = await scene();
    const { headers } = await s.request("POST", {}, "/leave");
    expect(headers.getSetCookie()).toEqual([
      "__Host-ostiary_session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
      "__Host-ostiary_device=d; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60",
    ]);
    expect(setCookie(s.ctx, "session", "v")).toBe(
      "__Host-ostiary_session=v; Path=/; HttpOnly; SameSite=Lax; Secure",
    );
  });

  test("over http are without what browsers take over https only", async () => {
    await using s = await scene("http://auth.example.com");
    expect(setCookie(s.ctx, "session", "v", 86_400)).toBe(
      "ostiary_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400",
    );
    expect((await s.request("GET", s.signedIn)).status).toBe(200);
    const request = new Request(s.url, { headers: { cookie: `__Host-ostiary_session=${s.cookie}` } });
    expect(readCookie(s.ctx, request, "session")).toBeNull();
  });
});
