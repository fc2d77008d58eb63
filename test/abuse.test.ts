// Attacks of spec/security.md that no generated suite covers by itself, each by its number there.
import { describe, expect, test } from "bun:test";
import { BASE } from "./support/key-group.ts";
import { type ReceivedMail, tokenIn } from "./support/mailbox.ts";
import { org } from "./support/org-group.ts";
import { makePerson, PASSWORD } from "./support/people.ts";
import { cookieFrom, portal } from "./support/portal-group.ts";
import { claimsOf, portals } from "./support/portals.ts";
import { exchange } from "./support/raw-socket.ts";
import {
  ADA,
  codesMailed,
  enrolEmail,
  enrolTotp,
  makeBackupCodes,
  signedInWith,
  superuserKey,
  type Town,
  town,
} from "./support/second-factors.ts";
import { signInForTokens } from "./support/sessions.ts";
import { tenantOf, withCookie } from "./support/tenant-group.ts";
import type { SendOptions } from "./support/world.ts";

const tokensOf = (w: Town, tenantId = w.acme.id) =>
  signInForTokens(w.ctx, { userId: w.userId, tenantId, amr: ["pwd", "otp", "mfa"] });

test("A06: a session is worth in its own tenant what it was, when another that came of it by switching is over", async () => {
  await using w = await town();
  const { accessToken } = await tokensOf(w);
  const there = (await org(w, accessToken).switchTo({ id: w.beta.id })).body;
  await w.ctx.db.run`delete from memberships where user_id = ${w.userId} and tenant_id = ${w.beta.id}`;
  expect(await org(w, there.access_token).worth()).toBe(401);
  expect((await portal(w).refresh(there.refresh_token)).status).toBe(401);
  expect(await org(w, accessToken).worth()).toBe(200);
  expect(claimsOf(accessToken).tid).toBe(w.acme.id);
  expect((await org(w, accessToken).switchTo({ id: w.beta.id })).status).toBe(403);
});

describe("A07: the user that a client says is compared with the token's, and nobody is looked up by it:", () => {
  const others: [string, (w: Town) => Promise<unknown>, number][] = [
    ["another's", (w) => makePerson(w, w.acme, { email: "bob@example.com" }), 401],
    ["nobody's", async () => "usr_01a2106f493b71a6b5fcf8146eb7a9a5", 401],
    ["no text", async () => "", 401],
    ["another case", async (w) => w.userId.toUpperCase(), 401],
    ["a number", async () => 1, 422],
    ["a list", async (w) => [w.userId], 422],
    ["an object", async (w) => ({ id: w.userId }), 422],
  ];
  for (const [what, saidBy, status] of others) {
    test(what, async () => {
      await using w = await town();
      await enrolTotp(w, w.userId);
      await enrolEmail(w, w.userId);
      const [code = ""] = await makeBackupCodes(w, w.userId);
      const said = await saidBy(w);
      const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
      const shown = { mfa_token, user_id: said, method: "backup_code", code };
      expect((await portal(w).verify(shown)).status).toBe(status);
      expect((await tenantOf(w, "acme").verifyMfa(shown)).status).toBe(status);
      if (typeof said === "string") {
        const query = new URLSearchParams({ mfa_token, user_id: said }).toString();
        for (const path of ["email/send", "webauthn/begin"])
          expect((await w.send("POST", `${BASE}/tenants/acme/mfa/${path}?${query}`)).status).toBe(401);
      }
      expect(await signedInWith(w, w.userId)).toEqual([]);
    });
  }
});

