// Nothing secret where a thief, a log reader or an administrator could find it (ASVS 14.2.1, 16.2.5, A76). Everybody signs in
// everywhere, against the real program, which is also made to refuse and to fail with each secret in hand; then every secret that
// came by, in whatever form, is looked for wherever the program leaves bytes.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { base32Secret, corpusOf, type Exchange, recordInto, type Recorded } from "./support/secret-corpus.ts";
import { commandLine } from "./support/command-line.ts";
import { accepted, CONSUMERS, type Consumer } from "./support/consumers.ts";
import {
  furnish,
  forgetTries,
  type Held,
  type Holder,
  holderFor,
  KIND_NAMES,
  type KindName,
  KINDS,
  newHolder,
  type Stage,
} from "./support/credential-kinds.ts";
import { BASE, totpCode } from "./support/key-group.ts";
import { mfaOf } from "./support/me-group.ts";
import { type Mailbox, openMailbox } from "./support/mailbox.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { portals, sendForm } from "./support/portals.ts";
import { type ProcessWorld, processWorld } from "./support/process-world.ts";
import { findSecrets, type Place, type Secret } from "./support/secrets.ts";
import { signInForKey, signInForTokens } from "./support/sessions.ts";
import { enrolTotp, mailedCode, makeBackupCodes } from "./support/second-factors.ts";
import { until } from "./support/outbox.ts";
import { tenantOf } from "./support/tenant-group.ts";
import { dump, MAIL_FROM, SECRET } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const SMTP = { user: "ostiary@example.com", password: "smtp p/w:@ %ä 7Kq" };
/** No secret, by design: an id by which something public is named, worth nothing without what goes with it. */
const IDENTIFIERS: Partial<Record<KindName, string>> = {
  "public id of a waiting login":
    "an approver sees it; approving takes their own session and the number on the other screen",
  "webauthn challenge": "the id of a challenge, which only the authenticator's private key answers",
};

type Stand = ProcessWorld & Stage;
let mailbox: Mailbox;
let w: Stand;
const recorded: Recorded = { exchanges: [], issued: [] };
const kinds = new Map<KindName, string>();

/** Every row of the table of consumers that takes a kind: what is shown, where, and who shows it. */
const ROWS = Object.entries(CONSUMERS).flatMap(([where, consumer]) =>
  consumer.takes.map((kind) => ({ where, consumer, kind })),
);

/** Every statement fails: whatever touches the database is a fault, and answered 500. */
const BROKEN = [
  "users",
  "tenants",
  "sessions",
  "api_keys",
  "continuations",
  "refresh_tokens",
  "login_requests",
  "one_time_secrets",
];
async function whileBroken<T>(work: () => Promise<T>): Promise<T> {
  using database = openBeside(w.ctx.config.databasePath);
  database.run("pragma legacy_alter_table = on");
  const rename = (from: string, to: string) => database.run(`alter table ${from} rename to ${to}`);
  database.transaction(() => BROKEN.forEach((table) => rename(table, `no_${table}`)))();
  await w.settle();
  try {
    return await work();
  } finally {
    database.transaction(() => BROKEN.forEach((table) => rename(`no_${table}`, table)))();
    await w.settle();
  }
}

async function own(kind: KindName): Promise<{ holder: Holder; held: Held; someone: Holder }> {
  const { who } = KINDS[kind];
  const holder = await holderFor(w, KINDS[kind]);
  const held = await KINDS[kind].obtain(w, holder);
  kinds.set(kind, held.secret);
  if (!(kind in IDENTIFIERS)) keep(kind, held.secret);
  await forgetTries(w);
  return { holder, held, someone: who === undefined ? holder : await newHolder(w) };
}

function keep(kind: string, text: string): void {
  recorded.issued.push({ kind, text });
}

