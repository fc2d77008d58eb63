// Two-step sign-in on the account page: by real codes of an authenticator app, a virtual authenticator, and real mails.
import { expect, test } from "bun:test";
import jsQR from "jsqr";
import { type AccountPage, openAccount, setCookie, signInBrowser } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { totpCode, wrongCode } from "../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { cookieFrom } from "../support/portal-group.ts";
import { ADA, enrolTotp, mailedCode, makeBackupCodes, type Town, town } from "../support/second-factors.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { audited, world } from "../support/world.ts";

const KEY_IN_DEVICE = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};
const MINUTE = 60_000;

async function atHome() {
  await using stack = new AsyncDisposableStack();
  const w = stack.use(await town());
  const page = stack.use(await openAccount());
  await signInBrowser(page, w, { userId: w.userId, tenantId: w.acme.id });
  const kept = stack.move();
  return { w, page, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function openTwoStep(w: Town, page: AccountPage): Promise<void> {
  await page.open(`${w.origin}/account#two-step`);
  await page.reads("Authenticator app");
}

/** The key as it is shown, without the gaps between its groups. */
const keyShown = (page: AccountPage) =>
  page.view.evaluate<string>("document.querySelector('#totp-key').textContent");

/** The same once the browser has told the page that the dialog is closed, which may take it a moment. */
const keyGone = (page: AccountPage) =>
  until(
    () => keyShown(page),
    (key) => key === "",
  );

/** What a phone reads in the picture. */
async function scanned({ view }: AccountPage): Promise<string | undefined> {
  const { width, height, pixels } = await view.evaluate<{
    width: number;
    height: number;
    pixels: number[];
  }>(`(async () => {
    const image = document.querySelector("#totp-qr");
    await image.decode();
    const canvas = document.createElement("canvas");
    const { naturalWidth: width, naturalHeight: height } = image;
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return { width, height, pixels: [...context.getImageData(0, 0, width, height).data] };
  })()`);
  return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data;
}

const codesShown = async (page: AccountPage) => (await page.textOf("#codes-list")).trim().split("\n");

const isOpen = ({ view }: AccountPage, id: string) =>
  view.evaluate<boolean>(`document.querySelector("#${id}").open`);

describeInBrowser("an authenticator app", () => {
  test("is set up by picture or key and a first code, gives backup codes to keep, and is turned off by one of them", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openTwoStep(w, page);
    await page.press("#totp-on");
    await page.reads("Scan this picture");
    const key = await keyShown(page);
    expect(key).toMatch(/^[A-Z2-7]{32}$/);
    expect(await scanned(page)).toContain(`secret=${key}`);
    expect(await page.focused()).toBe("totp-code");
    await page.fill("#totp-code", wrongCode(w.clock, key));
    await page.view.press("Enter");
    await page.reads("That code is not right");
    expect(await page.focused()).toBe("totp-code");
    expect(await page.view.evaluate<string>("document.activeElement.ariaInvalid")).toBe("true");
    expect(await isOpen(page, "totp-on-dialog")).toBe(true);
    // As some apps show it.
    await page.fill("#totp-code", totpCode(w.clock, key).replace(/^.../, "$& "));
    await page.view.press("Enter");
    await page.reads("The authenticator app is on.");
    expect(await page.focused()).toBe("Your new backup codes");
    expect(await keyGone(page)).toBe("");
    const codes = await codesShown(page);
    expect(codes).toHaveLength(10);
    expect(await page.textOf("#backup-codes")).toContain("Left: 10 of 10");
    await page.press("#codes-kept");
    await page.reads("You will not see them again.");
    expect(await page.text()).not.toContain(codes[0] ?? "");
    expect(await page.view.evaluate<string>("document.documentElement.innerHTML")).not.toContain(
      codes[0] ?? "",
    );

    await page.press("#totp-off");
    await page.fill("#totp-off-code", codes[0] ?? "");
    await page.view.press("Enter");
    await page.reads("The authenticator app is off.");
    expect(await page.textOf("#backup-codes")).toContain(
      "You get ten of them when you set up a second step.",
    );
    expect((await audited(w)).filter((event) => event.startsWith("totp"))).toEqual([
      "totp.begun",
      "totp.refused: wrong code on confirming",
      "totp.enabled",
      "totp.disabled",
    ]);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("is not set up by who only looked: Escape closes, the focus goes back, and the key is gone", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openTwoStep(w, page);
    await page.tabTo("totp-on");
    await page.view.press("Enter");
    await page.reads("Scan this picture");
    await page.view.press("Escape");
    await until(
      () => isOpen(page, "totp-on-dialog"),
      (open) => !open,
    );
    expect(await page.focused()).toBe("totp-on");
    expect(await keyGone(page)).toBe("");
    expect(await page.textOf("#totp")).toContain("Off");
  }, 30_000);
});

describeInBrowser("backup codes", () => {
  test("are copied, downloaded as a file, printed alone, and made anew by a code of the app", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const { view } = page;
    const secret = await enrolTotp(w, w.userId);
    await openTwoStep(w, page);
    await page.press("#codes-make");
    await page.reads("The old ones are void then.");
    expect(await page.textOf("#codes-dialog label")).toBe("Six digits of your authenticator app");
    await page.fill("#codes-code", totpCode(w.clock, secret));
    await view.press("Enter");
    await page.reads("Your new backup codes");
    const codes = await codesShown(page);
    expect(codes).toHaveLength(10);

    await view.cdp("Browser.grantPermissions", {
      permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
    });
    await page.press("#codes [data-copies]");
    await page.reads("Copied.");
    expect(await view.evaluate<string>("navigator.clipboard.readText()")).toBe(codes.join("\n"));

    const downloads = `${w.directory}/downloads`;
    await view.cdp("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    await page.press("#codes-download");
    const text = await until(
      () =>
        Bun.file(`${downloads}/backup-codes.txt`)
          .text()
          .catch(() => ""),
      (text) => text !== "",
    );
    expect(text).toMatch(/^Backup codes for ada@example\.com at Ostiary, made on .*\n\n/);
    expect(text).toContain(codes.join("\n"));

    await view.evaluate("window.print = () => { window.printed = true; }");
    await page.press("#codes-print");
    expect(await view.evaluate<boolean>("window.printed")).toBe(true);
    await view.cdp("Emulation.setEmulatedMedia", { media: "print" });
    const onPaper = await page.text();
    for (const code of codes) expect(onPaper).toContain(code);
    expect(onPaper).toContain("ada@example.com at Ostiary");
    for (const other of ["Your account", "Download", "Profile", "We show them this once"])
      expect(onPaper).not.toContain(other);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("are made anew by an old one, where there is no app", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await w.ctx.db.run`
      insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_a', ${w.userId}, 1, 1)`;
    const [old = ""] = await makeBackupCodes(w, w.userId);
    await openTwoStep(w, page);
    await page.press("#codes-make");
    expect(await page.textOf("#codes-dialog label")).toBe("One of your backup codes");
    await page.fill("#codes-code", "abcd-efgh");
    await page.view.press("Enter");
    await page.reads("That code is not right");
    await page.fill("#codes-code", old.toUpperCase());
    await page.view.press("Enter");
    await page.reads("Your new backup codes");
    expect(await codesShown(page)).not.toContain(old);
  }, 30_000);
});

describeInBrowser("a passkey", () => {
  test("is added under a name, listed, not added twice, and removed after a question", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const { view } = page;
    await view.cdp("WebAuthn.enable");
    await view.cdp("WebAuthn.addVirtualAuthenticator", { options: KEY_IN_DEVICE });
    await openTwoStep(w, page);
    await page.reads("You have no passkey yet.");
    await page.press("#passkey-add");
    expect(await view.evaluate<string>("document.querySelector('#passkey-name').value")).toBe(
      "Chrome on Linux",
    );
    await page.fill("#passkey-name", "Ada’s <b>laptop</b>");
    await view.press("Enter");
    await page.reads("The passkey “Ada’s <b>laptop</b>” is added.");
    expect(await codesShown(page)).toHaveLength(10);
    await page.press("#codes-kept");
    expect(await page.textOf("#passkeys")).toContain("Not used yet");
    expect(await page.textOf("#passkeys")).not.toContain("You have no passkey yet.");

    await page.press("#passkey-add");
    await view.press("Enter");
    await page.reads("This device holds a passkey for your account already.");
    await view.press("Escape");

    await page.press("#passkeys .row button");
    await page.reads("Remove the passkey “Ada’s <b>laptop</b>”?");
    await view.press("Escape");
    expect(await page.focused()).toStartWith("passkey-end");
    await view.press("Enter");
    await page.reads("You cannot sign in with it any more.");
    await page.press("#confirm button[type=submit]");
    await page.reads("The passkey “Ada’s <b>laptop</b>” is removed.");
    expect(await page.textOf("#passkeys")).toContain("You have no passkey yet.");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("is not made where the person says no, here or to the browser", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const { view } = page;
    await view.cdp("WebAuthn.enable");
    await openTwoStep(w, page);
    await view.evaluate(`(() => {
      const create = navigator.credentials.create.bind(navigator.credentials);
      navigator.credentials.create = (options) => {
        window.asked = options.signal;
        return create(options);
      };
    })()`);
    await page.press("#passkey-add");
    await view.press("Enter");
    await until(
      () => view.evaluate<boolean>("'asked' in window"),
      (isAsked) => isAsked,
    );
    await view.press("Escape");
    expect(await isOpen(page, "passkey-dialog")).toBe(false);
    const isAborted = () => view.evaluate<boolean>("window.asked.aborted");
    expect(await until(isAborted, (aborted) => aborted)).toBe(true);
    // Too late for a passkey.
    await view.cdp("WebAuthn.addVirtualAuthenticator", { options: KEY_IN_DEVICE });
    // No test can press the browser's own "Cancel".
    await view.evaluate(
      "navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
    );
    await page.press("#passkey-add");
    expect(await page.textOf("#passkey-dialog .problem")).toBe("");
    // Once what was cancelled has ended.
    await until(
      () => page.textOf("#passkey-dialog .waiting"),
      (text) => text === "",
    );
    await view.press("Enter");
    await page.reads("No passkey was made");
    expect(await isOpen(page, "passkey-dialog")).toBe(true);
    expect(await w.ctx.db.all`select id from passkeys`).toEqual([]);
  }, 30_000);
});

describeInBrowser("codes by email", () => {
  test("are turned on by a mailed code, and off by another", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openTwoStep(w, page);
    await page.press("#email-on");
    await page.reads("We have sent six digits");
    // Closed by mistake: no other code is mailed so soon, and the first one is still good.
    await page.view.press("Escape");
    await page.press("#email-on");
    await page.reads("you can have another one sent in");
    expect(await page.focused()).toBe("email-code");
    await page.view.type(await mailedCode(w));
    await page.view.press("Enter");
    await page.reads("Codes by email are on.");
    expect(await page.holdsOn()).toBe(true);
    await page.press("#codes-kept");
    expect(await page.holdsOn()).toBe(false);
    w.clock.advance(2 * MINUTE);
    await page.press("#email-off");
    await page.reads("We have sent six digits");
    expect(await page.textOf("#email-off-dialog label")).toBe("Six digits from the email, or a backup code");
    await page.view.type(await mailedCode(w));
    await page.view.press("Enter");
    await page.reads("Codes by email are off.");
    expect(await page.textOf("#email-codes")).toContain("Off");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("are turned off by the app where there is one, without a mail", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const secret = await enrolTotp(w, w.userId);
    await w.ctx.db.run`
      insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_a', ${w.userId}, 1, 1)`;
    await openTwoStep(w, page);
    await page.press("#email-off");
    expect(await page.textOf("#email-off-dialog label")).toContain("authenticator app");
    expect(await page.text()).not.toContain("We have sent");
    await page.view.type(totpCode(w.clock, secret));
    await page.view.press("Enter");
    await page.reads("Codes by email are off.");
    expect(w.mailbox.mails.filter(({ subject }) => subject.includes("code"))).toEqual([]);
  }, 30_000);
});

describeInBrowser("whoever", () => {
  test("has yet to set up a second step sees only that, and the rest afterwards", async () => {
    await using w = await world();
    const strict = await makeTenant(w, "strict", { mfa_policy: "required", email_verification: false });
    await makePerson(w, strict, { email: ADA, isVerified: false });
    await using page = await openAccount();
    const cookie = cookieFrom(await tenantOf(w, "strict").login(ADA, PASSWORD), "session");
    await setCookie(page, w, "ostiary_session", cookie);
    await page.open(`${w.origin}/account`);
    await page.reads("Your organization asks everybody for a second step");
    for (const hidden of ["Profile", "Password", "API keys", "Sign-ins"])
      expect((await page.text()).split("\n")).not.toContain(hidden);
    await page.press("#totp-on");
    await page.reads("Scan this picture");
    await page.view.click("#totp-code");
    await page.view.type(totpCode(w.clock, await keyShown(page)));
    await page.view.press("Enter");
    await page.reads("Your new backup codes");
    await page.view.scrollTo("#codes-kept");
    await page.follow("#codes-kept");
    await page.reads("API keys");
    expect(await page.text()).not.toContain("asks everybody");
    await page.press("#totp-off");
    await page.fill("#totp-off-code", "123456");
    await page.view.press("Enter");
    await page.reads("this is your last. Add another one first.");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("signed in a while ago is led to sign in once more, and back to the same place", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openTwoStep(w, page);
    w.clock.advance(20 * MINUTE);
    await page.press("#passkey-add");
    await page.view.press("Enter");
    await page.reads("Please sign in once more");
    expect(await isOpen(page, "passkey-dialog")).toBe(false);
    const href = await page.view.evaluate<string>("document.querySelector('#reauth-go').href");
    expect(href).toBe(`${w.origin}/login?again&next=%2Faccount%23two-step`);
    await page.view.press("Escape");
    await page.press("#totp-on");
    await page.reads("Please sign in once more");
    await page.tabTo("reauth-go");
    await page.enter();
    await page.reads("Continue");
    await page.view.type(ADA);
    await page.view.press("Enter");
    await page.reads("Where do you want to sign in?");
    await page.press("#choose li:first-of-type button");
    await page.reads("Enter your password");
    await page.view.type(PASSWORD);
    await page.enter();
    await page.reads("Authenticator app");
    expect(await page.view.evaluate<string>("location.pathname + location.hash")).toBe("/account#two-step");
    expect(await page.focused()).toBe("two-step-title");
    await page.press("#totp-on");
    await page.reads("Scan this picture");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);
});
