// A sign-in handed on by a code, in a real browser: to a command line, and from there.
import { expect, test } from "bun:test";
import { openAccount, signInBrowser } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import type { PageView } from "../support/page-view.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { dump, type World, world } from "../support/world.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";

/** Ada, with a place in Acme. */
async function town() {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const ada = await makePerson(w, acme, { email: ADA });
  return Object.assign(w, { acme, ada });
}

/** A code, as a command line that is signed in makes it. */
async function codeOf(w: World, email: string): Promise<string> {
  const { body } = await w.send("POST", "/api/v1/auth/login", { body: { email, password: PASSWORD } });
  const { status, body: made } = await w.send("POST", "/v1/auth/cli-browser-token", {
    key: body.access_token,
  });
  expect(status).toBe(200);
  return made.exchange_code;
}

const consume = (w: World, exchange_code: string) =>
  w.send("POST", "/v1/auth/consume-cli-token", { body: { exchange_code } });

const addressOf = async ({ view }: PageView) => view.evaluate<string>("location.href").catch(() => "");
const arrives = (page: PageView, url: string) =>
  until(
    () => addressOf(page),
    (at) => at === url,
  );
const shownCode = ({ view }: PageView) =>
  view.evaluate<string>("document.querySelector('#exchange-code').textContent");

/** The tab's own clock goes on by that much at once. */
const later = ({ view }: PageView, ms: number) =>
  view.evaluate(`(() => { const now = Date.now; Date.now = () => now() + ${ms}; })()`);

