// What is measured: each function gives the figures of one kind of work, taken in turn with the limit beside it.
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import { BARE_CHAINS, bareToken } from "./bare-server.ts";
import { type Load, type Measured, measure, request, type Stream } from "./load.ts";
import { COST, emailOf, PASSWORD, slugOf, usernameOf } from "./seed.ts";
import type { Measurable } from "./server.ts";
import { median } from "./statistics.ts";

export const SERVER_CORE = 0;
const CLIENT_CORE = 1;
const ROUNDS = 5;
const ROUND_MS = 2_000;
const FLOOD_MS = 5_000;
const CLIENTS = 32;
const SIGNERS = 8;
const ASKED_PER_SECOND = 100;
const HOSTILE = 200;
const SLOW_CLIENTS = join(ROOT, "test/support/slow-clients.ts");
const ME = "/api/v1/auth/me/";
const REFRESH = "/api/v1/auth/refresh";

/** One line of the report. `ours` and `limit` in the same unit. */
export interface Figure {
  work: string;
  unit: "/s" | "ms" | "MiB";
  ours: number;
  /** What the machine allows, where that was measured beside it. */
  limit?: number;
  /** Medians of the ratios of the rounds, not the ratio of the medians. */
  ratio?: number;
  atLeast?: number;
  atMost?: number;
}

/** As many accounts as there are clients, signed in. */
export interface People {
  keys: string[];
  accessTokens: string[];
  cookies: string[];
  refreshTokens: string[];
}

/** Signs them in, in every way that is measured. */
export async function signIn({ origin }: Measurable): Promise<People> {
  const people = Array.from({ length: CLIENTS }, (_, i) => 100 + i);
  // In turn: more at once than the queue of password checks takes would be turned away.
  const each = (ask: (i: number) => ReturnType<typeof post>) => Promise.all(people.map((i) => ask(i)));
  const logins = await each((i) =>
    post(`${origin}/api/v1/auth/login`, { email: emailOf(i), password: PASSWORD }),
  );
  const keys = await each((i) =>
    post(`${origin}/api/v1/auth/token/`, { username: usernameOf(i), password: PASSWORD }),
  );
  const browsers = await each((i) =>
    post(`${origin}/api/v1/auth/tenants/${slugOf(i)}/login`, { email: emailOf(i), password: PASSWORD }),
  );
  return {
    keys: keys.map(({ body }) => String(body["key"])),
    accessTokens: logins.map(({ body }) => String(body["access_token"])),
    cookies: browsers.map(({ cookies }) => cookies.map((cookie) => cookie.split(";")[0]).join("; ")),
    refreshTokens: logins.map(({ body }) => String(body["refresh_token"])),
  };
}

/**
 * A signed-in question, by each kind of credential and by another person on each connection, against an Elysia that answers with JSON
 * and does nothing else.
 */
export async function askMe(server: Measurable, barePort: number, people: People): Promise<Figure[]> {
  const ways: Record<string, string[]> = {
    "me/ with an API key": people.keys.map((key) => asKey(key)),
    "me/ with an access token": people.accessTokens.map((token) => asKey(token)),
    "me with a session cookie": people.cookies.map((cookie) =>
      request("GET", "/api/v1/me", { Cookie: cookie }),
    ),
  };
  const bare = () => closed(barePort, same(request("GET", "/json", {})));
  const figures: Figure[] = [];
  for (const [work, texts] of Object.entries(ways)) {
    const ours = () =>
      closed(
        server.port,
        texts.map((text) => ({ requests: [text] })),
      );
    figures.push({ work, unit: "/s", ...(await inTurn(ours, bare)), atLeast: 0.45 });
  }
  return figures;
}

const asKey = (secret: string): string => request("GET", ME, { Authorization: `Bearer ${secret}` });

/** Where the rotations of the bare server have come to, which goes on from one size to the next. */
const bareChains = Array.from({ length: Math.min(CLIENTS, BARE_CHAINS) }, (_, i) => bareToken(i));
const unsyncedChains = [...bareChains];

/** Refresh tokens that rotate, answered once the rotation is on disk; at a steady pace, beside one fsync each at the same. */
export async function rotate(server: Measurable, barePort: number, people: People): Promise<Figure[]> {
  const chains = [...people.refreshTokens];
  const turn = async (port: number, path: string, tokens: string[], more: Partial<Load> = {}) => {
    const streams = tokens.map((token): Stream => ({ path, token }));
    const measured = await checked({ port, streams, durationMs: ROUND_MS, ...more });
    tokens.splice(0, tokens.length, ...measured.tokens);
    return measured;
  };
  const work = "refresh rotation, durable";
  const rate = await inTurn(
    () => turn(server.port, REFRESH, chains),
    () => turn(barePort, "/rotate", bareChains),
  );
  const unsynced = await inTurn(
    () => turn(server.port, REFRESH, chains),
    () => turn(barePort, "/rotate-unsynced", unsyncedChains),
  );
  const pace = { perSecond: 1_000, durationMs: FLOOD_MS };
  const steady = { ours: [] as Measured[], bare: [] as Measured[] };
  for (let round = 0; round < ROUNDS; round++) {
    steady.bare.push(await turn(barePort, "/rotate", bareChains, pace));
    steady.ours.push(await turn(server.port, REFRESH, chains, pace));
  }
  const latency = (at: "p99Ms" | "maxMs", atMost: number) =>
    ({
      unit: "ms",
      ours: median(steady.ours.map((round) => round[at])),
      limit: median(steady.bare.map((round) => round[at])),
      atMost,
    }) as const;
  people.refreshTokens = chains;
  return [
    { work: `${work}, against one fsync each`, unit: "/s", ...rate, atLeast: 2.5 },
    { work: `${work}, against no fsync at all`, unit: "/s", ...unsynced },
    { work: "rotation at 1,000/s, p99", ...latency("p99Ms", 8) },
    { work: "rotation at 1,000/s, worst", ...latency("maxMs", 25) },
  ];
}