/** Each request that makes a mail go out. */
const CAUSES: Record<string, (w: Town) => Promise<{ path: string; body?: object; key?: string }>> = {
  "forgot-password": async () => ({ path: `${BASE}/tenants/acme/forgot-password`, body: { email: ADA } }),
  "password/forgot": async () => ({ path: `${BASE}/tenants/acme/password/forgot`, body: { email: ADA } }),
  "portal/forgot-password": async () => ({
    path: "/v1/auth/portal/forgot-password",
    body: { email: ADA, portal_id: "acme" },
  }),
  register: async () => ({
    path: `${BASE}/tenants/acme/register`,
    body: { email: ADA.replace("ada", "eve"), password: PASSWORD, first_name: "Eve", last_name: "Ill" },
  }),
  "registering again": async () => ({
    path: `${BASE}/tenants/acme/register`,
    body: { email: ADA, password: PASSWORD, first_name: "Eve", last_name: "Ill" },
  }),
  "a login before the email is verified": async (w) => {
    await makePerson(w, w.acme, { email: "bob@example.com", isVerified: false });
    return { path: `${BASE}/login`, body: { email: "bob@example.com", password: PASSWORD } };
  },
  "request-magic-code": async () => ({ path: "/v1/auth/request-magic-code", body: { email: ADA } }),
  "portal/request-magic-code": async () => ({
    path: "/v1/auth/portal/request-magic-code",
    body: { email: ADA, portal_id: "acme" },
  }),
  "portal/login": async (w) => {
    await enrolEmail(w, w.userId);
    return { path: "/v1/auth/portal/login", body: { email: ADA, password: PASSWORD, portal_id: "acme" } };
  },
  "mfa/email/send": async (w) => {
    await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
    const query = new URLSearchParams({ mfa_token, user_id: w.userId }).toString();
    return { path: `${BASE}/tenants/acme/mfa/email/send?${query}` };
  },
  "email/enable": async (w) => ({
    path: "/api/v1/me/mfa/email/enable",
    key: (await tokensOf(w)).accessToken,
  }),
  "an invitation": async (w) => ({
    path: `/api/v1/admin/tenants/acme/members`,
    body: { email: "new@example.com", role: "member", invite: true },
    key: await superuserKey(w),
  }),
  "a reset that a superuser asks for": async (w) => ({
    path: `/api/v1/admin/users/${w.userId}/password-reset`,
    body: {},
    key: await superuserKey(w),
  }),
  "login-as-user": async (w) => ({
    path: "/v1/auth/login-as-user",
    body: { user_id: w.userId, organization_id: "acme" },
    key: await superuserKey(w),
  }),
};

const EVIL = "evil.example";
const POISON: Record<string, string> = {
  "x-forwarded-host": EVIL,
  "x-forwarded-server": EVIL,
  "x-forwarded-proto": "gopher",
  "x-forwarded-port": "666",
  "x-forwarded-prefix": `/${EVIL}`,
  "x-forwarded-for": "203.0.113.66",
  forwarded: `for=203.0.113.66;host=${EVIL};proto=gopher`,
  "x-original-host": EVIL,
  "x-host": EVIL,
  "x-http-host-override": EVIL,
  "x-original-url": `http://${EVIL}/`,
  "x-rewrite-url": `http://${EVIL}/`,
  "base-url": `http://${EVIL}/`,
  referer: `http://${EVIL}/`,
  "x-url-scheme": "gopher",
};

