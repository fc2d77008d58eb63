// What every answer carries, whatever its status (decisions §1).
import { describe, expect, test } from "bun:test";
import { createApp } from "../src/server.ts";
import { ADMIN, BASE, enableTotp, setUpAdmin, signIn, totpCode } from "./support/key-group.ts";
import { type Answer, type World, world } from "./support/world.ts";

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";
const PROMISED = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": API_POLICY,
};
const TOKEN = `${BASE}/token/`;

/** The status and a way to provoke it, in an installation whose admin holds the key. */
const PROVOCATIONS: [status: number, how: string, (w: World, key: string) => Promise<Answer>][] = [
  [200, "the health check", (w) => w.send("GET", "/healthz")],
  [200, "a public question", (w) => w.send("GET", `${BASE}/setup-status/`)],
  [200, "a signed-in question", (w, key) => w.send("GET", `${BASE}/me/`, { key })],
  [200, "a question by HEAD", (w, key) => w.send("HEAD", `${BASE}/me/`, { key })],
  [200, "a sign-in", (w) => signIn(w)],
  [307, "the other slash form", (w) => w.send("POST", `${BASE}/token`, { body: ADMIN })],
  [400, "a garbled Host", (w) => w.send("GET", "/healthz", { headers: { host: "a,b" } })],
  [400, "a refusal", (w, key) => w.send("POST", `${BASE}/mfa/verify/`, { key, body: { code: "123456" } })],
  [401, "no Bearer", (w) => w.send("GET", `${BASE}/me/`)],
  [401, "a bad Bearer", (w) => w.send("GET", `${BASE}/me/`, { key: "ost_key_x" })],
  [401, "a wrong password", (w) => signIn(w, { ...ADMIN, password: "wrong" })],
  [404, "an unknown path", (w) => w.send("GET", "/nope")],
  [405, "a wrong method", (w) => w.send("DELETE", TOKEN)],
  [405, "a preflight", (w) => w.send("OPTIONS", TOKEN, { headers: { origin: "https://example.com" } })],
  [409, "a second setup", (w) => w.send("POST", `${BASE}/setup/`, { body: ADMIN })],
  [413, "a body over 64 KiB", (w) => w.send("POST", TOKEN, { body: "x".repeat(65_536) })],
  [415, "a form", (w) => w.send("POST", TOKEN, { body: 1, headers: { "content-type": "text/plain" } })],
  [421, "a foreign Host", (w) => w.send("GET", `${BASE}/me/`, { headers: { host: "example.com" } })],
  [422, "a body that is no object", (w) => w.send("POST", TOKEN, { body: [] })],
  [422, "a body without its fields", (w) => w.send("POST", TOKEN, { body: {} })],
  [422, "a parameter given twice", (w) => w.send("GET", "/healthz?a=1&a=2")],
  [500, "a seed that was moved to another row", fault],
];

/** A fault that is none of the caller's: the sealed seed is bound to its row, and the row has another id now. */
async function fault(w: World, key: string): Promise<Answer> {
  const secret = await enableTotp(w, key);
  await w.ctx.db.run`update totp_devices set id = 'tot_moved'`;
  return w.send("POST", `${BASE}/mfa/disable/`, { key, body: { code: totpCode(w.clock, secret, 1) } });
}

for (const [status, how, provoke] of PROVOCATIONS) {
  test(`${status}, by ${how}, carries the promised headers and none that tells what runs here`, async () => {
    await using w = await world();
    const answer = await provoke(w, await setUpAdmin(w));
    expect(answer.status).toBe(status);
    for (const [name, value] of Object.entries(PROMISED)) {
      expect([name, answer.headers.get(name)]).toEqual([name, value]);
    }
    expect(answer.headers.get("x-request-id")).toMatch(/^req_[\da-f]{32}$/);
    expect(answer.headers.has("www-authenticate")).toBe(status === 401);
    for (const name of ["server", "x-powered-by", "strict-transport-security", "set-cookie"]) {
      expect([name, answer.headers.get(name)]).toEqual([name, null]);
    }
    for (const name of answer.headers.keys()) expect(name).not.toStartWith("access-control-");
  });

  test(`${status}, by ${how}, asks for https when the public URL does`, async () => {
    await using w = await world({ URL: "https://auth.example.com" });
    const answer = await provoke(w, await setUpAdmin(w));
    expect([answer.status, answer.headers.get("strict-transport-security")]).toEqual([
      status,
      "max-age=31536000",
    ]);
  });
}

describe("X-Request-Id", () => {
  test("is another one each time, and never the caller's", async () => {
    await using w = await world();
    const headers = { "x-request-id": "req_of_the_caller" };
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => w.send("GET", i % 2 ? "/healthz" : "/nope", { headers })),
    );
    const ids = answers.map((answer) => answer.headers.get("x-request-id"));
    expect(new Set(ids).size).toBe(200);
    expect(ids).not.toContain("req_of_the_caller");
  });

  test("of a 500 finds the whole story in the log, of which nothing is on the wire", async () => {
    await using w = await world();
    const answer = await fault(w, await setUpAdmin(w));
    expect([answer.status, answer.body]).toEqual([500, { detail: "Internal Server Error" }]);
    const lines = w.log.map((line) => JSON.parse(line)).filter(({ event }) => event === "fault");
    expect(lines).toEqual([
      {
        time: expect.any(String),
        level: "error",
        event: "fault",
        requestId: answer.headers.get("x-request-id"),
        error: expect.stringMatching(/\n +at .*\.ts:\d+/),
      },
    ]);
    const [reason = ""] = lines[0].error.split("\n");
    expect(reason).not.toBe("");
    expect(JSON.stringify([...answer.headers])).not.toContain(reason);
  });

  test("stands in the audit entry of what it did", async () => {
    await using w = await world();
    await setUpAdmin(w);
    const { headers } = await signIn(w, { ...ADMIN, password: "wrong" });
    expect(await w.ctx.db.get`select request_id as id from audit where event = 'login.failed'`).toEqual({
      id: headers.get("x-request-id"),
    });
  });
});

test("every route that wants a Bearer says so with its 401", async () => {
  await using w = await world();
  const wanting = createApp(w.ctx).routes.filter((route) => route.hooks.detail?.security?.length);
  expect(wanting.length).toBeGreaterThanOrEqual(6);
  for (const { method, path } of wanting) {
    for (const authorization of ["", "Bearer nobody", "Basic YTpi"]) {
      const answer = await w.send(method, path, { headers: { authorization } });
      expect([path, answer.status, answer.headers.get("www-authenticate")]).toEqual([path, 401, "Bearer"]);
    }
  }
});

test("the pages of the documentation have a policy of their own, and the other headers", async () => {
  await using w = await world();
  for (const path of ["/swagger", "/swagger/viewer.js", "/swagger/viewer.css", "/swagger/start.js"]) {
    const { headers } = await w.send("GET", path);
    const { "content-security-policy": _, ...others } = PROMISED;
    for (const [name, value] of Object.entries(others)) expect(headers.get(name)).toBe(value);
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'; /);
  }
});
