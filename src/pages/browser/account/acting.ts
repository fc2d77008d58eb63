// Somebody acts as the user: who, and how to stop.
import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import type { Loaded } from "../load.ts";
import { text, textOf } from "../texts.ts";

export function startActing({ user, impersonator }: Loaded): void {
  const banner = find("#acting", HTMLElement);
  find("#acting-who", HTMLElement).textContent = `${text("acting", {
    actor: impersonator?.name ?? "",
    user: user.display_name,
  })}.`;
  banner.hidden = false;
  const button = find("#acting-stop", HTMLButtonElement);
  const stop = async () => {
    button.disabled = true;
    const answer = await ask("DELETE", "/api/v1/me/impersonation");
    if (answer.isOk || answer.status === 404) location.reload();
    else find("#problem", HTMLElement).textContent = textOf(answer);
    button.disabled = false;
  };
  button.addEventListener("click", () => void stop());
}
