// The steps of a page, shown one at a time, which the back button walks through.
import { find, findAll, show } from "./dom.ts";

/** Where the page begins. */
const FIRST = "start";

/** Whether what a step needs is still there; those without an entry need nothing. */
const guards = new Map<string, () => boolean>();

/** A step that can be come back to only while this is true. */
export const guard = (id: string, isOpen: () => boolean): void => void guards.set(id, isOpen);

/** `instead`: of the step that is shown now, which is spent. */
export function goTo(id: string, how: "onwards" | "instead" = "onwards"): void {
  const state = { step: id };
  if (how === "onwards") history.pushState(state, "");
  else history.replaceState(state, "");
  present(id);
}

/** Whoever types is led to the first field that is empty or was filled in last, others to the title. */
function present(id: string): void {
  show(id, { focus: false });
  const section = find(`#${id}`, HTMLElement);
  const fields = findAll("input:not([type=checkbox])", HTMLInputElement, section).filter(
    (input) => !input.closest("[hidden]"),
  );
  const field = fields.find(({ value }) => value === "") ?? fields[0];
  (field ?? find("h1", HTMLElement, section)).focus();
}

/** Fills in what the server could not know, wherever a text of the page has a place for it. */
export function say(name: string, words: string): void {
  for (const place of findAll(`[data-text*="{${name}}"]`, HTMLElement))
    place.textContent = (place.dataset["text"] ?? "").replaceAll(`{${name}}`, () => words);
}

addEventListener("popstate", ({ state }: PopStateEvent) => {
  const wanted = (state as { step?: string } | null)?.step ?? FIRST;
  present(guards.get(wanted)?.() === false ? FIRST : wanted);
});
for (const button of findAll("[data-go]", HTMLButtonElement))
  button.addEventListener("click", () => goTo(button.dataset["go"] ?? FIRST));
