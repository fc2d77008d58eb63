// A sign-in that waits, and its user who lets it in or not in a real browser.
import { expect, test } from "bun:test";
import { type AccountPage, openAccount, signInBrowser } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { portals } from "../support/portals.ts";
import { ADA, enrolTotp, type Town, town } from "../support/second-factors.ts";
import { audited } from "../support/world.ts";

const MACHINE =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/** Ada with an authenticator app, and her browser, signed in with it. */
async function signedIn(w: Town, page: AccountPage, amr = ["pwd", "otp", "mfa"]): Promise<void> {
  await signInBrowser(page, w, { userId: w.userId, tenantId: w.acme.id, amr });
}

interface Waiting {
  poll: string;
  number: string;
}

/** Somebody who knows Ada's password begins to sign in. */
async function begin(w: Town, userAgent = MACHINE): Promise<Waiting> {
  const { body } = await portals(w, { headers: { "user-agent": userAgent } }).login();
  return { poll: body.login_session_id, number: body.match_number };
}

const other = ({ number }: Waiting): string => (number === "00" ? "01" : "00");
const statusOf = async (w: Town, { poll }: Waiting): Promise<string> =>
  (await portals(w).status(poll)).body.status;

const idIn = async (w: Town): Promise<string> => {
  const { text } = await w.mailbox.waitFor(ADA, "waits for you");
  return /lrq_[\da-f]{32}/.exec(text)?.[0] ?? "";
};

const addressOf = async ({ view }: AccountPage) => view.evaluate<string>("location.href").catch(() => "");
const numberField = "#pending-sign-ins input";

