/** Line breaks and other controls, and what turns the direction of the text around it or has no meaning outside a pair. */
const NO_TEXT = /[\p{Cc}\p{Cs}\u{2028}\u{2029}\u{200e}\u{200f}\u{61c}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu;

/** Foreign text as one harmless line of at most `longest` code points: what goes into headers, subjects and sentences. */
export function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(NO_TEXT, " ").replaceAll(/ {2,}/g, " ").trim();
  const points = [...line];
  return points.length > longest ? `${points.slice(0, longest - 3).join("")}...` : line;
}
