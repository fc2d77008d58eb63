// The account page: finds out who is signed in and what they may do, and starts the sections.
import { startActing } from "./account/acting.ts";
import { startDevices } from "./account/devices.ts";
import { startDialogs } from "./account/dialog.ts";
import { startKeys } from "./account/keys.ts";
import { fillPlace } from "./account/place.ts";
import { startPassword } from "./account/password.ts";
import { startProfile } from "./account/profile.ts";
import { startSessions } from "./account/sessions.ts";
import { startTwoStep } from "./account/two-step.ts";
import { modeIs, suit } from "./account/mode.ts";
import type { Answer } from "./api.ts";
import { ask, belongsTo } from "./ask.ts";
import { find } from "./dom.ts";
import { isLoaded, load, type Loaded } from "./load.ts";
import { startPendingSignIns } from "./pending-sign-ins.ts";
import { textOf } from "./texts.ts";

async function start(): Promise<void> {
  offerToSignOut();
  startDialogs();
  const loaded = await load();
  const problem = await (isLoaded(loaded) ? startFor(loaded) : startRestricted(loaded));
  find("#loading", HTMLElement).hidden = true;
  if (problem) {
    find("#problem", HTMLElement).textContent = textOf(problem);
    const again = find("#load-again", HTMLButtonElement);
    again.hidden = false;
    again.addEventListener("click", () => location.reload());
    return;
  }
  find("#parts", HTMLElement).hidden = false;
  goToPlace();
}

async function startFor(loaded: Loaded): Promise<undefined> {
  modeIs(loaded.impersonator === null ? "all" : "acting");
  suit(document);
  startProfile(loaded);
  if (loaded.impersonator !== null) {
    startActing(loaded);
    document.addEventListener("visibilitychange", () => void load());
    await startTwoStep(loaded);
    return;
  }
  showPending(loaded);
  startPendingSignIns(loaded, { told: showPending });
  startPassword(loaded);
  await Promise.all([
    startTwoStep(loaded),
    fillPlace("sign-ins", () => startSessions(loaded)),
    fillPlace("devices", () => startDevices(loaded)),
    startKeys(loaded),
  ]);
}

/** Undefined, or the answer that tells why there is nothing to show. */
async function startRestricted(answer: Answer): Promise<Answer | undefined> {
  if (answer.body["code"] !== "MFA_ENROLMENT_REQUIRED") return answer;
  modeIs("enrolling");
  suit(document);
  const me = await ask("GET", "/api/v1/me");
  if (!me.isOk) return me;
  const user = me.body as unknown as Loaded["user"];
  await belongsTo(user.id);
  await startTwoStep({ user });
  return undefined;
}

/** Where nothing waits there is nothing to be read about it; what was answered just now stays. */
function showPending({ pending_logins: { length } }: Loaded): void {
  const outcome = find("#pending-outcome", HTMLElement);
  const isShown = length > 0 || outcome.textContent !== "";
  find("#pending", HTMLElement).hidden = !isShown;
  find('nav a[href="#pending"]', HTMLElement).hidden = !isShown;
}

function offerToSignOut(): void {
  const button = find("#sign-out", HTMLButtonElement);
  button.disabled = false;
  const signOut = async () => {
    button.disabled = true;
    const answer = await ask("POST", "/api/v1/auth/logout");
    if (answer.isOk) location.replace("/login");
    else find("#problem", HTMLElement).textContent = textOf(answer);
    button.disabled = false;
  };
  button.addEventListener("click", () => void signOut());
}

/** The browser looked for the place before it was there. */
function goToPlace(): void {
  const place = location.hash === "" ? null : document.getElementById(location.hash.slice(1));
  place?.scrollIntoView();
  place?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
}

void start();
