// What a program calls itself, in plain words. It may call itself anything: this is for recognising one's own, and proves nothing.

/** The first that fits counts: most claim to be several others besides. */
const PROGRAMS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|OPT|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome|Chromium)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

export interface Agent {
  program?: string;
  system?: string;
}

/** The browser, or else the first word that the program says of itself (RFC 9110 §10.1.5), and what it runs on. */
export function readUserAgent(userAgent: string | null): Agent {
  const text = userAgent ?? "";
  const nameIn = (known: [RegExp, string][]) => known.find(([looks]) => looks.test(text))?.[1];
  const first = /^([\w.-]{2,40})\b/.exec(text)?.[1];
  const program = nameIn(PROGRAMS) ?? (first === "Mozilla" ? undefined : first);
  const system = nameIn(SYSTEMS);
  return { ...(program === undefined ? {} : { program }), ...(system === undefined ? {} : { system }) };
}
