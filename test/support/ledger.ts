// What a client of the server remembers: everything it was told, and what must therefore be so, whatever happens to the server.
import type { Answer, World } from "./world.ts";
import { eachOf } from "./credential-kinds.ts";
import { openBeside } from "./beside.ts";

/** Something that was acknowledged, and how to see that it is still so. */
export interface Claim {
  /** `kept: …` or `dead: …` */
  what: string;
  holds: () => Promise<boolean>;
  /** Whether looking changes it. */
  once?: true;
}

export interface Ledger {
  claims: Set<Claim>;
  /** Request ids of acknowledged changes that leave an entry in the audit log. */
  audited: string[];
  acknowledged: number;
  /** Requests without an answer: they happened or they did not. */
  unanswered: number;
  /** Requests answered 503: they did not happen. */
  unavailable: number;
  /** Answers that no fault explains. */
  odd: string[];
}

export const newLedger = (): Ledger => ({
  claims: new Set(),
  audited: [],
  acknowledged: 0,
  unanswered: 0,
  unavailable: 0,
  odd: [],
});

/** No answer: whether it happened nobody knows. */
export class Unanswered extends Error {}
/** 503: it did not happen. */
export class NotDone extends Error {}

export interface Asked {
  what: string;
  send: () => Promise<Answer>;
  /** By default 200. */
  expects?: (answer: Answer) => boolean;
  isAudited?: boolean;
}

/** Sends a request and writes down what became of it. Throws Unanswered and NotDone. */
export async function ask(ledger: Ledger, asked: Asked): Promise<Answer> {
  const { what, send, expects = ({ status }) => status === 200, isAudited = true } = asked;
  let answer: Answer;
  try {
    answer = await send();
  } catch {
    ledger.unanswered++;
    throw new Unanswered(what);
  }
  if (answer.status === 503) {
    if (!(Number(answer.headers.get("retry-after")) > 0)) ledger.odd.push(`${what}: 503 without Retry-After`);
    ledger.unavailable++;
    throw new NotDone(what);
  }
  if (!expects(answer)) {
    ledger.odd.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    throw new NotDone(what);
  }
  ledger.acknowledged++;
  if (isAudited) ledger.audited.push(answer.headers.get("x-request-id") ?? "none");
  return answer;
}

export function claim(ledger: Ledger, what: string, holds: Claim["holds"], once?: true): Claim {
  const made: Claim = { what, holds, ...(once && { once }) };
  ledger.claims.add(made);
  return made;
}

const MOST_CLAIMS = 400;

/** Looks at every claim; those that do not hold. The oldest are forgotten past 400. */
export async function broken(ledger: Ledger): Promise<string[]> {
  const claims = [...ledger.claims];
  const judged = await eachOf(claims, async (one) => {
    if (one.once) ledger.claims.delete(one);
    return (await one.holds()) ? [] : [one.what];
  });
  for (const old of [...ledger.claims].slice(0, -MOST_CLAIMS)) ledger.claims.delete(old);
  return judged.flat();
}

/** What is half done, or missing though it was acknowledged, in the file itself. */
export function faultsOfFile(path: string, ledger: Ledger): string[] {
  using database = openBeside(path);
  const rows = (sql: string) => database.query<Record<string, unknown>, []>(sql).values();
  const entries = new Set(rows("select request_id from audit").flat());
  return [
    ...rows("pragma integrity_check")
      .flat()
      .filter((word) => word !== "ok"),
    ...rows("pragma foreign_key_check").map((row) => `foreign key ${row.join(" ")}`),
    ...ledger.audited.filter((id) => !entries.has(id)).map((id) => `no audit entry of ${id}`),
    ...HALF_DONE.flatMap(([what, sql]) => rows(sql).map((row) => `${what}: ${row.join(" ")}`)),
  ].map(String);
}

/** Each transaction leaves all of this or none of it. */
const HALF_DONE: readonly [what: string, sql: string][] = [
  [
    "a rotation without its successor",
    `select session_id from refresh_tokens r where rotated_at is not null
      and not exists (select 1 from refresh_tokens n where n.token_hash = r.successor_hash)`,
  ],
  [
    "a session of tokens without a token",
    `select id from sessions s where kind = 'tokens' and actor_id is null
      and not exists (select 1 from refresh_tokens r where r.session_id = s.id)`,
  ],
  [
    "a registration without its link",
    `select id from users u where active_at is null and password_hash is not null
      and not exists (select 1 from one_time_secrets o where o.user_id = u.id and o.purpose = 'verify_email')`,
  ],
  [
    "a registration without its membership",
    "select id from users u where not exists (select 1 from memberships m where m.user_id = u.id)",
  ],
  [
    "a first factor without backup codes",
    `select user_id from totp_devices t where confirmed_at is not null
      and not exists (select 1 from backup_codes b where b.user_id = t.user_id)`,
  ],
  [
    "backup codes without a factor",
    `select user_id from backup_codes b where not exists (
      select 1 from totp_devices t where t.user_id = b.user_id and t.confirmed_at is not null)`,
  ],
  [
    "a reset without its notice",
    `select a.user_id from audit a where a.event = 'password.reset'
      and (select count(*) from outbox o where o.user_id = a.user_id and o.kind = 'password_changed')
        < (select count(*) from audit b where b.user_id = a.user_id and b.event in ('password.reset', 'password.changed'))`,
  ],
  [
    "a key without its notice",
    `select k.user_id from api_keys k where k.kind = 'manual'
      and not exists (select 1 from outbox o where o.user_id = k.user_id and o.kind = 'key_created')`,
  ],
];

/** Random numbers that come again with the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FAULTS_SEED repeats a run. */
export const newSeed = (): number => Number(Bun.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

export const isUp = async (w: Pick<World, "send">): Promise<boolean> => {
  const answer = await w.send("GET", "/readyz").catch(() => undefined);
  return answer?.status === 200;
};
