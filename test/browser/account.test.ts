// The account page for whoever is signed in: profile, password, sign-ins, devices and keys.
import { expect, test } from "bun:test";
import { type AccountPage, openAccount, setCookie, signInBrowser } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { PASSWORD } from "../support/people.ts";
import { ADA, type Town, town } from "../support/second-factors.ts";
import { client, DAY, signInForCookie, signInForKey, signInForTokens } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";
import * as trustedDevices from "../../src/core/trusted-devices.ts";
import { dump } from "../support/world.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const NEW = "another good password";

async function atHome() {
  await using stack = new AsyncDisposableStack();
  const w = stack.use(await town());
  const page = stack.use(await openAccount());
  const who = { userId: w.userId, tenantId: w.acme.id };
  const sessionId = await signInBrowser(page, w, who);
  const kept = stack.move();
  return { w, page, who, sessionId, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function openAt(w: Town, page: AccountPage, section: string): Promise<void> {
  await page.open(`${w.origin}/account#${section}`);
  await page.reads("Your account");
  await until(
    () => page.text(),
    (text) => text.includes("Sign-ins"),
  );
}

const leftFor = ({ view }: AccountPage, path: string) =>
  until(
    () => view.evaluate<string>("location.pathname + location.search").catch(() => ""),
    (now) => now === path,
  );

describeInBrowser("the account page", () => {
  test("leads who is not signed in to sign in, and back; also when it happens in the middle", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openAt(w, page, "keys");
    await w.ctx.db.run`delete from sessions`;
    await page.fill("#key-name", "script");
    await page.enter();
    expect(await leftFor(page, "/login?next=%2Faccount%23keys")).toBe("/login?next=%2Faccount%23keys");
    await page.open(`${w.origin}/account?lang=en`);
    const login = "/login?next=%2Faccount%3Flang%3Den";
    expect(await leftFor(page, login)).toBe(login);
    // Going back does not lead into the page that leads here.
    expect(await page.view.evaluate<string>("document.referrer")).not.toContain("/account");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("shows who one is, changes names, and signs out", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await w.ctx.db.run`update tenants set name = 'The {role}' where id = ${w.acme.id}`;
    await openAt(w, page, "profile");
    const shown = await page.textOf("#profile");
    for (const part of [ADA, "ada", "The {role} (member)", "beta (member)"]) expect(shown).toContain(part);
    expect(await page.text()).not.toContain("Waiting for you");
    await page.fill("#first_name", "  Ada ");
    await page.view.press("Enter");
    await page.reads("Saved.");
    expect(await page.focused()).toBe("Saved.");
    expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ first_name: "Ada", last_name: null }));
    await page.fill("#first_name", "\u202e");
    await page.view.press("Enter");
    await page.reads("Please use 1 to 100 letters, digits and signs.");
    expect(await page.focused()).toBe("first_name");
    await page.view.scrollTo("#sign-out");
    await page.follow("#sign-out");
    expect(await leftFor(page, "/login")).toBe("/login");
    expect(dump(w)["sessions"]).toEqual([]);
    expect((await page.view.cdp<{ cookies: { name: string }[] }>("Network.getCookies")).cookies).toEqual([]);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("is used by the keyboard only", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openAt(w, page, "");
    for (const stop of ["sign-out", "Profile", "API keys", "first_name", "new_password", "passkey-add"])
      await page.tabTo(stop);
    await page.tabTo("key-name");
    await page.view.type("script");
    await page.view.press("Enter");
    await page.reads("Your new key");
    await page.tabTo("key-kept");
    await page.view.press("Enter");
    await page.reads("You will not see the key again.");
    await page.tabTo("key-end");
    await page.view.press("Enter");
    await page.reads("Delete the key “script”?");
    await page.view.press("Tab");
    await page.view.press("Enter");
    await page.reads("The key “script” is deleted.");
    expect(await page.focused()).toBe("The key “script” is deleted.");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);
});

describeInBrowser("a list that cannot be had", () => {
  test("hides nothing else, and can be tried again", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    await trustedDevices.create(w.ctx, who, client({ userAgent: FIREFOX }));
    await page.view.cdp("Network.enable");
    await page.view.cdp("Network.setBlockedURLs", { urls: ["*/api/v1/me/devices*"] });
    await openAt(w, page, "");
    await page.reads("API keys");
    expect(await page.textOf("#devices")).toContain("The server cannot be reached.");
    expect(await page.textOf("#devices")).not.toContain("No device is trusted.");
    expect(await page.textOf("#sign-ins")).toContain("This one");
    await page.view.scrollTo("#devices .failed button");
    expect(await page.faults("failed-list")).toEqual([]);
    await page.view.cdp("Network.setBlockedURLs", { urls: [] });
    await page.press("#devices .failed button");
    await until(
      () => page.textOf("#devices"),
      (text) => text.includes("Firefox on Linux"),
    );
    expect(await page.textOf("#devices")).toContain("Firefox on Linux");
    expect(await page.textOf("#devices")).not.toContain("Try again");
    expect(await page.focused()).toBe("sessions-title");
  }, 30_000);
});