describeInBrowser("the page that lets a sign-in in", () => {
  test("shows who asks, from where and until when, and approves by the number, by keyboard only", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page);
    const waiting = await begin(w);
    await page.open(`${w.origin}/approve`);
    await page.reads("Chrome on Windows");
    await page.reads(`You are signed in as ${ADA}.`);
    await page.reads("127.0.0.1");
    const [begun = "", ends = ""] = await page.view.evaluate<string[]>(
      "[...document.querySelectorAll('time')].map(({ dateTime }) => dateTime)",
    );
    expect(Date.parse(ends) - Date.parse(begun)).toBe(5 * 60_000);
    await page.tabTo("number");
    await page.view.press("Enter");
    await page.reads("Please fill this in.");
    await page.view.type("7");
    await page.view.press("Enter");
    await page.reads("Type the two digits");
    expect(await statusOf(w, waiting)).toBe("pending");
    await page.view.evaluate("document.activeElement.select()");
    await page.view.type(waiting.number);
    await page.tabTo("Approve");
    await page.view.press("Enter");
    await page.reads("Approved. The other screen goes on by itself.");
    expect(await page.focused()).toBe("pending-outcome");
    await page.reads("No sign-in is waiting.");
    expect(await statusOf(w, waiting)).toBe("approved");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("rejects by its button, which needs no number, and by a wrong number", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page);
    const first = await begin(w);
    await page.open(`${w.origin}/approve`);
    await page.reads("Chrome on Windows");
    await page.press("button[value=reject]");
    await page.reads("Rejected. If it was not you");
    expect(await statusOf(w, first)).toBe("rejected");
    const second = await begin(w);
    await page.open(`${w.origin}/approve`);
    await page.reads("Chrome on Windows");
    await page.fill(numberField, other(second));
    await page.view.press("Enter");
    await page.reads("That was another number, so the sign-in was rejected.");
    expect(await statusOf(w, second)).toBe("rejected");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("shows the one of the mail alone, and says when that is gone", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page);
    const named = await begin(w);
    const id = await idIn(w);
    const unnamed = await begin(w, "curl/8.5.0");
    await page.open(`${w.origin}/approve?id=${id}`);
    await page.reads("Chrome on Windows");
    expect(await page.text()).not.toContain("curl");
    await page.fill(numberField, named.number);
    await page.view.press("Enter");
    await page.reads("Approved.");
    expect([await statusOf(w, named), await statusOf(w, unnamed)]).toEqual(["approved", "pending"]);
    await page.open(`${w.origin}/approve?id=${id}`);
    await page.reads("does not wait any more");
    await page.reads("curl");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("looks by itself: what comes appears, what is being typed stays, and what went is taken away in words", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page);
    await page.open(`${w.origin}/approve`);
    await page.reads("No sign-in is waiting.");
    const first = await begin(w);
    await page.reads("Chrome on Windows");
    await page.fill(numberField, first.number.slice(0, 1));
    await begin(w, "curl/8.5.0");
    await page.reads("curl");
    expect(await page.focused()).toStartWith("number");
    expect(await page.view.evaluate<string>("document.activeElement.value")).toBe(first.number.slice(0, 1));
    w.clock.advance(5 * 60_000);
    await page.reads("That sign-in is over already.");
    await page.reads("No sign-in is waiting.");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("says so while it cannot look, and no more when it can", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page);
    await page.open(`${w.origin}/approve`);
    await page.reads("No sign-in is waiting.");
    await page.cutOff(true);
    await page.reads("The server cannot be reached.");
    await page.cutOff(false);
    const text = await until(
      () => page.text(),
      (text) => !text.includes("The server cannot be reached."),
    );
    expect(text).not.toContain("The server cannot be reached.");
  }, 60_000);

  test("says what is missing when this sign-in has shown no second factor, and leads to where it is shown", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    await using page = await openAccount();
    await signedIn(w, page, ["pwd"]);
    const waiting = await begin(w);
    const id = await idIn(w);
    await page.open(`${w.origin}/approve?id=${id}`);
    await page.reads("Chrome on Windows");
    await page.fill(numberField, waiting.number);
    await page.view.press("Enter");
    await page.reads("with your second step");
    await page.tabTo("Sign in again");
    const next = encodeURIComponent(`/approve?id=${id}`);
    expect(await page.view.evaluate<string>("document.activeElement.href")).toBe(
      `${w.origin}/login?again&next=${next}`,
    );
    expect(await statusOf(w, waiting)).toBe("pending");
    expect(await audited(w)).toContainEqual(expect.stringContaining("login.approval_refused"));
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 60_000);

  test("leads whoever is not signed in to where one signs in, and back to this sign-in", async () => {
    await using w = await town();
    await using page = await openAccount();
    await page.open(`${w.origin}/approve?id=lrq_1`);
    const login = `${w.origin}/login?next=%2Fapprove%3Fid%3Dlrq_1`;
    expect(
      await until(
        () => addressOf(page),
        (at) => at === login,
      ),
    ).toBe(login);
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      test(`can be read and used at ${width} px, ${scheme}`, async () => {
        await using w = await town();
        await enrolTotp(w, w.userId);
        await using page = await openAccount({ width, scheme });
        await signedIn(w, page);
        const faults: Record<string, string[]> = {};
        const look = async (name: string) => void (faults[name] = await page.faults(name));
        for (const lang of ["en", "de"]) {
          await page.open(`${w.origin}/approve?lang=${lang}`);
          await page.reads(lang === "en" ? "No sign-in is waiting." : "Keine Anmeldung wartet.");
          await look(`approve-${lang}-none`);
          const waiting = await begin(w);
          await page.open(`${w.origin}/approve?lang=${lang}`);
          await page.reads("Windows");
          await look(`approve-${lang}-one`);
          await page.fill(numberField, "x");
          await page.view.press("Enter");
          await page.reads(lang === "en" ? "Type the two digits" : "Geben Sie die zwei Ziffern");
          await look(`approve-${lang}-refused`);
          await page.fill(numberField, other(waiting));
          await page.view.press("Enter");
          await page.reads(lang === "en" ? "another number" : "eine andere Zahl");
          await look(`approve-${lang}-wrong`);
          await begin(w);
          await begin(w, "curl/8.5.0");
          await page.open(`${w.origin}/approve?id=lrq_x&lang=${lang}`);
          await page.reads("curl");
          await look(`approve-${lang}-gone-and-two`);
          w.clock.advance(5 * 60_000);
        }
        expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
        expect(Object.keys(faults)).toHaveLength(10);
      }, 90_000);
    }
  }
});
