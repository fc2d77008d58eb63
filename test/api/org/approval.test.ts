// A waiting login, and the session of its user that lets it in or not.
import { describe, expect, test } from "bun:test";
import type { UserId } from "../../../src/core/ids.ts";
import { totpCode } from "../../support/key-group.ts";
import { tokenIn } from "../../support/mailbox.ts";
import { org } from "../../support/org-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import { approverOf, claimsOf, portals, TOKEN, WRONG_CODE } from "../../support/portals.ts";
import { portal } from "../../support/portal-group.ts";
import { ADA, enrolTotp, mailedCode, signedInWith, type Town, town } from "../../support/second-factors.ts";
import { makeKey, signInForKey } from "../../support/sessions.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

/** Ada with TOTP, a session of hers that showed it, and a login that waits. */
async function waiting(settings = {}) {
  const w = await town(settings);
  const secret = await enrolTotp(w, w.userId);
  const approver = await approverOf(w);
  const { body } = await portals(w).login();
  const [pending] = (await portals(w).load(approver)).body.pending_logins;
  return Object.assign(w, {
    secret,
    approver,
    id: String(pending.id),
    poll: String(body.login_session_id),
    number: String(body.match_number),
    mfaToken: String(body.mfa_token),
  });
}
type Waiting = Awaited<ReturnType<typeof waiting>>;

const otherNumber = ({ number }: Waiting) => (number === "00" ? "01" : "00");
const DECIDED = { status: 409, body: { code: "LOGIN_DECIDED" } };
const NOT_FOUND = { status: 404, body: { code: "NOT_FOUND" } };
const statusOf = async (w: Waiting) => (await portals(w).status(w.poll)).body;

