// In which language people are written to: their own, whoever causes the mail.
import { describe, expect, test } from "bun:test";
import { keepLanguage } from "../../src/core/accounts.ts";
import { openBody } from "../../src/core/outbox.ts";
import { tokenIn } from "../support/mailbox.ts";
import { makeTenant, PASSWORD } from "../support/people.ts";
import { portals } from "../support/portals.ts";
import { ADA, enrolEmail, enrolTotp, superuserKey, type Town, town } from "../support/second-factors.ts";
import { tenantOf } from "../support/tenant-group.ts";

const NEW = "new@example.com";

/** A client whose browser asks for these languages, and has chosen this one on a page. */
const speaking = (accepted: string, chosen?: string) => ({
  headers: { "accept-language": accepted, ...(chosen && { cookie: `ostiary_language=${chosen}` }) },
});
const GERMAN = speaking("de-AT,de;q=0.9,en;q=0.8");
const ENGLISH = speaking("en-US,en;q=0.9");

const languageOf = async ({ ctx }: Town, email: string) =>
  (await ctx.db.get<{ language: string | null }>`select language from users where email = ${email}`)
    ?.language;

const speaks = ({ ctx }: Town, email: string, language: string | null) =>
  ctx.db.run`update users set language = ${language} where email = ${email}`;

/** Kind and language of every mail so far, the oldest first. */
async function mailed({ ctx }: Town): Promise<string[]> {
  const rows = await ctx.db.all<Parameters<typeof openBody>[1]>`
    select id, kind, body_sealed as "bodySealed" from outbox order by id`;
  return rows.map((row) => `${row.kind} ${openBody(ctx, row).language}`);
}

/** Mail stays in the outbox, where its language can be seen. */
const quietTown = (settings: Parameters<typeof town>[0] = {}) =>
  town({ SMTP_URL: "smtp://127.0.0.1:9", LIMIT_MAIL_GAP: "0", ...settings });

/** What a superuser whose browser is English, or German, does to an account. */
const byAdmin = async (w: Town, method: string, path: string, from = ENGLISH) =>
  w.send(method, `/api/v1/admin${path}`, { key: await superuserKey(w), ...from });

describe("registration", () => {
  test("in a German browser is answered by a German mail, and the account goes on in German", async () => {
    await using w = await town();
    await tenantOf(w, "acme", GERMAN).register({ email: NEW });
    const mail = await w.mailbox.waitFor(NEW);
    expect(mail.subject).toBe("Bestätigen Sie Ihre E-Mail-Adresse für acme");
    expect(mail.text).toContain("Wenn Sie sich nicht registriert haben");
    expect(mail.html).toContain('<html lang="de">');
    expect((await tenantOf(w, "acme").verifyEmail(tokenIn(mail))).status).toBe(200);
    expect(await languageOf(w, NEW)).toBe("de");
    await tenantOf(w, "acme", ENGLISH).forgot(NEW);
    expect((await w.mailbox.waitFor(NEW, "passwort")).subject).toBe("Neues Passwort für acme");
  });

  test("goes by what was chosen on a page before what the browser says", async () => {
    await using w = await quietTown();
    await tenantOf(w, "acme", speaking("de", "en")).register({ email: NEW });
    await tenantOf(w, "acme", speaking("en", "de")).register({ email: "other@example.com" });
    expect(await mailed(w)).toEqual(["verify_email en", "verify_email de"]);
    expect([await languageOf(w, NEW), await languageOf(w, "other@example.com")]).toEqual(["en", "de"]);
  });

  test("that comes a second time leaves nothing of the language of the first", async () => {
    await using w = await quietTown();
    await tenantOf(w, "acme", GERMAN).register({ email: NEW });
    await tenantOf(w, "acme").register({ email: NEW });
    expect(await languageOf(w, NEW)).toBeNull();
  });

  test("leaves nothing of its language to whoever shows that the email is theirs", async () => {
    await using w = await town();
    await makeTenant(w, "open", { self_registration: true, email_verification: false });
    await tenantOf(w, "open", GERMAN).register({ email: NEW });
    expect(await languageOf(w, NEW)).toBe("de");
    const [key, body] = [await superuserKey(w), { email: NEW, invite: true }];
    await w.send("POST", "/api/v1/admin/tenants/acme/members", { key, body });
    const token = tokenIn(await w.mailbox.waitFor(NEW, "acme"));
    const path = "/api/v1/auth/tenants/acme/invitations/accept";
    expect((await w.send("POST", path, { body: { token, password: PASSWORD } })).status).toBe(200);
    expect(await languageOf(w, NEW)).toBeNull();
  });

  test("with the email of an account tells its owner in their own", async () => {
    await using w = await quietTown();
    await speaks(w, ADA, "de");
    await tenantOf(w, "acme", ENGLISH).register({ email: ADA });
    expect(await mailed(w)).toEqual(["already_registered de"]);
    expect(await languageOf(w, ADA)).toBe("de");
  });
});