async function useUp({ where, consumer, kind }: { where: string; consumer: Consumer; kind: KindName }) {
  const { held, someone: holder } = await own(kind);
  for (const code of holder.backupCodes) keep("backup code", code);
  if (holder.totpSecret !== "") keep("TOTP seed", holder.totpSecret);
  const extras = { ...(await consumer.prepare?.(w, holder)), ...held.extras };
  const offer = () => consumer.offer({ w, holder, secret: held.secret, extras, at: "acme", held });
  const broken = await whileBroken(offer);
  const first = await offer();
  // Again, and with the secret a little off: refused, or as good as before.
  const again = await offer();
  const off = await consumer.offer({
    w,
    holder,
    secret: `${held.secret.slice(0, -1)}~`,
    extras,
    at: "acme",
    held,
  });
  await forgetTries(w);
  return { what: `${kind} at ${where}`, broken: broken.status, taken: accepted(consumer, first), again, off };
}

let outcomes: Awaited<ReturnType<typeof useUp>>[] = [];
let secrets: Secret[] = [];
let cli: { out: string; err: string };
let seen: { what: string; text: string }[] = [];

beforeAll(async () => {
  mailbox = await openMailbox({ tls: true, auth: SMTP });
  const bare = await processWorld({ SMTP_URL: mailbox.url, MAIL_FROM });
  w = await furnish(Object.assign(bare, { mailbox }));
  recordInto(recorded, w);
  for (const row of ROWS) outcomes.push(await useUp(row));
  for (const kind of KIND_NAMES) if (!kinds.has(kind)) await own(kind);
  await signInEverywhere();
  await until(
    () => dump(w)["outbox"]?.every((row) => (row as { status: string }).status !== "queued") ?? false,
  );
  seen = await everythingShown();
  secrets = await corpusOf(recorded, mailbox.mails, {
    ctx: w.ctx,
    fixed: [
      { kind: "master secret", text: SECRET },
      { kind: "SMTP password", text: SMTP.password },
      ...Object.entries(w.ctx.keys).map(([name, key]: [string, Uint8Array]) => ({
        kind: `key for ${name}`,
        text: `ost_sub_${Buffer.from(key).toString("base64url")}`,
      })),
    ],
  });
  cli = await commandOutputs();
}, 120_000);
afterAll(async () => {
  await w[Symbol.asyncDispose]();
  await mailbox[Symbol.asyncDispose]();
});

/** The paths that the table of consumers does not walk: password alone, a form, a factor of one's own from setup to end. */
async function signInEverywhere(): Promise<void> {
  const holder = await newHolder(w);
  const { email, username, tenant } = holder;
  const wrong = "a wrong horse battery";
  keep("password", PASSWORD);
  for (const password of [PASSWORD, wrong]) {
    await portal(w).login(email, password, tenant.id);
    await tenantOf(w, tenant.slug).login(email, password);
    await portals(w).login(tenant.slug, email, password);
    await w.send("POST", `${BASE}/token/`, { body: { username, password } });
    recorded.exchanges.push(await formLogin(email, password));
  }
  const key = (await own("access token")).held.secret;
  await w.send("POST", "/api/v1/me/password", {
    key,
    body: { current_password: wrong, new_password: PASSWORD },
  });
  await w.send("GET", `/v1/auth/load?access_token=${key}&password=${encodeURIComponent(PASSWORD)}`, { key });
  await w.send("GET", `/nowhere/${key}?token=${key}`, { key });
  await w.send("POST", "/api/v1/auth/login", { body: { email, password: { nested: PASSWORD } } });
  await forgetTries(w);
  await enrolEverything();
}

