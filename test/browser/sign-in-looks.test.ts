// Every state of the sign-in pages can be read and used: narrow and wide, light and dark, in both languages.
import { expect, test } from "bun:test";
import { describeInBrowser, until } from "../support/browser.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { enrolEmail, enrolPasskey, enrolTotp, makeBackupCodes } from "../support/second-factors.ts";
import { ADA, fill, press, village } from "../support/sign-in-pages.ts";

/** Waits until that step stands there, whatever the language. */
async function shows({ view }: PageView, id: string): Promise<void> {
  const look = () =>
    view.evaluate<string>("document.querySelector('main section:not([hidden])')?.id ?? ''").catch(() => "");
  expect(await until(look, (seen) => seen === id)).toBe(id);
}

/** A step that the flow of this test does not come by. */
const show = ({ view }: PageView, id: string) =>
  view.evaluate(
    `document.querySelectorAll("main section").forEach((one) => { one.hidden = one.id !== "${id}"; })`,
  );

const LOOKS = [
  { width: 360, scheme: "light", language: "en" },
  { width: 360, scheme: "dark", language: "de" },
  { width: 1280, scheme: "light", language: "de" },
  { width: 1280, scheme: "dark", language: "en" },
] as const;

describeInBrowser("the sign-in pages", () => {
  for (const { width, scheme, language } of LOOKS) {
    test(`can be read and used at ${width} px, ${scheme}, in ${language}`, async () => {
      await using w = await village({
        settings: { LIMIT_MAIL_GAP: "60", LIMIT_ADDRESS_FAILURES: "1000" },
        acme: { self_registration: true, captcha: true, brand_color: "#c2410c", default_redirect_uri: null },
      });
      const beta = await makeTenant(w, "the-other-organization-with-a-long-short-name", { captcha: false });
      await makeTenant(w, "closed");
      await enrolTotp(w, w.userId);
      await enrolEmail(w, w.userId);
      await enrolPasskey(w, w.userId);
      await makeBackupCodes(w, w.userId);
      await makePerson(w, [w.acme, beta], { email: "bob@example.com" });
      await makePerson(w, w.acme, { email: "new@example.com", isVerified: false, isActive: false });
      await using page = await openPage({ width, scheme });
      const faults: Record<string, string[]> = {};
      const look = async (name: string) => {
        await page.view.evaluate("scrollTo(0, 0)");
        faults[name] = await page.faults(`${name}-${language}`);
      };
      const openAt = async (path: string) => {
        await page.open(`${w.origin}${path}?lang=${language}`);
        await shows(page, "start");
      };
      const send = () => page.view.press("Enter");

      await openAt("/login");
      await look("login");
      await fill(page, "email", "bob@example.com");
      await send();
      await shows(page, "choose");
      await look("login-choose");
      await press(page, "#choose li:last-child button");
      await shows(page, "enter-password");
      await look("login-password");
      await fill(page, "password", "wrong");
      await send();
      await until(page.text, (text) => /fit together|passen nicht/.test(text));
      await look("login-password-wrong");
      await show(page, "organization");
      await look("login-organization");

      await openAt("/t/acme/login");
      await look("tenant");
      await fill(page, "email", "no");
      await fill(page, "password", "x");
      await send();
      await until(page.text, (text) => /does not look|sieht nicht/.test(text));
      await look("tenant-refused");
      await fill(page, "email", "new@example.com");
      await fill(page, "password", PASSWORD);
      await send();
      await shows(page, "unverified");
      await look("unverified");

      await openAt("/t/acme/login");
      await fill(page, "email", ADA);
      await fill(page, "password", PASSWORD);
      await send();
      await shows(page, "factor-totp");
      await look("factor-totp");
      await page.view.type("000000");
      await until(page.text, (text) => /not right|stimmt nicht/.test(text));
      await look("factor-totp-wrong");
      for (const method of ["webauthn", "email", "backup_code"]) {
        await press(page, "main section:not([hidden]) [data-way=" + method + "]");
        await shows(page, `factor-${method}`);
        await until(page.text, (text) => !/One moment|Einen Moment/.test(text));
        if (method === "email") {
          await press(page, "[data-resend]");
          await until(page.text, (text) => /can ask for another|Sie können in/.test(text));
        }
        await look(`factor-${method}`);
      }
      await show(page, "done");
      await look("done");

      await openAt("/t/acme/register");
      await page.view.evaluate(
        "(document.querySelector('[data-robot]').hidden = false, document.querySelector('progress').value = 400)",
      );
      await look("register");
      await fill(page, "email", "carol@example.com");
      await fill(page, "first_name", "Carol");
      await fill(page, "last_name", "Hill");
      await fill(page, "password", "short");
      await send();
      await until(page.text, (text) => /should have at least|muss mindestens/.test(text));
      await look("register-refused");
      await fill(page, "password", PASSWORD);
      await send();
      await shows(page, "pending");
      await look("register-pending");
      await show(page, "active");
      await look("register-active");
      await page.open(`${w.origin}/t/closed/register`);
      await look("register-off");

      await openAt("/t/acme/forgot");
      await look("forgot");
      await fill(page, "email", ADA);
      await send();
      await shows(page, "sent");
      await look("forgot-sent");

      await openAt(`/t/${beta.slug}/login`);
      await fill(page, "email", "bob@example.com");
      await fill(page, "password", PASSWORD);
      await send();
      await until(
        () => page.view.evaluate<string>("location.pathname").catch(() => ""),
        (path) => path === "/account",
      );
      await page.open(`${w.origin}/login`);
      await shows(page, "signed-in");
      await look("signed-in");

      expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
      expect(Object.keys(faults)).toHaveLength(22);
    }, 120_000);
  }
});
