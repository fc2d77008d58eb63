// What is measured: each function gives the figures of one kind of work, taken in turn with the limit beside it.
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import { BARE_CHAINS, bareToken } from "./bare-server.ts";
import { type Measured, request, type Stream } from "./load.ts";
import { COST, emailOf, PASSWORD, slugOf, usernameOf } from "./seed.ts";
import type { Measurable } from "./server.ts";
import { median } from "./statistics.ts";
import {
  asKey,
  asking,
  checked,
  CLIENTS,
  FLOOD_MS,
  REFRESH,
  registering,
  rotating,
  SIGNERS,
  type Round,
  signingIn,
} from "./works.ts";

export const SERVER_CORE = 0;
const ROUNDS = 5;
const ASKED_PER_SECOND = 100;
const HOSTILE = 200;
/** With the most accounts any work may cost so many times as much. */
const MOST_GROWTH = 1.3;
const SLOW_CLIENTS = join(ROOT, "test/support/slow-clients.ts");

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

/** A server, and who is signed in there. */
export interface Side {
  server: Measurable;
  /** Before anybody signed in, in MiB. */
  idle: number;
  people: People;
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

/** A signed-in question of each of the people, by each kind of credential. */
const WAYS: Record<string, (people: People) => string[]> = {
  "me/ with an API key": ({ keys }) => keys.map((key) => asKey(key)),
  "me/ with an access token": ({ accessTokens }) => accessTokens.map((token) => asKey(token)),
  "me with a session cookie": ({ cookies }) =>
    cookies.map((cookie) => request("GET", "/api/v1/me", { Cookie: cookie })),
};

/** On each connection by another person, against an Elysia that answers with JSON and does nothing else. */
export async function askMe(server: Measurable, barePort: number, people: People): Promise<Figure[]> {
  const bare = asking(barePort, Array<string>(CLIENTS).fill(request("GET", "/json", {})));
  const figures: Figure[] = [];
  for (const [work, textsOf] of Object.entries(WAYS)) {
    const ours = asking(server.port, textsOf(people));
    figures.push({ work, unit: "/s", ...(await inTurn(ours, bare)), atLeast: 0.45 });
  }
  return figures;
}

/** Where the rotations of the bare server have come to, which goes on from one size to the next. */
const bareChains = Array.from({ length: Math.min(CLIENTS, BARE_CHAINS) }, (_, i) => bareToken(i));
const unsyncedChains = [...bareChains];

/** Refresh tokens that rotate, answered once the rotation is on disk; at a steady pace, beside one fsync each at the same. */
export async function rotate(server: Measurable, barePort: number, people: People): Promise<Figure[]> {
  const chains = [...people.refreshTokens];
  const work = "refresh rotation, durable";
  const ours = rotating(server.port, REFRESH, chains);
  const rate = await inTurn(ours, rotating(barePort, "/rotate", bareChains));
  const unsynced = await inTurn(ours, rotating(barePort, "/rotate-unsynced", unsyncedChains));
  const pace = { perSecond: 1_000, durationMs: FLOOD_MS };
  const steady = { ours: [] as Measured[], bare: [] as Measured[] };
  for (let round = 0; round < ROUNDS; round++) {
    steady.bare.push(await rotating(barePort, "/rotate", bareChains, pace)());
    steady.ours.push(await rotating(server.port, REFRESH, chains, pace)());
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
  const logins = await inTurn(signingIn(server), bare);
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

/** Whoever is signed in, during a flood. */
async function askMeanwhile(server: Measurable, people: People): Promise<Measured[]> {
  const streams = people.keys.map((key): Stream => ({ requests: [asKey(key)] }));
  const load = { port: server.port, durationMs: FLOOD_MS, streams, perSecond: ASKED_PER_SECOND };
  const rounds: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [asked] = await Promise.all([checked(load), signingIn(server)()]);
    rounds.push(asked);
  }
  return rounds;
}

/** New accounts as fast as they go. */
export async function register(server: Measurable): Promise<Figure> {
  const cost = { algorithm: "argon2id", memoryCost: COST.memoryKib, timeCost: COST.passes } as const;
  const bare = () => hashes((password) => Bun.password.hash(password, cost));
  const work = "register, 8 clients, against the bare hash";
  return { work, unit: "/s", ...(await inTurn(registering(server), bare)), atLeast: 0.88 };
}

/**
 * What each kind of work costs with the most accounts, in shares of what it costs with the fewest: both servers at once, and by
 * turns of seconds, as a machine has phases of minutes.
 */
export async function growth(few: Side, many: Side): Promise<Figure[]> {
  const figures: Figure[] = [];
  const beside = (work: string) => `${work}, beside 1,000 accounts`;
  const compare = async (work: string, roundOf: (side: Side) => Round) => {
    const rates = await inTurn(roundOf(many), roundOf(few));
    figures.push({ work: beside(work), unit: "/s", ...rates, atLeast: 1 / MOST_GROWTH });
  };
  const compareMemory = (work: string, memoryOf: (side: Side) => number) => {
    const [ours, limit] = [memoryOf(many), memoryOf(few)];
    const ratio = ours / limit;
    figures.push({ work: beside(`memory ${work}`), unit: "MiB", ours, limit, ratio, atMost: MOST_GROWTH });
  };
  for (const { server } of [few, many]) server.pin(SERVER_CORE);
  for (const [work, textsOf] of Object.entries(WAYS))
    await compare(work, ({ server, people }) => asking(server.port, textsOf(people)));
  await compare("refresh rotation, durable", ({ server, people }) =>
    rotating(server.port, REFRESH, people.refreshTokens),
  );
  for (const { server } of [few, many]) server.pin(undefined);
  await compare("logins, 8 clients", ({ server }) => signingIn(server));
  await compare("register, 8 clients", ({ server }) => registering(server));
  // As long as the whole run waits, too.
  await Bun.sleep(2_000);
  compareMemory("idle", ({ idle }) => idle);
  compareMemory("after load", ({ server }) => server.memory().now);
  compareMemory("at most", ({ server }) => server.memory().peak);
  return figures;
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
