// The words of every mail, and the two forms they are given.
import { describe, expect, test } from "bun:test";
import type { MailContent, Sender } from "../../src/core/outbox.ts";
import { messageFor } from "../../src/mail/messages.ts";
import { render } from "../../src/mail/render.ts";
import { type Language, LANGUAGES } from "../../src/texts/texts.ts";
import { CONTENTS, EVERY } from "../support/mail-contents.ts";
import { LINK, PLAIN } from "../support/outbox.ts";

const URL = "https://auth.example.com";

const message = (content: MailContent, language: Language = "en", brand = PLAIN.brand) =>
  messageFor(content, { brand, url: URL, language });

const rendered = (content: MailContent, sender: Partial<Sender> = {}, language: Language = "en") => {
  const whole = { ...PLAIN, ...sender };
  return render(message(content, language, whole.brand), whole);
};

/** What a reader of the HTML sees: tags out, entities in. */
const visible = (html: string): string =>
  html
    .replace(/^[^]*<body[^>]*>/, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ");

const linksOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, link = ""]) => link);

describe.each(LANGUAGES.map((language) => [language]))("every mail in %s", (language) => {
  for (const content of CONTENTS) {
    test(`${JSON.stringify(content)} says the same in both forms, leads on, and says what to do if it was not you`, () => {
      const { subject, text, html } = rendered(content, {}, language);
      expect(subject).toMatch(/^\p{Lu}.{10,80}$/u);
      expect(html).toContain(`<html lang="${language}">`);
      const seen = visible(html);
      const { title, blocks } = message(content, language);
      expect(subject).toStartWith(title);
      expect(seen).toContain(title);
      for (const block of blocks) {
        for (const words of Object.values(block)) {
          expect(seen).toContain(words);
          expect(text.replaceAll("\n", " ")).toContain(words);
        }
      }
      const leads = blocks.filter((block) => "link" in block || "code" in block);
      expect(leads).toHaveLength(1);
      expect(text).toMatch(/^(If (you|this)|Wenn Sie)/m);
      expect(`${subject}${text}`).not.toMatch(/undefined|null|NaN|\[object/);
      for (const line of text.split("\n")) {
        if (!line.startsWith("http")) expect(line.length).toBeLessThanOrEqual(76);
      }
    });
  }

  test("holds the links of its plain text, and besides them asks nobody for anything", () => {
    for (const content of CONTENTS) {
      const { text, html } = rendered(content, {}, language);
      const links = text.match(/https?:\/\/\S+/g) ?? [];
      expect(linksOf(html)).toEqual(links.flatMap((link) => [link, link]));
      expect(html).not.toMatch(/\ssrc=|@import|url\(|<link|<script|http-equiv/i);
    }
  });
});

test("English is plain ASCII, so that it needs no encoding anywhere", () => {
  for (const content of CONTENTS) {
    const { subject, text, html } = rendered(content);
    expect(`${subject}${text}${html}`).toMatch(/^[\n -~]+$/);
  }
});

test("times are said with their zone, in the words of the language", () => {
  const { text } = rendered(EVERY.impersonated);
  expect(text).toContain("On January 31, 2026 at 08:00 UTC,");
  expect(rendered(EVERY.impersonated, {}, "de").text).toContain("Am 31. Januar 2026 um 08:00 UTC begann");
});

test("notices lead to pages of ours", () => {
  const led: [MailContent, string][] = [
    [EVERY.password_changed, "/account"],
    [EVERY.already_registered, "/t/acme/login"],
    [EVERY.login_waiting, `/approve?id=${EVERY.login_waiting.id}`],
  ];
  for (const [content, path] of led) {
    expect(rendered(content).text.split("\n")).toContain(`${URL}${path}`);
  }
});

test("a link stands once as a button, once to be copied, and alone on a line of the plain text", () => {
  const { text, html } = rendered(EVERY.reset_password);
  expect(linksOf(html)).toEqual([LINK, LINK]);
  expect(text.split("\n")).toContain(LINK);
});

test("a code stands out in both forms, and is copied as it is typed", () => {
  const { text, html } = rendered(EVERY.code);
  expect(text).toContain("\n    012345\n");
  expect(html).toMatch(/letter-spacing[^>]*>012345</);
});

test("the colors of a mail are those of the pages, light and dark", async () => {
  const css = await Bun.file(new globalThis.URL("../../src/pages/page.css", import.meta.url)).text();
  const { html } = rendered(EVERY.reset_password);
  for (const property of ["ground", "surface", "text", "quiet"]) {
    const colors = [...css.matchAll(new RegExp(`--${property}: (#[\\da-f]{6});`, "g"))].map(
      ([, color]) => color,
    );
    expect(colors).toHaveLength(2);
    for (const color of colors) expect(html).toContain(`${color}`);
  }
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
});

describe("branding", () => {
  const colors: [string | null, string][] = [
    ["#ffcc00", "background:#ffcc00;color:#000000"],
    ["#123456", "background:#123456;color:#ffffff"],
    ["#ABCDEF", "background:#abcdef;color:#000000"],
    [null, "background:#1f5fbf;color:#ffffff"],
    ["#FFF", "background:#1f5fbf;color:#ffffff"],
    ["red", "background:#1f5fbf;color:#ffffff"],
    ['#12345"', "background:#1f5fbf;color:#ffffff"],
    ["#123456;background:url(https://evil.example)", "background:#1f5fbf;color:#ffffff"],
    ["#123456\n", "background:#1f5fbf;color:#ffffff"],
  ];
  for (const [color, style] of colors) {
    test(`color ${JSON.stringify(color)} gives a button that can be read`, () => {
      expect(rendered(EVERY.reset_password, { color }).html).toContain(style);
    });
  }

  test("an https logo is shown beside the name", () => {
    const { html } = rendered(EVERY.reset_password, { logoUrl: "https://cdn.example/a.png?a=1&b=2" });
    expect(html).toMatch(/<img src="https:\/\/cdn\.example\/a\.png\?a=1&amp;b=2" alt=""[^>]*>Acme</);
  });

  test("a logo URL cannot leave its attribute", () => {
    for (const logoUrl of ['https://cdn.example/"onerror="alert(1)', 'https://"onerror="alert(1)']) {
      expect(rendered(EVERY.reset_password, { logoUrl }).html).not.toContain('"onerror');
    }
  });

  const noLogos = [
    "http://cdn.example/a.png",
    "javascript:alert(1)",
    "data:image/png;base64,AA",
    "//cdn.example/a.png",
    "https://user:pw@cdn.example/a.png",
    "",
  ];
  for (const logoUrl of noLogos) {
    test(`no logo from ${JSON.stringify(logoUrl)}`, () => {
      expect(rendered(EVERY.reset_password, { logoUrl }).html).not.toContain("<img");
    });
  }
});

describe("hostile names", () => {
  const names = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='https://evil.example'>click</a>",
    "Eve\r\nBcc: victim@example.com\r\n\r\nnew body",
    "Eve\u2028Eve\u0085Eve\u0000Eve\u001b[31m",
    "\u202egnp.exe\u2066",
    "\ud800 half a pair",
    "a".repeat(10_000),
    "😀".repeat(1000),
  ];
  for (const name of names) {
    test(`${JSON.stringify(name).slice(0, 40)} stays a name`, () => {
      const contents: MailContent[] = [
        { ...EVERY.invitation, tenantName: name, invitedBy: name },
        { ...EVERY.key_created, keyName: name },
        { ...EVERY.already_registered, tenantSlug: name },
        { ...EVERY.login_waiting, userAgent: name },
        EVERY.verify_email,
      ];
      for (const content of contents) {
        for (const language of LANGUAGES) {
          const honest = rendered(EVERY[content.kind], {}, language);
          const { subject, text, html } = rendered(content, { brand: name }, language);
          const tags = (html: string) => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/ .*/, ""));
          expect(tags(html)).toEqual(tags(honest.html));
          expect(subject).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u202a-\u202e\u2066-\u2069]/u);
          expect(subject.length).toBeLessThan(300);
          expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cs}|[\u2028\u202a-\u202e\u2066-\u2069]/u);
          expect(text).not.toMatch(/^Bcc/m);
          const words = text.replaceAll(/^http.*$/gm, "");
          expect(words.length).toBeLessThan(honest.text.length + 600);
        }
      }
    });
  }
});
