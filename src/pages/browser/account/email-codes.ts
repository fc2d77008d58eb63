// Codes by email: turned on by a first one, and off by another code that is at hand.
import type { Answer } from "../api.ts";
import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import { duration, text } from "../texts.ts";
import { showCodes } from "./backup-codes.ts";
import { driveDialog, open, tidy } from "./dialog.ts";
import type { Look } from "./factors.ts";
import { begin, press } from "./press.ts";
import { tell } from "./tell.ts";

const MAIL = "/api/v1/me/mfa/email/enable";
/** Too soon for another one: the code that was mailed before is still good. */
const TOO_SOON = 429;

function tellOfMail(dialog: HTMLDialogElement, { isOk, retryAfterS = 60 }: Answer): void {
  const said = isOk ? text("codeSent") : text("codeSentBefore", { time: duration(retryAfterS) });
  find("[data-sent]", HTMLElement, dialog).textContent = said;
}

export function startEmailCodes(look: Look): void {
  const on = driveDialog(
    "email-on-dialog",
    "two-step",
    ({ code }) => ask("POST", "/api/v1/me/mfa/email/confirm", { code: tidy(code) }),
    async ({ body }) => {
      await look();
      showCodes(body, text("emailOn"));
    },
  );
  press("email-on", "two-step", MAIL, {
    alsoAt: TOO_SOON,
    done(answer) {
      tellOfMail(on, answer);
      open(on);
    },
  });
  const off = driveDialog(
    "email-off-dialog",
    "two-step",
    ({ code }) => ask("POST", "/api/v1/me/mfa/email/disable", { code: tidy(code) }),
    async () => {
      await look();
      tell("two-step", text("emailOff"));
    },
  );
  startTurningOff(off);
}

/** The code of an authenticator app counts where there is one; else one is mailed. */
function startTurningOff(dialog: HTMLDialogElement): void {
  const form = find("form", HTMLFormElement, dialog);
  const openFor = (way: "app" | "mail") => {
    find("label", HTMLElement, form).textContent = form.dataset[way] ?? "";
    find("[data-sent]", HTMLElement, dialog).hidden = way === "app";
    open(dialog);
  };
  const openForMail = (answer: Answer) => {
    tellOfMail(dialog, answer);
    openFor("mail");
  };
  const hasApp = () => !find("#totp-off", HTMLElement).hidden;
  const button = find("#email-off", HTMLButtonElement);
  button.addEventListener("click", () => {
    if (hasApp()) openFor("app");
    else void begin(button, "two-step", MAIL, { alsoAt: TOO_SOON, done: openForMail });
  });
}
