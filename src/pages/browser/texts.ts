// Words for what the API answers: the page brings them along, in its reader's language.
import { find } from "./dom.ts";
import type { Answer } from "./api.ts";

const catalogue = JSON.parse(find("body", HTMLBodyElement).dataset["texts"] ?? "{}") as Record<
  string,
  string
>;

/** The words of that name, with what stands in braces filled in, at once: what is filled in may hold braces of its own. */
export const text = (name: string, values: Record<string, string> = {}): string =>
  (catalogue[name] ?? name).replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);

/** A finding of the API in the reader's words, where the page has some: as it is, or with its number as `{n}`. */
export function textOfFinding(msg: string): string {
  const [n = ""] = /\d+/.exec(msg) ?? [];
  const general = n === "" ? msg : msg.replace(n, "{n}");
  return catalogue[msg] === undefined && catalogue[general] !== undefined ? text(general, { n }) : text(msg);
}

/** What to tell of an answer that is no success: by its code where the page has words for it. */
export function textOf({ status, body, retryAfterS }: Answer): string {
  const code = typeof body["code"] === "string" ? body["code"] : "";
  if (status === 429) return text("limited", { time: duration(retryAfterS ?? 60) });
  if (catalogue[code] !== undefined) return text(code);
  if (status === 0) return text("offline");
  return status === 503 ? text("busy") : text("failed");
}

/** How long, in the reader's words. */
export function duration(seconds: number): string {
  const [amount, unit] =
    seconds < 120 ? [Math.max(1, seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    unitDisplay: "long",
  }).format(amount);
}
