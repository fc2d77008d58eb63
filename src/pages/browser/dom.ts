// Elements of the page, which the server has written: one that is not there is our mistake.

/** The first that fits, which must be of that kind. */
export function find<Kind extends Element>(
  selector: string,
  kind: new () => Kind,
  root: ParentNode = document,
): Kind {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page lacks ${selector}`);
  return found;
}

export const findAll = <Kind extends Element>(
  selector: string,
  kind: new () => Kind,
  root: ParentNode = document,
): Kind[] =>
  [...root.querySelectorAll(selector)].filter((element): element is Kind => element instanceof kind);

/** One section of the page and no other; whoever listens is led to its title, whoever types to its first field. */
export function show(id: string, { focus = true }: { focus?: boolean } = {}): void {
  for (const section of findAll("main section[id]", HTMLElement)) section.hidden = section.id !== id;
  const shown = find(`#${id}`, HTMLElement);
  const title = find("h1", HTMLElement, shown);
  document.title = `${title.textContent} · ${document.body.dataset["brand"]}`;
  if (focus) title.focus();
}

// This script has arrived.
for (const late of findAll(".late", HTMLElement)) late.hidden = true;
