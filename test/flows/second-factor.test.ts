// Which factors a sign-in asks for, from its start to its end, and how often one may be wrong.
import { describe, expect, test } from "bun:test";
import { transaction } from "../../src/context.ts";
import * as backupCodes from "../../src/core/backup-codes.ts";
import { BASE, signIn, totpCode } from "../support/key-group.ts";
import { tokenIn } from "../support/mailbox.ts";
import { PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import {
  ADA,
  codesMailed,
  enrolEmail,
  enrolPasskey,
  enrolTotp,
  mailedCode,
  makeBackupCodes,
  otherThan,
  signedInWith,
  superuserKey,
  type Town,
  town,
} from "../support/second-factors.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { type Answer, audited, dump } from "../support/world.ts";

const MINUTE = 60_000;
const login = async (w: Town) => (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
const verify = (w: Town, mfa_token: string, method: string, code: string) =>
  tenantOf(w, "acme").verifyMfa({ mfa_token, method, code });

describe("the methods that are offered", () => {
  const offers: [string, (w: Town) => Promise<unknown>, string[]][] = [
    ["TOTP", (w) => enrolTotp(w, w.userId), ["totp"]],
    [
      "a passkey and email",
      (w) => Promise.all([enrolPasskey(w, w.userId), enrolEmail(w, w.userId)]),
      ["webauthn", "email"],
    ],
    [
      "everything",
      (w) =>
        Promise.all([
          makeBackupCodes(w, w.userId),
          enrolEmail(w, w.userId),
          enrolPasskey(w, w.userId),
          enrolTotp(w, w.userId),
        ]),
      ["totp", "webauthn", "email", "backup_code"],
    ],
  ];
  for (const [what, enrol, methods] of offers) {
    test(`with ${what} are ${methods.join(", ")}, and the first is the default`, async () => {
      await using w = await town();
      await enrol(w);
      expect(await login(w)).toMatchObject({ available_methods: methods, default_method: methods[0] });
      expect((await portal(w).signIn(ADA, PASSWORD, w.acme.id)).body.available_methods).toEqual(methods);
      const { detail } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body;
      expect(detail.available_methods).toEqual(methods);
    });
  }

  test("do not name backup codes once the last is spent, nor when there is nothing that they stand in for", async () => {
    await using w = await town();
    const codes = await makeBackupCodes(w, w.userId);
    expect((await login(w)).status).toBe("SUCCESS");
    await enrolTotp(w, w.userId);
    for (const code of codes.slice(1)) await backupCodes.consume(w.ctx, w.userId, code);
    const { available_methods, mfa_token } = await login(w);
    expect(available_methods).toEqual(["totp", "backup_code"]);
    expect((await verify(w, mfa_token, "backup_code", codes[0] ?? "")).status).toBe(200);
    expect((await login(w)).available_methods).toEqual(["totp"]);
    expect(await audited(w)).toContain("login.succeeded: pwd otp mfa");
  });

  test("are told to nobody who does not know the password", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    const answers = [
      await tenantOf(w, "acme").login(ADA, "wrong password"),
      await portal(w).login(ADA, "wrong password"),
      await portal(w).identify(ADA),
    ];
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain("totp");
  });
});

describe("what is asked for at the end", () => {
  test("is what is enrolled then: an implicit code is worth nothing once there is a factor", async () => {
    await using w = await town({}, { policy: "required" });
    const { mfa_token, available_methods } = await login(w);
    expect(available_methods).toEqual(["email"]);
    const mailed = await mailedCode(w);
    const secret = await enrolTotp(w, w.userId);
    expect((await verify(w, mfa_token, "email", mailed)).status).toBe(401);
    w.clock.advance(MINUTE);
    expect((await tenantOf(w, "acme").sendCode(mfa_token, w.userId)).status).toBe(401);
    expect(await codesMailed(w)).toBe(1);
    expect((await verify(w, mfa_token, "totp", totpCode(w.clock, secret))).status).toBe(200);
  });

  test("is the same in the key group", async () => {
    await using w = await town({}, { policy: "required" });
    await signIn(w, { username: ADA, password: PASSWORD });
    const mailed = await mailedCode(w);
    const secret = await enrolTotp(w, w.userId);
    const finish = (code: string) =>
      w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: ADA, code } });
    expect((await finish(mailed)).body.detail).toBe("Invalid TOTP code.");
    expect((await finish(totpCode(w.clock, secret))).status).toBe(200);
  });

  const gone = ["totp", "email", "webauthn", "backup_code"];
  for (const method of gone) {
    test(`is never ${method} where that is not enrolled`, async () => {
      await using w = await town();
      if (method === "totp") await enrolEmail(w, w.userId);
      else await enrolTotp(w, w.userId);
      const { mfa_token } = await login(w);
      expect((await verify(w, mfa_token, method, "123456")).body.code).toBe("INVALID_MFA_CODE");
      expect(dump(w)["factor_failures"]).toEqual([]);
    });
  }

  test("is nothing any more when the factor went: the sign-in is begun anew", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { mfa_token } = await login(w);
    const code = totpCode(w.clock, secret);
    await w.ctx.db.run`delete from totp_devices`;
    expect((await verify(w, mfa_token, "totp", code)).status).toBe(401);
    expect((await login(w)).status).toBe("SUCCESS");
  });
});