describe("a login that waits", () => {
  test("shows in load and in a mail, with an id that is not the poller's secret", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    const from = portals(w, { headers: { "user-agent": "Waiting Client/1.0" } });
    const { login_session_id } = (await from.login()).body;
    const key = await approverOf(w);
    const { body } = await portals(w).load(key);
    expect(body.pending_logins).toEqual([
      {
        id: expect.stringMatching(/^lrq_[\da-f]{32}$/),
        created_at: expect.stringMatching(/Z$/),
        expires_at: expect.stringMatching(/Z$/),
        ip: "127.0.0.1",
        user_agent: "Waiting Client/1.0",
        portal_id: w.acme.id,
      },
    ]);
    const [{ id, created_at, expires_at }] = body.pending_logins;
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(5 * 60_000);
    const mail = await w.mailbox.waitFor(ADA, "waits for you");
    for (const part of [id, "127.0.0.1", "Waiting Client/1.0"]) expect(mail.text).toContain(part);
    expect(mail.raw + JSON.stringify(body)).not.toContain(login_session_id);
  });

  test("shows to nobody else", async () => {
    await using w = await waiting();
    const userId = await makePerson(w, w.acme, { email: "bob@example.com", role: "owner" });
    const bob = await approverOf(w, { userId });
    expect((await portals(w).load(bob)).body.pending_logins).toEqual([]);
  });

  test("is approved by its number and either of its ids, and opens one session", async () => {
    for (const by of ["id", "poll"] as const) {
      await using w = await waiting();
      expect(await statusOf(w)).toEqual({ status: "pending" });
      const approved = await portals(w).approve(w.approver, w[by], w.number);
      expect([approved.status, approved.body]).toEqual([200, { status: "approved" }]);
      w.clock.advance(2000);
      const { body } = await portals(w).status(w.poll);
      expect(body).toEqual({ status: "approved", ...TOKEN });
      const claims = claimsOf(body.access_token);
      expect(claims).toMatchObject({ sub: w.userId, tid: w.acme.id, amr: ["pwd", "mca", "mfa"] });
      // As young as its delivery.
      expect(Math.abs(claims.auth_time - w.clock.now() / 1000)).toBeLessThan(2);
      expect(await statusOf(w)).toEqual({ status: "approved" });
      expect(await signedInWith(w, w.userId)).toHaveLength(2);
      expect((await portals(w).load(body.access_token)).body.pending_logins).toEqual([]);
      expect(await audited(w)).toContain(`login.approved: ${w.id}`);
    }
  });

  test("is rejected without a number, and its code with it", async () => {
    await using w = await waiting();
    const rejected = await portals(w).reject(w.approver, w.id);
    expect([rejected.status, rejected.body]).toEqual([200, { status: "rejected" }]);
    expect(await statusOf(w)).toEqual({ status: "rejected" });
    const code = totpCode(w.clock, w.secret);
    expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
    expect(await portals(w).verify(code, { login_session_id: w.poll })).toMatchObject(WRONG_CODE);
    const shown = { mfa_token: w.mfaToken, method: "totp", code };
    expect((await tenantOf(w, "acme").verifyMfa(shown)).status).toBe(401);
    expect((await portal(w).verify({ ...shown, user_id: w.userId })).status).toBe(401);
  });

  test("is rejected by a wrong number, and its code with it", async () => {
    await using w = await waiting();
    expect(await portals(w).approve(w.approver, w.id, otherNumber(w))).toMatchObject({
      status: 400,
      body: { code: "WRONG_NUMBER" },
    });
    expect(await statusOf(w)).toEqual({ status: "rejected" });
    expect(await portals(w).approve(w.approver, w.id, w.number)).toMatchObject(DECIDED);
    const code = totpCode(w.clock, w.secret);
    expect(await portals(w).verify(code)).toMatchObject(WRONG_CODE);
    const shown = { mfa_token: w.mfaToken, method: "totp", code };
    expect((await tenantOf(w, "acme").verifyMfa(shown)).status).toBe(401);
  });

  for (const number of [undefined, 42, "", "7", "123", "4x", null]) {
    test(`stays as it is when the number is ${JSON.stringify(number)}: 422`, async () => {
      await using w = await waiting();
      const { status, body } = await portals(w).approve(w.approver, w.id, number);
      expect([status, body.detail[0].loc]).toEqual([422, ["body", "number"]]);
      expect(await statusOf(w)).toEqual({ status: "pending" });
    });
  }

  const answers = {
    approve: (w: Waiting) => portals(w).approve(w.approver, w.id, w.number),
    reject: (w: Waiting) => portals(w).reject(w.approver, w.id),
  };
  test("takes the same answer again, and no other", async () => {
    for (const [first, second] of [
      ["approve", "reject"],
      ["reject", "approve"],
    ] as const) {
      await using w = await waiting();
      expect((await answers[first](w)).status).toBe(200);
      expect((await answers[first](w)).status).toBe(200);
      expect(await answers[second](w)).toMatchObject(DECIDED);
      await statusOf(w);
      expect((await answers[first](w)).status).toBe(200);
      expect(await answers[second](w)).toMatchObject(DECIDED);
    }
  });

  test("takes no answer after five minutes, and delivers nothing", async () => {
    await using w = await waiting();
    await portals(w).approve(w.approver, w.id, w.number);
    await using other = await waiting();
    for (const one of [w, other]) one.clock.advance(5 * 60_000);
    expect(await statusOf(w)).toEqual({ status: "expired" });
    expect(await statusOf(other)).toEqual({ status: "expired" });
    for (const answer of Object.values(answers)) expect(await answer(other)).toMatchObject(DECIDED);
    expect((await portals(other).load(other.approver)).body.pending_logins).toEqual([]);
  });

  test("is over once a code has finished it", async () => {
    await using w = await waiting();
    expect((await portals(w).verify(totpCode(w.clock, w.secret))).status).toBe(200);
    for (const answer of Object.values(answers)) expect(await answer(w)).toMatchObject(DECIDED);
    expect(await statusOf(w)).toEqual({ status: "expired" });
    expect((await portals(w).load(w.approver)).body.pending_logins).toEqual([]);
  });

  test("that was approved can still be finished by its code, and then delivers nothing", async () => {
    await using w = await waiting();
    await answers.approve(w);
    expect((await portals(w).verify(totpCode(w.clock, w.secret))).status).toBe(200);
    expect(await statusOf(w)).toEqual({ status: "expired" });
    expect(await signedInWith(w, w.userId)).toHaveLength(2);
  });

  test("that was delivered has no code any more", async () => {
    await using w = await waiting();
    await answers.approve(w);
    expect((await statusOf(w)).access_token).toBeString();
    expect(await portals(w).verify(totpCode(w.clock, w.secret))).toMatchObject(WRONG_CODE);
    const shown = { mfa_token: w.mfaToken, method: "totp", code: totpCode(w.clock, w.secret) };
    expect((await tenantOf(w, "acme").verifyMfa(shown)).status).toBe(401);
  });
});

test("a password reset takes the logins that wait out of the user's sight too", async () => {
  await using w = await waiting();
  await portals(w).forgot();
  const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
  await portals(w).reset({ token, password: "another good password" });
  expect((await portals(w).load(await approverOf(w))).body.pending_logins).toEqual([]);
  expect(await statusOf(w)).toEqual({ status: "expired" });
});

