// Making an account of one's own and coming back after a forgotten password, by the pages.
import { expect, test } from "bun:test";
import { describeInBrowser } from "../support/browser.ts";
import { linkIn } from "../support/mailbox.ts";
import { openPage } from "../support/page-view.ts";
import { PASSWORD } from "../support/people.ts";
import { arrives, ADA, fill, press, unexpected, village, whoIsIn } from "../support/sign-in-pages.ts";
import { audited, dump } from "../support/world.ts";

const BOB = "bob@example.com";
const NEW = "another good password";

describeInBrowser("the page on which people register", () => {
  test("says what is wrong by the field, proves work once, and leads by way of the mail to the app", async () => {
    await using w = await village({ acme: { self_registration: true, captcha: true } });
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/login`);
    await page.follow("a[href='/t/acme/register']");
    await page.reads("Create an account at Acme Rockets");
    expect(await page.focused()).toBe("email");
    await page.view.press("Enter");
    await page.reads("Please fill this in.");
    await page.view.type(BOB);
    await page.view.press("Tab");
    await page.view.type("Bob");
    await page.view.press("Tab");
    await page.view.type("Hill");
    await page.view.press("Tab");
    await page.view.type("password1");
    await page.view.press("Enter");
    await page.reads("Checking that you are no robot");
    await page.reads("This password is one of those most often used");
    expect(await page.focused()).toBe("password");
    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(PASSWORD);
    await page.view.press("Enter");
    await page.reads("Look into your mailbox");
    expect(await page.text()).toContain("A mail is on its way to bob@example.com.");
    expect(await page.focused()).toBe("pending-title");
    expect(await page.view.evaluate<string>("document.querySelector('#password').value")).toBe("");
    const asked = w.log.filter((line) => line.includes("/captcha"));
    expect(asked).toHaveLength(1);

    await page.open(linkIn(await w.mailbox.waitFor(BOB)).href);
    await press(page, "button[value=confirm]");
    await page.reads("Your email address is confirmed");
    await page.follow("a[href='/t/acme/login']");
    await page.reads("Sign in to Acme Rockets");
    await page.view.type(BOB);
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
    expect(await whoIsIn(page)).toBe(BOB);
    expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ email: BOB, first_name: "Bob" }));
    expect(unexpected(page, 422)).toEqual([]);
  }, 60_000);

  test("says the same of an address that has an account, and lets another be tried", async () => {
    await using w = await village({ acme: { self_registration: true } });
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/register`);
    await fill(page, "email", ADA);
    await fill(page, "first_name", "Eve");
    await fill(page, "last_name", "Hill");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await page.reads("A mail is on its way to ada@example.com.");
    await w.mailbox.waitFor(ADA, "already have an account");
    await press(page, "[data-go=start]");
    await page.reads("Create an account at");
    expect(await page.focused()).toBe("email");
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test("leads to the sign-in at once where addresses need no confirming", async () => {
    await using w = await village({ acme: { self_registration: true, email_verification: false } });
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/register`);
    await fill(page, "email", BOB);
    await fill(page, "first_name", "Bob");
    await fill(page, "last_name", "Hill");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    await page.reads("Your account is ready");
    await page.follow("#active a");
    await page.reads("Sign in to Acme Rockets");
  }, 60_000);

  test("says where nobody registers, and leads to the sign-in, which offers no account then", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/register`);
    await page.reads("Accounts are not created here");
    await page.follow("main a");
    await page.reads("Sign in to Acme Rockets");
    expect(await page.text()).not.toContain("Create an account");
    expect((await audited(w)).filter((entry) => entry.startsWith("register"))).toEqual([]);
    expect(page.complaints).toEqual([]);
  }, 60_000);
});

describeInBrowser("the language that was chosen on a page", () => {
  test("is that of the mail, and of the account from then on", async () => {
    await using w = await village({ acme: { self_registration: true } });
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/register?lang=de`);
    await fill(page, "email", BOB);
    await fill(page, "first_name", "Bob");
    await fill(page, "last_name", "Hill");
    await fill(page, "password", PASSWORD);
    await page.view.press("Enter");
    const { subject } = await w.mailbox.waitFor(BOB);
    expect(subject).toStartWith("Bestätigen");
    expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ email: BOB, language: "de" }));
  }, 60_000);
});

describeInBrowser("a forgotten password", () => {
  test("is replaced by way of the mail, from the page of the instance to the app, by keyboard alone", async () => {
    await using w = await village();
    await using page = await openPage();
    const tabTo = async (wanted: string) => {
      for (let i = 0; i < 10; i++) {
        await page.view.press("Tab");
        if ((await page.focused()) === wanted) return;
      }
      throw new Error(`the keyboard does not reach ${wanted}`);
    };
    await page.open(`${w.origin}/login`);
    await page.focuses("email");
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Enter your password");
    await tabTo("Forgot your password?");
    await page.enter();
    await page.reads("You get a mail with a link to choose a new password.");
    await page.focuses("email");
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("If there is an account with the address ada@example.com, a mail");

    await page.open(linkIn(await w.mailbox.waitFor(ADA, "new password")).href);
    await page.reads("Choose a new password");
    await tabTo("new_password");
    await page.view.type(NEW);
    await page.view.press("Enter");
    await page.reads("Your password is changed");
    await tabTo("Sign in");
    await page.enter();
    await page.reads("Sign in to Acme Rockets");
    await page.focuses("email");
    await page.view.type(ADA);
    await page.view.press("Tab");
    await page.view.type(NEW);
    await page.view.press("Enter");
    await arrives(page, "/swagger");
    expect(await whoIsIn(page)).toBe(ADA);
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test("is told about in the same words for an address without an account, which is mailed nothing", async () => {
    await using w = await village();
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/forgot`);
    await page.view.type("nobody");
    await page.view.press("Enter");
    await page.reads("This does not look like an email address.");
    await fill(page, "email", "nobody@example.com");
    await page.view.press("Enter");
    await page.reads("If there is an account with the address nobody@example.com, a mail");
    expect(dump(w)["outbox"]).toEqual([]);
  }, 60_000);
});
