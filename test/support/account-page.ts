// The account page in a browser, for somebody who is signed in there.
import type { UserId } from "../../src/core/ids.ts";
import { openPage, type Look, type PageView } from "./page-view.ts";
import { cookieFrom } from "./portal-group.ts";
import { signInForCookie, type Who } from "./sessions.ts";
import type { World } from "./world.ts";

export interface AccountPage extends PageView {
  /** Clicks; what it is may be anywhere on the page. */
  press: (selector: string) => Promise<void>;
  /** Types into a field in place of what is there. */
  fill: (selector: string, text: string) => Promise<void>;
  /** The text that can be seen of that. */
  textOf: (selector: string) => Promise<string>;
  /** Tab, as often as it takes; what the keyboard cannot reach fails. */
  tabTo: (wanted: string) => Promise<void>;
  /** From the server, or on again. */
  cutOff: (isOff: boolean) => Promise<void>;
  /** Whether leaving the page is asked about first. */
  holdsOn: () => Promise<boolean>;
  /** What the browser complained about, but for refusals that a page asked for. */
  faultsOfBrowser: () => string[];
}

/** A browser for the account page. */
export async function openAccount(look: Look = {}): Promise<AccountPage> {
  const page = await openPage(look);
  const { view } = page;
  return Object.assign(page, {
    async press(selector: string) {
      await view.scrollTo(selector);
      await view.click(selector);
    },
    async fill(selector: string, text: string) {
      await view.scrollTo(selector);
      await view.click(selector);
      await view.evaluate("document.activeElement.select()");
      await view.type(text);
    },
    textOf: (selector: string) =>
      view.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`),
    async tabTo(wanted: string) {
      for (let i = 0; i < 60; i++) {
        await view.press("Tab");
        if ((await page.focused()).includes(wanted)) return;
      }
      throw new Error(`the keyboard does not reach ${wanted}`);
    },
    holdsOn: () => view.evaluate<boolean>("!dispatchEvent(new Event('beforeunload', { cancelable: true }))"),
    async cutOff(offline: boolean) {
      await view.cdp("Network.enable");
      const rest = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
      await view.cdp("Network.emulateNetworkConditions", { offline, ...rest });
    },
    faultsOfBrowser: () => page.complaints.filter((text) => !/status of 4\d\d/.test(text)),
  });
}

/** Gives the browser a session of that person. */
export async function signInBrowser(page: PageView, w: World, who: Who): Promise<string> {
  const { sessionId, cookie } = await signInForCookie(w.ctx, who);
  await setCookie(page, w, "ostiary_session", cookie);
  return sessionId;
}

export const setCookie = (page: PageView, w: World, name: string, value: string): Promise<unknown> =>
  page.view.cdp("Network.setCookie", { name, value, url: w.origin, httpOnly: true, sameSite: "Lax" });

/** An administrator acts as that person in the browser, in which they are signed in as themselves first. */
export async function actInBrowser(page: PageView, w: World, actor: Who, userId: UserId): Promise<void> {
  const { cookie } = await signInForCookie(w.ctx, actor);
  await setCookie(page, w, "ostiary_session", cookie);
  const begun = await w.send("POST", "/api/v1/me/impersonation", {
    body: { user_id: userId },
    headers: { cookie: `ostiary_session=${cookie}`, "sec-fetch-site": "same-origin" },
  });
  await setCookie(page, w, "ostiary_acting", cookieFrom(begun, "acting"));
}
