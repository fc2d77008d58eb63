// How the account page stands there: every section and every dialog, at each width and in each scheme; and once in German.
import { expect, test } from "bun:test";
import * as trustedDevices from "../../src/core/trusted-devices.ts";
import {
  type AccountPage,
  actInBrowser,
  openAccount,
  setCookie,
  signInBrowser,
} from "../support/account-page.ts";
import { describeInBrowser } from "../support/browser.ts";
import { totpCode } from "../support/key-group.ts";
import { addPasskey } from "../support/me-group.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { cookieFrom } from "../support/portal-group.ts";
import { ADA, enrolTotp, type Town, town } from "../support/second-factors.ts";
import { client, HOUR, makeKey, signInForKey, signInForTokens } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
/** As long as a name may be, in one word. */
const LONG = "W".repeat(60);

/** Ada with one of everything, and somebody who waits for her yes. Resolves to the secret of her app. */
async function furnish(w: Town): Promise<string> {
  const who = { userId: w.userId, tenantId: w.acme.id };
  const secret = await enrolTotp(w, w.userId);
  await w.ctx.db.run`
    insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_a', ${w.userId}, 1, 1)`;
  await addPasskey(w, w.userId, LONG);
  await signInForTokens(w.ctx, who);
  await trustedDevices.create(w.ctx, who, client({ userAgent: FIREFOX }));
  await signInForKey(w.ctx, who);
  await makeKey(w.ctx, who);
  await w.ctx.db.run`update api_keys set name = ${LONG} where kind = 'manual'`;
  await w.send("POST", "/v1/auth/portal/login", {
    body: { email: ADA, password: PASSWORD, portal_id: "acme" },
    headers: { "user-agent": FIREFOX },
  });
  return secret;
}

async function close({ view }: AccountPage): Promise<void> {
  await view.press("Escape");
}

describeInBrowser("the account page", () => {
  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      test(`can be read at ${width} px, ${scheme}, by who acts as another and by who has yet to enrol`, async () => {
        await using w = await town();
        await using page = await openAccount({ width, scheme });
        const root = await makePerson(w, w.acme, { username: "root", isSuperuser: true });
        await actInBrowser(page, w, { userId: root, tenantId: w.acme.id }, w.userId);
        await page.open(`${w.origin}/account`);
        await page.reads("root is acting as ada.");
        expect(await page.faults("account-acting")).toEqual([]);
        const strict = await makeTenant(w, "strict", { mfa_policy: "required", email_verification: false });
        await makePerson(w, strict, { email: "eve@example.com", isVerified: false });
        const eve = await tenantOf(w, "strict").login("eve@example.com", PASSWORD);
        await setCookie(page, w, "ostiary_session", cookieFrom(eve, "session"));
        await page.open(`${w.origin}/account`);
        await page.reads("Your organization asks everybody for a second step");
        expect(await page.faults("account-enrolling")).toEqual([]);
        expect(page.faultsOfBrowser()).toEqual([]);
      }, 60_000);

      test(`can be read and used at ${width} px, ${scheme}`, async () => {
        await using w = await town();
        await using page = await openAccount({ width, scheme });
        const who = { userId: w.userId, tenantId: w.acme.id, amr: ["pwd", "otp", "mfa"] };
        await signInBrowser(page, w, who);
        const faults: Record<string, string[]> = {};
        const look = async (name: string) => void (faults[name] = await page.faults(`account-${name}`));

        await page.open(`${w.origin}/account`);
        await page.reads("You have no passkey yet.");
        await look("bare");
        await page.press("#totp-on");
        await page.reads("Scan this picture");
        await look("totp");
        await page.fill("#totp-code", "123");
        await page.view.press("Enter");
        await page.reads("not right");
        await look("totp-refused");
        await close(page);

        const secret = await furnish(w);
        for (const section of ["pending", "profile", "password", "two-step", "sessions", "keys"]) {
          await page.open(`${w.origin}/account#${section}`);
          await page.reads("Waiting for you");
          await look(section);
        }
        await page.press("#passkey-add");
        await look("passkey");
        await close(page);
        await page.press("#passkeys .row button");
        await look("question");
        await close(page);
        await page.press("#totp-off");
        await look("totp-off");
        await close(page);
        await page.press("#email-off");
        await look("email-off");
        await close(page);
        await page.press("#codes-make");
        await page.fill("#codes-code", totpCode(w.clock, secret));
        await page.view.press("Enter");
        await page.reads("Your new backup codes");
        await look("codes");
        await page.fill("#key-name", "script");
        await page.view.press("Enter");
        await page.reads("Your new key");
        await look("key");
        await page.fill("#current_password", "x");
        await page.fill("#new_password", "y");
        await page.view.press("Enter");
        await page.reads("at least 8");
        await look("password-refused");
        w.clock.advance(HOUR);
        await page.press("#passkey-add");
        await page.view.press("Enter");
        await page.reads("Please sign in once more");
        await look("again");
        expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
        expect(Object.keys(faults)).toHaveLength(17);
        expect(page.faultsOfBrowser()).toEqual([]);
      }, 120_000);
    }
  }

  test("speaks German, in its dates and of what is refused as well", async () => {
    await using w = await town();
    await using page = await openAccount({ width: 360 });
    const who = { userId: w.userId, tenantId: w.acme.id, amr: ["pwd", "otp", "mfa"] };
    await signInBrowser(page, w, who);
    await furnish(w);
    await trustedDevices.create(w.ctx, who, client({ userAgent: IPHONE }));
    await page.open(`${w.origin}/account?lang=de`);
    await page.reads("Wartet auf Sie");
    const text = await page.text();
    for (const words of [
      "Ihr Konto",
      "Firefox unter Linux",
      "acme (Mitglied)",
      "Safari auf dem iPhone",
      "Vertrauenswürdige Geräte",
      "Diese hier",
      "Übrig: 0 von 10",
    ])
      expect(text).toContain(words);
    // A day stands first, and an hour has no PM.
    expect(await page.textOf("#sign-ins time")).toMatch(/^\d{1,2}\.\d{1,2}\.\d{4}, \d\d:\d\d$/);
    await page.fill("#current_password", PASSWORD);
    await page.fill("#new_password", "kurz");
    await page.view.press("Enter");
    await page.reads("Das Passwort muss mindestens 8 Zeichen lang sein.");
    await page.press("#pending button[value=reject]");
    await page.reads("Abgelehnt.");
    expect(await page.faults("account-de")).toEqual([]);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);
});
