// Codes by email, turned on and off by their owner, through a real mail server: /api/v1/me/mfa/email.
import { describe, expect, test } from "bun:test";
import { totpCode } from "../../support/key-group.ts";
import { ADA, BACKUP_CODE, codeIn, mfaOf, MINUTE, otherThan, withAda } from "../../support/me-group.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { signInForKey } from "../../support/sessions.ts";
import { audited, dump, world, worldWithMail } from "../../support/world.ts";

const ada = async () => {
  const w = await withAda(await worldWithMail());
  const me = mfaOf(w, { key: w.key });
  return Object.assign(w, {
    me,
    mailed: async () => codeIn(await w.mailbox.waitFor(ADA, "code")),
  });
};

const bad: [number, string] = [400, "Invalid code"];

describe("codes by email", () => {
  test("are turned on with a mailed code, with backup codes; and off with another", async () => {
    await using w = await ada();
    const begun = await w.me.post("/email/enable");
    expect([begun.status, begun.body]).toEqual([200, { message: expect.stringContaining("on its way") }]);
    expect(await w.me.overview()).toMatchObject({ mfa_enabled: false, methods: [{ confirmed: false }] });
    const on = await w.me.post("/email/confirm", { code: await w.mailed() });
    expect([on.status, on.body]).toEqual([
      200,
      { message: expect.any(String), backup_codes: Array(10).fill(expect.stringMatching(BACKUP_CODE)) },
    ]);
    expect(await w.me.overview()).toEqual({
      mfa_enabled: true,
      methods: [
        {
          id: expect.stringMatching(/^emf_/),
          type: "email",
          name: ADA,
          confirmed: true,
          created_at: expect.any(String),
          last_used_at: null,
        },
      ],
      backup_codes_remaining: 10,
    });
    w.clock.advance(MINUTE);
    expect((await w.me.post("/email/enable")).body.message).toContain("off");
    const off = await w.me.post("/email/disable", { code: await w.mailed() });
    expect([off.status, off.body]).toEqual([200, { message: expect.any(String) }]);
    expect(await w.me.overview()).toEqual({ mfa_enabled: false, methods: [], backup_codes_remaining: 0 });
    expect(await audited(w)).toEqual([
      "email_factor.begun: enrol",
      "code.sent: enrol",
      "email_factor.enabled",
      "backup_codes.made",
      "code.sent: disable",
      "email_factor.disabled",
    ]);
  });

  test("go to the account's own address and stand nowhere but in that mail", async () => {
    await using w = await ada();
    await w.send("POST", "/api/v1/me/mfa/email/enable", { key: w.key, body: { email: "eve@example.com" } });
    const code = await w.mailed();
    expect(w.mailbox.mails.map(({ to }) => to)).toEqual([ADA]);
    expect(JSON.stringify(dump(w).email_codes)).not.toContain(code);
    expect(w.log.join("\n")).not.toContain(`"${code}"`);
  });

  test("make no backup codes where some are left", async () => {
    await using w = await ada();
    await w.me.enableTotp();
    expect((await w.me.enableEmail(w.mailbox)).codes).toBeUndefined();
    expect((await w.me.overview()).backup_codes_remaining).toBe(10);
  });

  test("with TOTP besides are turned off by a TOTP code, and by no mailed one", async () => {
    await using w = await ada();
    await w.me.enableEmail(w.mailbox);
    w.clock.advance(MINUTE);
    await w.me.post("/email/enable");
    const mailed = await w.mailed();
    const { secret } = await w.me.enableTotp();
    expect(await w.me.said("/email/enable")).toEqual([400, "MFA is already enabled"]);
    expect(await w.me.said("/email/disable", { code: mailed })).toEqual(bad);
    expect((await w.me.said("/email/disable", { code: totpCode(w.clock, secret, 1) }))[0]).toBe(200);
    expect(await w.me.overview()).toMatchObject({ mfa_enabled: true, backup_codes_remaining: 10 });
  });

  for (const withTotp of [false, true]) {
    test(`${withTotp ? "with" : "without"} TOTP are turned off by a backup code, once`, async () => {
      await using w = await ada();
      let { codes = [] } = await w.me.enableEmail(w.mailbox);
      if (withTotp) codes = (await w.me.enableTotp()).codes;
      expect((await w.me.said("/email/disable", { code: codes[3] }))[0]).toBe(200);
      expect(await w.me.methods()).toEqual(withTotp ? ["totp"] : []);
      if (withTotp) expect(await w.me.said("/totp/disable", { code: codes[3] })).toEqual(bad);
    });
  }

  test("are refused in words", async () => {
    await using w = await ada();
    expect(await w.me.said("/email/confirm", { code: "123456" })).toEqual([400, "Enrolment not started"]);
    expect(await w.me.said("/email/disable", { code: "123456" })).toEqual([400, "MFA is not enabled"]);
    await w.me.post("/email/enable");
    const code = await w.mailed();
    expect(await w.me.said("/email/disable", { code })).toEqual([400, "MFA is not enabled"]);
    expect(await w.me.said("/email/confirm", { code: otherThan(code) })).toEqual(bad);
    expect(await w.me.said("/email/confirm", { code: `${code} ` })).toEqual(bad);
    expect((await w.me.post("/email/confirm", { code })).status).toBe(200);
    expect(await w.me.said("/email/confirm", { code })).toEqual([400, "MFA is already enabled"]);
    // What turned it on does not turn it off.
    expect(await w.me.said("/email/disable", { code })).toEqual(bad);
    expect(await audited(w)).toContain("email_factor.refused: wrong code on confirming");
  });

  for (const [what, person] of [
    ["no email", { username: "mailless" }],
    ["an email that was not verified", { email: "eve@example.com", isVerified: false }],
  ] as const) {
    test(`are not for an account with ${what}`, async () => {
      await using w = await ada();
      const userId = await makePerson(w, w.acme, person);
      const eve = mfaOf(w, { key: await signInForKey(w.ctx, { userId, tenantId: w.acme.id }) });
      expect(await eve.said("/email/enable")).toEqual([400, "The account has no verified email address"]);
      expect([await eve.methods(), dump(w).outbox]).toEqual([[], []]);
    });
  }
});

