// Where to go on, when what a page is for is done.
import { text } from "./texts.ts";

/** Whether a link may lead there: into the web, and nowhere else. */
export const isOfTheWeb = (uri: unknown): uri is string =>
  typeof uri === "string" && /^https?:\/\//i.test(uri) && URL.canParse(uri);

/** Pages of ours that send people to sign in. */
const OURS = /^\/(account|approve|cli)(?![^?#])/;

/** What the page was asked to lead on to. Undefined for anything but pages of ours that ask for a sign-in. */
export function nextPage(): string | undefined {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return OURS.test(next) ? next : undefined;
}

/** Leaves for that page, or else loads this one anew. */
export function leave(): void {
  const next = nextPage();
  if (next === undefined) location.reload();
  else location.replace(next);
}

/** The way on into the app, after what has just been said and the way to sign in here. */
export function offerToGoOn(after: Element, uri: string): void {
  const link = document.createElement("a");
  link.className = "button other";
  link.href = uri;
  link.textContent = text("goOn", { host: new URL(uri).host });
  const paragraph = document.createElement("p");
  paragraph.append(link);
  after.after(paragraph);
}
