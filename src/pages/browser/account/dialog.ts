// Dialogs. The browser itself closes them by Escape, and gives the focus back to where it was.
import type { Answer } from "../api.ts";
import { wayToSignInAgain } from "../ask.ts";
import { find, findAll } from "../dom.ts";
import { clear, complain, drive } from "../form.ts";
import { textOf } from "../texts.ts";

/** What the server refuses to do for a session such as this one is seen by loading the page again. */
const CHANGED = new Set(["MFA_ENROLMENT_REQUIRED", "IMPERSONATION_FORBIDDEN"]);

export interface Question {
  title: string;
  text: string;
  /** The label of the button. */
  action: string;
  /** Of the page, to come back to. */
  section: string;
  act: () => Promise<Answer>;
  /** When it is done. */
  done: () => Promise<unknown>;
}

let asked: Question | undefined;

export function startDialogs(): void {
  for (const dialog of findAll("dialog", HTMLDialogElement)) {
    for (const button of findAll("[data-close]", HTMLButtonElement, dialog))
      button.addEventListener("click", () => dialog.close());
    // Whatever was typed in it is gone.
    dialog.addEventListener("close", () => empty(dialog));
  }
  driveConfirming(find("#confirm", HTMLDialogElement));
}

/** Stands for the answer of a question that was closed before it came: nothing more is to be said of it there. */
const LEFT: Answer = { status: 0, isOk: false, body: {} };

const isDone = ({ isOk, status }: Answer): boolean =>
  // What is gone already need not be removed.
  isOk || status === 404;

/** Each answer is for the question that it was sent for: another may be open when it comes. */
function driveConfirming(dialog: HTMLDialogElement): void {
  let sent: Question | undefined;
  drive(
    find("form", HTMLFormElement, dialog),
    () => {
      const question = (sent = asked);
      if (!question) return Promise.reject(new Error("nothing was asked"));
      const answer = question.act();
      const left = new Promise<Answer>((resolve) => {
        const leave = () => {
          resolve(LEFT);
          void answer.then((late) => (isDone(late) ? question.done() : undefined));
        };
        dialog.addEventListener("close", leave, { once: true });
        void answer.then(() => dialog.removeEventListener("close", leave));
      });
      return Promise.race([answer, left]);
    },
    async (answer) => {
      if (answer === LEFT || !sent) return true;
      if (!isDone(answer)) return mustLeave(answer, sent.section);
      dialog.close();
      await sent.done();
      return true;
    },
  );
}

export function confirm(question: Question): void {
  asked = question;
  const dialog = find("#confirm", HTMLDialogElement);
  find("#confirm-title", HTMLElement).textContent = question.title;
  find("#confirm-text", HTMLElement).textContent = question.text;
  find("button[type=submit]", HTMLButtonElement, dialog).textContent = question.action;
  open(dialog);
}

const empty = (dialog: HTMLDialogElement): void => findAll("form", HTMLFormElement, dialog).forEach(clear);

/** Its title gets the focus where there is nothing to fill in. */
export function open(dialog: HTMLDialogElement): void {
  // An answer may have come after it was closed.
  empty(dialog);
  dialog.showModal();
  const first = dialog.querySelector<HTMLElement>("input:not([hidden])") ?? find("h2", HTMLElement, dialog);
  first.focus();
}

/** True when there is nothing more to do here, whatever it was: its reader is told, or led on. */
export function mustLeave({ status, body }: Answer, section: string): boolean {
  if (status !== 403) return false;
  if (CHANGED.has(String(body["code"]))) {
    location.reload();
    return true;
  }
  if (body["code"] !== "REAUTH_REQUIRED") return false;
  for (const dialog of findAll("dialog[open]", HTMLDialogElement)) dialog.close();
  find("#reauth-go", HTMLAnchorElement).href = wayToSignInAgain(`#${section}`);
  open(find("#reauth", HTMLDialogElement));
  return true;
}

/** A form in a dialog; `section`: of the page, to come back to. `done`: when the API has done it and the dialog is closed. */
export function driveDialog(
  id: string,
  section: string,
  send: (values: Record<string, string>) => Promise<Answer>,
  done: (answer: Answer) => Promise<unknown>,
): HTMLDialogElement {
  const dialog = find(`#${id}`, HTMLDialogElement);
  const form = find("form", HTMLFormElement, dialog);
  drive(
    form,
    ({ values }) => send(values),
    async (answer) => {
      if (answer.body["code"] === "INVALID_CODE") {
        complain(form, [{ name: "code", text: textOf(answer) }]);
        return true;
      }
      if (!answer.isOk) return mustLeave(answer, section);
      dialog.close();
      await done(answer);
      return true;
    },
  );
  return dialog;
}

/** How a code is typed does not matter. */
export const tidy = (code: string | undefined): string => (code ?? "").replaceAll(/\s/g, "");
