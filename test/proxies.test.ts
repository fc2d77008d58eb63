// Behind Debian's nginx and Caddy, set up word for word as the README has it: who is asking is whom the proxy saw, and nothing that a
// caller says about itself, its scheme or our name is believed (ASVS 4.1.3, 15.3.4; A17, A26, A53; CVE-2024-47070, CVE-2023-36456).
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, BASE } from "./support/key-group.ts";
import { type RunningProgram, startProgram } from "./support/process.ts";
import {
  type Asking,
  askThrough,
  BARE_NGINX,
  NAME,
  NGINX,
  type Proxy,
  startCaddy,
  startNginx,
} from "./support/proxies.ts";
import { send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const missing = ["nginx", "caddy", "curl"].filter((tool) => !Bun.which(tool));
if (missing.length > 0 && process.env["CI"])
  throw new Error(`proxies: no ${missing.join(", ")}; .ci/run should have installed them`);
if (missing.length > 0) console.warn(`SKIPPED, no ${missing.join(", ")} (apt-get install nginx-light caddy)`);
const behind = missing.length > 0 ? describe.skip : describe;

const LOGIN = "/api/v1/auth/login";
const SETUP = `${BASE}/setup/`;
const KEPT = 'proxy_http_version 1.1; proxy_set_header Connection "";';
const RESET = `${BASE}/mfa/reset/`;
const MOST = 3;
/** Everything by which a caller may say that it is someone or somewhere else. */
const CLAIMS: Record<string, string>[] = [
  { "x-forwarded-for": "203.0.113.7" },
  { "x-forwarded-for": "127.0.0.1" },
  { "x-forwarded-for": "::1, 127.0.0.1" },
  { "x-forwarded-for": "unknown, ;,,," },
  { "x-forwarded-for": "" },
  { forwarded: "for=127.0.0.1;host=localhost;proto=http" },
  { "x-real-ip": "127.0.0.1", "x-client-ip": "127.0.0.1", "cf-connecting-ip": "127.0.0.1" },
  { via: "1.1 localhost", "x-forwarded-host": "localhost", "x-forwarded-proto": "https" },
  { connection: "keep-alive, x-forwarded-for, x-real-ip, host" },
  { host: "localhost" },
  { host: "127.0.0.1" },
];

interface Scene extends AsyncDisposable {
  program: RunningProgram;
  proxy: Proxy;
  ask(path: string, asking?: Asking): ReturnType<typeof askThrough>;
  /** A password that is wrong, for a name that nobody tried before. */
  guess(asking?: Asking, path?: string): Promise<number>;
  rows<T>(sql: string): T[];
}

type Start = (upstream: string) => Promise<Proxy>;

async function scene(start: Start, env: Record<string, string> = {}): Promise<Scene> {
  const program = await startProgram({
    env: {
      OSTIARY_URL: `https://${NAME}`,
      OSTIARY_TRUSTED_PROXIES: "127.0.0.1",
      OSTIARY_LIMIT_ADDRESS_FAILURES: String(MOST),
      ...env,
    },
  });
  const proxy = await start(`http://127.0.0.1:${new URL(program.origin).port}`);
  let guesses = 0;
  const ask = (path: string, asking?: Asking) => askThrough(proxy, path, asking);
  return {
    program,
    proxy,
    ask,
    guess: async (asking, path = LOGIN) => {
      const body = { email: `nobody${guesses++}@example.com`, password: "wrong password" };
      return (await ask(path, { body, ...asking })).status;
    },
    rows<T>(sql: string): T[] {
      using database = openBeside(join(program.directory, "data/ostiary.db"), { readonly: true });
      return database.query<T, []>(sql).all();
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();
    },
  };
}

const failuresBy = (s: Scene) =>
  Object.fromEntries(
    s
      .rows<{ address: string; n: number }>(
        "select address, count(*) as n from audit where event = 'login.failed' group by address order by address",
      )
      .map(({ address, n }) => [address, n]),
  );

const setUp = async ({ program: { origin } }: Scene): Promise<string> => {
  const { status, body } = await send(origin, "POST", SETUP, { body: ADMIN });
  if (status !== 200) throw new Error(`setup answered ${status}`);
  return body.key;
};

const nginx: Start = (upstream) => startNginx(NGINX(upstream));
const PROXIES: [name: string, start: Start][] = [
  ["nginx", nginx],
  ["Caddy", startCaddy],
  ["nginx behind nginx", chained(nginx)],
  ["nginx behind Caddy", chained(startCaddy)],
];

/** The outer one in front of an nginx, which is in front of the program. */
function chained(outer: Start): Start {
  return async (upstream) => {
    const inner = await nginx(upstream);
    const proxy = await outer(`http://127.0.0.1:${inner.port}`);
    return {
      port: proxy.port,
      async [Symbol.asyncDispose]() {
        await proxy[Symbol.asyncDispose]();
        await inner[Symbol.asyncDispose]();
      },
    };
  };
}

for (const [name, start] of PROXIES) {
  behind(`behind ${name}`, () => {
    test("a client is counted and written down by its own address, and says what it likes in vain", async () => {
      await using s = await scene(start);
      for (let i = 0; i < MOST; i++) expect(await s.guess()).toBe(401);
      expect(await s.guess()).toBe(429);
      // Whoever is held cannot dodge it...
      for (const headers of CLAIMS.filter(({ host }) => host === undefined))
        expect([headers, await s.guess({ headers })]).toEqual([headers, 429]);
      // ...and nobody else is held, nor can be framed.
      const framing = { from: "127.0.0.6", headers: { "x-forwarded-for": "127.0.0.7" } };
      for (let i = 0; i < MOST; i++) expect(await s.guess(framing)).toBe(401);
      expect(await s.guess({ from: "127.0.0.7" })).toBe(401);
      expect(failuresBy(s)).toEqual({ "127.0.0.5": MOST, "127.0.0.6": MOST, "127.0.0.7": 1 });
      expect(s.rows("select event from audit where address not like '127.0.0.%'")).toEqual([]);
    });

    test("however the path is spelled, the limit is the same (GHSA-x732-6j76-qmhm)", async () => {
      await using s = await scene(start);
      for (let i = 0; i < MOST; i++) expect(await s.guess()).toBe(401);
      const spelled = [
        "//api/v1/auth/login",
        "/api/v1/auth//login",
        "/api//v1/auth/login",
        "/api/v1/auth/./login",
        "/api/v1/auth/x/../login",
        "/api/v1/auth/%6cogin",
        "/api/v1/auth%2flogin",
        "/api/v1/auth/login%2f",
        "/api/v1/auth/login/",
        "/API/v1/auth/login",
        "/api/v1/auth/login?x=1",
        "/api/v1/auth/login;x=1",
        "/api/v1/auth/login%00",
      ];
      for (const path of spelled) {
        const status = await s.guess({}, path);
        expect([path, [307, 308, 400, 404, 429].includes(status)]).toEqual([path, true]);
      }
      expect(failuresBy(s)).toEqual({ "127.0.0.5": MOST });
    });

    test("nobody is local: set-up asks for its token, and mfa/reset/ stays closed", async () => {
      await using s = await scene(start);
      for (const headers of [{}, ...CLAIMS]) {
        const { body } = await s.ask(SETUP, { body: ADMIN, headers });
        expect([headers, body.includes("ost_key_")]).toEqual([headers, false]);
      }
      expect((await s.ask(SETUP, { body: ADMIN })).status).toBe(403);
      expect(s.rows("select id from users")).toEqual([]);
      const key = await setUp(s);
      const authorization = `Bearer ${key}`;
      expect((await s.ask(`${BASE}/me/`, { headers: { authorization } })).status).toBe(200);
      for (const headers of [{}, ...CLAIMS])
        await s.ask(RESET, { method: "POST", headers: { ...headers, authorization } });
      const { status, body } = await s.ask(RESET, { method: "POST", headers: { authorization } });
      expect([status, JSON.parse(body).detail]).toEqual([403, "MFA reset only allowed from localhost."]);
      expect(s.rows("select id from audit where event = 'mfa.reset'")).toEqual([]);
      expect((await send(s.program.origin, "POST", RESET, { key })).status).toBe(200);
    });

    test("links, cookies and redirects follow OSTIARY_URL, whatever scheme and host a request names", async () => {
      await using s = await scene(start, { OSTIARY_LIMIT_MAIL_GAP: "0" });
      const key = await setUp(s);
      const api = (path: string, body: unknown) =>
        send(s.program.origin, "POST", `/api/v1/admin${path}`, { key, body });
      expect((await api("/tenants", { slug: "acme", name: "Acme" })).status).toBe(201);
      const ada = { email: "ada@example.com", password: "correct horse battery" };
      expect((await api("/tenants/acme/members", { ...ada, role: "member" })).status).toBe(201);
      const acme = "/api/v1/auth/tenants/acme";
      const lies = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        forwarded: "host=evil.example;proto=http",
      };
      const { status, headers } = await s.ask(`${acme}/login`, { body: ada, headers: lies });
      expect(status).toBe(200);
      expect(headers.get("set-cookie")).toMatch(
        /^__Host-ostiary_\w+=.*; Path=\/; HttpOnly; SameSite=Lax; Secure/,
      );
      expect(headers.get("strict-transport-security")).toBeDefined();
      const forgot = await s.ask(`${acme}/forgot-password`, { body: { email: ada.email }, headers: lies });
      expect(forgot.status).toBe(200);
      const outbox = join(s.program.directory, "data/outbox");
      const files = () =>
        (existsSync(outbox) ? readdirSync(outbox) : []).filter((file) => file.endsWith(".eml"));
      while (files().length === 0) await Bun.sleep(20);
      const mail = files().map((file) => readFileSync(join(outbox, file), "utf8"));
      expect(mail.join("")).toContain(`https://${NAME}/`);
      expect(mail.join("")).not.toContain("evil.example");
      const redirect = await s.ask(`${BASE}/token`, { method: "POST", headers: lies });
      expect([redirect.status, redirect.headers.get("location")]).toEqual([307, `${BASE}/token/`]);
    });
  });
}

