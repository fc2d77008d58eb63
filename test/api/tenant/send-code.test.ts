// Six digits by mail that finish a sign-in: mfa/email/send, and those that nobody had to ask for.
import { describe, expect, test } from "bun:test";
import { totpCode } from "../../support/key-group.ts";
import { PASSWORD } from "../../support/people.ts";
import { portal } from "../../support/portal-group.ts";
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
  type Town,
  town,
} from "../../support/second-factors.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

const MINUTE = 60_000;
const INVALID = { status: 401, body: { code: "INVALID_MFA_TOKEN" } };

/** Begun at the tenant: its mfa_token. */
const begin = async (w: Town, slug = "acme"): Promise<string> =>
  (await tenantOf(w, slug).login(ADA, PASSWORD)).body.data.mfa_token;

const finish = (w: Town, mfa_token: string, code: string, slug = "acme") =>
  tenantOf(w, slug).verifyMfa({ mfa_token, user_id: w.userId, method: "email", code });

describe("where email is the only factor", () => {
  const ways: [string, (w: Town) => Promise<string>][] = [
    ["the tenant's login", (w) => begin(w)],
    [
      "the portal's authenticate",
      async (w) => (await portal(w).signIn(ADA, PASSWORD, w.acme.id)).body.mfa_token,
    ],
    [
      "the portal's login",
      async (w) => (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail.mfa_token,
    ],
  ];
  for (const [where, start] of ways) {
    test(`${where} mails the code at once, and it finishes the sign-in at either group`, async () => {
      await using w = await town();
      await enrolEmail(w, w.userId);
      const code = await start(w).then(() => mailedCode(w));
      w.clock.advance(MINUTE);
      const token = await start(w);
      const second = await mailedCode(w);
      expect((await finish(w, token, second)).status).toBe(200);
      expect(await audited(w)).toContain("code.sent");
      expect(await audited(w)).toContain("login.succeeded: pwd mca mfa");
      w.clock.advance(MINUTE);
      const third = await start(w);
      const body = { mfa_token: third, user_id: w.userId, method: "email", code: await mailedCode(w) };
      expect((await portal(w).verify(body)).body).toHaveProperty("access_token");
      expect(code).toMatch(/^\d{6}$/);
    });
  }

  test("backup codes beside it change nothing: it is still mailed at once", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await makeBackupCodes(w, w.userId);
    await begin(w);
    expect(await codesMailed(w)).toBe(1);
  });

  test("that a tenant asks for is factor enough, if the email is verified", async () => {
    await using w = await town({}, { policy: "required" });
    const { data } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body;
    expect(data).toMatchObject({ available_methods: ["email"], default_method: "email" });
    expect((await finish(w, data.mfa_token, await mailedCode(w))).status).toBe(200);
    // Nothing was enrolled by that: the other tenant asks for nothing.
    expect((await tenantOf(w, "beta").login(ADA, PASSWORD)).body.data.status).toBe("SUCCESS");
  });
});

describe("where there is another factor besides", () => {
  test("a code is mailed only when asked for", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await enrolTotp(w, w.userId);
    const token = await begin(w);
    expect(await codesMailed(w)).toBe(0);
    const { status, body } = await tenantOf(w, "acme").sendCode(token, w.userId);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { message: expect.any(String) },
      meta: { request_id: expect.stringMatching(/^req_/), timestamp: expect.any(String) },
    });
    expect((await finish(w, token, await mailedCode(w))).status).toBe(200);
  });

  const without: [string, (w: Town) => Promise<unknown>, "optional" | "required"][] = [
    ["TOTP", (w) => enrolTotp(w, w.userId), "optional"],
    ["TOTP, where the tenant asks for a factor", (w) => enrolTotp(w, w.userId), "required"],
    ["a passkey, where the tenant asks for a factor", (w) => enrolPasskey(w, w.userId), "required"],
  ];
  for (const [what, enrol, policy] of without) {
    test(`with ${what}, and email not enrolled, no code is ever mailed`, async () => {
      await using w = await town({}, { policy });
      await enrol(w);
      const token = await begin(w);
      expect((await finish(w, token, "123456")).body.code).toBe("INVALID_MFA_CODE");
      for (let i = 0; i < 7; i++)
        expect(await tenantOf(w, "acme").sendCode(token, w.userId)).toMatchObject(INVALID);
      expect(await codesMailed(w)).toBe(0);
    });
  }
});

