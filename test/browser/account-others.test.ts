// Others at the account page: sign-ins that wait for a yes, and whoever acts as the user.
import { expect, test } from "bun:test";
import { type AccountPage, actInBrowser, openAccount, signInBrowser } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { makePerson, PASSWORD } from "../support/people.ts";
import { ADA, enrolTotp, type Town, town } from "../support/second-factors.ts";
import { audited, dump } from "../support/world.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async function atHome() {
  await using stack = new AsyncDisposableStack();
  const w = stack.use(await town());
  await enrolTotp(w, w.userId);
  const page = stack.use(await openAccount());
  const who = { userId: w.userId, tenantId: w.acme.id };
  await signInBrowser(page, w, { ...who, amr: ["pwd", "otp", "mfa"] });
  const kept = stack.move();
  return { w, page, who, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Somebody with the right password, elsewhere. */
async function begin(
  w: Town,
  userAgent = FIREFOX,
): Promise<{ number: string; status: () => Promise<string> }> {
  const { body } = await w.send("POST", "/v1/auth/portal/login", {
    body: { email: ADA, password: PASSWORD, portal_id: "acme" },
    headers: { "user-agent": userAgent },
  });
  const query = new URLSearchParams({ email: ADA, session_id: body.login_session_id });
  return {
    number: body.match_number,
    status: async () => (await w.send("GET", `/v1/auth/login-status?${query.toString()}`)).body.status,
  };
}

const rows = ({ view }: AccountPage) =>
  view.evaluate<string[]>(
    "[...document.querySelectorAll('#pending .row')].map((row) => row.querySelector('div').innerText)",
  );

describeInBrowser("a sign-in that waits", () => {
  test("is shown with who, where and when, and approved by its number", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const waiting = await begin(w);
    await page.open(`${w.origin}/account`);
    await page.reads("Waiting for you");
    const [row = ""] = await rows(page);
    for (const part of ["Firefox on Linux", "acme", "127.0.0.1"]) expect(row).toContain(part);
    await page.press("#pending .row button[value=approve]");
    await page.reads("Please fill this in.");
    await page.fill("#pending input", "4");
    await page.view.press("Enter");
    await page.reads("Type the two digits that the other screen shows.");
    expect(await waiting.status()).toBe("pending");
    await page.fill("#pending input", waiting.number);
    await page.view.press("Enter");
    await page.reads("Approved. The other screen goes on by itself.");
    expect(await rows(page)).toEqual([]);
    expect(await waiting.status()).toBe("approved");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("is rejected without a number, and by a wrong one; of several each has its own answer", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    const [one, other] = [await begin(w, "curl/8"), await begin(w)];
    await page.open(`${w.origin}/account`);
    await page.reads("Waiting for you");
    expect((await rows(page)).map((row) => row.split("\n")[0])).toEqual(["Firefox on Linux", "curl"]);
    const repeated = await page.view.evaluate<string[]>(
      "[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, i, all) => all.indexOf(id) !== i)",
    );
    expect(repeated).toEqual([]);
    expect(await page.faults("several-pending")).toEqual([]);
    await page.press("#pending .row:last-child button[value=reject]");
    await page.reads("Rejected. If it was not you, somebody knows your password");
    expect([await one.status(), await other.status()]).toEqual(["rejected", "pending"]);
    await page.fill("#pending input", String((Number(other.number) + 1) % 100).padStart(2, "0"));
    await page.view.press("Enter");
    await page.reads("That was another number, so the sign-in was rejected.");
    expect(await other.status()).toBe("rejected");
    await page.reads("No sign-in is waiting.");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);

  test("that comes later is seen by looking again", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await page.open(`${w.origin}/account`);
    await page.reads("Your account");
    await page.reads("API keys");
    expect(await page.text()).not.toContain("Waiting for you");
    await begin(w);
    // What a browser says when one comes back to its window.
    await page.view.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.reads("Waiting for you");
    await page.press("#pending [data-again]");
    await page.reads("Sign-ins that are waiting: 1");
  }, 30_000);
});

describeInBrowser("whoever acts as another user", () => {
  test("is told so, sees what they may see, and stops", async () => {
    await using w = await town();
    await using page = await openAccount();
    await enrolTotp(w, w.userId);
    const root = await makePerson(w, w.acme, { username: "root", isSuperuser: true });
    await actInBrowser(page, w, { userId: root, tenantId: w.acme.id }, w.userId);
    // These would show Ada as if she were signed in.
    for (const path of ["/approve?id=lrq_x", "/cli"]) {
      await page.open(w.origin + path);
      await page.reads("root is acting as ada.");
    }
    await page.open(`${w.origin}/account`);
    await page.reads("root is acting as ada.");
    await page.reads(ADA);
    const text = (await page.text()).split("\n");
    for (const shown of ["Profile", "Two-step sign-in", "Stop"]) expect(text).toContain(shown);
    const hidden = ["Password", "API keys", "Sign-ins", "Save", "Turn on", "Turn off", "Add a passkey"];
    for (const what of [...hidden, "Make new ones"]) expect(text).not.toContain(what);
    expect(await page.faults("acting")).toEqual([]);
    await page.follow("#acting-stop");
    await until(
      () => page.text(),
      (text) => text.includes("API keys"),
    );
    expect(await page.text()).not.toContain("is acting as");
    expect(await page.textOf("#profile")).toContain("root");
    expect((await audited(w)).at(-1)).toBe("impersonation.ended");
    expect(page.faultsOfBrowser()).toEqual([]);
  }, 30_000);
});

describeInBrowser("a page of one person, in a browser where another has signed in since", () => {
  test("changes nothing of the other, and is theirs from then on", async () => {
    await using scene = await atHome();
    const { w, page } = scene;
    await page.open(`${w.origin}/account`);
    await page.reads("API keys");
    const bob = await makePerson(w, w.acme, { username: "bob" });
    await signInBrowser(page, w, { userId: bob, tenantId: w.acme.id });
    await page.fill("#first_name", "Ada");
    await page.enter();
    await until(
      () => page.textOf("#profile"),
      (text) => text.includes("bob"),
    );
    expect(await page.textOf("#profile")).toContain("bob");
    expect(dump(w)["users"]).toContainEqual(expect.objectContaining({ id: bob, first_name: null }));
  }, 30_000);

  for (const path of ["/account", "/approve"]) {
    test(`is theirs when ${path} is seen again`, async () => {
      await using scene = await atHome();
      const { w, page } = scene;
      await page.open(`${w.origin}${path}`);
      await page.reads(ADA);
      const bob = await makePerson(w, w.acme, { username: "bob" });
      await signInBrowser(page, w, { userId: bob, tenantId: w.acme.id });
      await page.view
        .evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        .catch((error: unknown) => {
          if (!String(error).includes("navigated")) throw error;
        });
      await page.reads("bob");
    }, 30_000);
  }
});
