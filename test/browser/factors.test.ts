// The second step of signing in, and passkeys that need no first.
import { expect, test } from "bun:test";
import { describeInBrowser, until } from "../support/browser.ts";
import { totpCode } from "../support/key-group.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { enrolEmail, enrolTotp, mailedCode, makeBackupCodes, otherThan } from "../support/second-factors.ts";
import { signInForKey } from "../support/sessions.ts";
import {
  ADA,
  arrives,
  fill,
  press,
  showPassword,
  unexpected,
  village,
  whoIsIn,
} from "../support/sign-in-pages.ts";
import { audited, dump, type World } from "../support/world.ts";

/** Keeps passkeys that its user has unlocked, and shows one when it is touched. */
const AUTHENTICATOR = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
};

interface Authenticator {
  touch: (isOn: boolean) => Promise<unknown>;
  forget: () => Promise<unknown>;
}

async function plugIn({ view }: PageView): Promise<Authenticator> {
  await view.cdp("WebAuthn.enable");
  const { authenticatorId } = await view.cdp<{ authenticatorId: string }>(
    "WebAuthn.addVirtualAuthenticator",
    { options: { ...AUTHENTICATOR, automaticPresenceSimulation: true } },
  );
  return {
    touch: (enabled) => view.cdp("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    forget: () => view.cdp("WebAuthn.clearCredentials", { authenticatorId }),
  };
}

/** On a page of ours, with a key that was made elsewhere. */
async function addPasskey({ view, open }: PageView, w: World, key: string): Promise<void> {
  await open(`${w.origin}/t/acme/reset`);
  const added = await view.evaluate<{ message?: string }>(`(async () => {
    const post = async (path, body) => {
      const headers = { authorization: "Bearer ${key}", "content-type": "application/json" };
      const answer = await fetch("/api/v1/me/mfa/webauthn/register/" + path, { method: "POST", headers, body: JSON.stringify(body) });
      return answer.json();
    };
    const { device_id, challenge_id, options } = await post("begin", {});
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = (await navigator.credentials.create({ publicKey })).toJSON();
    return post("complete", { device_id, challenge_id, credential, name: "Browser" });
  })()`);
  expect(added.message).toBe("Passkey added");
}

/** Ada has one, and has shown her password. */
async function isAskedForPasskey(
  page: PageView,
  w: Awaited<ReturnType<typeof village>>,
): Promise<Authenticator> {
  const authenticator = await plugIn(page);
  await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
  await authenticator.touch(false);
  await showPassword(page, w.origin);
  await page.reads("Show your passkey");
  return authenticator;
}

describeInBrowser("the second step", () => {
  test("starts anew after five wrong codes, and after the password is five minutes old, and says so", async () => {
    await using w = await village();
    const secret = await enrolTotp(w, w.userId);
    await using page = await openPage();
    await showPassword(page, w.origin);
    await page.reads("Enter the code of your app");
    const wrong = otherThan(
      totpCode(w.clock, secret, -1),
      totpCode(w.clock, secret),
      totpCode(w.clock, secret, 1),
    );
    for (let i = 0; i < 4; i++) {
      await page.view.type(wrong);
      await page.reads("That code is not right");
      await page.view.evaluate("document.querySelector('#totp_code-error').textContent = ''");
    }
    await page.view.type(wrong);
    await page.reads("too many codes were wrong. Please sign in again.");
    expect(await page.text()).toContain("Sign in to Acme Rockets");
    expect(await page.view.evaluate<string>("document.querySelector('#email').value")).toBe(ADA);
    expect(await page.focused()).toBe("password");

    await fill(page, "password", "correct horse battery");
    await page.view.press("Enter");
    await page.reads("Enter the code of your app");
    w.clock.advance(6 * 60 * 1000);
    await page.view.type(totpCode(w.clock, secret));
    await page.reads("That took too long");
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);

  test("is left by the back button, and not come back to once it is over", async () => {
    await using w = await village();
    await enrolTotp(w, w.userId);
    await using page = await openPage();
    await showPassword(page, w.origin);
    await page.reads("Enter the code of your app");
    await page.view.evaluate("history.back()");
    await page.reads("Sign in to Acme Rockets");
    await page.view.evaluate("history.forward()");
    await page.reads("Enter the code of your app");
    await page.view.evaluate("history.back()");
    await page.reads("Sign in to Acme Rockets");
    await page.view.reload();
    await page.reads("Sign in to Acme Rockets");
    await page.view.evaluate("history.forward()");
    await Bun.sleep(300);
    expect(await page.text()).toContain("Sign in to Acme Rockets");
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test("goes from one way to another, takes a backup code, and trusts the device from then on", async () => {
    await using w = await village();
    await enrolTotp(w, w.userId);
    await enrolEmail(w, w.userId);
    const [backup = ""] = await makeBackupCodes(w, w.userId);
    await using page = await openPage();
    await showPassword(page, w.origin);
    await page.reads("Enter the code of your app");
    expect(await page.text()).not.toContain("Use a passkey");
    await press(page, "#factor-totp [data-way=email]");
    await page.reads("Six digits, mailed to ada@example.com.");
    await page.reads("A code is on its way.");
    expect(await mailedCode(w)).toMatch(/^\d{6}$/);
    await press(page, "#factor-email [data-way=backup_code]");
    await page.reads("Enter a backup code");
    await page.view.type("not-one-of-them");
    await page.view.press("Enter");
    await page.reads("That code is not right");
    await page.view.type(backup.toUpperCase());
    await press(page, "#factor-backup_code [name=trust_device]");
    await press(page, "#factor-backup_code button[type=submit]");
    await arrives(page, "/swagger");
    expect(await whoIsIn(page)).toBe(ADA);

    await page.view.evaluate("fetch('/api/v1/auth/logout', { method: 'POST' }).then(() => true)");
    await showPassword(page, w.origin);
    await arrives(page, "/swagger");
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);

  test("has mailed the code where that is the only way, and tells how long until there is another", async () => {
    await using w = await village({ settings: { LIMIT_MAIL_GAP: "60" } });
    await enrolEmail(w, w.userId);
    await using page = await openPage();
    await showPassword(page, w.origin);
    await page.reads("Enter the code from the mail");
    expect(await page.text()).not.toContain("Use a backup code");
    const code = await mailedCode(w);
    await press(page, "[data-resend]");
    await page.reads("You can ask for another code in");
    const seconds = async () => Number(/in (\d+) second/.exec(await page.text())?.[1]);
    const first = await seconds();
    expect(first).toBeGreaterThan(30);
    await page.reads(`in ${first - 1} seconds`);
    await press(page, "[data-resend]");
    expect(await seconds()).toBeLessThan(first);
    await fill(page, "email_code", code);
    await arrives(page, "/swagger");
    expect((await audited(w)).at(-1)).toStartWith("login.succeeded: pwd");
    expect(unexpected(page, 429)).toEqual([]);
  }, 60_000);

  test("is done with a passkey that is touched", async () => {
    await using w = await village();
    await using page = await openPage();
    const authenticator = await isAskedForPasskey(page, w);
    await authenticator.touch(true);
    await press(page, "#factor-webauthn button[type=submit]");
    await arrives(page, "/swagger");
    expect((await audited(w)).at(-1)).toStartWith("login.succeeded: pwd");
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test("says of a passkey that is refused that it cannot be used here", async () => {
    await using w = await village();
    await using page = await openPage();
    const authenticator = await isAskedForPasskey(page, w);
    page.view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data: { requestId } }) => {
      const carryOn = () => page.view.cdp("Fetch.continueRequest", { requestId });
      void w.ctx.db.run`update passkeys set sign_count = 1000000`.then(carryOn);
    });
    await page.view.cdp("Fetch.enable", { patterns: [{ urlPattern: "*/mfa/verify" }] });
    await authenticator.touch(true);
    await press(page, "#factor-webauthn button[type=submit]");
    await page.reads("That passkey cannot be used here.");
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);

  test("says when no passkey was shown, and leaves the other ways open", async () => {
    await using w = await village();
    await using page = await openPage();
    const authenticator = await plugIn(page);
    await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
    await authenticator.forget();
    const secret = await enrolTotp(w, w.userId);
    await showPassword(page, w.origin);
    await press(page, "#factor-totp [data-way=webauthn]");
    await press(page, "#factor-webauthn button[type=submit]");
    await page.reads("No passkey was shown.");
    await press(page, "#factor-webauthn [data-way=totp]");
    await page.view.type(totpCode(w.clock, secret));
    await arrives(page, "/swagger");
    expect(page.complaints).toEqual([]);
  }, 60_000);
});

describeInBrowser("a passkey alone", () => {
  for (const path of ["/login", "/t/acme/login"]) {
    test(`signs in at ${path} from behind the email field, without anything typed`, async () => {
      await using w = await village({ acme: { mfa_policy: "required" } });
      await using page = await openPage();
      await plugIn(page);
      await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
      await page.open(`${w.origin}${path}?next=/cli%3Fa=1`);
      await arrives(page, "/cli?a=1");
      expect(await whoIsIn(page)).toBe(ADA);
      expect((await audited(w)).at(-1)).toBe("login.succeeded: hwk mfa");
    }, 60_000);
  }

  test("that was asked for too long ago is asked for anew", async () => {
    await using w = await village();
    await using page = await openPage();
    await plugIn(page);
    await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
    let asked = 0;
    page.view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data: { requestId } }) => {
      // The page has its question, and has been left open.
      if (asked++ === 0) w.clock.advance(6 * 60 * 1000);
      void page.view.cdp("Fetch.continueRequest", { requestId });
    });
    await page.view.cdp("Fetch.enable", { patterns: [{ urlPattern: "*/passkey/complete" }] });
    await page.open(`${w.origin}/login`);
    await arrives(page, "/swagger");
    expect(asked).toBe(2);
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);

  test("is not asked for anew while nobody looks at the page", async () => {
    await using w = await village();
    await using page = await openPage();
    await plugIn(page);
    // Four minutes are over at once, and the tab is in the background.
    const source = `{
      const wait = setTimeout;
      window.setTimeout = (act, ms) => wait(act, ms === 240000 ? 50 : ms);
      Object.defineProperty(document, "visibilityState", { get: () => window.isSeen ? "visible" : "hidden" });
    }`;
    await page.view.cdp("Page.enable");
    await page.view.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
    const asked = () => w.log.filter((line) => line.includes("/passkey/begin")).length;
    await page.open(`${w.origin}/login`);
    await until(
      async () => asked(),
      (count) => count > 0,
    );
    await Bun.sleep(500);
    expect(asked()).toBe(1);
    await page.view.evaluate("window.isSeen = document.dispatchEvent(new Event('visibilitychange'))");
    expect(
      await until(
        async () => asked(),
        (count) => count > 2,
      ),
    ).toBeGreaterThan(2);
  }, 60_000);

  test("that is not known here, and none at all, are told in words", async () => {
    await using w = await village();
    await using page = await openPage();
    const authenticator = await plugIn(page);
    await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
    await authenticator.touch(false);
    await w.ctx.db.run`delete from passkeys`;
    await page.open(`${w.origin}/t/acme/login`);
    await page.reads("Sign in with a passkey");
    await authenticator.touch(true);
    await press(page, "[data-passkey]");
    await page.reads("That passkey cannot be used here.");
    await authenticator.forget();
    await press(page, "[data-passkey]");
    await page.reads("No passkey was shown.");
    expect(dump(w)["sessions"]).toEqual([]);
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);

  test("signs in by the button, and for as long as the box says", async () => {
    await using w = await village();
    await using page = await openPage();
    const authenticator = await plugIn(page);
    await addPasskey(page, w, await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id }));
    await authenticator.touch(false);
    await page.open(`${w.origin}/t/acme/login`);
    await page.reads("Sign in with a passkey");
    await press(page, "[name=remember_me]");
    await authenticator.touch(true);
    await press(page, "[data-passkey]");
    await arrives(page, "/swagger");
    const { cookies } = await page.view.cdp<{
      cookies: { name: string; session: boolean; httpOnly: boolean }[];
    }>("Network.getCookies", { urls: [w.origin] });
    expect(cookies.find(({ name }) => name === "ostiary_session")).toMatchObject({
      session: false,
      httpOnly: true,
    });
    expect(page.complaints).toEqual([]);
  }, 60_000);
});
