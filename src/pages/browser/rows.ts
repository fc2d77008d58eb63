// Lists that the script fills: each row is made of the template that the server wrote, and of text.
import { find, findAll } from "./dom.ts";

let made = 0;

type Write<Entry> = (row: HTMLElement, entry: Entry) => void;

/** A row for each entry in the list of the place; where there is none the place says so. */
export function fill<Entry>(place: HTMLElement, entries: readonly Entry[], write: Write<Entry>): void {
  listOf(place).replaceChildren(...entries.map((entry) => newRow(place, entry, write)));
  tellIfEmpty(place);
}

/** The same, but a row that is there already stays as it is, with what is being typed in it. Returns those that came and went. */
export function renew<Entry extends { id: string }>(
  place: HTMLElement,
  entries: readonly Entry[],
  write: Write<Entry>,
): { come: HTMLElement[]; gone: HTMLElement[] } {
  const list = listOf(place);
  const before = findAll("[data-id]", HTMLElement, list);
  const come: HTMLElement[] = [];
  const rows = entries.map((entry) => {
    const there = before.find((row) => row.dataset["id"] === entry.id);
    const row = there ?? newRow(place, entry, write);
    row.dataset["id"] = entry.id;
    if (!there) come.push(row);
    return row;
  });
  const gone = before.filter((row) => !rows.includes(row));
  for (const row of gone) row.remove();
  // One that is in its place is not touched: being put there once more would take the focus from it.
  for (const [i, row] of rows.entries())
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
  tellIfEmpty(place);
  return { come, gone };
}

/** What is said of the rows, and what of there being none. */
export function tellIfEmpty(place: HTMLElement): void {
  const isEmpty = listOf(place).childElementCount === 0;
  for (const some of findAll("[data-some]", HTMLElement, place)) some.hidden = isEmpty;
  for (const none of findAll("[data-none]", HTMLElement, place)) none.hidden = !isEmpty;
}

const listOf = (place: HTMLElement): HTMLElement => find("[data-rows]", HTMLElement, place);

function newRow<Entry>(place: HTMLElement, entry: Entry, write: Write<Entry>): HTMLElement {
  const template = find("template", HTMLTemplateElement, place);
  const row = find("*", HTMLElement, document.importNode(template.content, true));
  tellApart(row);
  write(row, entry);
  return row;
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
