// Signing in with a passkey alone: behind the email field from the start, and by a button.
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
} from "@simplewebauthn/browser";
import { type Answer, call } from "./api.ts";
import { arrive } from "./arrive.ts";
import { find } from "./dom.ts";
import { text, textOf } from "./texts.ts";

/** What is asked is good for five minutes: after four a new question takes its place. */
const RENEW_MS = 4 * 60 * 1000;

type Options = Parameters<typeof startAuthentication>[0]["optionsJSON"];

/** The browser asks once at a time: a new question ends the one before. */
let isAskingOpenly = false;

/** Shows the passkey that is asked for. Undefined when there is none, or the reader wants none. */
export async function showPasskey(options: unknown): Promise<object | undefined> {
  isAskingOpenly = true;
  const shown = await ask(options);
  isAskingOpenly = false;
  return shown;
}

const ask = (options: unknown, isBehindField = false): Promise<object | undefined> =>
  startAuthentication({ optionsJSON: options as Options, useBrowserAutofill: isBehindField }).catch(
    () => undefined,
  );

/** At once, or when the page is next looked at. */
function whenSeen(act: () => void): void {
  if (document.visibilityState === "visible") act();
  else document.addEventListener("visibilitychange", act, { once: true });
}

/** Drives the start of the page. `slug`: of the tenant whose page it is. */
export function offerPasskeys(form: HTMLFormElement, slug: string | undefined): void {
  const problem = find(".problem", HTMLElement, form);
  const waiting = find(".waiting", HTMLElement, form);
  const button = find("[data-passkey]", HTMLButtonElement, form);
  const place = slug === undefined ? {} : { tenant: slug };
  const begin = () => call("POST", "/api/v1/auth/passkey/begin", place);
  let renewal: ReturnType<typeof setTimeout> | undefined;

  const complete = async (asked: Answer, credential: object): Promise<void> => {
    const remember = form.querySelector<HTMLInputElement>("[name=remember_me]")?.checked ?? false;
    const { challenge_id } = asked.body;
    const shown = { challenge_id, credential, ...place, remember_me: remember };
    const answer = await call("POST", "/api/v1/auth/passkey/complete", shown);
    if (answer.isOk) return void (await arrive(answer.body["redirect_uri"], { hasShownFactor: true }));
    problem.textContent = answer.status === 401 ? text("passkeyRefused") : textOf(answer);
    void waitBehindField();
  };

  /** Until somebody picks one, or the button asks for one itself, which ends this. */
  const waitBehindField = async (): Promise<void> => {
    clearTimeout(renewal);
    if (!(await browserSupportsWebAuthnAutofill())) return;
    renewal = setTimeout(() => whenSeen(() => void waitBehindField()), RENEW_MS);
    const asked = await begin();
    if (isAskingOpenly) return;
    const credential = asked.isOk ? await ask(asked.body["options"], true) : undefined;
    if (credential) await complete(asked, credential);
  };

  let isPressed = false;
  const askNow = async (): Promise<void> => {
    if (isPressed) return;
    isPressed = true;
    problem.textContent = "";
    waiting.textContent = text("waiting");
    const asked = await begin();
    const credential = asked.isOk ? await showPasskey(asked.body["options"]) : undefined;
    if (credential) await complete(asked, credential);
    else {
      problem.textContent = asked.isOk ? text("noPasskey") : textOf(asked);
      void waitBehindField();
    }
    waiting.textContent = "";
    isPressed = false;
  };

  if (!browserSupportsWebAuthn()) {
    button.hidden = true;
    return;
  }
  button.addEventListener("click", () => void askNow());
  void waitBehindField();
}