describeInBrowser("the page for the command line", () => {
  test("makes a code when it is asked to, by keyboard, that is good once and gone after a minute", async () => {
    await using w = await town();
    await using page = await openAccount();
    await signInBrowser(page, w, { userId: w.ada, tenantId: w.acme.id });
    await page.view.cdp("Browser.grantPermissions", {
      permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
    });
    await page.open(`${w.origin}/cli`);
    await page.reads(`You are signed in as ${ADA} at acme.`);
    expect(dump(w)["exchange_codes"]).toEqual([]);
    await page.tabTo("Make a code for my command line");
    await page.view.press("Enter");
    await page.reads("Your code");
    expect(await page.focused()).toBe("Your code");
    await page.reads("seconds more.");
    const code = await shownCode(page);
    expect(code).toMatch(/^ost_xch_[\w-]{43}$/);
    await page.tabTo("Copy");
    await page.view.press("Enter");
    await page.reads("Copied.");
    expect(await page.view.evaluate<string>("navigator.clipboard.readText()")).toBe(code);

    const { status, body } = await consume(w, code);
    expect(status).toBe(200);
    const { body: loaded } = await w.send("GET", "/v1/auth/load", { key: body.access_token });
    expect([loaded.user.email, loaded.organization.slug]).toEqual([ADA, "acme"]);
    expect((await consume(w, code)).status).toBe(401);

    await later(page, 61_000);
    await page.reads("This code is over");
    expect(await page.focused()).toBe("This code is over");
    expect(await shownCode(page)).toBe("");
    await page.tabTo("Make another code");
    await page.view.press("Enter");
    await page.reads("Your code");
    expect(await shownCode(page)).not.toBe(code);
    expect((await consume(w, await shownCode(page))).status).toBe(200);
    expect(await addressOf(page)).toBe(`${w.origin}/cli`);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("takes a link that is opened while a code is shown, and stays with it when that code is over", async () => {
    await using w = await town();
    await using page = await openAccount();
    await signInBrowser(page, w, { userId: w.ada, tenantId: w.acme.id });
    await page.open(`${w.origin}/cli`);
    await page.reads("Make a code");
    await page.view.click("#make button[type=submit]");
    await page.reads("Your code");
    await page.view.evaluate(`location.hash = "code=${await codeOf(w, ADA)}"`);
    await page.reads("Sign in to this browser?");
    expect(await shownCode(page)).toBe("");
    await later(page, 61_000);
    await Bun.sleep(1200);
    expect(await page.text()).toContain("Sign in to this browser?");
  }, 30_000);

  test("leads whoever is not signed in to where one signs in, and back; also when that ends meanwhile", async () => {
    await using w = await town();
    await using page = await openAccount();
    await page.open(`${w.origin}/cli`);
    const login = `${w.origin}/login?next=%2Fcli`;
    expect(await arrives(page, login)).toBe(login);
    await signInBrowser(page, w, { userId: w.ada, tenantId: w.acme.id });
    await page.open(`${w.origin}/cli`);
    await page.reads("Make a code");
    await w.ctx.db.run`delete from sessions`;
    await page.view.click("#make button[type=submit]");
    expect(await arrives(page, login)).toBe(login);
    expect(dump(w)["exchange_codes"]).toEqual([]);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("takes a sign-in over from a command line after a click, and the link is spent", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: BOB });
    await using page = await openAccount();
    const code = await codeOf(w, ADA);
    await page.open(`${w.origin}/cli#code=${code}`);
    await page.reads("Sign in to this browser?");
    expect(await addressOf(page)).toBe(`${w.origin}/cli`);
    expect(dump(w)["exchange_codes"]).toEqual([expect.objectContaining({ used_at: null })]);
    // Another language loads the page anew, and the code comes along.
    await page.view.scrollTo("a[hreflang=de]");
    await page.follow("a[hreflang=de]");
    await page.reads("In diesem Browser anmelden?");
    expect(await addressOf(page)).toBe(`${w.origin}/cli?lang=de`);
    await page.tabTo("Hier anmelden");
    await page.enter();
    expect(await arrives(page, `${w.origin}/account`)).toBe(`${w.origin}/account`);
    await page.open(`${w.origin}/cli?lang=en`);
    await page.reads(`You are signed in as ${ADA} at acme.`);

    await page.open(`${w.origin}/cli#code=${await codeOf(w, BOB)}`);
    await page.reads(`You are signed in here as ${ADA}.`);
    await page.open(`${w.origin}/cli#code=${code}`);
    await page.reads("Sign in to this browser?");
    await page.view.click("#take button[type=submit]");
    await page.reads("This link no longer works");
    expect(await page.focused()).toBe("This link no longer works");
    await page.open(`${w.origin}/cli`);
    await page.reads(`You are signed in as ${ADA} at acme.`);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("says when a code came too late, and takes a fresh link in the same tab", async () => {
    await using w = await town();
    await using page = await openAccount();
    await page.open(`${w.origin}/cli#code=${await codeOf(w, ADA)}`);
    await page.reads("Sign in to this browser?");
    w.clock.advance(61_000);
    await page.view.click("#take button[type=submit]");
    await page.reads("This link no longer works");
    await page.view.evaluate(`location.href = "${w.origin}/cli#code=${await codeOf(w, ADA)}"`);
    await page.reads("Sign in to this browser?");
    await page.view.click("#take button[type=submit]");
    expect(await arrives(page, `${w.origin}/account`)).toBe(`${w.origin}/account`);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      test(`can be read and used at ${width} px, ${scheme}`, async () => {
        await using w = await town();
        await using page = await openAccount({ width, scheme });
        const faults: Record<string, string[]> = {};
        const look = async (name: string) => void (faults[name] = await page.faults(name));
        await signInBrowser(page, w, { userId: w.ada, tenantId: w.acme.id });
        for (const lang of ["en", "de"]) {
          await page.open(`${w.origin}/cli?lang=${lang}`);
          await page.reads(ADA);
          await look(`cli-${lang}-make`);
          await page.press("#make button[type=submit]");
          await page.reads(lang === "en" ? "Your code" : "Ihr Code");
          await page.view.click("[data-copies]");
          await page.reads(lang === "en" ? "Cop" : "Kop");
          await look(`cli-${lang}-code`);
          await later(page, 61_000);
          await page.reads(lang === "en" ? "is over" : "nicht mehr");
          await look(`cli-${lang}-over`);
          await page.open(`${w.origin}/cli?lang=${lang}#code=x`);
          await page.reads(ADA);
          await look(`cli-${lang}-take`);
          await page.press("#take button[type=submit]");
          await page.reads(lang === "en" ? "no longer works" : "nicht mehr");
          await look(`cli-${lang}-dead`);
        }
        expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
        expect(Object.keys(faults)).toHaveLength(10);
      }, 60_000);
    }
  }
});