describe("asking for a code", () => {
  test("is possible once in 60 s, and leaves the last one good when it is not", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const token = await begin(w);
    const refused = await tenantOf(w, "acme").sendCode(token, w.userId);
    expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect((await finish(w, token, await mailedCode(w))).status).toBe(200);
  });

  test("is no try: however often, the sign-in keeps its five", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "0", LIMIT_MAILS_HOUR: "100" });
    await enrolEmail(w, w.userId);
    const token = await begin(w);
    for (let i = 0; i < 8; i++)
      expect((await tenantOf(w, "acme").sendCode(token, w.userId)).status).toBe(200);
    const codes: string[] = [];
    for (let i = 0; i < 9; i++) codes.push(await mailedCode(w));
    for (let i = 0; i < 4; i++) expect((await finish(w, token, otherThan(...codes))).status).toBe(401);
    expect((await finish(w, token, codes.at(-1) ?? "")).status).toBe(200);
  });

  test("voids the last one, and keeps the count of tries", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const token = await begin(w);
    const first = await mailedCode(w);
    for (let i = 0; i < 3; i++) await finish(w, token, otherThan(first));
    w.clock.advance(MINUTE);
    expect((await tenantOf(w, "acme").sendCode(token, w.userId)).status).toBe(200);
    const second = await mailedCode(w);
    expect(dump(w)["email_codes"]).toMatchObject([{ tries: 3, used_at: null }]);
    expect((await finish(w, token, first)).body.code).toBe("INVALID_MFA_CODE");
    w.clock.advance(MINUTE);
    await tenantOf(w, "acme").sendCode(token, w.userId);
    const third = await mailedCode(w);
    expect((await finish(w, token, second)).body.code).toBe("INVALID_MFA_CODE");
    expect(await finish(w, token, third)).toMatchObject(INVALID);
    expect(await tenantOf(w, "acme").sendCode(token, w.userId)).toMatchObject(INVALID);
    expect(await codesMailed(w)).toBe(3);
    expect(await signedInWith(w, w.userId)).toEqual([]);
  });

  test("gives 5 mails an hour and 20 a day, over however many sign-ins", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    for (let hour = 0; hour < 5; hour++) {
      for (let i = 0; i < 6; i++) {
        const token = await begin(w);
        w.clock.advance(MINUTE);
        const { status } = await tenantOf(w, "acme").sendCode(token, w.userId);
        const left = hour < 4 && i * 2 + 1 < 5;
        expect([hour, i, status]).toEqual([hour, i, left ? 200 : 429]);
        w.clock.advance(MINUTE);
      }
      expect([hour, await codesMailed(w)]).toEqual([hour, Math.min(20, (hour + 1) * 5)]);
      w.clock.advance(50 * MINUTE);
    }
    w.clock.advance(24 * 60 * MINUTE);
    await begin(w);
    expect(await codesMailed(w)).toBe(21);
  });

  test("goes to the address of the account, whatever the request names", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await enrolTotp(w, w.userId);
    const token = await begin(w);
    const evil = "eve@example.com";
    const query = new URLSearchParams({ mfa_token: token, user_id: w.userId, email: evil, to: evil });
    const { status } = await w.send("POST", `/api/v1/auth/tenants/acme/mfa/email/send?${query.toString()}`, {
      body: { email: evil, to: evil, address: evil, user_id: "usr_eve" },
    });
    expect(status).toBe(200);
    await mailedCode(w);
    expect(w.mailbox.mails.map(({ to }) => to)).toEqual([ADA]);
  });

  const foreign: [string, (w: Town, token: string) => ReturnType<typeof w.send>][] = [
    ["another tenant's endpoint", (w, token) => tenantOf(w, "beta").sendCode(token, w.userId)],
    ["another user's id", (w, token) => tenantOf(w, "acme").sendCode(token, "usr_eve")],
    ["no user's id", (w, token) => tenantOf(w, "acme").sendCode(token, "")],
  ];
  for (const [what, ask] of foreign) {
    test(`with ${what} is a 401 that counts as a try, and mails nothing`, async () => {
      await using w = await town();
      await enrolEmail(w, w.userId);
      await enrolTotp(w, w.userId);
      const token = await begin(w);
      for (let i = 0; i < 5; i++) {
        expect(await ask(w, token)).toMatchObject(INVALID);
        expect(dump(w)["continuations"]).toMatchObject([{ tries: i + 1 }]);
      }
      expect(await tenantOf(w, "acme").sendCode(token, w.userId)).toMatchObject(INVALID);
      expect(await codesMailed(w)).toBe(0);
    });
  }

  const dead: [string, (w: Town, token: string, secret: string) => Promise<string>][] = [
    ["none", async () => ""],
    ["garbled", async (_w, token) => `${token}x`],
    ["a flow token", async (w) => (await portal(w).identify(ADA)).body.flow_token],
    ["an old one", async (w, token) => (w.clock.advance(5 * MINUTE + 1000), token)],
    [
      "a spent one",
      async (w, mfa_token, secret) => {
        const code = totpCode(w.clock, secret);
        const done = await tenantOf(w, "acme").verifyMfa({ mfa_token, method: "totp", code });
        expect(done.status).toBe(200);
        return mfa_token;
      },
    ],
    [
      "an exhausted one",
      async (w, token) => {
        for (let i = 0; i < 5; i++) await finish(w, token, "000000");
        return token;
      },
    ],
  ];
  for (const [what, kill] of dead) {
    test(`with a dead mfa_token (${what}) is a 401, and mails nothing`, async () => {
      await using w = await town();
      await enrolEmail(w, w.userId);
      const secret = await enrolTotp(w, w.userId);
      const token = await kill(w, await begin(w), secret);
      expect(await tenantOf(w, "acme").sendCode(token, w.userId)).toMatchObject(INVALID);
      expect(await codesMailed(w)).toBe(0);
    });
  }

  test("asks for both parameters, once each", async () => {
    await using w = await town();
    for (const query of ["", "?mfa_token=x", "?user_id=x", "?mfa_token=x&user_id=x&user_id=y"]) {
      const { status } = await w.send("POST", `/api/v1/auth/tenants/acme/mfa/email/send${query}`);
      expect([query, status]).toEqual([query, 422]);
    }
    expect(await tenantOf(w, "nope").sendCode("x", "y")).toMatchObject({
      status: 404,
      body: { code: "TENANT_NOT_FOUND" },
    });
  });
});

