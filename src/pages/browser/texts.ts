// Words for what the API answers: the page brings them along, in its reader's language.
import { find } from "./dom.ts";
import type { Answer } from "./api.ts";

const catalogue = JSON.parse(find("body", HTMLBodyElement).dataset["texts"] ?? "{}") as Record<
  string,
  string
>;

/** The words of that name, with what stands in braces filled in. */
export const text = (name: string, values: Record<string, string> = {}): string =>
  Object.entries(values).reduce(
    (said, [key, value]) => said.replaceAll(`{${key}}`, () => value),
    catalogue[name] ?? name,
  );

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
