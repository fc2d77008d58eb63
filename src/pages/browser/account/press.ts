import type { Answer } from "../api.ts";
import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import { textOf } from "../texts.ts";
import { mustLeave } from "./dialog.ts";
import { tell } from "./tell.ts";

/** What goes on with an answer: only with one that did it, but for those of this status. */
interface Way {
  done: (answer: Answer) => void;
  alsoAt?: number;
}

/** A button that begins something by a POST; what hinders that is told in its section. */
export function press(id: string, section: string, path: string, way: Way): void {
  const button = find(`#${id}`, HTMLButtonElement);
  button.addEventListener("click", () => void begin(button, section, path, way));
}

/** The same for one that has just been pressed. */
export async function begin(
  button: HTMLButtonElement,
  section: string,
  path: string,
  { done, alsoAt }: Way,
): Promise<void> {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const answer = await ask("POST", path);
  button.ariaBusy = "false";
  if (answer.isOk || answer.status === alsoAt) done(answer);
  else if (!mustLeave(answer, section)) tell(section, textOf(answer));
}
