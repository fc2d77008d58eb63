// Two different operations at the same moment: whichever comes first, what must not be together is not. (Ending a sign-in while it is
// being finished: test/collect-then-end.test.ts. The same operation many times: test/races.test.ts and its likes.)
import { describe, expect, test } from "bun:test";
import { BASE, totpCode } from "./support/key-group.ts";
import { tokenIn } from "./support/mailbox.ts";
import { org } from "./support/org-group.ts";
import { makePerson, PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { portals } from "./support/portals.ts";
import {
  ADA,
  enrolEmail,
  enrolTotp,
  makeBackupCodes,
  mailedCode,
  signedInWith,
  superuserKey,
  type Town,
  town,
} from "./support/second-factors.ts";
import { signInForTokens } from "./support/sessions.ts";
import { tenantOf } from "./support/tenant-group.ts";
import { type Answer, audited } from "./support/world.ts";

const ROUNDS = 5;
const NO_LIMITS = {
  LIMIT_MAIL_GAP: "0",
  LIMIT_MAILS_HOUR: "1000",
  LIMIT_MAILS_DAY: "1000",
  LIMIT_ADDRESS_MAILS: "1000",
};

/** At about the same moment, in this order or another. */
const atOnce = (...works: (() => Promise<Answer>)[]): Promise<number[]> =>
  Promise.all(
    works.map(async (work) => {
      await Bun.sleep(Math.random() * 4);
      const { status } = await work();
      expect(status).toBeLessThan(500);
      return status;
    }),
  );

const freshly = async (w: Town, tenantId = w.acme.id): Promise<string> =>
  (await signInForTokens(w.ctx, { userId: w.userId, tenantId, amr: ["pwd", "otp", "mfa"] })).accessToken;

test("two different factors for one sign-in: one session, and no fault", async () => {
  await using w = await town(NO_LIMITS);
  const secret = await enrolTotp(w, w.userId);
  await enrolEmail(w, w.userId);
  const codes = await makeBackupCodes(w, w.userId);
  for (let round = 0; round < ROUNDS; round++) {
    const { mfa_token, user_id, login_session_id } = await (async () => {
      const { body } = await portals(w).login("acme");
      return { ...body, user_id: w.userId };
    })();
    const mailed = await mailedCode(w);
    const show = (method: string, code: string) => () =>
      portal(w).verify({ mfa_token, user_id, method, code });
    const backup = codes[round] ?? "";
    const statuses = await atOnce(show("totp", totpCode(w.clock, secret)), show("backup_code", backup), () =>
      portals(w).verify(mailed, { login_session_id }),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
    expect(await signedInWith(w, w.userId)).toHaveLength(1);
    await w.ctx.db.run`delete from sessions`;
    w.clock.advance(30_000);
  }
});

test("one backup code, to sign in and to turn factors off: it is good for one of them", async () => {
  await using w = await town(NO_LIMITS);
  for (let round = 0; round < ROUNDS; round++) {
    await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    const [code = ""] = await makeBackupCodes(w, w.userId);
    const pending = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const key = await freshly(w);
    const me = (path: string) => () => w.send("POST", `/api/v1/me/mfa${path}`, { key, body: { code } });
    const statuses = await atOnce(
      () => portal(w).verify({ ...pending, method: "backup_code", code }),
      me("/totp/disable"),
      me("/email/disable"),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    for (const table of [
      "totp_devices",
      "email_factors",
      "backup_codes",
      "sessions",
      "trusted_devices",
    ] as const)
      await w.ctx.db.run([`delete from ${table}`] as unknown as TemplateStringsArray);
  }
});

test("a device is trusted while its factor is turned off: no device stays trusted", async () => {
  await using w = await town(NO_LIMITS);
  for (let round = 0; round < ROUNDS; round++) {
    const secret = await enrolTotp(w, w.userId);
    const [code = ""] = await makeBackupCodes(w, w.userId);
    const pending = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const key = await freshly(w);
    const shown = { ...pending, method: "totp", code: totpCode(w.clock, secret), trust_device: true };
    const [, off] = await atOnce(
      () => portal(w).verify(shown),
      () => w.send("POST", "/api/v1/me/mfa/totp/disable", { key, body: { code } }),
    );
    expect(off).toBe(200);
    expect(await w.ctx.db.all`select id from trusted_devices`).toEqual([]);
    w.clock.advance(60_000);
  }
});

describe("acting as another while", () => {
  const changes: Record<string, (w: Town, actor: string, target: string) => Promise<unknown>> = {
    "the actor is demoted": (w, actor) =>
      w.ctx.db.run`update memberships set role = 'member' where user_id = ${actor}`,
    "the target is promoted": (w, _, target) =>
      w.ctx.db.run`update memberships set role = 'admin' where user_id = ${target}`,
    "the actor signs out": (w, actor) => w.ctx.db.run`delete from sessions where user_id = ${actor}`,
    "the actor is suspended": (w, actor) =>
      w.ctx.db.run`update memberships set status = 'suspended' where user_id = ${actor}`,
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`${what}: it is over, or never begins`, async () => {
      await using w = await town();
      for (let round = 0; round < ROUNDS; round++) {
        const email = `admin${round}@example.com`;
        const actor = await makePerson(w, w.acme, { email, role: "admin", password: null });
        const target = await makePerson(w, w.acme, { email: `t${round}@example.com`, password: null });
        const { accessToken } = await signInForTokens(w.ctx, { userId: actor, tenantId: w.acme.id });
        const [answer] = await Promise.all([
          Bun.sleep(Math.random() * 4).then(() => org(w, accessToken).loginAs({ user_id: target })),
          Bun.sleep(Math.random() * 4).then(() => change(w, actor, target)),
        ]);
        expect([200, 401, 403]).toContain(answer.status);
        if (answer.status === 200) expect(await org(w, answer.body.access_token).worth()).toBe(401);
      }
    });
  }
});

test("an invitation that is accepted while it is taken back: nobody belongs there afterwards", async () => {
  await using w = await town(NO_LIMITS);
  const key = await superuserKey(w);
  const members = "/api/v1/admin/tenants/acme/members";
  for (let round = 0; round < ROUNDS; round++) {
    const email = `guest${round}@example.com`;
    const { user_id } = (await w.send("POST", members, { key, body: { email, role: "admin", invite: true } }))
      .body;
    const token = tokenIn(await w.mailbox.waitFor(email));
    const [accepted, removed] = await atOnce(
      () =>
        w.send("POST", `${BASE}/tenants/acme/invitations/accept`, { body: { token, password: PASSWORD } }),
      () => w.send("DELETE", `${members}/${user_id}`, { key }),
    );
    expect([200, 400]).toContain(accepted ?? 0);
    expect(removed).toBe(204);
    expect(await w.ctx.db.all`select role from memberships where user_id = ${user_id}`).toEqual([]);
    expect((await tenantOf(w, "acme").login(email, PASSWORD)).status).toBe(401);
  }
});

test("switching to where one is being removed: no session stays there", async () => {
  await using w = await town();
  const key = await superuserKey(w);
  for (let round = 0; round < ROUNDS; round++) {
    const bearer = await freshly(w);
    const [, removed] = await atOnce(
      () => org(w, bearer).switchTo({ id: w.beta.id }),
      () => w.send("DELETE", `/api/v1/admin/tenants/beta/members/${w.userId}`, { key }),
    );
    expect(removed).toBe(204);
    expect(
      await w.ctx.db.all`
      select id from sessions where user_id = ${w.userId} and tenant_id = ${w.beta.id}`,
    ).toEqual([]);
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${w.beta.id}, ${w.userId}, 'member', 'active', 1)`;
  }
});

test("a tenant comes to ask for a second factor while somebody removes their last: they keep it, or it was gone before", async () => {
  await using w = await town(NO_LIMITS);
  const root = await superuserKey(w);
  for (let round = 0; round < ROUNDS; round++) {
    await enrolTotp(w, w.userId);
    const [code = ""] = await makeBackupCodes(w, w.userId);
    const key = await freshly(w);
    const [off, asked] = await atOnce(
      () => w.send("POST", "/api/v1/me/mfa/totp/disable", { key, body: { code } }),
      () => w.send("PATCH", "/api/v1/admin/tenants/acme", { key: root, body: { mfa_policy: "required" } }),
    );
    expect(asked).toBe(200);
    const left = await w.ctx.db.all`select id from totp_devices where confirmed_at is not null`;
    expect([off, left.length]).toEqual(off === 200 ? [200, 0] : [400, 1]);
    const order = (await audited(w)).filter((entry) => /^(totp\.disabled|tenant\.updated)/.test(entry));
    if (off === 200) expect(order.at(-2)).toStartWith("totp.disabled");
    // Either way the next sign-in is asked for one.
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data.status).toBe("MFA_REQUIRED");
    await w.send("PATCH", "/api/v1/admin/tenants/acme", { key: root, body: { mfa_policy: "optional" } });
    await w.ctx.db.run`delete from totp_devices`;
  }
});

test("two superusers reset and enrol: a reset leaves no factor of before it, and no session", async () => {
  await using w = await town(NO_LIMITS);
  const root = await superuserKey(w);
  for (let round = 0; round < ROUNDS; round++) {
    const key = await freshly(w);
    const { secret } = (await w.send("POST", "/api/v1/me/mfa/totp/enable", { key })).body;
    const code = totpCode(w.clock, secret);
    const [, reset] = await atOnce(
      () => w.send("POST", "/api/v1/me/mfa/totp/confirm", { key, body: { code } }),
      () => w.send("DELETE", `/api/v1/admin/users/${w.userId}/mfa`, { key: root }),
    );
    expect([200, 204]).toContain(reset ?? 0);
    expect(await w.ctx.db.all`select id from totp_devices where user_id = ${w.userId}`).toEqual([]);
    expect(await signedInWith(w, w.userId)).toEqual([]);
    w.clock.advance(30_000);
  }
});