describe("a mailed code", () => {
  test("is followed by none within 60 s, and stays good", async () => {
    await using w = await ada();
    await w.me.post("/email/enable");
    const code = await w.mailed();
    w.clock.advance(59_000);
    const again = await w.me.post("/email/enable");
    expect([again.status, again.body.code, Number(again.headers.get("retry-after"))]).toEqual([
      429,
      "RATE_LIMITED",
      expect.any(Number),
    ]);
    expect((await w.me.post("/email/confirm", { code })).status).toBe(200);
    expect(w.mailbox.mails.filter(({ subject }) => subject.includes("code"))).toHaveLength(1);
  });

  test("is void once the next was sent, and dead after ten minutes", async () => {
    await using w = await ada();
    await w.me.post("/email/enable");
    const first = await w.mailed();
    w.clock.advance(MINUTE);
    await w.me.post("/email/enable");
    const second = await w.mailed();
    if (first !== second) expect(await w.me.said("/email/confirm", { code: first })).toEqual(bad);
    w.clock.advance(10 * MINUTE);
    expect(await w.me.said("/email/confirm", { code: second })).toEqual(bad);
  });

  test("has five tries; a new one does not renew them, and is not sent while it would be of no use", async () => {
    await using w = await ada();
    await w.me.post("/email/enable");
    const code = await w.mailed();
    for (let i = 0; i < 5; i++)
      expect(await w.me.said("/email/confirm", { code: otherThan(code) })).toEqual(bad);
    expect(await w.me.said("/email/confirm", { code })).toEqual(bad);
    w.clock.advance(MINUTE);
    const again = await w.me.post("/email/enable");
    expect([again.status, Number(again.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
    expect(Number(again.headers.get("retry-after"))).toBeWithin(18 * 60, 19 * 60 + 1);
    w.clock.advance(Number(again.headers.get("retry-after")) * 1000);
    const fresh = mfaOf(w, { key: await signInForKey(w.ctx, w.who) });
    await fresh.post("/email/enable");
    expect((await fresh.post("/email/confirm", { code: await w.mailed() })).status).toBe(200);
  });

  test("keeps its tries when another is sent", async () => {
    await using w = await ada();
    await w.me.post("/email/enable");
    const first = await w.mailed();
    for (let i = 0; i < 4; i++) await w.me.post("/email/confirm", { code: otherThan(first) });
    w.clock.advance(MINUTE);
    await w.me.post("/email/enable");
    const second = await w.mailed();
    expect(await w.me.said("/email/confirm", { code: otherThan(second) })).toEqual(bad);
    expect(await w.me.said("/email/confirm", { code: second })).toEqual(bad);
  });

  test("of one user is worth nothing to another", async () => {
    await using w = await ada();
    const userId = await makePerson(w, w.acme, { email: "bob@example.com" });
    const bob = mfaOf(w, { key: await signInForKey(w.ctx, { userId, tenantId: w.acme.id }) });
    await w.me.post("/email/enable");
    await bob.post("/email/enable");
    const [hers, his] = [await w.mailed(), codeIn(await w.mailbox.waitFor("bob@example.com"))];
    if (hers !== his) expect(await bob.said("/email/confirm", { code: hers })).toEqual(bad);
    expect((await bob.post("/email/confirm", { code: his })).status).toBe(200);
    expect(await w.me.methods()).toEqual(["email?"]);
  });

  test("is refused, the right one too, when the factor had a hundred wrong ones; enrolling anew forgives", async () => {
    await using w = await ada();
    const { codes = [] } = await w.me.enableEmail(w.mailbox);
    w.clock.advance(MINUTE);
    await w.me.post("/email/enable");
    const code = await w.mailed();
    const count = (failures: number) =>
      w.ctx.db.run`
        insert into factor_failures (user_id, method, failures) values (${w.userId}, 'email', ${failures})
        on conflict (user_id, method) do update set failures = excluded.failures`;
    await count(99);
    expect(await w.me.said("/email/disable", { code: otherThan(code) })).toEqual(bad);
    expect(await w.me.said("/email/disable", { code })).toEqual(bad);
    expect((await w.me.said("/email/disable", { code: codes[0] }))[0]).toBe(200);
    w.clock.advance(MINUTE);
    await w.me.enableEmail(w.mailbox);
    expect(await w.ctx.db.all`select method from factor_failures`).toEqual([]);
  });
});

describe("the owner", () => {
  test("is mailed about every change, in the tenant's name", async () => {
    await using w = await withAda(await worldWithMail(), { brand_name: "Acme Rockets" });
    const me = mfaOf(w, { key: w.key });
    const told = async (of: string) => {
      const { subject, text } = await w.mailbox.waitFor(ADA, "has changed");
      expect(subject).toBe("How you sign in to Acme Rockets has changed");
      expect(text.replaceAll(/\s+/g, " ")).toContain(of);
    };
    const { secret } = await me.enableTotp();
    await told("codes from an authenticator app were turned on");
    await me.enableEmail(w.mailbox);
    await told("sign-in codes by email were turned on");
    const { backup_codes } = (
      await me.post("/backup-codes/regenerate", { code: totpCode(w.clock, secret, 1) })
    ).body;
    await told("new backup codes were made");
    await me.post("/email/disable", { code: backup_codes[0] });
    await told("sign-in codes by email were turned off");
    await me.post("/totp/disable", { code: backup_codes[1] });
    await told("codes from an authenticator app were turned off");
    await me.enableTotp();
    await told("codes from an authenticator app were turned on");
    await w.send("POST", "/api/v1/auth/mfa/reset/", { key: w.key });
    await told("every second step of signing in was removed");
    await w.send("POST", "/api/v1/auth/mfa/reset/", { key: w.key });
    await Bun.sleep(100);
    expect(dump(w).outbox?.length).toBe(8);
  });

  test("of an isolated tenant is told too, and one without an email is no fault", async () => {
    await using w = await world();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    for (const person of [{ email: ADA }, { username: "mailless" }]) {
      const userId = await makePerson(w, iso, person);
      await mfaOf(w, { key: await signInForKey(w.ctx, { userId, tenantId: iso.id }) }).enableTotp();
    }
    expect(dump(w).outbox).toHaveLength(1);
  });
});
