// One message in two forms, plain text and HTML, from the same blocks. Every value is escaped here and nowhere else.
import type { Sender } from "../core/outbox.ts";
import type { Block, Message } from "./messages.ts";
import { oneLine } from "./one-line.ts";

export interface Rendered {
  subject: string;
  text: string;
  html: string;
}

const LONGEST_SUBJECT = 150;
const LONGEST_LINE = 76;
const LONGEST_BRAND = 64;
const DEFAULT_COLOR = "#1f5fbf";

/** Both forms of a message, in the branding of its sender. */
export function render({ subject, blocks }: Message, { brand, color, logoUrl }: Sender): Rendered {
  const service = oneLine(brand, LONGEST_BRAND);
  const line = oneLine(subject, LONGEST_SUBJECT);
  return {
    subject: line,
    text: `${[...blocks.map(textOf), `-- \n${service}`].join("\n\n")}\n`,
    html: page(line, [header(service, logoUrl), ...blocks.map((block) => htmlOf(block, buttonColor(color)))]),
  };
}

function textOf(block: Block): string {
  if ("paragraph" in block) return wrap(oneLine(block.paragraph, Infinity));
  // Alone on its line, so that it is found and copied whole.
  if ("link" in block) return `${oneLine(block.label, Infinity)}:\n${oneLine(block.link, Infinity)}`;
  return `    ${oneLine(block.code, Infinity)}`;
}

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || longer.length <= LONGEST_LINE) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

function htmlOf(block: Block, color: string): string {
  if ("paragraph" in block) return `<p>${escape(block.paragraph)}</p>`;
  if ("code" in block) {
    return `<p style="font:bold 28px monospace;letter-spacing:4px">${escape(block.code)}</p>`;
  }
  const link = escape(block.link);
  const button = `display:inline-block;padding:12px 20px;border-radius:6px;text-decoration:none;font-weight:bold;background:${color};color:${inkOn(color)}`;
  return `<p><a href="${link}" style="${button}">${escape(block.label)}</a></p>
<p style="font-size:13px">Or copy this link:<br><a href="${link}" style="word-break:break-all">${link}</a></p>`;
}

function header(service: string, logoUrl: string | null): string {
  const logo = logoOf(logoUrl);
  return logo === undefined
    ? `<p style="font-weight:bold">${escape(service)}</p>`
    : `<p><img src="${escape(logo)}" alt="${escape(service)}" height="40" style="height:40px;border:0"></p>`;
}

/** No colours but the button's: the reader's own, light or dark, are the ones that fit. */
const page = (title: string, parts: string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escape(title)}</title>
</head>
<body style="margin:0;padding:24px">
<div style="max-width:520px;margin:0 auto;font:16px/1.5 sans-serif">
${parts.join("\n")}
</div>
</body>
</html>
`;

/** Only https: an image over http tells everybody on the way who reads which mail. */
function logoOf(logoUrl: string | null): string | undefined {
  if (logoUrl === null || !URL.canParse(logoUrl)) return undefined;
  const url = new URL(logoUrl);
  return url.protocol === "https:" && !url.username && !url.password ? url.href : undefined;
}

const buttonColor = (color: string | null): string =>
  color !== null && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color) ? color : DEFAULT_COLOR;

/** Black or white, whichever can be read on it (WCAG 2.2 §1.4.3). */
function inkOn(color: string): string {
  const digits = color.length === 4 ? color.replaceAll(/[0-9a-f]/gi, "$&$&") : color;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escape = (text: string): string =>
  oneLine(text, Infinity).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