describe("nobody may answer", () => {
  const approvers: [string, (w: Waiting) => Promise<string>, object][] = [
    [
      "as another user of the tenant, whatever their role",
      async (w) =>
        approverOf(w, { userId: await makePerson(w, w.acme, { email: "bob@example.com", role: "owner" }) }),
      NOT_FOUND,
    ],
    [
      "as the account of the same email in an isolated tenant",
      async (w) => {
        const iso = await makeTenant(w, "iso", { identity: "isolated" });
        return approverOf(w, { userId: await makePerson(w, iso, { email: ADA }), tenantId: iso.id });
      },
      NOT_FOUND,
    ],
    [
      "from a session that has shown a password only",
      (w) => approverOf(w, { amr: ["pwd"] }),
      { status: 403, body: { code: "FORBIDDEN" } },
    ],
    [
      "from one that came by magic code",
      (w) => approverOf(w, { amr: ["mca"] }),
      { status: 403, body: { code: "FORBIDDEN" } },
    ],
    [
      "with an API key of a login",
      (w) => signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id, amr: ["pwd", "otp", "mfa"] }),
      { status: 403, body: { code: "FORBIDDEN" } },
    ],
    [
      "with an API key made by hand",
      (w) => makeKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }),
      { status: 403, body: { code: "FORBIDDEN" } },
    ],
    [
      "with a session that stems from such a key",
      async (w) => {
        const key = await makeKey(w.ctx, {
          userId: w.userId,
          tenantId: w.acme.id,
          amr: ["pwd", "otp", "mfa"],
        });
        const { exchange_code } = (await org(w, key).issueCode()).body;
        return (await org(w).consumeCode({ exchange_code })).body.access_token;
      },
      { status: 403, body: { code: "FORBIDDEN" } },
    ],
    ["with the poller's secret as a Bearer", async (w) => w.poll, { status: 401 }],
    ["with the mfa_token as a Bearer", async (w) => w.mfaToken, { status: 401 }],
    ["without a Bearer", async () => "", { status: 401 }],
  ];
  for (const [how, make, refusal] of approvers) {
    test(how, async () => {
      await using w = await waiting();
      const key = await make(w);
      for (const id of [w.id, w.poll]) {
        expect(await portals(w).approve(key, id, w.number)).toMatchObject(refusal);
        expect(await portals(w).approve(key, id, otherNumber(w))).toMatchObject(refusal);
        expect(await portals(w).reject(key, id)).toMatchObject(refusal);
      }
      expect(await statusOf(w)).toEqual({ status: "pending" });
    });
  }

  test("while acting as the user", async () => {
    await using w = await waiting();
    const boss = await makePerson(w, w.beta, { email: "root@example.com", isSuperuser: true });
    const key = await approverOf(w, { userId: boss, tenantId: w.beta.id });
    const body = { user_id: w.userId, organization_id: w.acme.id };
    const { access_token } = (await w.send("POST", "/v1/auth/login-as-user", { key, body })).body;
    const refusal = { status: 403, body: { code: "IMPERSONATION_FORBIDDEN" } };
    expect(await portals(w).approve(access_token, w.id, w.number)).toMatchObject(refusal);
    expect(await portals(w).reject(access_token, w.id)).toMatchObject(refusal);
    expect((await portals(w).load(access_token)).body.pending_logins).toEqual([]);
    expect(await statusOf(w)).toEqual({ status: "pending" });
  });

  test("from a session that has yet to enrol a factor", async () => {
    await using w = await waiting();
    const key = await approverOf(w);
    await w.ctx.db.run`update sessions set restricted_at = 1 where id = ${claimsOf(key).sid}`;
    const refusal = { status: 403, body: { code: "MFA_ENROLMENT_REQUIRED" } };
    expect(await portals(w).approve(key, w.id, w.number)).toMatchObject(refusal);
    expect(await portals(w).reject(key, w.id)).toMatchObject(refusal);
  });

  test("what is nobody's: ids of others and of none look alike", async () => {
    await using w = await waiting();
    for (const id of ["", "lrq_x", "ost_lrq_x", w.id.toUpperCase(), `${w.id} `, w.mfaToken])
      expect(await portals(w).approve(w.approver, id, w.number)).toMatchObject(NOT_FOUND);
    expect(await statusOf(w)).toEqual({ status: "pending" });
  });
});

describe("where only the tenant asks for a factor, and none is enrolled,", () => {
  async function gated() {
    const w = await town({}, { policy: "required" });
    const { body } = await portals(w).login();
    return Object.assign(w, { poll: body.login_session_id, number: body.match_number });
  }

  test("a session of that tenant approves, and the new one is as strong as that", async () => {
    for (const [amr, opened] of [
      [["pwd"], ["pwd", "mca"]],
      [
        ["pwd", "mca", "mfa"],
        ["pwd", "mca", "mfa"],
      ],
    ]) {
      await using w = await gated();
      const key = await approverOf(w, amr && { amr });
      expect((await portals(w).approve(key, w.poll, w.number)).status).toBe(200);
      const { body } = await portals(w).status(w.poll);
      expect(claimsOf(body.access_token).amr).toEqual(opened ?? []);
    }
  });

  test("a session that the password alone opened elsewhere does not", async () => {
    await using w = await gated();
    const key = await approverOf(w, { tenantId: w.beta.id, amr: ["pwd"] });
    expect((await portals(w).approve(key, w.poll, w.number)).status).toBe(403);
    expect((await portals(w).status(w.poll)).body).toEqual({ status: "pending" });
    expect((await portals(w).verify(await mailedCode(w))).status).toBe(200);
  });
});

