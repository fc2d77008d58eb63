// Signing in, by the pages and as people do it.
import { expect, test } from "bun:test";
import * as tenants from "../../src/core/tenants.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { totpCode } from "../support/key-group.ts";
import { linkIn } from "../support/mailbox.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { enrolTotp } from "../support/second-factors.ts";
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
import { audited } from "../support/world.ts";

/** Keeps requests to these addresses back; their ids. */
async function hold({ view }: PageView, urlPattern: string): Promise<string[]> {
  const held: string[] = [];
  view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data }) => {
    held.push(data.requestId);
  });
  await view.cdp("Fetch.enable", { patterns: [{ urlPattern }] });
  return held;
}

describeInBrowser("the sign-in page of a tenant", () => {
  test("takes email and password by keyboard alone, says what is wrong, and leads on to the app", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/login?next=https://evil.example/`);
    await page.reads("Sign in to Acme Rockets");
    expect(await page.focused()).toBe("email");
    await page.view.press("Enter");
    await page.reads("Please fill this in.");
    expect(await page.focused()).toBe("email");
    await page.view.type("ada");
    await page.view.press("Tab");
    await page.view.type("wrong password");
    await page.view.press("Enter");
    await page.reads("This does not look like an email address.");
    expect(await page.focused()).toBe("email");
    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("The email address and the password do not fit together.");
    expect(await page.focused()).toBe("password");
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
    expect(await whoIsIn(page)).toBe(ADA);
    expect(unexpected(page, 401, 422)).toEqual([]);
  }, 60_000);

  test("asks for the code of the authenticator app, and checks it when its last digit is in", async () => {
    await using w = await village();
    const secret = await enrolTotp(w, w.userId);
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/login`);
    await fill(page, "email", ADA);
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await page.reads("Enter the code of your app");
    expect(await page.focused()).toBe("totp_code");
    await page.view.type("000000");
    await page.reads("That code is not right");
    expect(await page.focused()).toBe("totp_code");
    const code = totpCode(w.clock, secret);
    await page.view.type(`${code.slice(0, 3)} ${code.slice(3)}`);
    await arrives(page, "/swagger");
    expect(await whoIsIn(page)).toBe(ADA);
    expect((await audited(w)).at(-1)).toBe("login.succeeded: pwd otp mfa");
    expect(unexpected(page, 401)).toEqual([]);
  }, 60_000);
});

describeInBrowser("the sign-in page of the instance", () => {
  test("asks for the email first, then for the password where there is one tenant, and the back button walks back", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/login?next=${encodeURIComponent("/account?a=1#b")}`);
    await page.reads("Sign in");
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Enter your password");
    expect(await page.focused()).toBe("password");
    expect(await page.text()).toContain(ADA);
    await page.view.evaluate("history.back()");
    await page.reads("Continue");
    expect(await page.view.evaluate<string>("document.querySelector('#email').value")).toBe(ADA);
    await page.view.evaluate("history.forward()");
    await page.reads("Enter your password");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/account?a=1");
    expect(await whoIsIn(page)).toBe(ADA);
  }, 60_000);

  test("keeps whose password it asks for, where another email could not be looked up", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/login`);
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Enter your password");
    await page.view.evaluate("history.back()");
    await page.reads("Continue");
    page.view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data: { requestId } }) => {
      void page.view.cdp("Fetch.failRequest", { requestId, errorReason: "InternetDisconnected" });
    });
    await page.view.cdp("Fetch.enable", { patterns: [{ urlPattern: "*/identify" }] });
    await fill(page, "email", "bob@example.com");
    await page.view.press("Enter");
    await page.reads("The server cannot be reached.");
    await page.view.evaluate("history.forward()");
    await page.reads("Enter your password");
    expect(await page.text()).toContain(ADA);
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
  }, 60_000);

  test("asks which of several tenants, by buttons", async () => {
    await using w = await village();
    const beta = await makeTenant(w, "beta");
    await makePerson(w, [w.acme, beta], { email: "bob@example.com" });
    await using page = await openPage();
    await page.open(`${w.origin}/login`);
    await page.view.type("bob@example.com");
    await page.view.press("Enter");
    await page.reads("Where do you want to sign in?");
    await press(page, "#choose li:nth-of-type(2) button");
    await page.reads("Enter your password");
    expect(await page.text()).toContain("bob@example.com · beta");
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/account");
    expect(await whoIsIn(page)).toBe("bob@example.com");
  }, 60_000);

  test("asks for the organization where tenants are hidden, and says when there is none of that name", async () => {
    await using w = await village({ settings: { IDENTIFY_TENANTS: "hidden" } });
    await using page = await openPage();
    await page.open(`${w.origin}/login`);
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Which organization is it?");
    for (const wrong of ["nowhere", "No such name!"]) {
      await fill(page, "slug", wrong);
      await page.view.press("Enter");
      await page.reads("There is no organization with that short name.");
    }
    await fill(page, "slug", "Acme");
    await page.view.press("Enter");
    await page.reads("Enter your password");
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
    expect(unexpected(page, 404, 422)).toEqual([]);
  }, 60_000);
});

describeInBrowser("whoever signs in", () => {
  test("is told to confirm the email first, is mailed the link again, and comes back by it", async () => {
    await using w = await village({ acme: { self_registration: true } });
    await makePerson(w, w.acme, { email: "bob@example.com", isVerified: false, isActive: false });
    await using page = await openPage();
    await showPassword(page, w.origin, "bob@example.com");
    await page.reads("Confirm your email address first");
    expect(await page.text()).toContain("is on its way to bob@example.com");
    await page.open(linkIn(await w.mailbox.waitFor("bob@example.com")).href);
    await press(page, "button[value=confirm]");
    await page.reads("Your email address is confirmed");
    await page.follow("a[href='/t/acme/login']");
    await page.reads("Sign in to Acme Rockets");
    await page.view.type("bob@example.com");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
    expect(unexpected(page, 403)).toEqual([]);
  }, 60_000);

  test("and comes back to a step that the page has lost begins anew", async () => {
    await using w = await village();
    await makePerson(w, w.acme, { email: "bob@example.com", isVerified: false, isActive: false });
    await using page = await openPage();
    const comesBack = async (title: string) => {
      await page.view.evaluate("history.back()");
      await page.reads(title);
      await page.view.reload();
      await page.reads(title);
      await page.view.evaluate("history.forward()");
      await Bun.sleep(300);
      return page.text();
    };
    await showPassword(page, w.origin, "bob@example.com");
    await page.reads("Confirm your email address first");
    expect(await comesBack("Sign in to Acme Rockets")).toContain("Sign in to Acme Rockets");
    await page.open(`${w.origin}/t/acme/forgot`);
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("If there is an account");
    const title = "You get a mail with a link to choose a new password.";
    expect(await comesBack(title)).toContain(title);
  }, 60_000);

  test("is signed in once, however often they press Enter until the page is left", async () => {
    await using w = await village();
    await using page = await openPage();
    const held = await hold(page, "*/me/sessions*");
    await showPassword(page, w.origin);
    await until(
      async () => held.length,
      (count) => count > 0,
    );
    expect(await page.text()).toContain("One moment…");
    for (let i = 0; i < 2; i++) await page.view.press("Enter");
    await Bun.sleep(300);
    expect(held).toHaveLength(1);
    await page.view.cdp("Fetch.disable");
    await arrives(page, "/swagger");
    expect((await audited(w)).filter((entry) => entry.startsWith("login.succeeded"))).toHaveLength(1);
  }, 60_000);

  test("and has to enrol a second factor first is led to the account, and on from there after that", async () => {
    await using w = await village({ acme: { mfa_policy: "required", email_verification: false } });
    await makePerson(w, w.acme, { email: "bob@example.com", isVerified: false });
    await using page = await openPage();
    await showPassword(page, w.origin, "bob@example.com");
    await arrives(page, "/account");
    await page.view.evaluate("fetch('/api/v1/auth/logout', { method: 'POST' }).then(() => true)");
    // What asked for the sign-in comes after that.
    await page.open(`${w.origin}/t/acme/login?next=/approve%23x`);
    await fill(page, "email", "bob@example.com");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/account?next=%2Fapprove%23x");
    await page.reads("Your organization asks everybody for a second step");
    await press(page, "#totp-on");
    await page.reads("Scan this picture");
    const key = await page.view.evaluate<string>("document.querySelector('#totp-key').textContent");
    await page.view.click("#totp-code");
    await page.view.type(totpCode(w.clock, key.replaceAll(/\s/g, "")));
    await page.view.press("Enter");
    await page.reads("Your new backup codes");
    await press(page, "#codes-kept");
    await arrives(page, "/approve");
    expect(await page.view.evaluate<string>("location.hash")).toBe("#x");
  }, 60_000);

  test("guesses too often is told how long to wait", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/login`);
    await fill(page, "email", ADA);
    for (let i = 0; i < 5; i++) {
      await fill(page, "password", `wrong ${i}`);
      await page.view.press("Enter");
      await page.reads("do not fit together");
    }
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await page.reads("Too many tries. Please try again in");
    expect(await page.text()).toMatch(/again in \d+ seconds/);
  }, 60_000);

  test("is signed in already is asked whether to stay so, or to sign in again", async () => {
    await using w = await village();
    const beta = await makeTenant(w, "beta");
    await using page = await openPage();
    await showPassword(page, w.origin);
    await arrives(page, "/swagger");
    await page.open(`${w.origin}/login?next=/cli%23code=1`);
    await page.reads("You are signed in already");
    expect(await page.text()).toContain(ADA);
    const target = "document.querySelector('#signed-in a').href";
    expect(await page.view.evaluate<string>(target)).toBe(`${w.origin}/cli#code=1`);
    await press(page, "#signed-in button");
    await page.reads("Email address");
    await page.open(`${w.origin}/t/acme/login`);
    await page.reads("Continue as Ada Lovelace");
    expect(await page.view.evaluate<string>(target)).toBe(w.app);
    // Neither where they are no member, nor where they are asked to sign in again.
    for (const path of [`/t/${beta.slug}/login`, "/login?again"]) {
      await page.open(w.origin + path);
      await page.reads("Sign in with a passkey");
      await Bun.sleep(300);
      expect(await page.text()).not.toContain("You are signed in already");
    }
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test("is signed in already and has gone a step further meanwhile is left there", async () => {
    await using w = await village();
    await using page = await openPage();
    await showPassword(page, w.origin);
    await arrives(page, "/swagger");
    const held = await hold(page, "*/api/v1/me");
    await page.open(`${w.origin}/login`);
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Enter your password");
    expect(held).toHaveLength(1);
    await page.view.cdp("Fetch.disable");
    await Bun.sleep(300);
    expect(await page.text()).toContain("Enter your password");
  }, 60_000);

  test("is led on to pages of ours that ask for it, and to nothing else that the address names", async () => {
    await using w = await village();
    const acme = await tenants.find(w.ctx, "acme");
    if (!acme) throw new Error("no tenant");
    await tenants.update(w.ctx, acme, { settings: { default_redirect_uri: null } });
    await using page = await openPage();
    await showPassword(page, w.origin);
    await arrives(page, "/account");
    const leadsTo = async (next: string) => {
      await page.open(`${w.origin}/login?next=${encodeURIComponent(next)}`);
      await page.reads("You are signed in already");
      return page.view.evaluate<string>("document.querySelector('#signed-in a').getAttribute('href')");
    };
    for (const ours of ["/account", "/account?a=1#b", "/approve#x", "/cli?code=1"])
      expect(await leadsTo(ours)).toBe(ours);
    for (const other of [
      "https://evil.example/account",
      "//evil.example/account",
      "/\\evil.example",
      "javascript:alert(1)",
      "/account/../swagger",
      "/accounts",
      "/t/acme/login",
      " /account",
      "",
    ])
      expect([other, await leadsTo(other)]).toEqual([other, "/account"]);
  }, 60_000);
});

