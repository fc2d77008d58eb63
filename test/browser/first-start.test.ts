// The compiled program in an empty directory, and a person with a browser: from the first start to an account with a passkey.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type AccountPage, openAccount } from "../support/account-page.ts";
import { describeInBrowser, until } from "../support/browser.ts";
import { freshDirectory, ROOT, startProgram } from "../support/process.ts";

const ADA = "ada@example.com";
const GOOD = "plenty of horses";
const DEVICE = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** The page in a person's hands: what they did, in their words, for whoever wants to do the same. */
function hands(page: AccountPage) {
  const done: string[] = [];
  const labelOf = (selector: string) =>
    page.view.evaluate<string>(
      `(({ labels, innerText }) => (labels?.[0] ?? { innerText }).innerText)(document.querySelector(${JSON.stringify(selector)}))`,
    );
  return {
    done,
    open: async (link: string) => {
      done.push(`opened ${link.replace(/=.*/, "=…")}`);
      await page.open(link);
    },
    type: async (selector: string, text: string) => {
      done.push(`typed into “${await labelOf(selector)}”`);
      await page.fill(selector, text);
    },
    click: async (selector: string) => {
      done.push(`clicked “${await labelOf(selector)}”`);
      await page.press(selector);
    },
  };
}

async function compiled(): Promise<string> {
  const binary = join(freshDirectory(), "ostiary");
  const build = Bun.spawn(["bun", "run", "build", "--outfile", binary], {
    cwd: ROOT,
    stdout: "ignore",
    stderr: "pipe",
  });
  const err = await new Response(build.stderr).text();
  if ((await build.exited) !== 0) throw new Error(err);
  return binary;
}

describeInBrowser("the compiled program in an empty directory", () => {
  test("leads from its first start to a signed-in account with a passkey", async () => {
    const program = [await compiled()];
    await using page = await openAccount();
    const { view } = page;
    await view.cdp("WebAuthn.enable");
    await view.cdp("WebAuthn.addVirtualAuthenticator", { options: DEVICE });
    const { done, open, type, click } = hands(page);
    const startedAt = performance.now();
    await using server = await startProgram({ program });
    done.push("started ostiary");
    const [, link = ""] = /^ {2}(http:\S+\/setup\S*)$/m.exec(server.output().err) ?? [];
    await open(link);
    await page.reads("Make the first account");
    await type("#email", ADA);
    await type("#password", GOOD);
    await click("button[type=submit]");
    const address = () => view.evaluate<string>("location.href").catch(() => "");
    const account = `${server.origin}/account`;
    expect(await until(address, (at) => at === account)).toBe(account);
    await page.reads("You have no passkey yet.");
    await click("#passkey-add");
    await type("#passkey-name", "This laptop");
    await click("#passkey-dialog button[type=submit]");
    await page.reads("The passkey “This laptop” is added.");
    done.push(`after ${Math.ceil((performance.now() - startedAt) / 1000)} s of nobody's thinking`);

    const kept = await view.evaluate<string[]>(`(async () => {
      const { email } = await (await fetch("/api/v1/me")).json();
      const { methods } = await (await fetch("/api/v1/me/mfa")).json();
      return [email, ...methods.map(({ type, name }) => type + " " + name)];
    })()`);
    expect(kept).toEqual([ADA, "webauthn This laptop"]);
    expect(page.faultsOfBrowser()).toEqual([]);
    console.info(done.join("\n"));
    expect(done.filter((step) => /^(opened|typed|clicked)/.test(step))).toHaveLength(7);
  }, 180_000);
});
