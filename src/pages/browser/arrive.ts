// Signed in: where to now.
import { call } from "./api.ts";
import { find, findAll } from "./dom.ts";
import { isOfTheWeb, nextPage } from "./go-on.ts";
import { goTo, guard, say } from "./steps.ts";

const ACCOUNT = "/account";

/** Leaves the page, which the back button does not come back to. */
export async function arrive(
  redirectUri: unknown,
  { hasShownFactor }: { hasShownFactor: boolean },
): Promise<true> {
  const target = await wayOn(redirectUri, { hasShownFactor });
  for (const link of findAll("#done [data-go-on]", HTMLAnchorElement)) link.href = target;
  goTo("done", "instead");
  location.replace(target);
  return true;
}

/** To what asked for the sign-in, else to the app. Who has to enrol a second factor first can do nothing elsewhere until then. */
async function wayOn(redirectUri: unknown, { hasShownFactor }: { hasShownFactor: boolean }): Promise<string> {
  const next = nextPage();
  const wanted = next ?? (isOfTheWeb(redirectUri) ? redirectUri : ACCOUNT);
  const mustEnrol = !hasShownFactor && !wanted.startsWith(ACCOUNT) && (await hasToEnrol());
  if (!mustEnrol) return wanted;
  return next === undefined ? ACCOUNT : `${ACCOUNT}?next=${encodeURIComponent(next)}`;
}

/** Asks for something that only a whole session shows. */
async function hasToEnrol(): Promise<boolean> {
  const { body } = await call("GET", "/api/v1/me/sessions?limit=1");
  return body["code"] === "MFA_ENROLMENT_REQUIRED";
}

let isOffered = false;
guard("signed-in", () => isOffered);

/** Offers to go on as whoever is signed in here, unless somebody has begun to sign in. `tenant`: only if it is there. */
export async function offerToStay({ tenant, next }: DOMStringMap): Promise<void> {
  const { isOk, body } = await call("GET", "/api/v1/me");
  if (!isOk || (tenant !== undefined && body["tenant_id"] !== tenant)) return;
  const target = await wayOn(next, { hasShownFactor: false });
  if (hasBegun()) return;
  const name = String(body["display_name"]);
  const email = typeof body["email"] === "string" ? body["email"] : "";
  say("name", name);
  say("account", email === name ? "" : email);
  find("#signed-in [data-go-on]", HTMLAnchorElement).href = target;
  isOffered = true;
  goTo("signed-in", "instead");
}

const hasBegun = (): boolean =>
  find("#start", HTMLElement).hidden !== false ||
  findAll("#start input:not([type=checkbox])", HTMLInputElement).some(({ value }) => value !== "");
