// From the outbox to a mailbox over real SMTP, and what happens when the server at the other end does not want to.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { type Context, openContext, transaction } from "../../src/context.ts";
import { createLog } from "../../src/log.ts";
import { startServer } from "../../src/server.ts";
import { enqueue } from "../../src/core/outbox.ts";
import { startDelivery } from "../../src/mail/delivery.ts";
import { CONTENTS } from "../support/mail-contents.ts";
import { type Mode, openMailbox, tokenIn } from "../support/mailbox.ts";
import { entry, HOUR_MS, LINK, newMail, PLAIN, queue, TOKEN, until } from "../support/outbox.ts";
import { freePort, startProgram } from "../support/process.ts";
import { rejection } from "../support/rejected.ts";
import { MAIL_FROM, SECRET, world, worldWithMail, worldWithoutServer } from "../support/world.ts";
import { openBeside } from "../support/beside.ts";

const ADA = "ada@example.com";
const bodyOf = async (ctx: Context, id: string) =>
  (await ctx.db.get<{ body: string | null }>`select body_sealed as body from outbox where id = ${id}`)?.body;

describe("a mail", () => {
  test("of a committed transaction arrives once, with both forms and its headers, and its body is wiped", async () => {
    await using w = await worldWithMail();
    const id = await queue(w.ctx);
    const mail = await w.mailbox.waitFor(ADA, "new password");
    expect(mail).toMatchObject({ sender: MAIL_FROM, from: { name: "Acme", address: MAIL_FROM } });
    expect(mail.messageId).toBe(`<${id}@localhost>`);
    expect(mail.parsed.headers.get("auto-submitted")).toBe("auto-generated");
    expect(tokenIn(mail)).toBe(TOKEN);
    expect(mail.html).toContain(LINK);
    expect(mail.raw).toContain(`\r\n${LINK}\r\n`);
    await until(async () => (await entry(w.ctx, id)).status === "sent");
    expect(await bodyOf(w.ctx, id)).toBeNull();
    await Bun.sleep(600);
    w.clock.advance(2 * HOUR_MS);
    await Bun.sleep(600);
    expect(w.mailbox.mails).toHaveLength(1);
  });

  test("in German goes through servers that take seven bits only, and arrives as it was written", async () => {
    await using w = await worldWithMail();
    const sender = { ...PLAIN, brand: "Bäckerei Groß" };
    await queue(w.ctx, { language: "de", sender });
    const mail = await w.mailbox.waitFor(ADA);
    expect(mail.raw).toMatch(/^[\t\r\n -~]+$/);
    expect(mail).toMatchObject({
      subject: "Neues Passwort für Bäckerei Groß",
      from: { name: "Bäckerei Groß", address: MAIL_FROM },
    });
    expect(mail.text).toContain("Wenn Sie das nicht waren, müssen Sie nichts tun");
    expect(mail.text.split("\n")).toContain(LINK);
    expect(mail.html).toContain(`href="${LINK}"`);
    for (const kind of CONTENTS) {
      await queue(w.ctx, { language: "de", content: kind, sender });
      const { raw, text } = await w.mailbox.waitFor(ADA);
      expect(raw).toMatch(/^[\t\r\n -~]+$/);
      expect(Math.max(...raw.split("\r\n").map(({ length }) => length))).toBeLessThanOrEqual(998);
      expect(text).toMatch(/^Wenn Sie/m);
    }
  });

  test("queued before mails had a language, or in one that is gone, is English", async () => {
    await using w = await worldWithMail({ LANGUAGE: "de" });
    for (const language of [undefined, "tlh", "constructor"]) {
      await queue(w.ctx, { language: language as string });
      expect((await w.mailbox.waitFor(ADA)).subject).toBe("Set a new password for Acme");
    }
  });

  test("of a transaction that fell through is never sent", async () => {
    await using w = await worldWithMail();
    const failing = transaction(w.ctx, async (ctx) => {
      await enqueue(ctx, newMail(ctx, { to: "nobody@example.com" }));
      throw new Error("no");
    });
    expect(await rejection(failing)).toBe("no");
    await queue(w.ctx);
    await w.mailbox.waitFor(ADA);
    await Bun.sleep(600);
    expect(w.mailbox.mails.map(({ to }) => to)).toEqual([ADA]);
  });

  test("goes out in the name of its tenant", async () => {
    await using w = await worldWithMail();
    await queue(w.ctx, { sender: { ...PLAIN, name: "Acme Support, Ltd", address: "support@acme.example" } });
    expect(await w.mailbox.waitFor(ADA)).toMatchObject({
      sender: "support@acme.example",
      from: { name: "Acme Support, Ltd", address: "support@acme.example" },
    });
    await queue(w.ctx, { sender: { ...PLAIN, name: "Acme Support" } });
    expect((await w.mailbox.waitFor(ADA)).from).toEqual({ name: "Acme Support", address: MAIL_FROM });
  });

  test("whose tenant's address is none goes out under the instance's", async () => {
    await using w = await worldWithMail();
    for (const address of [
      "a@b.example\r\nBcc: victim@example.com",
      "a@b.example, victim@example.com",
      "x",
      "",
    ]) {
      await queue(w.ctx, { sender: { ...PLAIN, address } });
      expect(await w.mailbox.waitFor(ADA)).toMatchObject({ sender: MAIL_FROM, from: { address: MAIL_FROM } });
    }
    expect(w.mailbox.mails.map(({ to }) => to)).toEqual([ADA, ADA, ADA, ADA]);
  });

  test("that is of no use any more is not sent", async () => {
    await using w = await worldWithMail();
    w.mailbox.mode = { do: "reject", code: 451 };
    const id = await queue(w.ctx);
    await until(async () => (await entry(w.ctx, id)).lastError !== null);
    w.mailbox.mode = { do: "accept" };
    w.clock.advance(HOUR_MS);
    await until(async () => (await entry(w.ctx, id)).status === "expired");
    expect(await bodyOf(w.ctx, id)).toBeNull();
    expect(w.mailbox.mails).toEqual([]);
    expect(w.log.join("")).toContain('"event":"mail expired"');
  });

  test("leaves lines in the log that name neither people nor secrets", async () => {
    await using w = await worldWithMail();
    w.mailbox.mode = { do: "reject", code: 451, text: `4.2.1 <${ADA}> is busy, ${LINK} looks odd` };
    const id = await queue(w.ctx, { to: ADA });
    await until(async () => (await entry(w.ctx, id)).lastError !== null);
    expect((await entry(w.ctx, id)).lastError).toBe("RCPT TO: 451 4.2.1 <...> is busy, ... looks odd");
    w.mailbox.mode = { do: "accept" };
    w.clock.advance(6_000);
    await w.mailbox.waitFor(ADA);
    await until(() => w.log.some((line) => line.includes('"event":"mail sent"')));
    const log = w.log.join("");
    expect(log).toContain('"event":"mail delayed"');
    expect(log).toContain(id);
    for (const secret of [ADA, "example.com", TOKEN, "Acme"]) expect(log).not.toContain(secret);
  });
});

