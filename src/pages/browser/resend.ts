// A code by mail, and another: with how long to wait where one went out a moment ago.
import type { Answer } from "./api.ts";
import { find } from "./dom.ts";
import { duration, text, textOf } from "./texts.ts";

export interface Resend {
  /** Of another sign-in from now on. */
  reset: (state: { isSent: boolean }) => void;
  /** Sends one if none has been sent. */
  first: () => void;
}

/** Drives the button of that part of the page. */
export function driveResend(root: HTMLElement, send: () => Promise<Answer>): Resend {
  const button = find("[data-resend]", HTMLButtonElement, root);
  const said = find("[data-resent]", HTMLElement, root);
  let isSent = false;
  let isSending = false;
  let countdown: ReturnType<typeof setInterval> | undefined;

  const stop = (): void => {
    clearInterval(countdown);
    button.removeAttribute("aria-disabled");
    said.setAttribute("role", "status");
  };

  /** Read out once; the seconds after that are only shown. */
  const holdBack = (seconds: number): void => {
    const until = performance.now() + seconds * 1000;
    const tell = (): void => {
      const left = Math.ceil((until - performance.now()) / 1000);
      said.textContent = left > 0 ? text("resendLater", { time: duration(left) }) : "";
      if (left <= 0) stop();
    };
    tell();
    button.setAttribute("aria-disabled", "true");
    countdown = setInterval(() => {
      said.removeAttribute("role");
      tell();
    }, 1000);
  };

  const ask = async (): Promise<void> => {
    if (isSending || button.getAttribute("aria-disabled") === "true") return;
    isSending = true;
    said.textContent = text("waiting");
    const answer = await send();
    isSending = false;
    if (answer.isOk) {
      isSent = true;
      said.textContent = text("resent");
    } else if (answer.status === 429) holdBack(answer.retryAfterS ?? 60);
    else said.textContent = textOf(answer);
  };

  button.addEventListener("click", () => void ask());
  return {
    reset(state) {
      ({ isSent } = state);
      stop();
      said.textContent = "";
    },
    first: () => void (isSent ? undefined : ask()),
  };
}
