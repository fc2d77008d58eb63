// Lists that the script fills: each row is made of the template that the server wrote, and of text.
import { find, findAll } from "./dom.ts";

let made = 0;

/** A row for each entry in the list of the place; where there is none the place says so. */
export function fill<Entry>(
  place: HTMLElement,
  entries: readonly Entry[],
  write: (row: HTMLElement, entry: Entry) => void,
): void {
  const template = find("template", HTMLTemplateElement, place);
  const rows = entries.map((entry) => {
    const row = find("*", HTMLElement, document.importNode(template.content, true));
    tellApart(row);
    write(row, entry);
    return row;
  });
  find("[data-rows]", HTMLElement, place).replaceChildren(...rows);
  for (const none of findAll("[data-none]", HTMLElement, place)) none.hidden = rows.length > 0;
}

/** Puts text, or an element, where the row names it; with null that line is not shown. */
export function put(row: ParentNode, name: string, what: string | Element | null): void {
  const place = find(`[data-put="${name}"]`, HTMLElement, row);
  place.replaceChildren(...(what === null ? [] : [what]));
  (place.closest<HTMLElement>("[data-line]") ?? place).hidden = what === null;
}

/** Ids are one row's alone. */
function tellApart(row: HTMLElement): void {
  made++;
  for (const attribute of ["id", "for", "aria-describedby", "aria-labelledby"]) {
    for (const element of findAll(`[${attribute}]`, HTMLElement, row)) {
      const names = element.getAttribute(attribute)?.split(" ") ?? [];
      element.setAttribute(attribute, names.map((name) => `${name}-${made}`).join(" "));
    }
  }
}