describe("A26: a mail's links lead to the configured URL, whatever the request says of itself:", () => {
  /** Everything of every mail that is out once no more waits. */
  async function mailed(w: Town): Promise<ReceivedMail[]> {
    for (;;) {
      const waiting = await w.ctx.db.all`select id from outbox where status = 'queued'`;
      if (waiting.length === 0) return w.mailbox.mails;
      await Bun.sleep(20);
    }
  }
  const links = ({ text, html }: ReceivedMail) =>
    `${text} ${html}`.match(/(?<=[\s"'<(])[a-z]+:\/\/[^\s"'<)]+/g) ?? [];
  const wordsOf = ({ raw, text, html }: ReceivedMail) => raw + text + html;

  for (const [cause, request] of Object.entries(CAUSES)) {
    test(cause, async () => {
      // Even a proxy that is trusted says who asks, and never where we are.
      const w = await town({ TRUSTED_PROXIES: "127.0.0.0/8,::1/128", LIMIT_MAIL_GAP: "0" });
      await using _ = w;
      const { path, body, key } = await request(w);
      const before = (await mailed(w)).length;
      const options: SendOptions = { headers: POISON, ...(body && { body }), ...(key && { key }) };
      expect((await w.send("POST", path, options)).status).toBeLessThan(404);
      const mails = (await mailed(w)).slice(before);
      expect(mails.length).toBeGreaterThan(0);
      for (const mail of mails) {
        expect(wordsOf(mail)).not.toContain(EVIL);
        expect(wordsOf(mail)).not.toContain("gopher");
        for (const link of links(mail)) expect(link).toStartWith(w.ctx.config.url);
      }
      // Under another name nobody is served at all.
      const text = JSON.stringify(body ?? {});
      const bearer = key ? `Authorization: Bearer ${key}\r\n` : "";
      const rest = `${bearer}Content-Type: application/json\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;
      const own = new URL(w.origin).host;
      const count = before + mails.length;
      for (const [target, host] of [
        [path, EVIL],
        [path, `${own}.${EVIL}`],
        [path, `${EVIL}:${own.split(":")[1]}`],
        [path, `${own}@${EVIL}`],
        [`http://${EVIL}${path}`, EVIL],
      ])
        expect(await exchange(w.origin, `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${rest}`)).toMatch(
          /^HTTP\/1\.1 (421|400) /,
        );
      expect(await mailed(w)).toHaveLength(count);
      // The target may name another as well as Host: what was said in one of both is not believed.
      await exchange(w.origin, `POST http://${EVIL}${path} HTTP/1.1\r\nHost: ${own}\r\n${rest}`);
      for (const mail of await mailed(w)) expect(wordsOf(mail)).not.toContain(EVIL);
    });
  }
});

describe("A31: no request leads anyone to where the tenant does not want them:", () => {
  const GOOD = "https://app.example.com/after";
  const BAD = [
    "https://evil.example/after",
    "//app.example.com/after",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/app.example.com/after",
    "https:///app.example.com/after",
    "https://app.example.com@evil.example/after",
    "https://evil.example#@app.example.com/after",
    "https://app.example.com.evil.example/after",
    "https://appXexample.com/after",
    "https://evil.example/https://app.example.com/after",
    "https://app.example.com/after/../../evil",
    "https://app.example.com/%2f%2fevil.example",
    "https://app.example.com/after?",
    "https://app.example.com/after#",
    "https://app.example.com:443/after",
    "https://app.example.com./after",
    "https://APP.example.com/after",
    "HTTPS://app.example.com/after",
    "http://app.example.com/after",
    "https://\u0430pp.example.com/after",
    "https://app.example.com/after\t",
    "https://app.example.com/after\r\nLocation: https://evil.example",
    " https://app.example.com/after",
    "https://app.example.com/after\u0000",
    "javascript:alert(1)//https://app.example.com/after",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "",
  ];
  const uses: Record<string, (w: Town, redirect_uri: string) => ReturnType<Town["send"]>> = {
    register: (w, redirect_uri) => tenantOf(w, "acme").register({ email: "new@example.com", redirect_uri }),
    "forgot-password": (w, redirect_uri) => tenantOf(w, "acme").forgot(ADA, { redirect_uri }),
    "password/forgot": (w, redirect_uri) => tenantOf(w, "acme").passwordForgot(ADA, { redirect_uri }),
  };
  const start = async () => {
    const w = await town({ LIMIT_MAIL_GAP: "0" });
    const settings = JSON.stringify({ redirect_uris: [GOOD], self_registration: true });
    await w.ctx.db.run`update tenants set settings = ${settings} where id = ${w.acme.id}`;
    return w;
  };
  for (const [what, use] of Object.entries(uses)) {
    test(what, async () => {
      await using w = await start();
      for (const uri of BAD) {
        const answer = await use(w, uri);
        expect([uri, answer.status, answer.body.detail?.[0]?.loc]).toEqual([
          uri,
          422,
          ["body", "redirect_uri"],
        ]);
        expect(answer.headers.get("location")).toBeNull();
        expect(JSON.stringify(answer.body)).not.toContain("evil");
      }
      expect(await w.ctx.db.all`select id from outbox`).toEqual([]);
      const answer = await use(w, GOOD);
      expect(answer.status).toBe(200);
      // A32: what is secret goes to the mailbox, and is not added to any address.
      const token = tokenIn(await w.mailbox.waitFor(what === "register" ? "new@example.com" : ADA));
      expect(JSON.stringify([answer.body, [...answer.headers]])).not.toContain(token);
    });
  }

  test("A33: nor does one that lies in the database, and was never to be taken", async () => {
    await using w = await town();
    for (const uri of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://evil.example/"]) {
      const settings = JSON.stringify({ redirect_uris: [uri], default_redirect_uri: uri });
      await w.ctx.db.run`update tenants set settings = ${settings} where id = ${w.acme.id}`;
      const acme = tenantOf(w, "acme");
      expect((await acme.login(ADA, PASSWORD)).body.data).toMatchObject({ redirect_uri: null });
      await acme.forgot(ADA, { redirect_uri: uri });
      const [row] = await w.ctx.db.all`select redirect_uri from one_time_secrets`;
      expect(row).toEqual({ redirect_uri: uri });
      const reset = await acme.reset(tokenIn(await w.mailbox.waitFor(ADA, "new password")), PASSWORD);
      expect([reset.status, reset.body.data.redirect_uri]).toEqual([200, null]);
      await w.ctx.db.run`delete from limits`;
    }
  });
});

test("A59: whoever plants a session, a device or a flow before a sign-in has nothing of what comes of it", async () => {
  await using w = await town();
  await makePerson(w, w.acme, { email: "mallory@example.com" });
  const theirs = await tenantOf(w, "acme").login("mallory@example.com", PASSWORD);
  const planted = cookieFrom(theirs, "session");
  const jar = `ostiary_session=${planted}; ostiary_trusted=ost_td_${"A".repeat(43)}; ostiary_device=${cookieFrom(theirs, "device")}`;
  const headers = { cookie: jar };
  const own = await tenantOf(w, "acme", { headers }).login(ADA, PASSWORD);
  expect(cookieFrom(own, "session")).not.toBe(planted);
  expect(own.body.data.session_id).not.toBe(theirs.body.data.session_id);
  const opened = [
    await portal(w, { headers }).login(ADA, PASSWORD, w.acme.id),
    await portals(w, { headers }).login("acme"),
  ];
  for (const { body } of opened) expect(claimsOf(body.access_token).sub).toBe(w.userId);
  const who = async (cookie: string) => (await w.send("GET", "/api/v1/me", withCookie(cookie))).body.email;
  expect([await who(planted), await who(cookieFrom(own, "session"))]).toEqual(["mallory@example.com", ADA]);
});

describe("A60: no step of a sign-in can be left out:", () => {
  const shown: [string, object][] = [
    ["a factor that is not enrolled", { method: "email", code: "123456" }],
    ["another that is not", { method: "webauthn", code: "123456", challenge_id: "wch_x", credential: {} }],
    ["no method", { code: "123456" }],
    ["the method none", { method: "none" }],
    ["null for one", { method: null, code: "123456" }],
    ["a list", { method: ["totp"], code: "123456" }],
    ["no code", { method: "totp" }],
    ["null for a code", { method: "totp", code: null }],
    ["an empty code", { method: "totp", code: "" }],
    ["a number for a code", { method: "totp", code: 123456 }],
    ["a passkey's answer under TOTP", { method: "totp", challenge_id: "wch_x", credential: { id: "x" } }],
    ["spaces", { method: "backup_code", code: "- - -" }],
    [
      "success itself",
      { method: "totp", code: "000000", status: "SUCCESS", verified: true, mfa_verified: true },
    ],
  ];
  for (const [what, body] of shown) {
    test(what, async () => {
      await using w = await town();
      await enrolTotp(w, w.userId);
      const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
      for (const verify of [portal(w).verify, tenantOf(w, "acme").verifyMfa]) {
        const answer = await verify({ mfa_token, user_id: w.userId, ...body });
        expect([401, 422]).toContain(answer.status);
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
      expect(await signedInWith(w, w.userId)).toEqual([]);
      expect(await codesMailed(w)).toBe(0);
    });
  }
});

test("A75: no answer about who is signed in is ever 'not modified', or may be kept", async () => {
  await using w = await town();
  const { accessToken: key } = await tokensOf(w);
  const { login_session_id } = (await portals(w).magic("acme")).body;
  const status = new URLSearchParams({ email: ADA, session_id: login_session_id }).toString();
  const paths = [
    "/api/v1/me",
    "/api/v1/me/sessions",
    "/api/v1/me/mfa",
    `${BASE}/me/`,
    "/v1/auth/load",
    `/v1/auth/login-status?${status}`,
  ];
  for (const path of paths) {
    const headers = {
      "if-none-match": "*",
      "if-modified-since": new Date(w.clock.now() + 1000).toUTCString(),
      range: "bytes=0-0",
      "cache-control": "only-if-cached",
    };
    const answer = await w.send("GET", path, { key, headers });
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("etag")).toBeNull();
    expect(answer.headers.get("last-modified")).toBeNull();
  }
});

test("A79: a key in the query, the body or another header opens nothing", async () => {
  await using w = await town();
  const { accessToken } = await tokensOf(w);
  const made = await w.send("POST", "/api/v1/me/keys", { key: accessToken, body: { name: "x" } });
  const { key } = made.body;
  expect((await w.send("GET", "/api/v1/me", { key })).status).toBe(200);
  const query = ["key", "api_key", "access_token", "token", "authorization", "bearer"];
  for (const name of query) expect((await w.send("GET", `/api/v1/me?${name}=${key}`)).status).toBe(401);
  for (const headers of [
    { "x-api-key": key },
    { "api-key": key },
    { "x-auth-token": key },
    { "proxy-authorization": `Bearer ${key}` },
    { authorization: `Basic ${btoa(`ada:${key}`)}` },
    { authorization: key },
    { authorization: `Token ${key}` },
    { cookie: `ostiary_session=${key}; access_token=${key}` },
  ] as Record<string, string>[])
    expect((await w.send("GET", "/api/v1/me", { headers })).status).toBe(401);
  expect((await w.send("POST", "/v1/auth/switch", { body: { id: "beta", access_token: key } })).status).toBe(
    401,
  );
  // Nor does any list show it again, nor what it is stored as.
  const [row] = await w.ctx.db.all<{
    token_hash: string;
  }>`select token_hash from api_keys where kind = 'manual'`;
  for (const path of ["/api/v1/me/keys", "/api/v1/me", `${BASE}/me/`, "/v1/auth/load"]) {
    const text = JSON.stringify((await w.send("GET", path, { key })).body);
    expect([path, text.includes(key), text.includes(row?.token_hash ?? "?")]).toEqual([path, false, false]);
  }
});
