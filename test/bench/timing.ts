// `bun run timing`: can the time of an answer tell whether an email has an account? Known and unknown emails are asked for in
// turn, against the real program; a classifier that knows nothing has an AUC of 0.5 (security.md A21).
//
//   bun run timing                                   every probe
//   TIMING_SAMPLES=2000 bun run timing magic verify  those whose names hold one of these words
//   TIMING_HASH=cheap bun run timing login           with a password hash that costs nothing, so that the rest of the path shows
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { freshDirectory, startProgram } from "../support/process.ts";

const SAMPLES = Number(process.env["TIMING_SAMPLES"] ?? 400);
const WORDS = process.argv.slice(2);
const COST =
  process.env["TIMING_HASH"] === "cheap"
    ? { memoryCost: 8, timeCost: 1 }
    : { memoryCost: 19456, timeCost: 2 };
const USERS = 100;
const TENANTS = 10;
const PASSWORD = "correct horse battery";
const WRONG = "wrong password";
const MOST_MS = 3;
const MOST_SHARE = 0.05;
const AUC = [0.45, 0.55] as const;

/** Limits that would answer instead of the code that is to be timed. */
const UNLIMITED = {
  OSTIARY_LIMIT_FREE_FAILURES: "100",
  OSTIARY_LIMIT_ADDRESS_FAILURES: "1000000",
  OSTIARY_LIMIT_INSTANCE_FAILURES: "100000000",
  OSTIARY_LIMIT_FIRST_WAIT: "1",
  OSTIARY_LIMIT_LONGEST_WAIT: "1",
  OSTIARY_LIMIT_IDENTIFY: "1000000",
  OSTIARY_LIMIT_MAIL_GAP: "0",
  OSTIARY_LIMIT_MAILS_HOUR: "10000",
  OSTIARY_LIMIT_MAILS_DAY: "10000",
  OSTIARY_LIMIT_ADDRESS_MAILS: "1000000",
};

const known = (i: number) => `known${i % USERS}@example.com`;
const unknown = (i: number) => `nobody${i % USERS}@example.com`;

/** Everyone has a shared account in ten tenants, and another in an isolated one: what there is to imitate is the same for all. */
async function populate(path: string): Promise<void> {
  const hash = await Bun.password.hash(PASSWORD, { algorithm: "argon2id", ...COST });
  using database = new Database(path);
  const run = (sql: string, ...values: (string | number)[]) => database.query(sql).run(...values);
  const tenant = (id: string, slug: string, identity: string) =>
    run(
      "insert into tenants (id, slug, name, identity, settings, created_at) values (?, ?, ?, ?, ?, 1)",
      id,
      slug,
      slug,
      identity,
      JSON.stringify({ self_registration: true }),
    );
  const user = (id: string, realm: string, i: number, tenants: string[]) => {
    run(
      `insert into users (id, realm, email, email_verified_at, password_hash, decoy_position, password_set_at, active_at,
        created_at) values (?, ?, ?, 1, ?, ?, 1, 1, 1)`,
      id,
      realm,
      known(i),
      hash,
      i * 2 ** 40,
    );
    for (const tenantId of tenants)
      run(
        "insert into memberships (tenant_id, user_id, role, status, created_at) values (?, ?, 'member', 'active', 1)",
        tenantId,
        id,
      );
  };
  database.transaction(() => {
    const shared = Array.from({ length: TENANTS }, (_, i) => `tnt_${i}`);
    for (const [i, id] of shared.entries()) tenant(id, i === 0 ? "acme" : `tenant${i}`, "shared");
    tenant("tnt_iso", "iso", "isolated");
    for (let i = 0; i < USERS; i++) {
      user(`usr_${i}`, "instance", i, shared);
      user(`usr_iso${i}`, "tnt_iso", i, ["tnt_iso"]);
    }
  })();
}

interface Timed {
  ms: number;
  body: Record<string, string>;
}

async function ask(url: string, init?: RequestInit): Promise<Timed> {
  const started = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  const ms = performance.now() - started;
  return { ms, body: JSON.parse(text) as Record<string, string> };
}