/** Factors of one's own, from the first step to the last. */
async function enrolEverything(): Promise<void> {
  const email = w.newEmail();
  const userId = await makePerson(w, w.acme, { email, username: email.split("@")[0] ?? "" });
  const { accessToken: key } = await signInForTokens(w.ctx, { userId, tenantId: w.acme.id });
  const at = mfaOf(w, { key });
  const { secret, codes } = await at.enableTotp();
  keep("TOTP seed", secret);
  for (const code of codes) keep("backup code", code);
  await at.post("/email/enable");
  const code = await mailedCode(w, email);
  expect((await at.post("/email/confirm", { code })).status).toBe(200);
  expect((await at.post("/backup-codes/regenerate", { code: totpCode(w.clock, secret, 1) })).status).toBe(
    200,
  );
  expect((await at.post("/totp/disable", { code: "000000" })).status).toBe(400);
  const other = await makePerson(w, w.acme, { email: w.newEmail() });
  const theirs = await signInForKey(w.ctx, { userId: other, tenantId: w.acme.id });
  expect((await w.send("POST", `${BASE}/mfa/setup/`, { key: theirs })).status).toBe(200);
}

async function formLogin(username: string, password: string): Promise<Exchange> {
  const { status, body } = await sendForm(w, { username, password });
  return { request: { path: "/v1/oauth2/login", body: { username, password } }, status, headers: "", body };
}

/** What administrators and the users themselves are shown. */
async function everythingShown(): Promise<typeof seen> {
  const { bearer } = (await own("API key made by hand")).held;
  const admin = "/api/v1/admin";
  const asked: [string, string | undefined][] = [
    ...[
      "/tenants",
      `/tenants/${w.acme.id}/members`,
      "/users",
      "/sessions",
      "/audit?limit=200",
      "/outbox?limit=200",
    ].map((path): [string, string] => [admin + path, w.root]),
    ...["", "/sessions", "/keys", "/devices", "/mfa"].map((path): [string, string | undefined] => [
      `/api/v1/me${path}`,
      bearer,
    ]),
    ["/v1/auth/load", bearer],
    ["/.well-known/jwks.json", undefined],
    ["/swagger/json", undefined],
    ["/readyz", undefined],
  ];
  const shown: typeof seen = [];
  for (const [path, key] of asked) {
    const { status, body, headers } = await w.send("GET", path, key === undefined ? {} : { key });
    expect([path, status]).toEqual([path, 200]);
    shown.push({ what: `GET ${path.split("?")[0]}`, text: JSON.stringify([body, [...headers]]) });
  }
  return shown;
}

async function commandOutputs(): Promise<{ out: string; err: string }> {
  const { run } = commandLine(join(w.directory, "data"), {
    OSTIARY_SECRET: SECRET,
    OSTIARY_SMTP_URL: mailbox.url,
    OSTIARY_MAIL_FROM: MAIL_FROM,
  });
  const all = { out: "", err: "" };
  for (const args of [
    ["audit", "--json", "--limit", "10000"],
    ["audit"],
    ["user", "list", "--json"],
    ["tenant", "list", "--json"],
    ["serve", "--port", "1x"],
    ["--help"],
  ]) {
    const done = await run(args);
    all.out += done.out;
    all.err += done.err;
  }
  return all;
}

/** Every file below the data directory; secret.key holds the master secret by design, and is for its owner only. */
function dataFiles(): Place[] {
  const data = join(w.directory, "data");
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "secret.key")
    .map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }));
}

const text = (name: string, value: unknown): Place => ({
  name,
  bytes: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
});

function places(): Place[] {
  const { out, err } = w.program().output();
  const tables = dump(w);
  const refusals = recorded.exchanges.filter(
    ({ status, body }) => status >= 400 && codeOf(body) !== "MFA_REQUIRED",
  );
  return [
    ...dataFiles(),
    text("log", out),
    text("greeting", err),
    text("audit rows", tables["audit"]),
    text("outbox rows", tables["outbox"]),
    text("all other rows", tables),
    text(
      "refusals and faults",
      refusals.map(({ status, headers, body }) => ({ status, headers, body })),
    ),
    ...seen.map(({ what, text: shown }) => text(what, shown)),
    text("output of commands", cli.out),
    text("errors of commands", cli.err),
  ];
}