describeInBrowser("before the script of the page has run", () => {
  test("it can be typed into, nothing is sent, and the script takes over what was typed", async () => {
    await using w = await village();
    await using page = await openPage();
    const held = await hold(page, "*/pages/*.js");
    // Not by `open`, which waits for the script too.
    await page.view.evaluate(`location.href = ${JSON.stringify(`${w.origin}/t/acme/login`)}`);
    const isThere = () =>
      // Dressed, too: nobody sees it before.
      page.view
        .evaluate<boolean>(
          "document.querySelector('#password') !== null && document.getAnimations().length > 0",
        )
        .catch(() => false);
    const isHeld = () =>
      until(
        async () => held.length > 0 && (await isThere()),
        (ready) => ready,
      );
    expect(await isHeld()).toBe(true);
    const seen = () => page.view.evaluate<string>("document.body.innerText");
    const late = "This page is still loading.";
    expect(await seen()).not.toContain(late);
    await page.view.evaluate("document.getAnimations().forEach((delay) => delay.finish())");
    expect(await seen()).toContain(late);
    await page.view.evaluate("document.querySelector('#email').focus()");
    await page.view.type(ADA);
    await page.view.press("Tab");
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    // A password manager that submits by itself.
    await page.view.evaluate("document.querySelector('form').submit()");
    await Bun.sleep(300);
    expect(await page.view.evaluate<string>("location.href")).toBe(`${w.origin}/t/acme/login`);
    const requests = w.log.filter((line) => line.includes('"method"') && !line.includes("/pages/"));
    expect(requests.map((line) => JSON.parse(line).route)).toEqual(["/t/:tenant_slug/login"]);
    for (const requestId of held) await page.view.cdp("Fetch.continueRequest", { requestId });
    await page.view.cdp("Fetch.disable");
    await page.reads("Sign in to Acme Rockets");
    expect(await seen()).not.toContain(late);
    expect(await page.view.evaluate<string>("document.querySelector('#email').value")).toBe(ADA);
    await press(page, "button[type=submit]");
    await arrives(page, "/swagger");
  }, 60_000);
});
