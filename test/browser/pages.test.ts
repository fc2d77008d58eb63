// The pages that mailed links lead to, in a real browser that reaches nothing but this server.
import { expect, test } from "bun:test";
import type { Purpose } from "../../src/core/one-time-secrets.ts";
import * as secrets from "../../src/core/one-time-secrets.ts";
import type { UserId } from "../../src/core/ids.ts";
import * as tenants from "../../src/core/tenants.ts";
import { transaction } from "../../src/context.ts";
import { describeInBrowser } from "../support/browser.ts";
import { setUpAdmin } from "../support/key-group.ts";
import { linkIn, tokenIn } from "../support/mailbox.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { dump, worldWithMail } from "../support/world.ts";

const ADA = "ada@example.com";
const NEW = "another good password";
const APP = "https://app.example.com/in";
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 48"><rect width="120" height="48" rx="8" fill="#c2410c"/><circle cx="24" cy="24" r="12" fill="#fff"/></svg>`;

async function town(settings: Parameters<typeof makeTenant>[2] = {}) {
  const w = await worldWithMail({ LIMIT_MAIL_GAP: "0" });
  const acme = await makeTenant(w, "acme", {
    redirect_uris: [APP],
    default_redirect_uri: APP,
    self_registration: true,
    brand_name: "Acme Rockets",
    ...settings,
  });
  const base = `/api/v1/auth/tenants/acme`;
  return Object.assign(w, {
    acme,
    /** A token as a mail would carry it. */
    token: (purpose: Purpose, userId: UserId) =>
      transaction(w.ctx, (ctx) => secrets.create(ctx, { purpose, userId, tenantId: acme.id })),
    link: (page: "reset" | "invitation" | "verify-email", token: string) =>
      `${w.origin}/t/acme/${page}#token=${token}`,
    verifyLink: (token: string) => `${w.origin}${base}/verify-email?token=${token}`,
  });
}

/** Tab, as often as it takes; what the keyboard cannot reach fails. */
async function tabTo({ view, focused }: PageView, wanted: string): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await view.press("Tab");
    if ((await focused()).includes(wanted)) return;
  }
  throw new Error(`the keyboard does not reach ${wanted}`);
}

/** Answers requests to these addresses in the server's place. */
async function pretend(
  { view }: PageView,
  urlPattern: string,
  answer: () => { status: number; headers?: Record<string, string>; body?: string },
): Promise<void> {
  view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data }) => {
    const { status, headers = {}, body = "{}" } = answer();
    void view.cdp("Fetch.fulfillRequest", {
      requestId: data.requestId,
      responseCode: status,
      responseHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
      body: Buffer.from(body).toString("base64"),
    });
  });
  await view.cdp("Fetch.enable", { patterns: [{ urlPattern }] });
}

const addressOf = ({ view }: PageView) => view.evaluate<string>("location.href");
const titleOf = ({ view }: PageView) => view.evaluate<string>("document.title");

describeInBrowser("the page of a forgotten password", () => {
  test("is reached from the mail and needs the keyboard only: hint, refusal by the field, success, and the way on", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA, firstName: "Ada" });
    await tenantOf(w, "acme").forgot(ADA);
    const link = linkIn(await w.mailbox.waitFor(ADA)).href;
    await using page = await openPage();
    await page.open(link);
    await page.reads("Choose a new password");
    expect(await addressOf(page)).toBe(`${w.origin}/t/acme/reset`);
    expect(await titleOf(page)).toBe("Choose a new password · Acme Rockets");

    await tabTo(page, "new_password");
    await page.view.press("Enter");
    await page.reads("Please fill this in.");
    await page.view.type("short");
    await tabTo(page, "Save new password");
    await page.view.press("Enter");
    await page.reads("This password needs at least 8 characters.");
    expect(await page.focused()).toBe("new_password");
    expect(await page.view.evaluate<string>("document.activeElement.ariaInvalid")).toBe("true");

    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(NEW);
    const type = () => page.view.evaluate<string>("document.querySelector('#new_password').type");
    expect(await type()).toBe("password");
    await page.view.press("Tab");
    await page.view.press("Space");
    expect(await type()).toBe("text");
    await tabTo(page, "Save new password");
    await page.view.press("Enter");
    await page.reads("Your password is changed");
    expect(await type()).toBe("password");
    expect(await page.focused()).toBe("Your password is changed");
    expect(await titleOf(page)).toBe("Your password is changed · Acme Rockets");
    await tabTo(page, "Continue to app.example.com");
    expect(await page.view.evaluate<string>("document.activeElement.href")).toBe(APP);
    expect((await tenantOf(w, "acme").login(ADA, NEW)).status).toBe(200);
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(401);

    await page.open(link);
    await page.reads("Choose a new password");
    await page.view.click("#new_password");
    await page.view.type("yet another password");
    await page.view.press("Enter");
    await page.reads("This link no longer works");
    expect((await tenantOf(w, "acme").login(ADA, NEW)).status).toBe(200);
    // Chromium notes each 4xx of a fetch; of anything else there is nothing.
    expect(page.complaints.filter((text) => !/status of 4(00|22)/.test(text))).toEqual([]);
  }, 60_000);

  test("asks for the link again where the token is missing, and takes one that is opened in the same tab", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: ADA });
    const token = await w.token("reset", userId);
    await using page = await openPage();
    await page.open(`${w.origin}/t/acme/reset`);
    await page.reads("Please open the link in the mail again");
    await page.view.evaluate(`location.href = ${JSON.stringify(w.link("reset", token))}`);
    await page.reads("Choose a new password");
    expect(await addressOf(page)).toBe(`${w.origin}/t/acme/reset`);
    await page.view.reload();
    await page.reads("Please open the link in the mail again");
    expect(page.complaints).toEqual([]);
  }, 30_000);

  test("says in words what else may come back, and loses nothing that was typed", async () => {
    await using w = await town();
    await using page = await openPage();
    await page.open(w.link("reset", "ost_rst_x"));
    await page.reads("Choose a new password");
    let status = 429;
    await pretend(page, "*/password/reset", () => ({ status, headers: { "retry-after": "150" } }));
    await page.view.click("#new_password");
    await page.view.type(NEW);
    for (const [next, said] of [
      [429, "Too many tries. Please try again in 3 minutes."],
      [503, "The server is busy."],
      [500, "That did not work, and it is not your fault."],
    ] as const) {
      status = next;
      await page.view.press("Enter");
      await page.reads(said);
    }
    await page.view.cdp("Fetch.disable");
    const noThroughput = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await page.view.cdp("Network.enable");
    await page.view.cdp("Network.emulateNetworkConditions", { offline: true, ...noThroughput });
    await page.view.press("Enter");
    await page.reads("The server cannot be reached.");
    expect(await page.view.evaluate<string>("document.querySelector('#new_password').value")).toBe(NEW);
  }, 30_000);
});

