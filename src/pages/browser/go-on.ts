import { text } from "./texts.ts";

/** Whether a link may lead there: into the web, and nowhere else. */
export const isOfTheWeb = (uri: unknown): uri is string =>
  typeof uri === "string" && /^https?:\/\//i.test(uri) && URL.canParse(uri);

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
