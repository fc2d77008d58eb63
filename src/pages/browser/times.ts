// Times in the reader's zone and language.

/** The page's language as the reader's own country writes it, where the browser says which. */
const locale = (): string => {
  const { lang } = document.documentElement;
  return navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
};

/** A `<time>` element; the exact time with its zone is its title. */
export function timeOf(rfc3339: string): HTMLTimeElement {
  const at = new Date(rfc3339);
  const element = document.createElement("time");
  element.dateTime = rfc3339;
  element.textContent = at.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
  element.title = at.toLocaleString(locale(), { dateStyle: "full", timeStyle: "long" });
  return element;
}
