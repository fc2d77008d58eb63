import { find } from "./dom.ts";
import { text } from "./texts.ts";

/** Buttons that copy the text of what `data-copies` names, and say so in `status`. */
export function copyOnPress(button: HTMLButtonElement, status: Element): void {
  const copy = async () => {
    const shown = find(`#${button.dataset["copies"]}`, HTMLElement);
    status.textContent = "";
    try {
      await navigator.clipboard.writeText(shown.textContent);
      status.textContent = text("copied");
    } catch {
      // Not everywhere may a page write to the clipboard: over http, for one. What is selected can be copied by hand.
      getSelection()?.selectAllChildren(shown);
      status.textContent = text("notCopied");
    }
  };
  button.addEventListener("click", () => void copy());
}
