// Without a mail server: one .eml file per mail. Read back by another program's parser, which sees what a mail client would.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import type { MailId } from "../../src/core/ids.ts";
import { LANGUAGES } from "../../src/texts/texts.ts";
import { CONTENTS } from "../support/mail-contents.ts";
import { tokenIn } from "../support/mailbox.ts";
import { entry, HOUR_MS, LINK, PLAIN, queue, TOKEN, until } from "../support/outbox.ts";
import { type World, worldWithFiles } from "../support/world.ts";

const written = async (w: World, id: MailId): Promise<Buffer> => {
  await until(async () => (await entry(w.ctx, id))?.status === "sent");
  return readFileSync(join(w.ctx.config.outboxDirectory, `${id}.eml`));
};

test("each mail becomes a file of its own, whole, and for the eyes of its owner", async () => {
  await using w = await worldWithFiles();
  const ids = [await queue(w.ctx), await queue(w.ctx, { to: "grace@example.com" })];
  for (const id of ids) await written(w, id);
  const directory = w.ctx.config.outboxDirectory;
  expect(readdirSync(directory).toSorted()).toEqual(ids.map((id) => `${id}.eml`).toSorted());
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const id of ids) expect(statSync(join(directory, `${id}.eml`)).mode & 0o777).toBe(0o600);
  expect(w.log.join("")).toContain("no mail server: mails become files");
});

test("the file is a mail with all its headers, and its link can be copied out of it", async () => {
  await using w = await worldWithFiles({ URL: "https://auth.example.com" });
  w.clock.advance(48 * HOUR_MS);
  const id = await queue(w.ctx);
  const bytes = await written(w, id);
  expect(bytes.toString()).toContain(`\r\n${LINK}\r\n`);
  const mail = await simpleParser(bytes);
  expect(mail.messageId).toBe(`<${id}@auth.example.com>`);
  expect(mail.from?.value).toEqual([{ name: "Acme", address: "no-reply@auth.example.com" }]);
  expect(mail.to).toMatchObject({ value: [{ name: "", address: "ada@example.com" }] });
  expect(mail.subject).toBe("Set a new password for Acme");
  expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
  const { createdAt } = (await entry(w.ctx, id)) ?? {};
  expect(mail.date?.getTime()).toBe(Math.floor((createdAt ?? 0) / 1000) * 1000);
  expect(tokenIn({ text: mail.text ?? "" })).toBe(TOKEN);
  expect(mail.html || "").toContain(LINK);
});

test("in German too its link can be copied out of it, and every umlaut is read as one", async () => {
  await using w = await worldWithFiles();
  const id = await queue(w.ctx, { language: "de", sender: { ...PLAIN, brand: "Bäckerei Groß" } });
  const bytes = await written(w, id);
  expect(bytes.toString("utf8")).toContain(`\r\n${LINK}\r\n`);
  expect(bytes.toString("latin1")).toContain("Content-Transfer-Encoding: 8bit\r\n");
  const mail = await simpleParser(bytes);
  expect(mail.subject).toBe("Neues Passwort für Bäckerei Groß");
  expect(mail.from?.value[0]?.name).toBe("Bäckerei Groß");
  expect(mail.text).toContain("Wenn Sie das nicht waren, müssen Sie nichts tun");
  expect(mail.html || "").toContain("müssen Sie nichts tun");
});

test("every kind of mail in every language is made of lines that any server takes", async () => {
  await using w = await worldWithFiles();
  const long = { ...PLAIN, brand: "ß😀".repeat(500) };
  const ids: MailId[] = [];
  for (const language of LANGUAGES) {
    for (const content of CONTENTS) ids.push(await queue(w.ctx, { language, content, sender: long }));
  }
  for (const id of ids) {
    // RFC 5322 §2.1.1, in octets.
    const lines = (await written(w, id)).toString("latin1").split("\r\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
    expect(lines.join("")).not.toMatch(/[\r\n]/);
  }
});

test("what cannot be written is delayed, says why, and is written later", async () => {
  await using w = await worldWithFiles();
  const directory = w.ctx.config.outboxDirectory;
  writeFileSync(directory, "a file in its place");
  const id = await queue(w.ctx);
  await until(async () => (await entry(w.ctx, id))?.lastError !== null);
  expect(await entry(w.ctx, id)).toMatchObject({
    status: "queued",
    attempts: 1,
    lastError: `cannot write into ${directory}: EEXIST`,
  });
  rmSync(directory);
  w.clock.advance(6_000);
  await written(w, id);
  expect(readdirSync(directory)).toEqual([`${id}.eml`]);
});

describe("hostile names never become headers or recipients", () => {
  const names = [
    "Eve\r\nBcc: victim@example.com",
    "Eve\nBcc: victim@example.com\n\n<h1>body</h1>",
    'Eve" <victim@example.com>, "',
    "Eve <victim@example.com>, victim@example.com",
    "Eve\u0000\u0007\u2028Bcc: x",
    "=?utf-8?q?Eve=0D=0ABcc:_victim@example.com?=",
    "\u202eevE",
    "Ève 😀",
    "a".repeat(2000),
    "",
  ];
  for (const name of names) {
    test(JSON.stringify(name).slice(0, 50), async () => {
      await using w = await worldWithFiles();
      const id = await queue(w.ctx, {
        sender: { ...PLAIN, brand: name, name },
        content: { kind: "invitation", link: LINK, tenantName: name, role: "member", invitedBy: name },
      });
      const bytes = await written(w, id);
      const mail = await simpleParser(bytes);
      expect([...mail.headers.keys()].toSorted()).toEqual([
        "auto-submitted",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
      ]);
      expect(mail.bcc).toBeUndefined();
      expect(mail.from?.value.map(({ address }) => address)).toEqual(["no-reply@localhost"]);
      expect(mail.to).toMatchObject({ value: [{ address: "ada@example.com" }] });
      expect(mail.from?.value[0]?.name ?? "").not.toMatch(/[\p{Cc}\u2028\u202e]/u);
      const [head = ""] = bytes.toString("latin1").split("\r\n\r\n");
      expect(head.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(tokenIn({ text: mail.text ?? "" })).toBe(TOKEN);
    });
  }
});