describeInBrowser("the password", () => {
  test("is changed by who knows it, ends the other sign-ins, and says by the field what is wrong", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    await signInForCookie(w.ctx, who);
    await openAt(w, page, "password");
    await page.reads("Changing it ends your sign-ins on all other devices.");
    await page.fill("#current_password", PASSWORD);
    await page.fill("#new_password", "short");
    await page.view.press("Enter");
    await page.reads("This password needs at least 8 characters.");
    expect(await page.focused()).toBe("new_password");
    await page.fill("#new_password", NEW);
    await page.fill("#current_password", "not this one");
    await page.view.press("Enter");
    await page.reads("That is not your current password.");
    expect(await page.focused()).toBe("current_password");
    expect(await page.view.evaluate<string>("document.activeElement.ariaInvalid")).toBe("true");
    await page.fill("#current_password", PASSWORD);
    await page.view.press("Enter");
    await page.reads("Your password is changed. Your other sign-ins have ended.");
    expect(await page.view.evaluate<string>("document.querySelector('#new_password').value")).toBe("");
    expect(dump(w)["sessions"]).toEqual([expect.objectContaining({ id: scene.sessionId })]);
    const rows = () => page.view.evaluate<number>("document.querySelectorAll('#sign-ins .row').length");
    expect(await until(rows, (count) => count === 1)).toBe(1);
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(401);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);
});

