// One message in two forms, plain text and HTML, from the same blocks. Every value is escaped here and nowhere else.
import { type Colors, colorsOf, logoAt, SURFACE } from "../branding.ts";
import type { Sender } from "../core/outbox.ts";
import { type Language, textsIn } from "../texts/texts.ts";
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

/** Both forms of a message, in the branding of its sender. */
export function render({ language, subject, title, blocks }: Message, sender: Sender): Rendered {
  const service = oneLine(sender.brand, LONGEST_BRAND);
  const look: Look = { language, service, colors: colorsOf(sender.color), logo: logoAt(sender.logoUrl) };
  return {
    subject: oneLine(subject, LONGEST_SUBJECT),
    text: `${[...blocks.map(textOf), `-- \n${service}`].join("\n\n")}\n`,
    html: page(oneLine(title, LONGEST_SUBJECT), blocks, look),
  };
}

function textOf(block: Block): string {
  if ("paragraph" in block) return wrap(oneLine(block.paragraph, Infinity));
  if ("aside" in block) return wrap(oneLine(block.aside, Infinity));
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

interface Look {
  language: Language;
  service: string;
  colors: Colors;
  logo: string | undefined;
}

/** As in pages/page.css: the page behind the card, what is written on the card, and less loudly. */
const LIGHT = {
  ground: "#f1f3f6",
  surface: SURFACE.light,
  text: "#1b1e24",
  quiet: "#545b66",
  edge: "#d5d9df",
};
const DARK = { ground: "#111317", surface: SURFACE.dark, text: "#e9ebee", quiet: "#b3bac4", edge: "#3a404a" };

const FONT = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** For readers in the dark, and on phones. Light stands in the elements themselves, for those whose program drops this. */
const styleOf = ({
  colors,
}: Look): string => `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (max-width:560px){
.ground{background:${LIGHT.surface}!important}
.around{padding:0!important}
.card{border-radius:0!important;padding:24px 20px 32px!important}
}
@media (prefers-color-scheme:dark){
.ground{background:${DARK.ground}!important}
.card{background:${DARK.surface}!important;color:${DARK.text}!important}
.aside{color:${DARK.quiet}!important;border-color:${DARK.edge}!important}
.code{background:${DARK.ground}!important;color:${DARK.text}!important}
.button{border-color:${colors.accent.dark}!important}
.quiet{color:${DARK.quiet}!important}
.link{color:${colors.accent.dark}!important}
}
@media (max-width:560px) and (prefers-color-scheme:dark){
.ground{background:${DARK.surface}!important}
}`;

/** One column, and tables to hold it: what every mail program understands. */
const page = (title: string, blocks: Block[], look: Look): string => `<!doctype html>
<html lang="${look.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escape(title)}</title>
<style>
${styleOf(look)}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:${LIGHT.ground}">
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" style="background:${LIGHT.ground}"><tr>
<td class="around" align="center" style="padding:32px 16px">
<table role="presentation" width="520" cellpadding="0" cellspacing="0" style="width:100%;max-width:520px"><tr>
<td class="card" align="left" style="padding:28px 32px 36px;border-top:6px solid ${look.colors.brand};border-radius:10px;background:${LIGHT.surface};color:${LIGHT.text};font:16px/1.5 ${FONT};overflow-wrap:anywhere;word-break:break-word">
${[header(look), heading(title), ...blocks.map((block) => htmlOf(block, look))].join("\n")}
</td>
</tr></table>
</td>
</tr></table>
</body>
</html>
`;

const heading = (title: string): string =>
  `<h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">${escape(title)}</h1>`;

function header({ service, logo }: Look): string {
  const image =
    logo === undefined
      ? ""
      : `<img src="${escape(logo)}" alt="" height="40" style="height:40px;max-width:50%;border:0;border-radius:6px;vertical-align:middle;margin-right:12px">`;
  return `<p style="margin:0 0 28px;font-weight:600">${image}${escape(service)}</p>`;
}

function htmlOf(block: Block, { language, colors }: Look): string {
  if ("paragraph" in block) return `<p style="margin:0 0 20px">${escape(block.paragraph)}</p>`;
  if ("aside" in block) {
    return `<p class="aside" style="margin:28px 0 0;padding-top:16px;border-top:1px solid ${LIGHT.edge};font-size:15px;color:${LIGHT.quiet}">${escape(block.aside)}</p>`;
  }
  if ("code" in block) {
    return `<p class="code" style="margin:0 0 20px;padding:16px 8px;border-radius:6px;background:${LIGHT.ground};text-align:center;font:bold 32px/1.25 ui-monospace,Menlo,Consolas,monospace;letter-spacing:6px">${escape(block.code)}</p>`;
  }
  const link = escape(block.link);
  const button = `display:block;margin:0 0 12px;padding:12px 16px;border:2px solid ${colors.accent.light};border-radius:6px;text-align:center;text-decoration:none;font-weight:600;background:${colors.brand};color:${colors.onBrand}`;
  return `<a class="button" href="${link}" style="${button}">${escape(block.label)}</a>
<p class="quiet" style="margin:0 0 12px;font-size:14px;color:${LIGHT.quiet}">${escape(textsIn(language).mail.copyLink)}<a class="link" href="${link}" style="display:block;padding:12px 0;word-break:break-all;color:${colors.accent.light}">${link}</a></p>`;
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
