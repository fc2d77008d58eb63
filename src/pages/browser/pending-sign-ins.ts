// Sign-ins that wait for a yes from here: who asks and from where, the number that their screen shows, yes or no.
import { agentOf } from "./agent.ts";
import type { Answer } from "./api.ts";
import { ask, wayToSignInAgain } from "./ask.ts";
import { find, findAll } from "./dom.ts";
import { drive } from "./form.ts";
import { isLoaded, load, type Loaded, type PendingSignIn } from "./load.ts";
import { put, renew, tellIfEmpty } from "./rows.ts";
import { text, textOf } from "./texts.ts";
import { timeOf } from "./times.ts";

const place = find("#pending-sign-ins", HTMLElement);
const outcome = find("#pending-outcome", HTMLElement, place);

/** After these answers nothing waits there any more; the first is a wrong number, which turns the sign-in away. */
const OVER = new Set(["WRONG_NUMBER", "LOGIN_DECIDED", "NOT_FOUND"]);

/** Those that were answered here: a list that was asked for before may still hold them. */
const answered = new Set<string>();

interface Looking {
  /** What is there after each look; not called for what was given. */
  told?: (loaded: Loaded) => void;
  /** The id of the one that is shown alone, as long as it waits. */
  only?: string | undefined;
  /** Looks again this often, too, while the page is to be seen. */
  everyMs?: number;
}

/** Shows what waits, and looks again when its reader comes back to this window or asks for it. */
export function startPendingSignIns(loaded: Loaded, { told, only, everyMs }: Looking = {}): void {
  show(loaded, only);
  let isLooking = false;
  /** What is shown may be old; that is said until a look succeeds. */
  let isFailing = false;
  const look = async (isAsked: boolean) => {
    if (isLooking) return;
    isLooking = true;
    const now = await load();
    isLooking = false;
    if (!isLoaded(now)) isFailing = say(textOf(now));
    else {
      if (isFailing) outcome.textContent = "";
      isFailing = false;
      const { come, hadFocus } = show(now, only);
      told?.(now);
      if (hadFocus) tell(text("LOGIN_DECIDED"));
      else if (come > 0) outcome.textContent = found(now);
    }
    if (isAsked) tell(isLoaded(now) ? found(now) : textOf(now));
  };
  const lookIfSeen = () => {
    if (document.visibilityState === "visible") void look(false);
  };
  for (const again of findAll("[data-again]", HTMLButtonElement, place))
    again.addEventListener("click", () => void look(true));
  document.addEventListener("visibilitychange", lookIfSeen);
  if (everyMs !== undefined) setInterval(lookIfSeen, everyMs);
}

const found = ({ pending_logins: { length } }: Loaded): string =>
  length === 0 ? text("pendingNone") : text("pendingFound", { count: String(length) });

/** Where it is said already, nobody hears it once more. */
function say(words: string): true {
  if (outcome.textContent !== words) outcome.textContent = words;
  return true;
}

function tell(words: string): void {
  outcome.textContent = words;
  outcome.focus();
}

/** How many are new, and whether one went away under the reader's hands. */
function show(
  { pending_logins: pending, organizations }: Loaded,
  only: string | undefined,
): { come: number; hadFocus: boolean } {
  const waiting = pending.filter(({ id }) => !answered.has(id));
  const named = waiting.filter(({ id }) => id === only);
  const focused = document.activeElement;
  const { come, gone } = renew(place, named.length > 0 ? named : waiting, (row, signIn) => {
    const organization = organizations.find(({ id }) => id === signIn.portal_id);
    put(row, "agent", agentOf(signIn.user_agent));
    put(row, "organization", organization?.name ?? null);
    put(row, "address", signIn.ip);
    put(row, "begun", timeOf(signIn.created_at));
    put(row, "ends", timeOf(signIn.expires_at));
    answerable(row, signIn);
  });
  return { come: come.length, hadFocus: gone.some((row) => row.contains(focused)) };
}

function answerable(row: HTMLElement, { id: session_id }: PendingSignIn): void {
  const end = (words: string): true => {
    answered.add(session_id);
    row.remove();
    tellIfEmpty(place);
    tell(words);
    return true;
  };
  const signInFirst = find("a", HTMLAnchorElement, row);
  drive(
    find("form", HTMLFormElement, row),
    ({ values, pressed }): Promise<Answer> =>
      pressed === "reject"
        ? ask("POST", "/v1/auth/reject-2fa", { session_id })
        : ask("POST", "/v1/auth/approve-2fa", { session_id, number: values["number"]?.trim() }),
    (answer) => {
      if (answer.isOk)
        return end(text(answer.body["status"] === "approved" ? "pendingApproved" : "pendingRejected"));
      const code = String(answer.body["code"]);
      if (OVER.has(code)) return end(textOf(answer));
      signInFirst.href = wayToSignInAgain("");
      signInFirst.hidden = code !== "FORBIDDEN";
      return false;
    },
  );
}
