// `bun run timing`: can the time of an answer tell whether an email has an account? Known and unknown emails are asked for in
// turn, against the real program; a classifier that knows nothing has an AUC of 0.5 (security.md A21).
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { freshDirectory, startProgram } from "../support/process.ts";

const SAMPLES = 400;
const USERS = 100;
const PASSWORD = "correct horse battery";
const MOST_MS = 3;
const MOST_SHARE = 0.05;
const AUC = [0.45, 0.55] as const;

/** Limits that would answer instead of the code that is to be timed. */
const UNLIMITED = {
  OSTIARY_LIMIT_FREE_FAILURES: "100",
  OSTIARY_LIMIT_ADDRESS_FAILURES: "1000000",
  OSTIARY_LIMIT_INSTANCE_FAILURES: "100000000",
  OSTIARY_LIMIT_IDENTIFY: "1000000",
  OSTIARY_LIMIT_MAIL_GAP: "0",
  OSTIARY_LIMIT_MAILS_HOUR: "10000",
  OSTIARY_LIMIT_MAILS_DAY: "10000",
  OSTIARY_LIMIT_ADDRESS_MAILS: "1000000",
};

const known = (i: number) => `known${i % USERS}@example.com`;
const unknown = (i: number) => `nobody${i % USERS}@example.com`;

async function populate(path: string): Promise<void> {
  const hash = await Bun.password.hash(PASSWORD, { algorithm: "argon2id", memoryCost: 19456, timeCost: 2 });
  using database = new Database(path);
  database.transaction(() => {
    const run = (sql: string, ...values: (string | number)[]) => database.query(sql).run(...values);
    run(
      "insert into tenants (id, slug, name, identity, settings, created_at) values ('tnt_1', 'acme', 'Acme', 'shared', '{}', 1)",
    );
    for (let i = 0; i < USERS; i++) {
      // Where on the ring of decoys does not matter here: one tenant is all there is to show.
      const values = [`usr_${i}`, known(i), hash, i * 2 ** 40] as const;
      run(
        `insert into users (id, realm, email, email_verified_at, password_hash, decoy_position, password_set_at, active_at,
          created_at) values (?, 'instance', ?, 1, ?, ?, 1, 1, 1)`,
        ...values,
      );
      run(
        "insert into memberships (tenant_id, user_id, role, status, created_at) values ('tnt_1', ?, 'member', 'active', 1)",
        `usr_${i}`,
      );
    }
  })();
}

async function post(url: string, body: object): Promise<{ ms: number; body: Record<string, string> }> {
  const started = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, string>;
  return { ms: performance.now() - started, body: answer };
}

type Probe = (origin: string, email: string) => Promise<number>;

const PROBES: Record<string, Probe> = {
  identify: async (origin, email) => (await post(`${origin}/api/v1/auth/identify`, { email })).ms,
  authenticate: async (origin, email) => {
    const { flow_token } = (await post(`${origin}/api/v1/auth/identify`, { email })).body;
    return (await post(`${origin}/api/v1/auth/authenticate`, { flow_token, password: "wrong password" })).ms;
  },
  forgot: async (origin, email) =>
    (await post(`${origin}/api/v1/auth/tenants/acme/forgot-password`, { email })).ms,
  "magic code": async (origin, email) => (await post(`${origin}/v1/auth/request-magic-code`, { email })).ms,
  "at a portal": async (origin, email) =>
    (await post(`${origin}/v1/auth/portal/request-magic-code`, { email, portal_id: "acme" })).ms,
  "verify-2fa": async (origin, email) => {
    const { login_session_id } = (await post(`${origin}/v1/auth/request-magic-code`, { email })).body;
    // The mail that one of them has caused is out by then, and keeps nobody busy.
    await Bun.sleep(30);
    return (await post(`${origin}/v1/oauth2/verify-2fa`, { email, code: "12345x", login_session_id })).ms;
  },
};

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How often a known one took longer than an unknown one: the area under the curve of a classifier by time. */
function auc(ones: number[], others: number[]): number {
  let wins = 0;
  for (const one of ones) for (const other of others) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (ones.length * others.length);
}

const directory = freshDirectory();
const first = await startProgram({ directory, env: UNLIMITED });
await first.end("SIGTERM");
await populate(join(directory, "data/ostiary.db"));
const cost = { OSTIARY_ARGON2_MEMORY: "19456", OSTIARY_ARGON2_PASSES: "2" };
await using server = await startProgram({ directory, env: { ...UNLIMITED, ...cost } });
console.log(`${SAMPLES} samples of each, in turn`);
console.log("endpoint       known ms   unknown ms      AUC");
let good = true;
for (const [name, probe] of Object.entries(PROBES)) {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < SAMPLES + 20; i++) {
    const [a, b] = [await probe(server.origin, known(i)), await probe(server.origin, unknown(i))];
    // The first ones warm up.
    if (i < 20) continue;
    times[0].push(a);
    times[1].push(b);
  }
  const [one, other] = times.map(median) as [number, number];
  const area = auc(...times);
  const isClose = Math.abs(one - other) <= Math.max(MOST_MS, MOST_SHARE * other);
  const isBlind = area >= AUC[0] && area <= AUC[1];
  good &&= isClose && isBlind;
  const cells = [one.toFixed(2), other.toFixed(2), area.toFixed(3)].map((cell) => cell.padStart(10));
  console.log(`${name.padEnd(13)}${cells.join("")}  ${isClose && isBlind ? "no difference" : "DIFFERENT"}`);
}
await server.end("SIGTERM");
process.exit(good ? 0 : 1);
