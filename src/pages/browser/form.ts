// A form of a page: what is missing, what is under way, and what came back, each where the reader looks for it.
import type { Answer } from "./api.ts";
import { find, findAll } from "./dom.ts";
import { text, textOf, textOfFinding } from "./texts.ts";

export interface Finding {
  name: string;
  text: string;
}

export interface Sent {
  /** What stands in the fields that are shown and not empty. */
  values: Record<string, string>;
  /** The button that was pressed, if it has a value. */
  pressed: string | undefined;
}

/**
 * Sends the form by `send`, and hands over what came back, unless it is a finding that is told here. Until all that is over, a further
 * press sends nothing.
 */
export function drive(
  form: HTMLFormElement,
  send: (sent: Sent) => Promise<Answer>,
  /** True when it has told the reader what came of it; else the words for the answer are shown. */
  judge: (answer: Answer) => boolean | Promise<boolean>,
): void {
  const problem = find(".problem", HTMLElement, form);
  const waiting = find(".waiting", HTMLElement, form);
  let isSending = false;
  const submit = async (button: HTMLButtonElement | undefined) => {
    if (isSending) return;
    const pressed = button && button.value !== "" ? button.value : undefined;
    const needed = button?.formNoValidate ? [] : shownFields(form).filter(({ required }) => required);
    const empty = needed.filter(({ value }) => value === "");
    complain(
      form,
      empty.map(({ name }) => ({ name, text: text("missing") })),
    );
    if (empty.length > 0) return;
    isSending = true;
    waiting.textContent = text("waiting");
    try {
      const answer = await send({ values: valuesOf(form), pressed });
      if (await judge(answer)) return;
      const findings = findingsOf(answer);
      if (findings.length > 0) complain(form, findings);
      else problem.textContent = textOf(answer);
    } catch (error) {
      problem.textContent = text("failed");
      throw error;
    } finally {
      isSending = false;
      waiting.textContent = "";
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { submitter } = event;
    void submit(submitter instanceof HTMLButtonElement ? submitter : undefined);
  });
  for (const box of findAll("[data-shows]", HTMLInputElement, form))
    box.addEventListener("change", () => reveal(form, box));
  find("fieldset", HTMLFieldSetElement, form).disabled = false;
  for (const button of findAll("button", HTMLButtonElement, form)) button.disabled = false;
}

/** Empties it, hides its passwords, and takes back what was said. */
export function clear(form: HTMLFormElement): void {
  form.reset();
  complain(form, []);
  for (const box of findAll("[data-shows]", HTMLInputElement, form)) reveal(form, box);
}

/** Each entry of a 422, by the name of its field. */
export function findingsOf({ status, body }: Answer): (Finding & { type: string })[] {
  const { detail } = body;
  if (status !== 422 || !Array.isArray(detail)) return [];
  return (detail as { loc: unknown[]; msg: string; type: string }[]).map(({ loc, msg, type }) => ({
    name: String(loc.at(-1)),
    text: type === "missing" ? text("missing") : textOfFinding(msg),
    type,
  }));
}

/** Says what is wrong, and leads to the first of it. With nothing, takes back what was said. */
export function complain(form: HTMLFormElement, findings: Finding[]): void {
  const problem = find(".problem", HTMLElement, form);
  problem.textContent = "";
  for (const input of findAll("input[name]", HTMLInputElement, form)) {
    const finding = findings.find(({ name }) => name === input.name);
    const place = input.getAttribute("aria-describedby")?.split(" ").at(-1);
    const error = place === undefined ? null : document.getElementById(place);
    if (error) error.textContent = finding?.text ?? "";
    if (finding) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  const [first] = findAll("[aria-invalid]", HTMLInputElement, form);
  if (first) first.focus();
  else if (findings[0]) problem.textContent = findings[0].text;
}

const shownFields = (form: HTMLFormElement): HTMLInputElement[] =>
  findAll("input[name]", HTMLInputElement, form).filter((input) => !input.closest("[hidden]"));

/** What was left empty is left out; of choices the one that is made counts. */
const valuesOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    shownFields(form)
      .filter(
        ({ type, checked, value }) => value !== "" && (checked || !["checkbox", "radio"].includes(type)),
      )
      .map(({ name, value }) => [name, value]),
  );

const reveal = (form: HTMLFormElement, { checked, dataset }: HTMLInputElement): void => {
  find(`#${dataset["shows"]}`, HTMLInputElement, form).type = checked ? "text" : "password";
};