describeInBrowser("the page of an invitation", () => {
  test("asks a newcomer for a password only after the token was shown, and lets them in", async () => {
    await using w = await town();
    const key = await setUpAdmin(w);
    const invited = await w.send("POST", "/api/v1/admin/tenants/acme/members", {
      key,
      body: { email: ADA, role: "member", invite: true },
    });
    expect(invited.status).toBe(201);
    await using page = await openPage();
    await page.open(linkIn(await w.mailbox.waitFor(ADA)).href);
    await page.reads("Join Acme Rockets");
    expect(await addressOf(page)).toBe(`${w.origin}/t/acme/invitation`);
    expect(await page.text()).not.toContain("Password");
    await tabTo(page, "Accept the invitation");
    await page.view.press("Enter");
    await page.reads("You are new here.");
    expect(await page.focused()).toBe("first_name");
    expect(await page.text()).not.toContain("Please fill this in.");
    await page.view.type("Ada");
    await tabTo(page, "password");
    await page.view.type("acme");
    await page.view.press("Enter");
    await page.reads("This password needs at least 8 characters.");
    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(NEW);
    await page.view.press("Enter");
    await page.reads("Welcome to Acme Rockets");
    await tabTo(page, "Continue to app.example.com");
    expect((await tenantOf(w, "acme").login(ADA, NEW)).status).toBe(200);
    expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ email: ADA, first_name: "Ada" }));
    expect(page.complaints.filter((text) => !/status of 422/.test(text))).toEqual([]);
  }, 60_000);

  test("needs one click of somebody who has an account", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: ADA, status: "invited" });
    await using page = await openPage();
    await page.open(w.link("invitation", await w.token("invitation", userId)));
    await page.view.click("button[type=submit]");
    await page.reads("Welcome to Acme Rockets");
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(200);
    await page.open(w.link("invitation", "ost_inv_x"));
    await page.view.click("button[type=submit]");
    await page.reads("This link no longer works");
  }, 30_000);
});

describeInBrowser("the page that confirms an address", () => {
  test("is reached from the mail, asks first, works by keyboard, and again while the link lives", async () => {
    await using w = await town();
    await tenantOf(w, "acme").register();
    const link = linkIn(await w.mailbox.waitFor(ADA)).href;
    await using page = await openPage();
    for (let i = 0; i < 2; i++) {
      await page.open(link);
      await page.reads("Is this your email address?");
      expect(await addressOf(page)).toBe(`${w.origin}/t/acme/verify-email`);
      const verifiedAt = i === 0 ? null : expect.any(Number);
      expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ email_verified_at: verifiedAt }));
      await tabTo(page, "Confirm my email address");
      await page.view.press("Enter");
      await page.reads("Your email address is confirmed");
      expect(await page.focused()).toBe("Your email address is confirmed");
      await tabTo(page, "Sign in");
      await tabTo(page, "Continue to app.example.com");
    }
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(200);
    expect(page.complaints).toEqual([]);
  }, 30_000);

  test("takes back what was registered in somebody else's name", async () => {
    await using w = await town();
    await tenantOf(w, "acme").register();
    const link = linkIn(await w.mailbox.waitFor(ADA)).href;
    await using page = await openPage();
    await page.open(link);
    await page.view.click("button[value=disown]");
    await page.reads("Thank you for telling us");
    await page.open(link);
    await page.view.click("button[value=confirm]");
    await page.reads("This link no longer works");
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(401);
  }, 30_000);
});