describe("a mailed code", () => {
  test("of one sign-in is nothing at another", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const one = await begin(w);
    const codeOfOne = await mailedCode(w);
    w.clock.advance(MINUTE);
    const other = await begin(w, "beta");
    const codeOfOther = await mailedCode(w);
    expect((await finish(w, other, codeOfOne, "beta")).body.code).toBe("INVALID_MFA_CODE");
    expect((await finish(w, one, codeOfOther)).body.code).toBe("INVALID_MFA_CODE");
    expect((await finish(w, one, codeOfOne)).status).toBe(200);
    expect((await finish(w, other, codeOfOther, "beta")).status).toBe(200);
  });

  test("works once, and as nothing but itself", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await enrolTotp(w, w.userId);
    const token = await begin(w);
    await tenantOf(w, "acme").sendCode(token, w.userId);
    const code = await mailedCode(w);
    for (const method of ["totp", "backup_code", "webauthn"]) {
      const { status } = await tenantOf(w, "acme").verifyMfa({ mfa_token: token, method, code });
      expect([method, status]).toEqual([method, 401]);
    }
    expect((await finish(w, token, code)).status).toBe(200);
    expect(await finish(w, token, code)).toMatchObject(INVALID);
    expect(await signedInWith(w, w.userId)).toHaveLength(1);
  });

  test("stands nowhere in the database and the log", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await begin(w);
    const code = await mailedCode(w);
    expect(JSON.stringify(dump(w))).not.toContain(`"${code}"`);
    expect(w.log.join("")).not.toContain(`"${code}"`);
  });
});
