/** Asks whoever leaves, also for another language, while something is shown that is not shown again. */
export function warnOfLeaving(shown: HTMLElement): void {
  addEventListener("beforeunload", (event) => {
    if (!shown.hidden) event.preventDefault();
  });
}