const post = (url: string, body: object): Promise<Timed> =>
  ask(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

type Probe = (origin: string, email: string) => Promise<number>;

const AUTH = "/api/v1/auth";
const ACME = `${AUTH}/tenants/acme`;

/** One request, of which the email is a part. */
const posting =
  (path: string, bodyFor: (email: string) => object): Probe =>
  async (origin, email) =>
    (await post(origin + path, bodyFor(email))).ms;

/** A wrong password after `identify`. */
const authenticating =
  (more: object): Probe =>
  async (origin, email) => {
    const { flow_token } = (await post(`${origin}${AUTH}/identify`, { email })).body;
    return (await post(`${origin}${AUTH}/authenticate`, { flow_token, password: WRONG, ...more })).ms;
  };

/** What comes after a magic code was asked for. */
const afterMagic =
  (
    portal: { portal_id?: string },
    then: (origin: string, email: string, id: string) => Promise<Timed>,
  ): Probe =>
  async (origin, email) => {
    const path = portal.portal_id === undefined ? "/v1/auth" : "/v1/auth/portal";
    const { login_session_id = "" } = (
      await post(`${origin}${path}/request-magic-code`, { email, ...portal })
    ).body;
    // The mail that one of them has caused is out by then, and keeps nobody busy.
    await Bun.sleep(30);
    return (await then(origin, email, login_session_id)).ms;
  };

let newcomers = 0;

const PROBES: Record<string, Probe> = {
  identify: posting(`${AUTH}/identify`, (email) => ({ email })),
  authenticate: authenticating({}),
  "authenticate at one": authenticating({ tenant_id: "tnt_3" }),
  login: posting(`${AUTH}/login`, (email) => ({ email, password: WRONG })),
  "tenant login": posting(`${ACME}/login`, (email) => ({ email, password: WRONG })),
  "portal/login": posting("/v1/auth/portal/login", (email) => ({
    email,
    password: WRONG,
    portal_id: "acme",
  })),
  "oauth2/login": async (origin, username) =>
    (
      await ask(`${origin}/v1/oauth2/login`, {
        method: "POST",
        body: new URLSearchParams({ username, password: WRONG }),
      })
    ).ms,
  "token/ login": posting(`${AUTH}/token/`, (username) => ({ username, password: WRONG })),
  "login-verify/": posting(`${AUTH}/mfa/login-verify/`, (username) => ({ username, code: "123456" })),
  register: (origin, email) =>
    // Who registers is known from then on.
    posting(`${ACME}/register`, () => ({
      email: email.startsWith("nobody") ? `newcomer${newcomers++}@example.com` : email,
      password: "a fine day for a walk",
      first_name: "Some",
      last_name: "One",
    }))(origin, email),
  "forgot-password": posting(`${ACME}/forgot-password`, (email) => ({ email })),
  "portal/forgot-password": posting("/v1/auth/portal/forgot-password", (email) => ({
    email,
    portal_id: "acme",
  })),
  "magic code": posting("/v1/auth/request-magic-code", (email) => ({ email })),
  "magic code at a portal": posting("/v1/auth/portal/request-magic-code", (email) => ({
    email,
    portal_id: "acme",
  })),
  "verify-2fa after magic": afterMagic({}, (origin, email, login_session_id) =>
    post(`${origin}/v1/oauth2/verify-2fa`, { email, code: "12345x", login_session_id }),
  ),
  "portal/verify-2fa after magic": afterMagic({ portal_id: "acme" }, (origin, email) =>
    post(`${origin}/v1/auth/portal/verify-2fa`, { email, code: "123456" }),
  ),
  "login-status after magic": afterMagic({}, (origin, email, session_id) =>
    ask(`${origin}/v1/auth/login-status?${new URLSearchParams({ email, session_id }).toString()}`),
  ),
  "verify-2fa out of nothing": posting("/v1/oauth2/verify-2fa", (email) => ({ email, code: "123456" })),
};

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How often a known one took longer than an unknown one: the area under the curve of a classifier by time. */
function auc(ones: number[], others: number[]): number {
  const sorted = others.toSorted((a, b) => a - b);
  // How many of them lie below: times are never quite equal.
  const below = (value: number) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return ones.reduce((wins, one) => wins + below(one), 0) / (ones.length * others.length);
}

const directory = freshDirectory();
const cost = { OSTIARY_ARGON2_MEMORY: String(COST.memoryCost), OSTIARY_ARGON2_PASSES: String(COST.timeCost) };
const first = await startProgram({ directory, env: UNLIMITED });
await first.end("SIGTERM");
await populate(join(directory, "data/ostiary.db"));
await using server = await startProgram({ directory, env: { ...UNLIMITED, ...cost } });
console.log(`${SAMPLES} samples of each, in turn`);
console.log(`${"endpoint".padEnd(30)}  known ms   unknown ms      AUC`);
let good = true;
for (const [name, probe] of Object.entries(PROBES)) {
  if (WORDS.length > 0 && !WORDS.some((word) => name.includes(word))) continue;
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < SAMPLES + 20; i++) {
    // By chance: what one leaves behind for later, its mail above all, must not always meet the other.
    const order = Math.random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) {
      const ms = await probe(server.origin, which === 0 ? known(i) : unknown(i));
      // The first ones warm up.
      if (i >= 20) times[which].push(ms);
    }
  }
  const [one, other] = times.map(median) as [number, number];
  const area = auc(...times);
  const isClose = Math.abs(one - other) <= Math.max(MOST_MS, MOST_SHARE * other);
  const isBlind = area >= AUC[0] && area <= AUC[1];
  good &&= isClose && isBlind;
  const cells = [one.toFixed(3), other.toFixed(3), area.toFixed(3)].map((cell) => cell.padStart(10));
  console.log(`${name.padEnd(30)}${cells.join("")}  ${isClose && isBlind ? "no difference" : "DIFFERENT"}`);
}
await server.end("SIGTERM");
process.exit(good ? 0 : 1);
