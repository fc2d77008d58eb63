// A page of several steps, of which one is shown at a time (browser/steps.ts).
import { attributes } from "./form.ts";
import { type Html, html } from "./html.ts";

/** Named by its title for those who listen. The step `start` is there from the beginning. */
export const step = (
  id: string,
  title: string,
  content: Html,
  data: Record<string, string | null> = {},
): Html =>
  html`<section
    id="${id}"
    aria-labelledby="${id}-title"
    ${attributes(data)}
    ${id === "start" ? null : html`hidden`}
  >
    <h1 id="${id}-title" tabindex="-1">${title}</h1>
    ${content}
  </section>`;
