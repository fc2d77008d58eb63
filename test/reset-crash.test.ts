// kill -9 in the middle of password resets, by the real program: each user is wholly as before or wholly as after.
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { startProgram } from "./support/process.ts";
import { send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const USERS = 200;
const SECRET = "a master secret for tests, 32 bytes or more";
const tokenOf = (i: number) => `ost_rst_${String(i).padStart(43, "0")}`;
const digest = (text: string) => createHash("sha256").update(text).digest("base64url");

/** Users with everything a reset is to end: a session with a refresh token, a key, a sign-in under way and a mailed link. */
async function populate(path: string): Promise<string> {
  const old = await Bun.password.hash("the old password", {
    algorithm: "argon2id",
    memoryCost: 8,
    timeCost: 1,
  });
  using database = openBeside(path);
  const now = Date.now();
  const later = now + 3_600_000;
  const run = (sql: string, ...values: (string | number)[]) => database.query(sql).run(...values);
  database.transaction(() => {
    run(
      "insert into tenants (id, slug, name, identity, settings, created_at) values ('tnt_1', 'acme', 'Acme', 'shared', '{}', 1)",
    );
    for (let i = 0; i < USERS; i++) {
      const id = `usr_${i}`;
      run(
        `insert into users (id, realm, email, email_verified_at, password_hash, password_set_at, active_at, created_at)
          values (?, 'instance', ?, 1, ?, 1, 1, 1)`,
        id,
        `u${i}@example.com`,
        old,
      );
      run(
        "insert into memberships (tenant_id, user_id, role, status, created_at) values ('tnt_1', ?, 'member', 'active', 1)",
        id,
      );
      run(
        `insert into sessions (id, user_id, tenant_id, kind, auth_time, amr, address, created_at, last_seen_at, expires_at)
          values (?, ?, 'tnt_1', 'tokens', 1, 'pwd', '::1', 1, 1, ?)`,
        `ses_${i}`,
        id,
        later,
      );
      run(
        "insert into refresh_tokens (token_hash, session_id, created_at, expires_at) values (?, ?, 1, ?)",
        `r${i}`,
        `ses_${i}`,
        later,
      );
      run(
        `insert into api_keys (id, user_id, tenant_id, token_hash, kind, amr, created_at, last_used_at, expires_at)
          values (?, ?, 'tnt_1', ?, 'manual', 'pwd', 1, 1, ?)`,
        `key_${i}`,
        id,
        `k${i}`,
        later,
      );
      run(
        `insert into login_challenges (id, user_id, tenant_id, purpose, address, amr, tries, expires_at, created_at)
          values (?, ?, 'tnt_1', 'key', '::1', 'pwd', 0, ?, 1)`,
        `lch_${i}`,
        id,
        later,
      );
      run(
        `insert into one_time_secrets (id, purpose, user_id, tenant_id, token_hash, created_at, expires_at)
          values (?, 'reset', ?, 'tnt_1', ?, 1, ?)`,
        `ots_${i}`,
        id,
        digest(tokenOf(i)),
        later,
      );
    }
  })();
  return old;
}

/** What is left of a user's, counted; a new password and a notice, or neither. */
const STATE = `
  select u.id, u.password_hash as hash,
    (select count(*) from sessions where user_id = u.id)
      + (select count(*) from refresh_tokens r join sessions s on s.id = r.session_id where s.user_id = u.id)
      + (select count(*) from api_keys where user_id = u.id)
      + (select count(*) from login_challenges where user_id = u.id)
      + (select count(*) from one_time_secrets where user_id = u.id) as held,
    (select count(*) from outbox where user_id = u.id) as notices,
    (select count(*) from audit where user_id = u.id and event = 'password.reset') as entries
  from users u`;

interface State {
  id: string;
  hash: string;
  held: number;
  notices: number;
  entries: number;
}

test("during 200 resets, kill -9 leaves every user wholly old or wholly new, and no acknowledged reset undone", async () => {
  let program = await startProgram({ env: { OSTIARY_SECRET: SECRET } });
  const { directory } = program;
  const path = join(directory, "data/ostiary.db");
  await program.end("SIGTERM");
  const old = await populate(path);
  const acknowledged = new Set<string>();
  let next = 0;
  for (let round = 0; next < USERS; round++) {
    program = await startProgram({ directory, env: { OSTIARY_SECRET: SECRET } });
    const { origin } = program;
    const until = Math.min(USERS, next + 50);
    const reset = async (i: number) => {
      const body = { token: tokenOf(i), new_password: `the new password ${i}` };
      const answer = await send(origin, "POST", "/api/v1/auth/tenants/acme/password/reset", { body }).catch(
        () => undefined,
      );
      if (answer?.status === 200) acknowledged.add(`usr_${i}`);
      if (acknowledged.size >= enough) ended ??= program.end("SIGKILL");
    };
    // Somewhere in the middle, elsewhere in each round; at once, as the rest will not wait.
    const enough = acknowledged.size + 5 + round * 7;
    let ended: Promise<unknown> | undefined;
    const resets = Array.from({ length: until - next }, (_, i) => reset(next + i));
    await Promise.all(resets);
    await ended;
    next = until;

    using database = openBeside(path);
    expect(database.query("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    const states = database.query<State, []>(STATE).all();
    const torn = states.filter(({ hash, held, notices, entries }) => {
      const isOld = hash === old && held === 5 && notices === 0 && entries === 0;
      const isNew = hash !== old && held === 0 && notices === 1 && entries === 1;
      return !isOld && !isNew;
    });
    expect(torn).toEqual([]);
    const undone = states.filter(({ id, hash }) => acknowledged.has(id) && hash === old);
    expect(undone).toEqual([]);
  }
  expect(acknowledged.size).toBeGreaterThan(20);
  expect(acknowledged.size).toBeLessThan(USERS);
}, 120_000);
