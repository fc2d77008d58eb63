// 32 at once from another process against the real program: a code of one's own is good for one change.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type Volley, volley } from "./support/hammer.ts";
import { ADMIN, BASE, totpCode } from "./support/key-group.ts";
import { openMailbox } from "./support/mailbox.ts";
import { ADA, codeIn, MFA } from "./support/me-group.ts";
import { startProgram } from "./support/process.ts";
import { send } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

setDefaultTimeout(60_000);

const AT_ONCE = 32;
const clock = { now: Date.now, advance: () => {} };

async function signedIn(env: Record<string, string> = {}) {
  const program = await startProgram({ env });
  const call = async (path: string, body: unknown = {}, key = "") =>
    (await send(program.origin, "POST", path, { body, key })).body;
  const { key } = await call(`${BASE}/setup/`, ADMIN);
  const { secret } = await call(`${MFA}/totp/enable`, {}, key);
  const confirm = { code: totpCode(clock, secret) };
  const headers = { authorization: `Bearer ${key}` };
  const many = (path: string, codes: readonly string[]): Volley["requests"] =>
    codes.map((code) => ({ method: "POST", path: MFA + path, headers, body: { code } }));
  const hit = async (path: string, codes: readonly string[]) => {
    const hits = await volley({ origin: program.origin, requests: many(path, codes) });
    const counts: Record<number, number> = {};
    for (const { status } of hits) counts[status] = (counts[status] ?? 0) + 1;
    return { counts, hits };
  };
  const query = (sql: string) => {
    using database = openBeside(join(program.directory, "data/ostiary.db"));
    return database.query(sql).all();
  };
  return { program, call, key, secret, confirm, hit, query };
}
const same = (code: string) => Array.from({ length: AT_ONCE }, () => code);

describe("of 32 at once", () => {
  test("one confirms TOTP, and its ten backup codes are the ones that count", async () => {
    const { program, confirm, hit, query, key, call } = await signedIn();
    await using _ = program;
    const { counts, hits } = await hit("/totp/confirm", same(confirm.code));
    expect(counts).toEqual({ 200: 1, 400: 31 });
    expect(query("select count(*) as codes from backup_codes")).toEqual([{ codes: 10 }]);
    const winner = hits.find(({ status }) => status === 200)?.body as { backup_codes: string[] };
    const off = await call(`${MFA}/totp/disable`, { code: winner.backup_codes[0] }, key);
    expect(off.message).toBeString();
  });

  for (const path of ["/email/disable", "/backup-codes/regenerate"]) {
    test(`one is taken with one backup code at ${path}`, async () => {
      const { program, confirm, hit, query, key, call } = await signedIn();
      await using _ = program;
      const { backup_codes } = await call(`${MFA}/totp/confirm`, confirm, key);
      // Email beside TOTP; then email and a passkey alone, since with TOTP no backup code makes new ones.
      query(
        "insert into email_factors (id, user_id, confirmed_at, created_at) select 'emf_1', id, 1, 1 from users",
      );
      query(
        "insert into passkeys (id, user_id, credential_id, public_key, sign_count, transports, backup_eligible," +
          " backed_up, user_verified, name, created_at) select 'pky_1', id, 'x', 'x', 0, '', 0, 0, 0, 'x', 1 from users",
      );
      if (path !== "/email/disable") query("delete from totp_devices");
      const { counts } = await hit(path, same(backup_codes[0]));
      expect(counts).toEqual({ 200: 1, 400: 31 });
      expect(query("select count(*) as spent from backup_codes where used_at is not null")).toEqual([
        { spent: path === "/email/disable" ? 1 : 0 },
      ]);
    });
  }

  test("a TOTP code makes one new set of backup codes", async () => {
    const { program, confirm, hit, query, secret, key, call } = await signedIn();
    await using _ = program;
    await call(`${MFA}/totp/confirm`, confirm, key);
    const { counts } = await hit("/backup-codes/regenerate", same(totpCode(clock, secret, 1)));
    expect(counts).toEqual({ 200: 1, 400: 31 });
    expect(query("select count(*) as codes from backup_codes")).toEqual([{ codes: 10 }]);
  });

  test("one turns codes by email on with the mailed one", async () => {
    await using mailbox = await openMailbox();
    const env = { OSTIARY_SMTP_URL: mailbox.url, OSTIARY_MAIL_FROM: "no-reply@ostiary.test" };
    const { program, hit, query, key, call } = await signedIn(env);
    await using _ = program;
    query(`update users set email = '${ADA}', email_verified_at = 1`);
    await call(`${MFA}/email/enable`, {}, key);
    const { counts } = await hit("/email/confirm", same(codeIn(await mailbox.waitFor(ADA, "code"))));
    expect(counts).toEqual({ 200: 1, 400: 31 });
    expect(query("select count(*) as codes from backup_codes")).toEqual([{ codes: 10 }]);
  });
});

test("of 120 wrong backup codes at once a hundred are judged, and then not even a right one is taken", async () => {
  const { program, confirm, hit, query, key, call } = await signedIn();
  await using _ = program;
  const { backup_codes } = await call(`${MFA}/totp/confirm`, confirm, key);
  const wrong = Array.from({ length: 120 }, (_, i) => `wrong-${i}`);
  expect((await hit("/totp/disable", wrong)).counts).toEqual({ 400: 120 });
  expect(query("select failures from factor_failures")).toEqual([{ failures: 100 }]);
  expect((await hit("/totp/disable", backup_codes)).counts).toEqual({ 400: 10 });
  expect(query("select count(*) as spent from backup_codes where used_at is not null")).toEqual([
    { spent: 0 },
  ]);
});