describe("a server that says no", () => {
  const answers: [string, Mode, "failed" | "queued"][] = [
    ["to the recipient for good", { do: "reject", code: 550, text: "5.1.1 no such user" }, "failed"],
    ["to the recipient for good, without saying why", { do: "reject", code: 550 }, "failed"],
    ["to the message for good", { do: "reject", code: 554, at: "DATA" }, "failed"],
    ["to the recipient for now", { do: "reject", code: 452 }, "queued"],
    ["to the message for now", { do: "reject", code: 451, at: "DATA" }, "queued"],
    ["to our sender", { do: "reject", code: 550, at: "MAIL" }, "queued"],
    ["to relaying for us", { do: "reject", code: 550, text: "relay not permitted" }, "queued"],
    ["to us by policy", { do: "reject", code: 554, text: "5.7.1 Access denied" }, "queued"],
    ["until we log in", { do: "reject", code: 530, text: "Must issue a STARTTLS first" }, "queued"],
  ];
  for (const [what, mode, status] of answers) {
    test(`${what}: the mail is ${status === "failed" ? "given up at once" : "tried again"}`, async () => {
      await using w = await worldWithMail();
      w.mailbox.mode = mode;
      const id = await queue(w.ctx);
      await until(async () => (await entry(w.ctx, id)).lastError !== null);
      const { lastError, attempts, status: now, nextAttemptAt, createdAt } = await entry(w.ctx, id);
      expect([now, attempts]).toEqual([status, 1]);
      if (mode.do === "reject") expect(lastError).toContain(` ${mode.code} `);
      if (status === "failed") expect(await bodyOf(w.ctx, id)).toBeNull();
      else expect(nextAttemptAt - createdAt).toBeGreaterThanOrEqual(5_000);
      w.mailbox.mode = { do: "accept" };
      w.clock.advance(10_000);
      if (status === "queued") expect((await w.mailbox.waitFor(ADA)).messageId).toContain(id);
      else await Bun.sleep(600);
      expect(w.mailbox.mails).toHaveLength(status === "queued" ? 1 : 0);
    });
  }

  test("or is not there at all", async () => {
    await using w = await world({ SMTP_URL: `smtp://localhost:${await freePort()}`, MAIL_FROM });
    const id = await queue(w.ctx);
    await until(async () => (await entry(w.ctx, id)).lastError !== null);
    expect(await entry(w.ctx, id)).toMatchObject({ status: "queued", attempts: 1 });
    expect((await entry(w.ctx, id)).lastError).toContain("ECONNREFUSED");
  });
});

