import { find } from "../dom.ts";

/** What came of something is said at the top of its section, and led to: what was pressed for it may be gone. */
export function tell(section: string, words: string): void {
  const outcome = find(`#${section} > .outcome`, HTMLElement);
  outcome.textContent = words;
  outcome.focus();
}