behind("behind nginx", () => {
  test("a name that is not ours is refused", async () => {
    await using s = await scene(nginx);
    expect((await s.ask("/healthz")).status).toBe(200);
    for (const host of ["evil.example", `${NAME}.evil.example`, `x${NAME}`]) {
      const { status } = await s.ask(`${BASE}/setup-status/`, { headers: { host } });
      expect([host, status]).toEqual([host, 421]);
    }
  });

  test("IPv6 is counted by /64, and written down whole", async () => {
    const balancer = { from: "127.0.0.9" };
    await using s = await scene(nginx, { OSTIARY_TRUSTED_PROXIES: "127.0.0.1,127.0.0.9" });
    const via = (address: string) => s.guess({ ...balancer, headers: { "x-forwarded-for": address } });
    const rotated = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:0DB8:1:2:a:b:c:d"];
    for (const address of rotated) expect(await via(address)).toBe(401);
    expect([await via("2001:db8:1:2::9"), await via("2001:db8:1:3::1")]).toEqual([429, 401]);
    expect(await s.guess({ to: "[::1]" })).toBe(401);
    expect(Object.keys(failuresBy(s)).toSorted()).toEqual([
      "2001:db8:1:2::1",
      "2001:db8:1:2:a:b:c:d",
      "2001:db8:1:2:ffff::",
      "2001:db8:1:3::1",
      "::1",
    ]);
  });

  test("what a proxy of ours hands on and nobody can read holds up that proxy, and opens nothing", async () => {
    await using s = await scene(nginx, { OSTIARY_TRUSTED_PROXIES: "127.0.0.1,127.0.0.9" });
    const garbled = ["unknown", "203.0.113.7:99", "203.0.113.7, garbage", "999.1.1.1", "' or 1=1 --", '"'];
    const statuses = [];
    for (const claim of garbled)
      statuses.push(await s.guess({ from: "127.0.0.9", headers: { "x-forwarded-for": claim } }));
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
    expect(failuresBy(s)).toEqual({ "127.0.0.9": MOST });
  });

  const others: [what: string, server: (upstream: string) => string][] = [
    ["that was told neither host nor client", BARE_NGINX],
    // Which closes no connection, so that only the header with the client tells it from the keyboard.
    [
      "that keeps its connections",
      (upstream) => NGINX(upstream).replace("location / {", `location / { ${KEPT}`),
    ],
  ];
  test.each(others)("%s, nobody is local all the same", async (_, server) => {
    await using s = await scene((upstream) => startNginx(server(upstream)));
    for (const headers of [{}, ...CLAIMS, { connection: "keep-alive" }]) {
      const { status } = await s.ask(SETUP, { body: ADMIN, headers });
      expect([headers, status]).toEqual([headers, 403]);
    }
    const authorization = `Bearer ${await setUp(s)}`;
    const { status } = await s.ask(RESET, { method: "POST", headers: { authorization } });
    expect(status).toBe(403);
  });
});

behind("behind Caddy that ends TLS", () => {
  test("everything is as over https, and the address is the client's", async () => {
    await using s = await scene((upstream) => startCaddy(upstream, { tls: true }));
    const https = { scheme: "https" } as const;
    const { status, headers } = await s.ask("/.well-known/jwks.json", https);
    expect([status, headers.get("strict-transport-security")]).toEqual([200, "max-age=31536000"]);
    for (let i = 0; i < MOST; i++) expect(await s.guess(https)).toBe(401);
    expect([await s.guess(https), await s.guess({ ...https, from: "127.0.0.6" })]).toEqual([429, 401]);
    expect(failuresBy(s)).toEqual({ "127.0.0.5": MOST, "127.0.0.6": 1 });
  });
});
