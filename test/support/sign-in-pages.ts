// The pages of signing in, as people use them.
import type { SettingName } from "../../src/settings.ts";
import { expect } from "bun:test";
import { until } from "./browser.ts";
import type { PageView } from "./page-view.ts";
import { makePerson, makeTenant, PASSWORD, type TenantOptions } from "./people.ts";
import { worldWithMail } from "./world.ts";

export const ADA = "ada@example.com";

/** Acme, whose app is a page of ours that needs no sign-in, so that a browser can really arrive there; and Ada. */
export async function village({
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

export async function arrives(page: PageView, path: string): Promise<void> {
  expect(
    await until(
      () => address(page),
      (seen) => seen === path,
    ),
  ).toBe(path);
}

/** Who the browser is signed in as, by its cookie: asked on a page of ours, as others may not ask. */
export async function whoIsIn({ view, open }: PageView): Promise<string> {
  await open(new URL("/t/acme/reset", await view.evaluate<string>("location.href")).href);
  return view.evaluate<string>(
    "fetch('/api/v1/me').then((answer) => answer.json()).then(({ email, code }) => email ?? code)",
  );
}

/** What the browser complained about, but for the refusals that a test provokes: Chromium notes each 4xx of a fetch. */
export const unexpected = ({ complaints }: PageView, ...statuses: number[]) =>
  complaints.filter((text) => !statuses.some((status) => text.includes(`status of ${status}`)));

export async function fill({ view }: PageView, id: string, words: string): Promise<void> {
  await view.click(`#${id}`);
  await view.evaluate(`document.querySelector("#${id}").select()`);
  await view.type(words);
}

export async function press({ view }: PageView, selector: string): Promise<void> {
  await view.scrollTo(selector);
  await view.click(selector);
}

/** Signs in with Ada's password, at her tenant's page, as far as that goes. */
export async function showPassword(page: PageView, origin: string, email = ADA): Promise<void> {
  await page.open(`${origin}/t/acme/login`);
  await page.reads("Sign in to");
  await fill(page, "email", email);
  await fill(page, "password", PASSWORD);
  await page.view.press("Enter");
}
