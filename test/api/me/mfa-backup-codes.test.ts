// Backup codes, made anew by their owner: /api/v1/me/mfa/backup-codes/regenerate.
import { describe, expect, test } from "bun:test";
import { totpCode } from "../../support/key-group.ts";
import { addPasskey, BACKUP_CODE, mfaOf, withAda } from "../../support/me-group.ts";
import { audited, world, worldWithMail } from "../../support/world.ts";

const bad: [number, string] = [400, "Invalid code"];

const ada = async () => {
  const w = await withAda(await world());
  return Object.assign(w, { me: mfaOf(w, { key: w.key }) });
};

describe("new backup codes", () => {
  test("are made for a TOTP code, and the old set is void", async () => {
    await using w = await ada();
    const { codes, secret } = await w.me.enableTotp();
    const made = await w.me.post("/backup-codes/regenerate", { code: totpCode(w.clock, secret, 1) });
    expect([made.status, made.body]).toEqual([
      200,
      { message: expect.any(String), backup_codes: Array(10).fill(expect.stringMatching(BACKUP_CODE)) },
    ]);
    expect(made.body.backup_codes).not.toContainAnyValues(codes);
    expect(await w.me.said("/totp/disable", { code: codes[0] })).toEqual(bad);
    expect((await w.me.said("/totp/disable", { code: made.body.backup_codes[9] }))[0]).toBe(200);
    expect((await audited(w)).filter((entry) => entry === "backup_codes.made")).toHaveLength(2);
  });

  test("are not made for a backup code where TOTP is on, and that stays good", async () => {
    await using w = await ada();
    const { codes } = await w.me.enableTotp();
    expect(await w.me.said("/backup-codes/regenerate", { code: codes[0] })).toEqual(bad);
    expect((await w.me.overview()).backup_codes_remaining).toBe(10);
    expect(await w.ctx.db.all`select method from factor_failures`).toEqual([]);
    expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(200);
  });

  test("are made for a backup code where there is no TOTP, and for no mailed code", async () => {
    await using w = await withAda(await worldWithMail());
    const me = mfaOf(w, { key: w.key });
    const { codes = [] } = await me.enableEmail(w.mailbox);
    expect(await me.said("/backup-codes/regenerate", { code: "123456" })).toEqual(bad);
    const { status, body } = await me.post("/backup-codes/regenerate", { code: codes[0] });
    expect([status, body.backup_codes.length]).toEqual([200, 10]);
    expect(await me.said("/backup-codes/regenerate", { code: codes[1] })).toEqual(bad);
    expect((await me.overview()).backup_codes_remaining).toBe(10);
  });

  test("are made for nobody without a second factor, nor with a passkey and no code left", async () => {
    await using w = await ada();
    const code = "abcd-efgh-ijkl-mnop-qrst-uvwx";
    expect(await w.me.said("/backup-codes/regenerate", { code })).toEqual([400, "MFA is not enabled"]);
    await addPasskey(w, w.userId);
    expect(await w.me.said("/backup-codes/regenerate", { code })).toEqual(bad);
    expect(await audited(w)).toEqual(["backup_codes.refused: wrong or used code on making new ones"]);
  });

  test("the old ones are counted down as they are spent, and with a hundred wrong ones in a row none is taken", async () => {
    await using w = await ada();
    const { codes } = await w.me.enableTotp();
    await w.ctx.db
      .run`insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_1', ${w.userId}, 1, 1)`;
    expect((await w.me.said("/email/disable", { code: codes[0] }))[0]).toBe(200);
    expect((await w.me.overview()).backup_codes_remaining).toBe(9);
    await w.ctx.db
      .run`insert into factor_failures (user_id, method, failures) values (${w.userId}, 'backup_code', 99)`;
    expect(await w.me.said("/totp/disable", { code: codes[0] })).toEqual(bad);
    expect(await w.me.said("/totp/disable", { code: codes[1] })).toEqual(bad);
    expect((await w.me.overview()).backup_codes_remaining).toBe(9);
  });

  test("made anew, they start without the wrong ones of the old set", async () => {
    await using w = await ada();
    const { secret } = await w.me.enableTotp();
    await w.ctx.db
      .run`insert into factor_failures (user_id, method, failures) values (${w.userId}, 'backup_code', 100)`;
    const { backup_codes } = (
      await w.me.post("/backup-codes/regenerate", { code: totpCode(w.clock, secret, 1) })
    ).body;
    expect((await w.me.said("/totp/disable", { code: backup_codes[0] }))[0]).toBe(200);
  });
});
