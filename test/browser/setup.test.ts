// The first account, made in a real browser by the link that a first start prints.
import { expect, test } from "bun:test";
import { setupToken } from "../../src/flows/setup.ts";
import { openAccount } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { BASE, setUpAdmin } from "../support/key-group.ts";
import type { PageView } from "../support/page-view.ts";
import { audited, dump, type World, world } from "../support/world.ts";

const ADA = "ada@example.com";
const GOOD = "plenty of horses";

const linkOf = (w: World): string => `${w.origin}/setup#token=${setupToken(w.ctx)}`;

const addressOf = async ({ view }: PageView) => view.evaluate<string>("location.href").catch(() => "");

const SUBMIT = "button[type=submit]";

describeInBrowser("the page of the first account", () => {
  test("is reached by the printed link and needs the keyboard only, and leads on signed in", async () => {
    await using w = await world();
    await using page = await openAccount();
    await page.open(linkOf(w));
    await page.reads("Make the first account");
    expect(await addressOf(page)).toBe(`${w.origin}/setup`);
    expect(await page.text()).not.toContain("Setup token");
    await page.tabTo("email");
    await page.view.press("Enter");
    await page.reads("Please fill this in.");
    expect(await page.focused()).toBe("email");
    await page.view.type(ADA);
    await page.tabTo("username");
    expect(await page.view.evaluate<string>("document.activeElement.value")).toBe("admin");
    await page.tabTo("password");
    await page.view.type("short");
    await page.view.press("Enter");
    await page.reads("This password needs at least 8 characters.");
    expect(await page.focused()).toBe("password");
    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(GOOD);
    await page.tabTo("Make the account");
    await page.enter();
    expect(
      await until(
        () => addressOf(page),
        (url) => url.endsWith("/account"),
      ),
    ).toBe(`${w.origin}/account`);

    const { users, sessions, api_keys: keys } = dump(w);
    expect(users).toEqual([expect.objectContaining({ email: ADA, username: "admin" })]);
    expect(sessions).toHaveLength(1);
    // The one that setup answers with is gone again.
    expect(keys).toEqual([]);
    await page.open(`${w.origin}/setup`);
    const signedIn = await page.view.evaluate<string>(
      `fetch("/api/v1/me").then((answer) => answer.json()).then(({ email }) => email)`,
    );
    expect(signedIn).toBe(ADA);
    expect(await audited(w)).toEqual([
      "setup.completed",
      "logout",
      expect.stringMatching(/^login\.succeeded/),
    ]);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("asks for the token where the link brought none or another server's, and keeps what was typed", async () => {
    await using w = await world();
    await using page = await openAccount();
    await page.open(`${w.origin}/setup#token=ost_setup_of_another`);
    await page.reads("Make the first account");
    await page.fill("#email", ADA);
    await page.fill("#password", GOOD);
    await page.press(SUBMIT);
    await page.reads("This is not the setup token of this server.");
    expect(await page.focused()).toBe("setup_token");
    await page.open(`${w.origin}/setup`);
    await page.reads("The server printed a link when it started.");
    await page.fill("#email", "nobody");
    await page.fill("#username", "two words");
    await page.fill("#password", GOOD);
    await page.press(SUBMIT);
    await page.reads("Please fill this in.");
    await page.fill("#setup_token", setupToken(w.ctx));
    await page.press(SUBMIT);
    await page.reads("A username has 1 to 64 characters");
    await page.fill("#username", "ada");
    await page.press(SUBMIT);
    await page.reads("This is not an email address.");
    expect(dump(w)["users"]).toEqual([]);
    await page.fill("#email", ADA);
    await page.press(SUBMIT);
    expect(
      await until(
        () => addressOf(page),
        (url) => url.endsWith("/account"),
      ),
    ).toBe(`${w.origin}/account`);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("asks for no token where the server wants none, and takes the link when it is opened in the same tab", async () => {
    await using open = await world({ SETUP_TOKEN: "off" });
    await using page = await openAccount();
    await page.open(`${open.origin}/setup`);
    await page.reads("Make the first account");
    expect(await page.text()).not.toContain("Setup token");
    await using w = await world();
    await page.open(`${w.origin}/setup`);
    await page.reads("Setup token");
    await page.view.evaluate(`location.href = ${JSON.stringify(linkOf(w))}`);
    expect(
      await until(
        () => page.text(),
        (text) => !text.includes("Setup token"),
      ),
    ).not.toContain("Setup token");
    expect(await addressOf(page)).toBe(`${w.origin}/setup`);
    await page.view.scrollTo("a[hreflang=de]");
    await page.follow("a[hreflang=de]");
    await page.reads("Das erste Konto anlegen");
    expect(await page.text()).not.toContain("Einrichtungsschlüssel");
    expect(await addressOf(page)).toBe(`${w.origin}/setup?lang=de`);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("says that the server is set up, before and after the button, and leads to signing in", async () => {
    await using w = await world();
    await using page = await openAccount();
    await page.open(linkOf(w));
    await page.reads("Make the first account");
    await setUpAdmin(w);
    await page.fill("#email", ADA);
    await page.fill("#password", GOOD);
    await page.press(SUBMIT);
    await page.reads("This server is set up");
    expect(await page.focused()).toBe("This server is set up");
    expect(await page.view.evaluate<string>("document.querySelector('#password').value")).toBe("");
    await page.open(`${w.origin}/setup`);
    await page.reads("This server is set up");
    await page.tabTo("Sign in");
    expect(await page.view.evaluate<string>("document.activeElement.href")).toBe(`${w.origin}/login`);
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: false });
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("says so when the account is made and only signing in failed", async () => {
    await using w = await world();
    await using page = await openAccount();
    page.view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data: { requestId } }) => {
      void page.view.cdp("Fetch.fulfillRequest", { requestId, responseCode: 503 });
    });
    await page.view.cdp("Fetch.enable", { patterns: [{ urlPattern: "*/default/login" }] });
    await page.open(linkOf(w));
    await page.reads("Make the first account");
    await page.fill("#email", ADA);
    await page.fill("#password", GOOD);
    await page.press(SUBMIT);
    await page.reads("The account is made");
    expect(await page.focused()).toBe("The account is made");
    expect(dump(w)["users"]).toHaveLength(1);
  }, 30_000);

  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      test(`can be read and used at ${width} px, ${scheme}`, async () => {
        await using w = await world();
        await using page = await openAccount({ width, scheme });
        const faults: Record<string, string[]> = {};
        const look = async (name: string) => void (faults[name] = await page.faults(name));
        for (const [lang, title, refused] of [
          ["en", "Make the first account", "Please fill this in."],
          ["de", "Das erste Konto anlegen", "Bitte füllen Sie dieses Feld aus."],
        ] as const) {
          await page.open(`${w.origin}/setup?lang=${lang}#token=${setupToken(w.ctx)}`);
          await page.reads(title);
          await look(`setup-${lang}`);
          await page.open(`${w.origin}/setup?lang=${lang}`);
          await page.reads(title);
          await page.press(SUBMIT);
          await page.reads(refused);
          await look(`setup-${lang}-token-missing`);
        }
        await setUpAdmin(w);
        for (const lang of ["en", "de"]) {
          await page.open(`${w.origin}/setup?lang=${lang}`);
          await page.reads(lang === "en" ? "is set up" : "ist eingerichtet");
          await look(`setup-${lang}-done`);
        }
        expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
        expect(Object.keys(faults)).toHaveLength(6);
      }, 60_000);
    }
  }
});