test("a mail whose acknowledgement is lost is sent again, and can be told by its Message-ID and date", async () => {
  await using w = await worldWithMail();
  w.mailbox.mode = { do: "drop" };
  const id = await queue(w.ctx);
  await until(async () => (await entry(w.ctx, id)).lastError !== null);
  w.mailbox.mode = { do: "accept" };
  w.clock.advance(6_000);
  const first = await w.mailbox.waitFor(ADA);
  const second = await w.mailbox.waitFor(ADA);
  expect(first.messageId).toBe(`<${id}@localhost>`);
  expect(second.messageId).toBe(first.messageId);
  expect(second.parsed.date).toEqual(first.parsed.date);
  await until(async () => (await entry(w.ctx, id)).status === "sent");
  expect(await entry(w.ctx, id)).toMatchObject({ attempts: 2, lastError: null });
});

describe("a server that hangs", () => {
  for (const at of ["connect", "DATA"] as const) {
    test(`at ${at} holds up mail and nothing else, not even the end`, async () => {
      await using mailbox = await openMailbox();
      const w = await world({ SMTP_URL: mailbox.url, MAIL_FROM });
      mailbox.mode = { do: "hang", at };
      const ids = await Promise.all(Array.from({ length: 6 }, () => queue(w.ctx)));
      await until(() => mailbox.connections === 4);
      const started = performance.now();
      for (let i = 0; i < 20; i++) {
        expect((await w.send("GET", "/readyz")).status).toBe(200);
        expect((await w.send("GET", "/api/v1/auth/setup-status/")).status).toBe(200);
      }
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(mailbox.connections).toBe(4);
      for (const id of ids) expect((await entry(w.ctx, id)).status).toBe("queued");
      await w[Symbol.asyncDispose]();
      expect(w.log.filter((line) => line.includes("cut off when the server stopped"))).toHaveLength(4);
    }, 20_000);
  }
});
test("stopping waits for the mail that is just being delivered, and starts no other", async () => {
  await using w = worldWithoutServer();
  const { ctx } = w;
  const ids = await Promise.all(Array.from({ length: 6 }, () => queue(ctx)));
  let begun = 0;
  const delivery = startDelivery(ctx, async () => {
    begun++;
    await Bun.sleep(300);
  });
  await until(() => begun === 4);
  await delivery.stop();
  const statuses = await Promise.all(ids.map(async (id) => (await entry(ctx, id)).status));
  expect(statuses.toSorted()).toEqual(["queued", "queued", "sent", "sent", "sent", "sent"]);
  await Bun.sleep(400);
  expect(begun).toBe(4);
});

test("several processes deliver from one database, each mail once", async () => {
  await using w = await worldWithMail();
  const { config, log, now } = w.ctx;
  const others = [1, 2].map(() => openContext({ config, secret: SECRET, log, now }));
  const deliveries = others.map(({ ctx }) => startDelivery(ctx));
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, i) => queue(w.ctx, { to: `u${i}@example.com` })),
  );
  await until(() => w.mailbox.mails.length >= ids.length);
  await Bun.sleep(600);
  await Promise.all(deliveries.map(({ stop }) => stop()));
  await Promise.all(others.map(({ close }) => close()));
  expect(w.mailbox.mails.map(({ messageId }) => messageId).toSorted()).toEqual(
    ids.map((id) => `<${id}@localhost>`).toSorted(),
  );
});