/** The first words of the program show the setup token; the password of these tests is an example of the documentation too. */
const isMeantToBe = (hit: string): boolean =>
  /^setup token .* in greeting$/.test(hit) || /^password .* in GET \/swagger\/json$/.test(hit);

const codeOf = (body: unknown): unknown => (body as { code?: unknown } | null)?.code;

describe("everybody signs in everywhere", () => {
  test("with every kind of secret, each taken where it belongs, and again after a fault in between", () => {
    expect(outcomes.filter(({ taken }) => !taken).map(({ what }) => what)).toEqual([]);
    expect(KIND_NAMES.filter((name) => !kinds.has(name))).toEqual([]);
  });

  test("a broken database is a bare 500 for each of them", () => {
    const spared = outcomes
      .filter(({ broken }) => broken !== 500)
      .map(({ what, broken }) => `${what}: ${broken}`);
    expect(spared).toEqual([]);
    const faults = recorded.exchanges.filter(({ status }) => status === 500);
    expect(faults.length).toBeGreaterThanOrEqual(ROWS.length);
    for (const { body } of faults) expect(body).toEqual({ detail: "Internal Server Error" });
  });

  test("every kind is among the secrets that are looked for, or is none and says why", () => {
    const known = new Set(secrets.map((secret) => secret.text));
    const missing = [...kinds].filter(([name, one]) => !known.has(one) && !(name in IDENTIFIERS));
    expect(missing.map(([name]) => name)).toEqual([]);
    const named = new Set(secrets.map(({ kind }) => kind));
    for (const kind of [
      "password",
      "TOTP seed",
      "backup code",
      "six digits",
      "private signing key",
      "SMTP password",
      "mailed token",
      "cookie",
    ]) {
      expect([...named]).toContain(kind);
    }
  });
});

describe("no secret, in any form, is found in", () => {
  test("files, logs, rows, refusals, lists and command output", () => {
    const where = places();
    const found = findSecrets(secrets, where).filter((hit) => !isMeantToBe(hit));
    expect(found).toEqual([]);
    for (const needed of ["ostiary.db", "ostiary.db-wal", "ostiary.db-shm"])
      expect(where.map(({ name }) => name)).toContain(needed);
    const looked = new Set(secrets.map(({ kind }) => kind)).size;
    console.log(
      `secrets: ${secrets.length} of ${looked} kinds x ${where.length} places, ${found.length} found`,
    );
  });

  test("what answers the very request that carried it, when that is refused or fails", () => {
    const repeated = recorded.exchanges
      .filter(({ status }) => status >= 400)
      .flatMap(({ request, body, headers }) => {
        const sent = JSON.stringify(request);
        const own = secrets.filter(
          ({ text: one }) => one.length > 6 && sent.includes(JSON.stringify(one).slice(1, -1)),
        );
        return findSecrets(own, [text(`${request.path.split("?")[0]}`, { body, headers })]);
      });
    expect(repeated).toEqual([]);
  });

  test("mail, but for what is meant for that mailbox", () => {
    const forMail = new Set([
      "mailed token",
      "six digits",
      "reset token",
      "verify-email token",
      "invitation token",
      "magic code",
      "email code",
    ]);
    const rest = secrets.filter(({ kind, text: one }) => !forMail.has(kind) && !/^\d{6}$/.test(one));
    expect(
      findSecrets(
        rest,
        mailbox.mails.map(({ raw, text: words, html }) => text("a mail", raw + words + html)),
      ),
    ).toEqual([]);
  });

  test("the rows of mail that was delivered: its body is gone", () => {
    const sent = (dump(w)["outbox"] ?? []) as { status: string; body_sealed: string | null }[];
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.filter(({ body_sealed }) => body_sealed !== null)).toEqual([]);
  });

  test("query strings: no line of the log has one", () => {
    for (const line of w.log) expect(line).not.toMatch(/\?\w+=|session_id=|token=/);
    expect(w.log.length).toBeGreaterThan(200);
  });
});