describe("an approval delivers nothing when, before it is delivered,", () => {
  const ends: [string, (w: Waiting) => unknown][] = [
    ["the account is disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    [
      "the tenant is disabled",
      (w) => w.ctx.db.run`update tenants set disabled_at = 1 where id = ${w.acme.id}`,
    ],
    ["the membership is suspended", (w) => suspend(w, w.userId, w.acme.id)],
    [
      "the account has signed out",
      (w) => w.ctx.db.run`update users set signed_out_at = ${w.clock.now() + 1}`,
    ],
    ["the approver has logged out", (w) => portal(w).logout({ key: w.approver })],
    ["the approver's session was cut down", (w) => w.ctx.db.run`update sessions set restricted_at = 1`],
    ["the approver's session is not what it was", (w) => w.ctx.db.run`update sessions set amr = 'pwd'`],
    [
      "the password was reset",
      async (w) => {
        await portals(w).forgot();
        const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
        await portals(w).reset({ token, password: "another good password" });
      },
    ],
  ];
  for (const [what, end] of ends) {
    test(`${what}; and not later either`, async () => {
      await using w = await waiting();
      await portals(w).approve(w.approver, w.id, w.number);
      await end(w);
      expect(await statusOf(w)).toEqual({ status: "expired" });
      await w.ctx.db.run`update users set disabled_at = null, signed_out_at = null`;
      await w.ctx.db.run`update memberships set status = 'active'`;
      await w.ctx.db.run`update tenants set disabled_at = null`;
      expect(await statusOf(w)).toEqual({ status: "expired" });
      const opened = (dump(w)["sessions"] ?? []) as { amr: string }[];
      expect(opened.filter(({ amr }) => amr.includes("mca"))).toEqual([]);
    });
  }
});

describe("the fourth login at once", () => {
  test("has no number: it is finished by a code and by nothing else", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const key = await approverOf(w);
    const numbers: (string | null)[] = [];
    let last = "";
    for (let i = 0; i < 4; i++) {
      const { body } = await portals(w).login();
      numbers.push(body.match_number);
      last = body.login_session_id;
    }
    expect(numbers.map((number) => number !== null)).toEqual([true, true, true, false]);
    expect((await portals(w).load(key)).body.pending_logins).toHaveLength(3);
    expect(await portals(w).approve(key, last, "00")).toMatchObject(NOT_FOUND);
    expect(await portals(w).reject(key, last)).toMatchObject(NOT_FOUND);
    expect((await portals(w).status(last)).body).toEqual({ status: "pending" });
    const code = totpCode(w.clock, secret);
    expect((await portals(w).verify(code, { login_session_id: last })).body).toEqual(TOKEN);
  });

  test("has one again when an earlier one was answered or is over", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    const key = await approverOf(w);
    for (let i = 0; i < 3; i++) await portals(w).login();
    const [pending] = (await portals(w).load(key)).body.pending_logins;
    await portals(w).reject(key, pending.id);
    expect((await portals(w).login()).body.match_number).toBeString();
    expect((await portals(w).login()).body.match_number).toBeNull();
    w.clock.advance(5 * 60_000);
    expect((await portals(w).login()).body.match_number).toBeString();
  });

  test("of fifty logins the user hears once a minute, and at most five times an hour", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    await enrolTotp(w, w.userId);
    const notices = async () =>
      (await w.ctx.db.all`select id from outbox where kind = 'login_waiting'`).length;
    for (let i = 0; i < 10; i++) await portals(w).login();
    expect(await notices()).toBe(3);
    for (let i = 0; i < 5; i++) {
      w.clock.advance(5 * 60_000);
      for (let j = 0; j < 8; j++) await portals(w).login();
    }
    expect(await notices()).toBe(5);
  });
});

test("nobody's mail is sent to an address that is not shown to be the user's", async () => {
  await using w: Town = await town();
  const open = await makeTenant(w, "open", { email_verification: false });
  const userId: UserId = await makePerson(w, open, { email: "new@example.com", isVerified: false });
  await enrolTotp(w, userId);
  const { body } = await portals(w).login("open", "new@example.com");
  expect(body.match_number).toBeString();
  expect(dump(w)["outbox"]).toEqual([]);
});