test("what a process was delivering when it was killed goes out later, under the same Message-ID", async () => {
  await using mailbox = await openMailbox();
  mailbox.mode = { do: "hang", at: "DATA" };
  const program = await startProgram({
    env: { OSTIARY_SMTP_URL: mailbox.url, OSTIARY_MAIL_FROM: MAIL_FROM, OSTIARY_SECRET: SECRET },
  });
  const data = join(program.directory, "data");
  const port = await freePort();
  const config = loadConfig({
    env: {},
    flags: { DATA: data, SECRET, SMTP_URL: mailbox.url, MAIL_FROM, PORT: String(port) },
    readFile: () => "",
    cwd: data,
  });
  const lines: string[] = [];
  const clock = { skewMs: 0 };
  const now = () => Date.now() + clock.skewMs;
  const log = createLog({ level: "debug", pretty: false, now, write: (line) => void lines.push(line) });
  const { ctx, close } = openContext({ config, secret: SECRET, log, now });
  const id = await queue(ctx);
  await until(async () => (await entry(ctx, id)).attempts === 1 && mailbox.connections === 1);
  await Bun.sleep(200);
  await program.end("SIGKILL");
  const file = openBeside(join(data, "ostiary.db"), { readonly: true });
  expect(file.query("select status, attempts, last_error from outbox").all()).toEqual([
    { status: "queued", attempts: 1, last_error: null },
  ]);
  file.close();

  mailbox.mode = { do: "accept" };
  const server = startServer(ctx);
  await Bun.sleep(600);
  expect(mailbox.mails).toEqual([]);
  clock.skewMs = 61_000;
  expect((await mailbox.waitFor(ADA)).messageId).toBe(`<${id}@localhost>`);
  await until(async () => (await entry(ctx, id)).status === "sent");
  expect((await entry(ctx, id)).attempts).toBe(2);
  await server.stop();
  await close();
}, 30_000);

describe("TLS and login", () => {
  const auth = { user: "ostiary@example.com", password: "p/w:@ %ä" };

  test("STARTTLS is used where it is offered, and the login only then", async () => {
    await using mailbox = await openMailbox({ startTls: true, auth });
    await using w = await world({ SMTP_URL: mailbox.url, MAIL_FROM });
    const id = await queue(w.ctx);
    expect((await mailbox.waitFor(ADA)).parsed.headers.get("received")).toBeUndefined();
    await until(async () => (await entry(w.ctx, id)).status === "sent");
    expect(mailbox.sessions).toEqual([{ isSecure: true, user: auth.user }]);
  });

  test("smtps:// with a login", async () => {
    await using mailbox = await openMailbox({ tls: true, auth });
    await using w = await world({ SMTP_URL: mailbox.url, MAIL_FROM });
    await queue(w.ctx);
    await mailbox.waitFor(ADA);
    expect(mailbox.sessions).toEqual([{ isSecure: true, user: auth.user }]);
  });

  test("a wrong password is the operator's to mend: the mail waits", async () => {
    await using mailbox = await openMailbox({ tls: true, auth });
    await using w = await world({ SMTP_URL: mailbox.url.replace("p%2Fw", "wrong"), MAIL_FROM });
    const id = await queue(w.ctx);
    await until(async () => (await entry(w.ctx, id)).lastError !== null);
    expect(await entry(w.ctx, id)).toMatchObject({
      status: "queued",
      lastError: "AUTH PLAIN: 535 5.7.8 Authentication failed",
    });
    expect(w.log.join("")).not.toContain("wrong");
  });

  test("a certificate that nobody signed will do on this machine, unless the URL says otherwise", async () => {
    await using mailbox = await openMailbox({ tls: true });
    const url = `${mailbox.url}/?tls.rejectUnauthorized=true`;
    await using w = await world({ SMTP_URL: url, MAIL_FROM });
    const id = await queue(w.ctx);
    await until(async () => (await entry(w.ctx, id)).lastError !== null);
    expect((await entry(w.ctx, id)).lastError).toMatch(/certificate/i);
    expect(mailbox.mails).toEqual([]);
  });
});
