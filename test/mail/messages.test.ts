// The words of every mail, and the two forms they are given.
import { describe, expect, test } from "bun:test";
import type { MailContent, Sender } from "../../src/core/outbox.ts";
import { messageFor } from "../../src/mail/messages.ts";
import { render } from "../../src/mail/render.ts";
import { LINK, PLAIN } from "../support/outbox.ts";

const EVERY: { [K in MailContent["kind"]]: Extract<MailContent, { kind: K }> } = {
  verify_email: { kind: "verify_email", link: LINK },
  already_registered: { kind: "already_registered", tenantSlug: "acme" },
  reset_password: { kind: "reset_password", link: LINK, minutes: 30 },
  password_changed: { kind: "password_changed" },
  invitation: {
    kind: "invitation",
    link: LINK,
    tenantName: "Acme Ltd",
    role: "member",
    invitedBy: "Grace Hopper",
  },
  key_created: { kind: "key_created", keyName: "backup script" },
  code: { kind: "code", code: "012345", purpose: "login", minutes: 10 },
  magic_code: { kind: "magic_code", code: "012345", minutes: 10 },
  login_waiting: {
    kind: "login_waiting",
    id: "lrq_019ab0000000700080000000000000ab",
    address: "198.51.100.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    minutes: 5,
  },
  factor_changed: { kind: "factor_changed", change: "passkey_added" },
  backup_code_used: { kind: "backup_code_used", left: 9 },
  signed_in_elsewhere: {
    kind: "signed_in_elsewhere",
    address: "198.51.100.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    at: Date.parse("2026-01-31T08:00:59.999Z"),
  },
  impersonated: { kind: "impersonated", by: "admin", at: Date.parse("2026-01-31T08:00:59.999Z") },
};

const rendered = (content: MailContent, sender: Partial<Sender> = {}) => {
  const whole = { ...PLAIN, ...sender };
  return render(messageFor(content, whole.brand), whole);
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

describe("every mail", () => {
  for (const content of Object.values(EVERY)) {
    test(`${content.kind} says the same in both forms, and what to do if it was not you`, () => {
      const { subject, text, html } = rendered(content);
      expect(subject).toMatch(/^[A-Z][ -~]{10,80}$/);
      expect(text).toMatch(/^[\n -~]+$/);
      const seen = visible(html);
      for (const block of messageFor(content, "Acme").blocks) {
        const words = "paragraph" in block ? block.paragraph : "link" in block ? block.link : block.code;
        expect(seen).toContain(words);
        expect(text.replaceAll("\n", " ")).toContain(words);
      }
      expect(text).toMatch(/^If (you|this)/m);
      for (const line of text.split("\n")) {
        if (!line.startsWith("http")) expect(line.length).toBeLessThanOrEqual(76);
      }
    });
  }

  test("with a link has it once as a button, once to be copied, and alone on a line of the plain text", () => {
    const { text, html } = rendered(EVERY.reset_password);
    expect(html.split(`href="${LINK}"`)).toHaveLength(3);
    expect(text.split("\n")).toContain(LINK);
  });

  test("leaves the colours of text and page to the reader's client, light or dark", () => {
    const { html } = rendered(EVERY.reset_password);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html.match(/(?<!-)color:#/g)).toHaveLength(1);
    expect(html.match(/background/g)).toHaveLength(1);
  });
});

test("a code stands out in both forms", () => {
  const { text, html } = render({ subject: "Code", blocks: [{ code: "123456" }] }, PLAIN);
  expect(text).toContain("\n    123456\n".trimStart());
  expect(html).toMatch(/font:bold[^>]*>123456</);
});

describe("branding", () => {
  const colors: [string | null, string][] = [
    ["#ffcc00", "background:#ffcc00;color:#000000"],
    ["#123456", "background:#123456;color:#ffffff"],
    ["#FFF", "background:#FFF;color:#000000"],
    [null, "background:#1f5fbf;color:#ffffff"],
    ["red", "background:#1f5fbf;color:#ffffff"],
    ['#12345"', "background:#1f5fbf;color:#ffffff"],
    ["#123456;background:url(https://evil.example)", "background:#1f5fbf;color:#ffffff"],
    ["#123456\n", "background:#1f5fbf;color:#ffffff"],
  ];
  for (const [color, style] of colors) {
    test(`colour ${JSON.stringify(color)} gives a button that can be read`, () => {
      expect(rendered(EVERY.reset_password, { color }).html).toContain(style);
    });
  }

  test("an https logo is shown, with the name for those who load no images", () => {
    const { html } = rendered(EVERY.reset_password, { logoUrl: "https://cdn.example/a.png?a=1&b=2" });
    expect(html).toContain('<img src="https://cdn.example/a.png?a=1&amp;b=2" alt="Acme"');
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
        { ...EVERY.invitation, tenantName: name, invitedBy: name, role: name },
        { ...EVERY.key_created, keyName: name },
        { ...EVERY.already_registered, tenantSlug: name },
        { ...EVERY.login_waiting, userAgent: name },
        EVERY.verify_email,
      ];
      for (const content of contents) {
        const honest = rendered(EVERY[content.kind]);
        const { subject, text, html } = rendered(content, { brand: name });
        const tags = (html: string) => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/ .*/, ""));
        expect(tags(html)).toEqual(tags(honest.html));
        expect(subject).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u202a-\u202e\u2066-\u2069]/u);
        expect(subject.length).toBeLessThan(300);
        expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cs}|[\u2028\u202a-\u202e\u2066-\u2069]/u);
        expect(text).not.toMatch(/^Bcc/m);
        expect(text.length).toBeLessThan(honest.text.length + 600);
      }
    });
  }
});
