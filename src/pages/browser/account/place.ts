// A part of the page that asks the API for what it shows. Where that fails the rest is there all the same, and it can be tried again.
import type { Answer } from "../api.ts";
import { find } from "../dom.ts";
import { textOf } from "../texts.ts";

/** `look`: undefined, or the answer that tells why there is nothing to show. */
export async function fillPlace(id: string, look: () => Promise<Answer | undefined>): Promise<void> {
  const place = find(`#${id}`, HTMLElement);
  const failed = find(":scope > .failed", HTMLElement, place);
  const again = find("button", HTMLButtonElement, failed);
  const fill = async () => {
    const problem = await look();
    find(".problem", HTMLElement, failed).textContent = problem ? textOf(problem) : "";
    failed.hidden = problem === undefined;
    return problem === undefined;
  };
  const fillAgain = async () => {
    if (again.ariaBusy === "true") return;
    again.ariaBusy = "true";
    // The button is gone then.
    if (await fill()) place.closest("section")?.querySelector("h2")?.focus();
    again.ariaBusy = "false";
  };
  again.addEventListener("click", () => void fillAgain());
  await fill();
}
