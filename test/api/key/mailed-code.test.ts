// Signing in to the key group where email is a second factor: decisions §2 key.
import { describe, expect, test } from "bun:test";
import * as factorFailures from "../../../src/core/factor-failures.ts";
import { BASE, signIn, totpCode } from "../../support/key-group.ts";
import { PASSWORD } from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
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
import { audited, dump } from "../../support/world.ts";

const MINUTE = 60_000;
const begin = (w: Town, headers = {}) => signIn(w, { username: ADA, password: PASSWORD }, headers);
const finish = (w: Town, code: string, username = ADA) =>
  w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username, code } });

describe("token/", () => {
  test("mails six digits where email is a factor, and login-verify/ takes them, by username or email", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    for (const username of [ADA, "ada"]) {
      expect((await begin(w)).body).toEqual({ key: "", requires_mfa: true });
      const { status, body } = await finish(w, await mailedCode(w), username);
      expect([status, body.requires_mfa]).toEqual([200, false]);
      expect((await w.send("GET", `${BASE}/me/`, { key: body.key })).body.mfa_enabled).toBe(true);
      w.clock.advance(MINUTE);
    }
    expect(await audited(w)).toContain("login.succeeded: pwd mca mfa");
  });

  test("mails them where the tenant asks for a factor and none is enrolled", async () => {
    await using w = await town({}, { policy: "required" });
    expect((await begin(w)).body).toEqual({ key: "", requires_mfa: true });
    expect((await finish(w, await mailedCode(w))).status).toBe(200);
  });

  test("mails nothing to those who have an authenticator app alone", async () => {
    await using w = await town({}, { policy: "required" });
    await enrolTotp(w, w.userId);
    await begin(w);
    expect(await codesMailed(w)).toBe(0);
  });

  test("called again within the minute mails nothing, and the code that waits stays good for 5 minutes from then", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await begin(w);
    w.clock.advance(MINUTE - 1000);
    expect((await begin(w)).body).toEqual({ key: "", requires_mfa: true });
    w.clock.advance(5 * MINUTE - 1000);
    expect(await codesMailed(w)).toBe(1);
    expect((await finish(w, await mailedCode(w))).status).toBe(200);
  });

  test("called again within the minute does not give the tries back", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await begin(w);
    const code = await mailedCode(w);
    for (let i = 0; i < 5; i++) {
      await begin(w);
      expect((await finish(w, otherThan(code))).body.detail).toBe("Invalid TOTP code.");
    }
    await begin(w);
    expect((await finish(w, code)).status).toBe(401);
    expect(await signedInWith(w, w.userId)).toEqual([]);
  });

  test("called again later mails another code, and the first is void", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    await begin(w);
    const first = await mailedCode(w);
    w.clock.advance(MINUTE);
    await begin(w);
    const second = await mailedCode(w);
    expect((await finish(w, first)).body.detail).toBe("Invalid TOTP code.");
    expect((await finish(w, second)).status).toBe(200);
    expect((await finish(w, second)).body.detail).toBe("Invalid credentials.");
  });

  test("takes no trusted device for a factor", async () => {
    await using w = await town();
    const secret = await enrolTotp(w, w.userId);
    const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const code = totpCode(w.clock, secret);
    const done = await portal(w).verify({ mfa_token, user_id, method: "totp", code, trust_device: true });
    const cookie = `ostiary_trusted=${cookieFrom(done, "trusted")}`;
    const trusting = portal(w, { headers: { cookie } });
    expect((await trusting.login(ADA, PASSWORD, w.acme.id)).status).toBe(200);
    expect((await begin(w, { cookie })).body).toEqual({ key: "", requires_mfa: true });
  });
});

describe("with an authenticator app and email", () => {
  for (const by of ["the app", "email"]) {
    test(`${by} will do`, async () => {
      await using w = await town();
      await enrolEmail(w, w.userId);
      const secret = await enrolTotp(w, w.userId);
      await begin(w);
      const mailed = await mailedCode(w);
      expect((await finish(w, by === "email" ? mailed : totpCode(w.clock, secret))).status).toBe(200);
      expect(await audited(w)).toContain(`login.succeeded: pwd ${by === "email" ? "mca" : "otp"} mfa`);
      expect(JSON.stringify(dump(w)["factor_failures"])).not.toContain('"failures":1');
      // What was not used is not spent by it, but the sign-in is over.
      expect((await finish(w, by === "email" ? totpCode(w.clock, secret) : mailed)).body.detail).toBe(
        "Invalid credentials.",
      );
    });
  }

  test("signing in by the app for ever does not switch email off", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const secret = await enrolTotp(w, w.userId);
    for (let i = 0; i < 98; i++) await factorFailures.countTry(w.ctx, w.userId, "email");
    for (let i = 0; i < 3; i++) {
      await begin(w);
      expect((await finish(w, totpCode(w.clock, secret))).status).toBe(200);
      w.clock.advance(MINUTE);
    }
    expect(dump(w)["factor_failures"]).toMatchObject([{ method: "email", failures: 98 }]);
  });

  test("nor does it switch email on again once a hundred wrong codes switched it off", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const secret = await enrolTotp(w, w.userId);
    for (let i = 0; i < 100; i++) await factorFailures.countTry(w.ctx, w.userId, "email");
    await begin(w);
    expect((await finish(w, totpCode(w.clock, secret))).status).toBe(200);
    w.clock.advance(MINUTE);
    await begin(w);
    await mailedCode(w);
    expect((await finish(w, await mailedCode(w))).status).toBe(401);
  });

  test("a wrong code counts at both", async () => {
    await using w = await town();
    await enrolEmail(w, w.userId);
    const secret = await enrolTotp(w, w.userId);
    await begin(w);
    const known = [-1, 0, 1].map((step) => totpCode(w.clock, secret, step));
    await finish(w, otherThan(await mailedCode(w), ...known));
    expect(dump(w)["factor_failures"]).toMatchObject([{ method: "email", failures: 1 }]);
    expect(dump(w)["totp_devices"]).toMatchObject([{ failures: 1 }]);
    expect(dump(w)["login_challenges"]).toMatchObject([{ tries: 1 }]);
  });
});

test("a user with passkeys only is asked for a factor that cannot be shown here", async () => {
  await using w = await town();
  await enrolPasskey(w, w.userId);
  const [backupCode = ""] = await makeBackupCodes(w, w.userId);
  expect((await begin(w)).body).toEqual({ key: "", requires_mfa: true });
  expect((await finish(w, "123456")).body.detail).toBe("Invalid TOTP code.");
  expect((await finish(w, backupCode)).status).toBe(422);
  expect(await codesMailed(w)).toBe(0);
  expect(await signedInWith(w, w.userId)).toEqual([]);
});