describe("the search finds", () => {
  const planted: Secret = { kind: "planted", text: "ost_rt_plantedPLANTEDplantedPLANTEDplantedPLANTED1234" };
  const core = planted.text.slice(7);
  const forms: [string, string | Buffer][] = [
    ["as it stands", `x ${core} y`],
    ["in hex", Buffer.from(core, "base64url").toString("hex")],
    ["as raw bytes", Buffer.concat([Buffer.from("xx"), Buffer.from(core, "base64url"), Buffer.from("yy")])],
    ["in UTF-16", Buffer.from(`..${core}..`, "utf16le")],
    ...[0, 1, 2].map((n): [string, string] => [
      `in base64 after ${n} bytes`,
      Buffer.from(`${"x".repeat(n)}${core}yz`).toString("base64"),
    ]),
  ];
  for (const [form, value] of forms) {
    test(`a secret ${form}`, () => {
      expect(findSecrets([planted], [{ name: "here", bytes: Buffer.from(value) }])).not.toEqual([]);
    });
  }

  test("a password with signs of its own in JSON and in a URL, and a code between words, and not a number that only contains it", () => {
    const password = { kind: "password", text: 'pä"ss/w ord' };
    const at = (bytes: string) => [{ name: "here", bytes: Buffer.from(bytes) }];
    expect(findSecrets([password], at(JSON.stringify(password.text)))).toHaveLength(1);
    expect(findSecrets([password], at(encodeURIComponent(password.text)))).toHaveLength(1);
    const code = { kind: "six digits", text: "123456" };
    expect(findSecrets([code], at("code 123456."))).toHaveLength(1);
    expect(findSecrets([code], at("at 1234567, 0123456 and id_9123456abc"))).toEqual([]);
    expect(base32Secret({ kind: "TOTP seed", text: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" })).toBe(
      "48656c6c6f21deadbeef48656c6c6f21deadbeef",
    );
  });

  test("what was deleted: the database leaves the bytes of deleted rows in its file, so nothing may ever have been written in clear", async () => {
    using database = openBeside(w.ctx.config.databasePath);
    database.run(
      "insert into audit (id, at, event, address, request_id, reason) values ('aud_fplanted', 1, 'x', '', '', ?)",
      [planted.text],
    );
    expect(findSecrets([planted], places()).toSorted()).toEqual(
      expect.arrayContaining([
        "planted as it stands in audit rows",
        "planted as it stands in ostiary.db-wal",
      ]),
    );
    const { run } = commandLine(join(w.directory, "data"), { OSTIARY_SECRET: SECRET });
    const listed = await run(["audit", "--json", "--event", "x"]);
    expect(listed.err).toBe("");
    expect(findSecrets([planted], [text("audit", listed.out)])).not.toEqual([]);
    const shown = await w.send("GET", "/api/v1/admin/audit?event=x", { key: w.root });
    expect(findSecrets([planted], [text("admin", shown.body)])).not.toEqual([]);
    database.run("delete from audit where id = 'aud_fplanted'");
    database.run("create table planted (words text)");
    database.run("insert into planted values (?)", [planted.text]);
    const inFile = () => {
      database.run("pragma wal_checkpoint(passive)");
      return findSecrets([planted], dataFiles()).includes("planted as it stands in ostiary.db");
    };
    await until(inFile);
    database.run("drop table planted");
    expect(inFile()).toBe(true);
    expect(findSecrets([planted], [text("rows", dump(w))])).toEqual([]);
  });

  test("what a mail server says, in the log, in its row and in the list of administrators", async () => {
    const word = { kind: "planted", text: "plantedByTheMailServer4711" };
    mailbox.mode = { do: "reject", code: 451, text: `4.2.1 ${word.text}` };
    await tenantOf(w, "acme").forgot((await newHolder(w)).email);
    await until(() => w.log.some((line) => line.includes("mail delayed")));
    mailbox.mode = { do: "accept" };
    const shown = await w.send("GET", "/api/v1/admin/outbox?limit=200", { key: w.root });
    expect(
      findSecrets([word], [...places(), text("list", shown.body)]).map((hit) => hit.split(" in ")[1]),
    ).toEqual(expect.arrayContaining(["log", "outbox rows", "list"]));
  });

  test("the setup token, where it belongs: among the first words of the program", () => {
    const token = { kind: "setup token", text: kinds.get("setup token") ?? "" };
    const { out, err } = w.program().output();
    expect(
      findSecrets([token], [text("greeting", err), text("log", out)]).map((hit) => hit.split(" in ")[1]),
    ).toContain("greeting");
    expect(findSecrets([token], [text("log", out)])).toEqual([]);
  });
});

test("at a terminal and without a mail server: nothing on the screen, and in the files of outbox/ only what was mailed", async () => {
  await using plain = await processWorld({}, { isAtTerminal: true });
  const setup_token = /ost_setup_[\w-]{43}/.exec(plain.program().output().out)?.[0] ?? "";
  const made = await plain.send("POST", `${BASE}/setup/`, {
    body: { username: "root", password: `root ${PASSWORD}`, setup_token },
    headers: { via: "1.1 proxy" },
  });
  const acme = await makeTenant(plain, "acme", { self_registration: true });
  const userId = await makePerson(plain, acme, { email: "ada@example.com", username: "ada" });
  const issued: Secret[] = [
    { kind: "password", text: PASSWORD },
    { kind: "master secret", text: SECRET },
    { kind: "API key", text: made.body.key },
    { kind: "TOTP seed", text: await enrolTotp(plain, userId) },
    ...(await makeBackupCodes(plain, userId)).map((code) => ({ kind: "backup code", text: code })),
  ];
  const pending = (await portal(plain).login("ada@example.com", PASSWORD, acme.id)).body.detail;
  const body = {
    mfa_token: pending.mfa_token,
    user_id: userId,
    method: "backup_code",
    code: issued.at(-1)?.text,
  };
  const { access_token, refresh_token } = (await portal(plain).verify(body)).body;
  issued.push({ kind: "access token", text: access_token }, { kind: "refresh token", text: refresh_token });
  await plain.send("POST", "/api/v1/me/keys", { key: access_token, body: { name: "ci" } });
  await plain.send("POST", `${BASE}/token/?password=${PASSWORD.replaceAll(" ", "+")}`, {
    body: { username: "ada", password: PASSWORD },
  });
  await tenantOf(plain, "acme").forgot("ada@example.com");
  await plain.ctx.db.run`alter table users rename to gone`;
  expect((await portal(plain).login("ada@example.com", PASSWORD, acme.id)).status).toBe(500);
  await plain.ctx.db.run`alter table gone rename to users`;
  const outbox = join(plain.directory, "data/outbox");
  await until(
    () => dump(plain)["outbox"]?.every((row) => (row as { status: string }).status === "sent") ?? false,
  );
  const mails = readdirSync(outbox).map((name) => ({ name, bytes: readFileSync(join(outbox, name)) }));
  expect(mails.length).toBeGreaterThanOrEqual(2);
  expect(findSecrets(issued, mails)).toEqual([]);
  const token = mails
    .map(({ bytes }) => /token=3D([\w-]+)/.exec(bytes.toString().replaceAll("=\r\n", ""))?.[1])
    .find(Boolean);
  issued.push({ kind: "mailed token", text: token ?? expect.unreachable() });
  const { out } = plain.program().output();
  expect(out).toContain("fault");
  const data = join(plain.directory, "data");
  const files = ["ostiary.db", "ostiary.db-wal"].map((name) => ({
    name,
    bytes: readFileSync(join(data, name)),
  }));
  expect(findSecrets(issued, [text("screen", out), text("rows", dump(plain)), ...files])).toEqual([]);
  expect(statSync(outbox).mode & 0o777).toBe(0o700);
  for (const { name } of mails) expect(statSync(join(outbox, name)).mode & 0o777).toBe(0o600);
});
