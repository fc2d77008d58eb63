// Signed in: where to now.
import { call } from "./api.ts";
import { find, findAll } from "./dom.ts";
import { isOfTheWeb } from "./go-on.ts";
import { goTo, say } from "./steps.ts";

const ACCOUNT = "/account";
/** Pages of ours that send people here to sign in. */
const OURS = /^\/(account|approve|cli)(?![^?#])/;

/** What the page was asked to lead on to. Undefined for anything but pages of ours that ask for a sign-in. */
export function nextPage(): string | undefined {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return OURS.test(next) ? next : undefined;
}

/**
 * Leaves the page, which the back button does not come back to: to what asked for the sign-in, else to the app. Who has to enrol a second
 * factor first can do nothing elsewhere.
 */
export async function arrive(
  redirectUri: unknown,
  { hasShownFactor }: { hasShownFactor: boolean },
): Promise<true> {
  const wanted = nextPage() ?? (isOfTheWeb(redirectUri) ? redirectUri : ACCOUNT);
  const mustEnrol = !hasShownFactor && !wanted.startsWith(ACCOUNT) && (await hasToEnrol());
  const target = mustEnrol ? ACCOUNT : wanted;
  for (const link of findAll("#done [data-go-on]", HTMLAnchorElement)) link.href = target;
  goTo("done", "instead");
  location.replace(target);
  return true;
}

/** Asks for something that only a whole session shows. */
async function hasToEnrol(): Promise<boolean> {
  const { body } = await call("GET", "/api/v1/me/sessions?limit=1");
  return body["code"] === "MFA_ENROLMENT_REQUIRED";
}

/** Offers to go on as whoever is signed in here, unless somebody has begun to type. `tenantId`: only if it is there. */
export async function offerToStay(tenantId: string | undefined): Promise<void> {
  const { isOk, body } = await call("GET", "/api/v1/me");
  const isTyping = findAll("#start input", HTMLInputElement).some(
    (input) => input === document.activeElement && input.value !== "",
  );
  if (!isOk || isTyping || (tenantId !== undefined && body["tenant_id"] !== tenantId)) return;
  const name = String(body["display_name"]);
  const email = typeof body["email"] === "string" ? body["email"] : "";
  say("name", name);
  say("account", email === name ? "" : email);
  find("#signed-in [data-go-on]", HTMLAnchorElement).href = nextPage() ?? ACCOUNT;
  goTo("signed-in", "instead");
}