describe("a hundred wrong codes in a row, over however many sign-ins,", () => {
  interface Case {
    method: string;
    enrol: (w: Town) => Promise<(sent: string) => string>;
  }
  const cases: Case[] = [
    {
      method: "totp",
      enrol: async (w) => {
        const secret = await enrolTotp(w, w.userId);
        return () => totpCode(w.clock, secret);
      },
    },
    {
      method: "email",
      enrol: async (w) => {
        await enrolEmail(w, w.userId);
        return (sent) => sent;
      },
    },
    {
      method: "backup_code",
      enrol: async (w) => {
        await enrolTotp(w, w.userId);
        const [code = ""] = await makeBackupCodes(w, w.userId);
        return () => code;
      },
    },
  ];
  for (const { method, enrol } of cases) {
    test(`switch ${method} off for good, and it stays asked for`, async () => {
      const limits = { LIMIT_MAIL_GAP: "0", LIMIT_MAILS_HOUR: "1000", LIMIT_MAILS_DAY: "1000" };
      await using w = await town({ ...limits, LIMIT_ADDRESS_MAILS: "1000" });
      const rightCode = await enrol(w);
      const tryOnce = async (): Promise<Answer> => {
        const { mfa_token } = await login(w);
        const sent = method === "email" ? await mailedCode(w) : "";
        return verify(w, mfa_token, method, rightCode(sent));
      };
      const failures = () =>
        [...(dump(w)["totp_devices"] ?? []), ...(dump(w)["factor_failures"] ?? [])]
          .map((row) => (row as { failures: number }).failures)
          .filter((count) => count > 0);
      /** All in one sign-in; a new sign-in gives none of them back. */
      const guess = async (times: number) => {
        const { mfa_token } = await login(w);
        const sent = method === "email" ? await mailedCode(w) : "";
        const wrong = otherThan(sent, ...[-1, 0, 1].map(() => rightCode(sent)));
        for (let i = 0; i < times; i++)
          expect((await verify(w, mfa_token, method, wrong)).body.code).toBe("INVALID_MFA_CODE");
        expect((await verify(w, mfa_token, method, wrong)).body.code).toBe(
          times === 5 ? "INVALID_MFA_TOKEN" : "INVALID_MFA_CODE",
        );
      };
      // A right one in between starts the count anew.
      await guess(5);
      expect(failures()).toEqual([5]);
      if (method !== "backup_code") {
        expect((await tryOnce()).status).toBe(200);
        expect(failures()).toEqual([]);
        w.clock.advance(MINUTE);
      }
      for (let i = failures()[0] ?? 0; i < 100; i += 5) await guess(5);
      expect(failures()).toEqual([100]);
      const before = await signedInWith(w, w.userId);
      for (let i = 0; i < 3; i++) {
        expect((await tryOnce()).body.code).toBe("INVALID_MFA_CODE");
        w.clock.advance(MINUTE);
      }
      expect(await signedInWith(w, w.userId)).toEqual(before);
      expect(failures()).toEqual([100]);
      expect((await login(w)).available_methods).toContain(method);
    });
  }

  test("leave the other factors as they are", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    await makeBackupCodes(w, w.userId);
    for (let i = 0; i < 20; i++) {
      const { mfa_token } = await login(w);
      for (let n = 0; n < 5; n++) await verify(w, mfa_token, "backup_code", "wrong");
    }
    const { mfa_token } = await login(w);
    expect((await verify(w, mfa_token, "totp", totpCode(w.clock, secret))).status).toBe(200);
  });
});

/** Whoever has the password and waits for a factor: everything that goes on from there. */
const ENDPOINTS: Record<string, (w: Town, token: string, code: string) => Promise<Answer>> = {
  "the portal's mfa/verify": (w, mfa_token, code) =>
    portal(w).verify({ mfa_token, user_id: w.userId, method: "totp", code }),
  "the tenant's mfa/verify": (w, token, code) => verify(w, token, "totp", code),
  "the tenant's mfa/email/send": (w, token) => tenantOf(w, "acme").sendCode(token, w.userId),
  "the tenant's mfa/webauthn/begin": (w, mfa_token) =>
    w.send(
      "POST",
      `${BASE}/tenants/acme/mfa/webauthn/begin?${new URLSearchParams({ mfa_token, user_id: w.userId }).toString()}`,
    ),
  "mfa/login-verify/": (w, _token, code) =>
    w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: ADA, code } }),
};