describeInBrowser("the link of an earlier mail that confirms an address", () => {
  test("works without a script, by keyboard, and again while it lives", async () => {
    await using w = await town();
    await tenantOf(w, "acme").register();
    const link = w.verifyLink(tokenIn(await w.mailbox.waitFor(ADA)));
    await using page = await openPage();
    await page.view.cdp("Emulation.setScriptExecutionDisabled", { value: true });
    for (let i = 0; i < 2; i++) {
      await page.open(link);
      await page.reads("Is this your email address?");
      const verifiedAt = i === 0 ? null : expect.any(Number);
      expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ email_verified_at: verifiedAt }));
      await page.view.press("Tab");
      await page.enter();
      await page.reads("Your email address is confirmed");
    }
    expect((await tenantOf(w, "acme").login(ADA, PASSWORD)).status).toBe(200);
    expect(page.complaints).toEqual([]);
  }, 30_000);

  test("takes back what was registered in somebody else's name", async () => {
    await using w = await town();
    await tenantOf(w, "acme").register();
    const link = w.verifyLink(tokenIn(await w.mailbox.waitFor(ADA)));
    await using page = await openPage();
    await page.open(link);
    await page.follow("button[value=disown]");
    await page.reads("Thank you for telling us");
    await page.open(link);
    await page.reads("This link no longer works");
  }, 30_000);
});

const BRANDS: Record<string, Partial<tenants.Tenant["settings"]>> = {
  branded: { brand_color: "#c2410c", brand_logo_url: "https://logo.example/logo.svg" },
  pale: { brand_color: "#fffbe6", brand_name: "W".repeat(60) + " شركة الصواريخ " + "é".repeat(20) },
  black: { brand_color: "#000000" },
};

describeInBrowser("every page", () => {
  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      test(`can be read and used at ${width} px, ${scheme}, in any colour and under any name`, async () => {
        await using w = await town();
        await using page = await openPage({ width, scheme });
        await pretend(page, "https://logo.example/*", () => ({
          status: 200,
          headers: { "content-type": "image/svg+xml" },
          body: LOGO,
        }));
        const faults: Record<string, string[]> = {};
        let people = 0;
        const newUser = (options = {}) =>
          makePerson(w, w.acme, { email: `p${people++}@example.com`, ...options });
        const press = async (button: string) => {
          await page.view.scrollTo(button);
          await page.view.click(button);
        };
        const submit = () => press("button[type=submit]");
        const look = async (name: string) => void (faults[name] = await page.faults(name));
        for (const [brand, settings] of Object.entries(BRANDS)) {
          const acme = await tenants.find(w.ctx, "acme");
          if (!acme) throw new Error("no tenant");
          await tenants.update(w.ctx, acme, { settings });

          await page.open(w.link("reset", await w.token("reset", await newUser())));
          await page.reads("Choose");
          await page.view.click("#new_password");
          await look(`${brand}-reset`);
          await page.view.type("short");
          await submit();
          await page.reads("at least 8");
          await look(`${brand}-reset-refused`);
          await page.view.type(NEW);
          await submit();
          await page.reads("is changed");
          await look(`${brand}-reset-done`);
          await page.open(w.link("reset", "ost_rst_x"));
          await page.view.click("#new_password");
          await page.view.type(NEW);
          await submit();
          await page.reads("no longer works");
          await look(`${brand}-reset-dead`);
          await page.open(`${w.origin}/t/acme/reset`);
          await page.reads("open the link");
          await look(`${brand}-reset-incomplete`);

          const invited = { isVerified: false, isActive: false, password: null, status: "invited" };
          await page.open(w.link("invitation", await w.token("invitation", await newUser(invited))));
          await page.reads("Join");
          await look(`${brand}-invitation`);
          await submit();
          await page.reads("You are new");
          await look(`${brand}-invitation-newcomer`);

          const token = await w.token("verify_email", await newUser({ isVerified: false }));
          await page.open(w.link("verify-email", token));
          await page.reads("Is this your");
          await look(`${brand}-verify`);
          await press("button[value=confirm]");
          await page.reads("is confirmed");
          await look(`${brand}-verified`);
          await page.open(
            w.link("verify-email", await w.token("verify_email", await newUser({ isVerified: false }))),
          );
          await press("button[value=disown]");
          await page.reads("Thank you");
          await look(`${brand}-verify-disowned`);
          await page.open(w.link("verify-email", "ost_vfy_x"));
          await press("button[value=confirm]");
          await page.reads("no longer works");
          await look(`${brand}-verify-dead`);
        }
        expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
        expect(Object.keys(faults)).toHaveLength(33);
      }, 120_000);
    }
  }
});
