// Sign-ins that wait for a yes from here: who asks and from where, the number that their screen shows, yes or no.
import { agentOf } from "./agent.ts";
import type { Answer } from "./api.ts";
import { ask } from "./ask.ts";
import { find } from "./dom.ts";
import { drive } from "./form.ts";
import { isLoaded, load, type Loaded, type PendingSignIn } from "./load.ts";
import { fill, put } from "./rows.ts";
import { text, textOf } from "./texts.ts";
import { timeOf } from "./times.ts";

const place = find("#pending-sign-ins", HTMLElement);
const outcome = find("#pending-outcome", HTMLElement, place);

/** After these answers nothing waits there any more; the first is a wrong number, which turns the sign-in away. */
const OVER = new Set(["WRONG_NUMBER", "LOGIN_DECIDED", "NOT_FOUND"]);

/**
 * Shows what waits, and looks again when its reader comes back to this window or asks for it. `told`: what is there after each look;
 * not called for what was given.
 */
export function startPendingSignIns(loaded: Loaded, told: (loaded: Loaded) => void = () => {}): void {
  show(loaded);
  const again = find("[data-again]", HTMLButtonElement, place);
  const look = async (isAsked: boolean) => {
    const now = await load();
    if (isLoaded(now)) {
      show(now);
      told(now);
    }
    if (isAsked) tell(isLoaded(now) ? found(now) : textOf(now));
  };
  again.addEventListener("click", () => void look(true));
  document.addEventListener("visibilitychange", () => {
    // What is being typed stays.
    if (document.visibilityState === "visible" && !place.contains(document.activeElement)) void look(false);
  });
}

const found = ({ pending_logins: { length } }: Loaded): string =>
  length === 0 ? text("pendingNone") : text("pendingFound", { count: String(length) });

function tell(words: string): void {
  outcome.textContent = words;
  outcome.focus();
}

function show({ pending_logins: pending, organizations }: Loaded): void {
  fill(place, pending, (row, signIn) => {
    const organization = organizations.find(({ id }) => id === signIn.portal_id);
    row.dataset["id"] = signIn.id;
    put(row, "agent", agentOf(signIn.user_agent));
    put(row, "organization", organization?.name ?? null);
    put(row, "address", signIn.ip);
    put(row, "begun", timeOf(signIn.created_at));
    answerable(row, signIn);
  });
}

function answerable(row: HTMLElement, { id: session_id }: PendingSignIn): void {
  const end = (words: string): true => {
    row.remove();
    find("[data-none]", HTMLElement, place).hidden =
      find("[data-rows]", HTMLElement, place).childElementCount > 0;
    tell(words);
    return true;
  };
  drive(
    find("form", HTMLFormElement, row),
    ({ values, pressed }): Promise<Answer> =>
      pressed === "reject"
        ? ask("POST", "/v1/auth/reject-2fa", { session_id })
        : ask("POST", "/v1/auth/approve-2fa", { session_id, number: values["number"]?.trim() }),
    (answer) => {
      if (answer.isOk)
        return end(text(answer.body["status"] === "approved" ? "pendingApproved" : "pendingRejected"));
      return OVER.has(String(answer.body["code"])) && end(textOf(answer));
    },
  );
}