/**
 * Sign-ins as fast as they go; then with a signed-in question 100 times a second beside them: by themselves, and with 200 connections
 * open that are hostile (test/support/slow-clients.ts).
 */
export async function flood(server: Measurable, phc: string, people: People): Promise<Figure[]> {
  const bare = () => hashes((password) => Bun.password.verify(password, phc));
  const logins = await inTurn(() => keepSigningIn(server), bare);
  const alone = await askMeanwhile(server, people);
  const slowClients = Bun.spawn([process.execPath, SLOW_CLIENTS, server.origin, String(HOSTILE)]);
  await Bun.sleep(1_000);
  const beset = await askMeanwhile(server, people);
  slowClients.kill();
  const p99 = (asked: Measured[]) => median(asked.map((at) => at.p99Ms));
  const meanwhile = `me/ at ${ASKED_PER_SECOND}/s meanwhile`;
  return [
    { work: "logins, 8 clients, against the bare hash", unit: "/s", ...logins, atLeast: 0.92 },
    { work: `${meanwhile}, p95`, unit: "ms", ours: median(alone.map((at) => at.p95Ms)), atMost: 2 },
    { work: `${meanwhile}, p99`, unit: "ms", ours: p99(alone), atMost: 10 },
    { work: `the same with ${HOSTILE} hostile connections, p99`, unit: "ms", ours: p99(beset), atMost: 15 },
  ];
}

const keepSigningIn = (server: Measurable): Promise<Measured> => {
  const streams = Array.from({ length: SIGNERS }, (_, i): Stream => {
    const body = JSON.stringify({ username: usernameOf(10 + i), password: PASSWORD });
    return { requests: [request("POST", "/api/v1/auth/token/", {}, body)] };
  });
  return checked({ port: server.port, durationMs: FLOOD_MS, streams }, null);
};

/** Whoever is signed in, during a flood. */
async function askMeanwhile(server: Measurable, people: People): Promise<Measured[]> {
  const streams = people.keys.map((key): Stream => ({ requests: [asKey(key)] }));
  const load = { port: server.port, durationMs: FLOOD_MS, streams, perSecond: ASKED_PER_SECOND };
  const rounds: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [asked] = await Promise.all([checked(load, null), keepSigningIn(server)]);
    rounds.push(asked);
  }
  return rounds;
}

/** New accounts as fast as they go. */
export async function register(server: Measurable, users: number): Promise<Figure> {
  let round = 0;
  const ours = async () => {
    round++;
    const streams = Array.from({ length: SIGNERS }, (_, i): Stream => {
      const emails = Array.from(
        { length: 200 },
        (_, n) => `new${process.pid}-${users}-${round}-${i}-${n}@example.com`,
      );
      const person = { password: PASSWORD, first_name: "New", last_name: "User" };
      const bodies = emails.map((email) => JSON.stringify({ email, ...person }));
      const path = `/api/v1/auth/tenants/${slugOf(i)}/register`;
      return { requests: bodies.map((body) => request("POST", path, {}, body)) };
    });
    return checked({ port: server.port, streams, durationMs: FLOOD_MS }, null);
  };
  const cost = { algorithm: "argon2id", memoryCost: COST.memoryKib, timeCost: COST.passes } as const;
  const bare = () => hashes((password) => Bun.password.hash(password, cost));
  const work = "register, 8 clients, against the bare hash";
  return { work, unit: "/s", ...(await inTurn(ours, bare)), atLeast: 0.88 };
}

const same = (text: string): Stream[] => Array.from({ length: CLIENTS }, () => ({ requests: [text] }));

const closed = (port: number, streams: Stream[]) => checked({ port, streams, durationMs: ROUND_MS });

/** A figure with failures in it would be none. `core` null: any. */
async function checked(load: Load, core: number | null = CLIENT_CORE): Promise<Measured> {
  const measured = await measure(load, core ?? undefined);
  if (measured.failures > 0) throw new Error(`${measured.failures} requests failed: ${measured.failure}`);
  return measured;
}

/** Ours and the limit by turns. */
async function inTurn(
  ours: () => Promise<{ perSecond: number }>,
  limit: () => Promise<{ perSecond: number }>,
): Promise<{ ours: number; limit: number; ratio: number }> {
  const rounds: { ours: number; limit: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const allowed = (await limit()).perSecond;
    rounds.push({ limit: allowed, ours: (await ours()).perSecond });
  }
  return {
    ours: median(rounds.map((round) => round.ours)),
    limit: median(rounds.map((round) => round.limit)),
    ratio: median(rounds.map((round) => round.ours / round.limit)),
  };
}

/** `Bun.password` alone, as many at once as there are clients. */
async function hashes(work: (password: string) => Promise<unknown>): Promise<{ perSecond: number }> {
  let done = 0;
  const started = performance.now();
  const loop = async () => {
    while (performance.now() - started < FLOOD_MS) {
      await work(PASSWORD);
      done++;
    }
  };
  await Promise.all(Array.from({ length: SIGNERS }, loop));
  return { perSecond: (done * 1000) / (performance.now() - started) };
}

async function post(url: string, body: object) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const answer = (await response.json()) as Record<string, unknown>;
  return { body: answer, cookies: response.headers.getSetCookie() };
}