describeInBrowser("sign-ins and devices", () => {
  test("are told apart in words, and ended one by one or all others at once", async () => {
    await using scene = await atHome();
    const { w, page, who, sessionId } = scene;
    for (const userAgent of [FIREFOX, "curl/8.5.0", "<b>x"])
      await w.ctx.db.run`update sessions set user_agent = ${userAgent} where id = ${
        (await signInForTokens(w.ctx, who)).sessionId
      }`;
    await openAt(w, page, "sessions");
    const rows = () =>
      page.view.evaluate<string[]>(
        "[...document.querySelectorAll('#sign-ins .row')].map((row) => row.innerText)",
      );
    const [own = "", ...others] = await rows();
    expect(own).toContain("This one");
    expect(own).not.toContain("End");
    expect(others).toHaveLength(3);
    expect(others.join()).not.toContain("This one");
    for (const words of ["Firefox on Linux", "curl", "A program that does not say its name"])
      expect(others.filter((row) => row.includes(words))).toHaveLength(1);
    const title = "document.querySelector('#sign-ins span[title*=Firefox]').title";
    expect(await page.view.evaluate<string>(title)).toBe(FIREFOX);

    await page.press("#sign-ins .row:nth-child(2) button");
    await page.reads("End this sign-in?");
    await page.press("#confirm button[type=submit]");
    await page.reads("That sign-in has ended.");
    expect(await rows()).toHaveLength(3);
    // One that the list on the page does not show.
    await signInForTokens(w.ctx, who);
    await page.press("#end-others");
    await page.reads("You stay signed in here.");
    await page.press("#confirm button[type=submit]");
    await page.reads("All other sign-ins have ended.");
    expect(await rows()).toHaveLength(1);
    expect(dump(w)["sessions"]).toEqual([expect.objectContaining({ id: sessionId })]);
    expect(await page.text()).not.toContain("End all others");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("that are trusted are forgotten", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    await trustedDevices.create(w.ctx, who, client({ userAgent: FIREFOX }));
    const { token } = await trustedDevices.create(w.ctx, who, client({ userAgent: "curl/8.5.0" }));
    await setCookie(page, w, "ostiary_trusted", token);
    await openAt(w, page, "sessions");
    expect(await page.textOf("#devices .row:nth-child(1)")).toContain("curl This one");
    expect(await page.textOf("#devices .row:nth-child(2)")).not.toContain("This one");
    await page.press("#devices .row button");
    await page.press("#confirm button[type=submit]");
    await page.reads("That device is forgotten.");
    expect(await page.textOf("#devices .row")).toContain("Firefox on Linux");
    await page.press("#devices .row button");
    await page.reads("Forget this device?");
    await page.press("#confirm button[type=submit]");
    await page.reads("That device is forgotten.");
    await page.reads("No device is trusted.");
    expect(dump(w)["trusted_devices"]).toEqual([]);
  }, 30_000);

  test("answer late for the question that was asked then, and leave the next one open", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    for (const userAgent of [FIREFOX, "curl/8.5.0"])
      await trustedDevices.create(w.ctx, who, client({ userAgent }));
    await openAt(w, page, "sessions");
    await page.view.evaluate(`(() => {
      const { fetch } = globalThis;
      globalThis.fetch = async (...what) => {
        if (what[1]?.method === "DELETE") await new Promise((go) => (globalThis.goOn = go));
        return fetch(...what);
      };
    })()`);
    await page.press("#devices .row:nth-child(2) button");
    await page.press("#confirm button[type=submit]");
    const isHeld = () =>
      until(
        () => page.view.evaluate<boolean>("'goOn' in globalThis"),
        (isThere) => isThere,
      );
    const goOn = () => page.view.evaluate("goOn(delete globalThis.goOn)");
    expect(await isHeld()).toBe(true);
    await page.view.press("Escape");
    await page.press("#devices .row:nth-child(1) button");
    await goOn();
    const devices = () => page.view.evaluate<number>("document.querySelectorAll('#devices .row').length");
    expect(await until(devices, (count) => count === 1)).toBe(1);
    expect(await page.textOf("#devices .row")).toContain("curl");
    expect(await page.textOf("#confirm[open]")).toContain("curl");
    await page.press("#confirm button[type=submit]");
    expect(await isHeld()).toBe(true);
    await goOn();
    expect(await until(devices, (count) => count === 0)).toBe(0);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("say what cannot be done inside the question, which stays", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    await signInForTokens(w.ctx, who);
    await openAt(w, page, "sessions");
    await page.press("#end-others");
    await page.cutOff(true);
    await page.press("#confirm button[type=submit]");
    await page.reads("The server cannot be reached.");
    expect(await page.view.evaluate<boolean>("document.querySelector('#confirm').open")).toBe(true);
    await page.view.press("Escape");
    expect(await page.focused()).toBe("end-others");
  }, 30_000);
});

describeInBrowser("API keys", () => {
  test("are made under a name, shown once, good, listed without themselves, and deleted", async () => {
    await using scene = await atHome();
    const { w, page, who } = scene;
    await signInForKey(w.ctx, who);
    await openAt(w, page, "keys");
    // The place that was asked for, though it was not there yet when the browser looked.
    expect(await page.focused()).toBe("keys-title");
    expect(await page.view.evaluate<number>("scrollY")).toBeGreaterThan(0);
    expect(await page.textOf("#keys")).toContain("From signing in with a program");
    await page.fill("#key-name", "backup");
    await page.view.press("Enter");
    await page.reads("Your new key");
    const key = await page.textOf("#key-text");
    expect((await w.send("GET", "/api/v1/me", { key })).body.email).toBe(ADA);
    await page.view.cdp("Browser.grantPermissions", {
      permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
    });
    await page.press("#key-shown [data-copies]");
    await page.reads("Copied.");
    expect(await page.view.evaluate<string>("navigator.clipboard.readText()")).toBe(key);
    await page.press("#key-kept");
    await page.reads("You will not see the key again.");
    const markup = "document.documentElement.innerHTML";
    expect(await page.view.evaluate<string>(markup)).not.toContain(key);
    expect(await page.textOf("#keys .row")).toContain("backup");
    await page.press("#keys .row button");
    await page.reads("Programs that use it stop working at once.");
    await page.press("#confirm button[type=submit]");
    await page.reads("The key “backup” is deleted.");
    expect((await w.send("GET", "/api/v1/me", { key })).status).toBe(401);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("are shown before anything else is asked for, and not left by mistake", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openAt(w, page, "keys");
    expect(await page.holdsOn()).toBe(false);
    await page.view.evaluate(`(() => {
      const { fetch } = globalThis;
      globalThis.fetch = (...what) =>
        String(what[0]).includes("/keys?") ? new Promise(() => {}) : fetch(...what);
    })()`);
    await page.fill("#key-name", "backup");
    await page.view.press("Enter");
    await page.reads("Your new key");
    expect(await page.textOf("#key-text")).toStartWith("ost_");
    expect(await page.holdsOn()).toBe(true);
    await page.press("#key-kept");
    expect(await page.holdsOn()).toBe(false);
  }, 30_000);

  test("need a sign-in that is fresh, and the name stays", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await openAt(w, page, "keys");
    w.clock.advance(DAY / 24);
    await page.fill("#key-name", "backup");
    await page.view.press("Enter");
    await page.reads("Please sign in once more");
    const href = await page.view.evaluate<string>("document.querySelector('#reauth-go').href");
    expect(href).toBe(`${w.origin}/login?again&next=%2Faccount%23keys`);
    await page.view.press("Escape");
    expect(await page.view.evaluate<string>("document.querySelector('#key-name').value")).toBe("backup");
  }, 30_000);
});
