import { find } from "./dom.ts";
import { text } from "./texts.ts";

/** The button copies the text of what its `data-copies` names, and says so in `status`. */
export function copyOnPress(button: HTMLButtonElement, status: Element): void {
  button.addEventListener(
    "click",
    () => void copy(find(`#${button.dataset["copies"]}`, HTMLElement), status),
  );
}

async function copy(shown: HTMLElement, status: Element): Promise<void> {
  status.textContent = "";
  try {
    await navigator.clipboard.writeText(shown.textContent);
    status.textContent = text("copied");
  } catch {
    // Not everywhere may a page write to the clipboard: over http, for one. What is selected can be copied by hand.
    getSelection()?.selectAllChildren(shown);
    status.textContent = text("notCopied");
  }
}