const administer = async (w: Town, method: string, path: string, body?: object): Promise<void> => {
  const options = { key: await superuserKey(w) };
  const { status } = await w.send(method, `/api/v1/admin${path}`, body ? { ...options, body } : options);
  if (status >= 300) throw new Error(`${path} answered ${status}`);
};

const MEANWHILE: [string, (w: Town) => Promise<void>][] = [
  ["the account was disabled", (w) => administer(w, "PATCH", `/users/${w.userId}`, { disabled: true })],
  ["the account was deleted", (w) => administer(w, "DELETE", `/users/${w.userId}`)],
  [
    "the membership was suspended",
    (w) => administer(w, "PATCH", `/tenants/acme/members/${w.userId}`, { status: "suspended" }),
  ],
  ["the membership was removed", (w) => administer(w, "DELETE", `/tenants/acme/members/${w.userId}`)],
  ["the tenant was disabled", (w) => administer(w, "PATCH", "/tenants/acme", { disabled: true })],
  ["the tenant was deleted", (w) => administer(w, "DELETE", "/tenants/acme")],
  [
    "the password was reset",
    async (w) => {
      await tenantOf(w, "acme").forgot(ADA);
      const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
      expect((await tenantOf(w, "acme").reset(token, PASSWORD)).status).toBe(200);
    },
  ],
  [
    "the membership was suspended and is active again",
    async (w) => {
      const path = `/tenants/acme/members/${w.userId}`;
      await administer(w, "PATCH", path, { status: "suspended" });
      await w.ctx.db.run`update memberships set status = 'active'`;
    },
  ],
  [
    "the account was disabled and enabled again",
    async (w) => {
      await administer(w, "PATCH", `/users/${w.userId}`, { disabled: true });
      await w.ctx.db.run`update users set disabled_at = null`;
    },
  ],
];

describe.each(MEANWHILE)("when %s after the password", (_what, happen) => {
  test("nothing goes on, at any endpoint, and nothing is mailed", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0" });
    const secret = await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    await enrolPasskey(w, w.userId);
    const { mfa_token } = await login(w);
    await signIn(w, { username: ADA, password: PASSWORD });
    const mailed = await codesMailed(w);
    await happen(w);
    for (const [name, go] of Object.entries(ENDPOINTS)) {
      const { status, body } = await go(w, mfa_token, totpCode(w.clock, secret));
      const fits = status === 401 || (status === 404 && body.code === "TENANT_NOT_FOUND");
      expect([name, status, fits]).toEqual([name, status, true]);
    }
    expect(await signedInWith(w, w.userId)).toEqual([]);
    expect(await codesMailed(w)).toBe(mailed);
    expect(dump(w)["totp_devices"] ?? []).not.toContainEqual(expect.objectContaining({ failures: 1 }));
  });
});

test("each endpoint goes on when nothing happened", async () => {
  for (const [name, go] of Object.entries(ENDPOINTS)) {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    await enrolPasskey(w, w.userId);
    const { mfa_token } = await login(w);
    if (name.includes("login-verify")) await signIn(w, { username: ADA, password: PASSWORD });
    expect([name, (await go(w, mfa_token, totpCode(w.clock, secret))).status]).toEqual([name, 200]);
  }
});

test("codes are six ASCII digits, or a backup code in whatever case and spacing, and nothing else", async () => {
  await using w = await town();
  const secret = await enrolTotp(w, w.userId);
  const [backup = "", second = ""] = await transaction(w.ctx, (ctx) => backupCodes.create(ctx, w.userId));
  const right = totpCode(w.clock, secret);
  const twisted = [
    ` ${right}`,
    `${right} `,
    `${right}\n`,
    `${right.slice(0, 3)} ${right.slice(3)}`,
    [...right].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(""),
    `0${right}`,
    right.slice(0, 5),
    "",
  ];
  for (const code of twisted) {
    const { mfa_token } = await login(w);
    expect([code, (await verify(w, mfa_token, "totp", code)).status]).toEqual([code, 401]);
  }
  const { mfa_token } = await login(w);
  expect((await verify(w, mfa_token, "backup_code", backup.toUpperCase().replaceAll("-", " "))).status).toBe(
    200,
  );
  const again = (await login(w)).mfa_token;
  expect((await verify(w, again, "backup_code", backup)).status).toBe(401);
  expect((await verify(w, again, "totp", second)).status).toBe(401);
  expect((await verify(w, again, "backup_code", second.replaceAll("-", ""))).status).toBe(200);
});
