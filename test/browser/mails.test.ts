// The HTML of every mail in a browser: readable, reachable, light and dark, on a phone and beside it.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageFor } from "../../src/mail/messages.ts";
import { render } from "../../src/mail/render.ts";
import { LANGUAGES } from "../../src/texts/texts.ts";
import { describeInBrowser } from "../support/browser.ts";
import { EVERY } from "../support/mail-contents.ts";
import { PLAIN } from "../support/outbox.ts";
import { type Look, openPage } from "../support/page-view.ts";

const LOOKS: (Look & { color: string | null })[] = [
  { width: 360, scheme: "light", color: "#ffd400" },
  { width: 360, scheme: "dark", color: null },
  { width: 800, scheme: "light", color: null },
  { width: 800, scheme: "dark", color: "#0b3d2e" },
];

describeInBrowser("every mail", () => {
  for (const { color, ...look } of LOOKS) {
    test(`can be read at ${look.width} px, ${look.scheme}`, async () => {
      const directory = mkdtempSync(join(tmpdir(), "ostiary-mails-"));
      await using page = await openPage(look);
      for (const language of LANGUAGES) {
        for (const content of Object.values(EVERY)) {
          const message = messageFor(content, { brand: "Acme", url: "https://auth.example.com", language });
          const name = `mail-${content.kind}-${language}`;
          const file = join(directory, `${name}.html`);
          await Bun.write(file, render(message, { ...PLAIN, color }).html);
          await page.open(`file://${file}`);
          expect([name, await page.faults(name)]).toEqual([name, []]);
        }
      }
      expect(page.complaints).toEqual([]);
      rmSync(directory, { recursive: true });
    });
  }
});