describe("what people ask for themselves", () => {
  const asked: [string, (w: Town, from: typeof GERMAN) => Promise<unknown>][] = [
    ["reset_password", (w, from) => tenantOf(w, "acme", from).forgot(ADA)],
    [
      "magic_code",
      (w, from) => w.send("POST", "/v1/auth/request-magic-code", { ...from, body: { email: ADA } }),
    ],
    [
      "code",
      async (w, from) => {
        await enrolEmail(w, w.userId);
        await tenantOf(w, "acme", from).login(ADA, PASSWORD);
      },
    ],
  ];
  for (const [kind, ask] of asked) {
    test(`comes in the language of their client while no other is known: ${kind}`, async () => {
      await using w = await quietTown();
      await ask(w, GERMAN);
      expect(await mailed(w)).toEqual([`${kind} de`]);
    });

    test(`comes in that of the account where it has one: ${kind}`, async () => {
      await using w = await quietTown();
      await speaks(w, ADA, "de");
      await ask(w, ENGLISH);
      expect(await mailed(w)).toEqual([`${kind} de`]);
    });

    test(`comes in that of the instance where nobody says one: ${kind}`, async () => {
      await using w = await quietTown({ LANGUAGE: "de" });
      await ask(w, speaking("fr,*;q=0.1"));
      expect(await mailed(w)).toEqual([`${kind} de`]);
    });
  }
});

test("a sign-in that waits, perhaps a stranger's, is told in nobody else's language", async () => {
  await using w = await quietTown();
  await enrolTotp(w, w.userId);
  await portals(w, GERMAN).login();
  await speaks(w, ADA, "de");
  await portals(w, ENGLISH).login();
  expect(await mailed(w)).toEqual(["login_waiting en", "login_waiting de"]);
});

describe("what an administrator causes", () => {
  test("is in the language of the account, whatever the administrator's is", async () => {
    await using w = await quietTown();
    await speaks(w, ADA, "de");
    await enrolEmail(w, w.userId);
    expect((await byAdmin(w, "DELETE", `/users/${w.userId}/mfa`)).status).toBe(204);
    expect(await mailed(w)).toEqual(["factor_changed de"]);
  });

  const settings: [string, object][] = [
    ["en", {}],
    ["de", { LANGUAGE: "de" }],
  ];
  for (const [language, setting] of settings) {
    test(`is in that of the instance where the account has none: ${language}`, async () => {
      await using w = await quietTown(setting);
      const from = language === "en" ? GERMAN : ENGLISH;
      expect((await byAdmin(w, "POST", `/users/${w.userId}/password-reset`, from)).status).toBeLessThan(300);
      expect(await mailed(w)).toEqual([`reset_password ${language}`]);
    });
  }

  test("invites in the language of the instance, and whoever accepts goes on in theirs", async () => {
    await using w = await town();
    const body = { email: NEW, invite: true };
    const key = await superuserKey(w);
    expect(
      (await w.send("POST", "/api/v1/admin/tenants/acme/members", { key, ...GERMAN, body })).status,
    ).toBe(201);
    const mail = await w.mailbox.waitFor(NEW, "Invitation to acme");
    expect(await languageOf(w, NEW)).toBeNull();
    const accepted = { token: tokenIn(mail), password: PASSWORD };
    const path = "/api/v1/auth/tenants/acme/invitations/accept";
    expect((await w.send("POST", path, { ...GERMAN, body: accepted })).status).toBe(200);
    expect(await languageOf(w, NEW)).toBe("de");
  });
});

describe("a sign-in", () => {
  const signIns: [string, (w: Town, from: typeof GERMAN) => Promise<{ status: number }>][] = [
    ["with a cookie", (w, from) => tenantOf(w, "acme", from).login(ADA, PASSWORD)],
    ["for tokens", (w, from) => portals(w, from).login()],
  ];
  for (const [how, signIn] of signIns) {
    test(`${how} makes its language the account's, and one that says none changes nothing`, async () => {
      await using w = await quietTown();
      expect((await signIn(w, GERMAN)).status).toBe(200);
      expect(await languageOf(w, ADA)).toBe("de");
      expect((await signIn(w, speaking("fr"))).status).toBe(200);
      expect(await languageOf(w, ADA)).toBe("de");
      expect((await signIn(w, ENGLISH)).status).toBe(200);
      expect(await languageOf(w, ADA)).toBe("en");
    });
  }

  test("that fails changes nothing", async () => {
    await using w = await quietTown();
    expect((await tenantOf(w, "acme", GERMAN).login(ADA, "wrong password")).status).toBe(401);
    expect(await languageOf(w, ADA)).toBeNull();
  });

  test("from a new place is told in the language that the owner had before", async () => {
    await using w = await quietTown({ TRUSTED_PROXIES: "127.0.0.0/8" });
    const at = (address: string, { headers }: typeof GERMAN) => ({
      headers: { ...headers, "x-forwarded-for": address },
    });
    await tenantOf(w, "acme", at("198.51.100.1", GERMAN)).login(ADA, PASSWORD);
    await tenantOf(w, "acme", at("203.0.113.9", ENGLISH)).login(ADA, PASSWORD);
    expect(await mailed(w)).toEqual(["signed_in_elsewhere de"]);
    // And so is what whoever that is does next.
    expect(await languageOf(w, ADA)).toBe("de");
  });

  test("in the same language writes nothing", async () => {
    await using w = await quietTown();
    const changed: number[] = [];
    for (const language of ["de", "de", null, "en"]) {
      const run: typeof w.ctx.db.run = async (text, ...values) => {
        const rows = await w.ctx.db.run(text, ...values);
        changed.push(rows);
        return rows;
      };
      await keepLanguage({ ...w.ctx, db: { ...w.ctx.db, run } }, w.userId, language);
    }
    expect(changed).toEqual([1, 0, 1]);
  });
});
