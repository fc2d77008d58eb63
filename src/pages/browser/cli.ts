// Makes a code for a command line and shows it while it is good; or takes one over that a command line has made.
import { type Answer, call } from "./api.ts";
import { ask } from "./ask.ts";
import { copyOnPress } from "./copy.ts";
import { find, findAll, show } from "./dom.ts";
import { drive } from "./form.ts";
import { keepAcrossLanguages, takeFromFragment } from "./fragment.ts";
import { isLoaded, type Loaded, load } from "./load.ts";
import { duration, text } from "./texts.ts";

const shown = find("#exchange-code", HTMLElement);
const remains = find("[data-remains]", HTMLElement);
const copy = find("[data-copies]", HTMLButtonElement);
const copied = find("#code [role=status]", HTMLElement);
/** The code that a link brought along; empty when there is none. */
let taken = "";
let ticking: ReturnType<typeof setInterval> | undefined;

/** Shows the code for as long as it is good, by the clock and however seldom a page in the background is woken. */
function showCode(code: string, lifetimeS: number): void {
  hideCode();
  const endsAt = Date.now() + lifetimeS * 1000;
  shown.textContent = code;
  copied.textContent = "";
  show("code");
  const tick = () => {
    const leftS = Math.ceil((endsAt - Date.now()) / 1000);
    remains.textContent = text("remains", { time: duration(leftS) });
    if (leftS > 0) return;
    hideCode();
    show("over");
  };
  ticking = setInterval(tick, 1000);
  tick();
}

function hideCode(): void {
  clearInterval(ticking);
  shown.textContent = "";
}

function judgeMade({ isOk, body }: Answer): boolean {
  if (isOk) showCode(String(body["exchange_code"]), Number(body["expires_in"]));
  return isOk;
}

function judgeTaken({ isOk, body }: Answer): boolean {
  if (!isOk && body["code"] !== "INVALID_EXCHANGE_CODE") return false;
  taken = "";
  if (isOk) location.replace("/account");
  else show("dead");
  return true;
}

/** A code is to be made, by whoever is signed in. */
async function offerToMake(): Promise<void> {
  const loaded = await load();
  if (isLoaded(loaded)) say("make", "signedInAs", loaded);
  show("make", { focus: false });
}

/** The code of the link is to be taken over, by whoever opens it. */
async function offerToTake(): Promise<void> {
  show("take", { focus: false });
  const { isOk, body } = await call("GET", "/v1/auth/load");
  if (isOk) say("take", "takesPlaceOf", body as unknown as Loaded);
}

function say(section: string, words: string, { user, organization }: Loaded): void {
  const said = find(`#${section} [data-who]`, HTMLElement);
  said.textContent = text(words, { name: user.email ?? user.display_name, place: organization.name });
  said.hidden = false;
}

function begin(): void {
  hideCode();
  taken = takeFromFragment("code") ?? taken;
  void (taken === "" ? offerToMake() : offerToTake());
}

for (const form of findAll("form[data-makes]", HTMLFormElement))
  drive(form, () => ask("POST", "/v1/auth/cli-browser-token"), judgeMade);
drive(
  find("form[data-takes]", HTMLFormElement),
  () => call("POST", "/api/v1/auth/browser-session", { exchange_code: taken }),
  judgeTaken,
);
copyOnPress(copy, copied);
keepAcrossLanguages("code", () => taken);
// A link that is opened in this tab changes only the fragment, and the page stays.
addEventListener("hashchange", begin);
begin();
