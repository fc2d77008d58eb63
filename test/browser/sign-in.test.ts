// Signing in, by the pages and as people do it.
import { expect, test } from "bun:test";
import { describeInBrowser, until } from "../support/browser.ts";
import { totpCode } from "../support/key-group.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { makePerson, makeTenant, PASSWORD, type TenantOptions } from "../support/people.ts";
import { enrolTotp } from "../support/second-factors.ts";
import type { SettingName } from "../../src/settings.ts";
import { audited, worldWithMail } from "../support/world.ts";

const ADA = "ada@example.com";

/** Acme, whose app is a page of ours that needs no sign-in, so that a browser can really arrive there; and Ada. */
async function town({
  settings = {},
  acme: options = {},
}: { settings?: Partial<Record<SettingName, string>>; acme?: TenantOptions } = {}) {
  const w = await worldWithMail({ LIMIT_MAIL_GAP: "0", ...settings });
  const app = `${w.origin}/swagger`;
  const acme = await makeTenant(w, "acme", {
    brand_name: "Acme Rockets",
    redirect_uris: [app],
    default_redirect_uri: app,
    ...options,
  });
  const userId = await makePerson(w, acme, { email: ADA, firstName: "Ada", lastName: "Lovelace" });
  return Object.assign(w, { acme, app, userId });
}

const address = ({ view }: PageView) =>
  view.evaluate<string>("location.pathname + location.search").catch(() => "");

async function arrives(page: PageView, path: string): Promise<void> {
  expect(
    await until(
      () => address(page),
      (seen) => seen === path,
    ),
  ).toBe(path);
}

/** Who the browser is signed in as, by its cookie: asked on a page of ours, as others may not ask. */
async function whoIsIn({ view, open }: PageView): Promise<string> {
  await open(new URL("/t/acme/reset", await view.evaluate<string>("location.href")).href);
  return view.evaluate<string>(
    "fetch('/api/v1/me').then((answer) => answer.json()).then(({ email, code }) => email ?? code)",
  );
}

/** What the browser complained about, but for the refusals that a test provokes: Chromium notes each 4xx of a fetch. */
const unexpected = ({ complaints }: PageView, ...statuses: number[]) =>
  complaints.filter((text) => !statuses.some((status) => text.includes(`status of ${status}`)));

async function fill({ view }: PageView, id: string, words: string): Promise<void> {
  await view.click(`#${id}`);
  await view.evaluate(`document.querySelector("#${id}").select()`);
  await view.type(words);
}

async function press({ view }: PageView, selector: string): Promise<void> {
  await view.scrollTo(selector);
  await view.click(selector);
}

describeInBrowser("the sign-in page of a tenant", () => {
  test("takes email and password by keyboard alone, says what is wrong, and leads on to the app", async () => {
    await using w = await town();
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
    await using w = await town();
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
    await using w = await town();
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

  test("asks which of several tenants, by buttons", async () => {
    await using w = await town();
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
    await using w = await town({ settings: { IDENTIFY_TENANTS: "hidden" } });
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
