// Every limit over HTTP (decisions §5): Retry-After is the truth to the second; what strangers may cause is bounded for the instance too,
// audit rows included; what a thief signed in with gives no tries of its own once it has ended; and counts survive the process.
import { describe, expect, test } from "bun:test";
import { tellSuppressed } from "../src/core/audit.ts";
import { transaction } from "../src/context.ts";
import * as credentials from "../src/core/credentials.ts";
import * as secrets from "../src/core/one-time-secrets.ts";
import * as passwords from "../src/core/passwords.ts";
import { signInForKey } from "./support/sessions.ts";
import { totpCode, wrongCode } from "./support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { portals } from "./support/portals.ts";
import { cookieFrom, portal } from "./support/portal-group.ts";
import { freshDirectory, startProgram } from "./support/process.ts";
import { ADA, enrolEmail, enrolTotp, superuserKey, type Town, town } from "./support/second-factors.ts";
import { tenantOf } from "./support/tenant-group.ts";
import { type Answer, audited, send, type World } from "./support/world.ts";

const WRONG = "wrong password";
const HOUR = 3_600_000;
const PROXIED = { TRUSTED_PROXIES: "127.0.0.0/8" } as const;
const from = (address: string) => ({ headers: { "x-forwarded-for": address } });

/** Refused; one second less than it says, still refused; then judged. */
async function expectTrue(w: World, ask: () => Promise<Answer>, waitS: number): Promise<void> {
  const { status, headers, body } = await ask();
  expect([status, headers.get("retry-after"), body.code]).toEqual([429, String(waitS), "RATE_LIMITED"]);
  w.clock.advance((waitS - 1) * 1000);
  expect((await ask()).status).toBe(429);
  w.clock.advance(1000);
  expect((await ask()).status).not.toBe(429);
}

async function stopped(settings: Parameters<typeof town>[0] = {}): Promise<Town> {
  const w = await town({ ...PROXIED, ...settings });
  w.clock.stop?.();
  return w;
}

const statusOf = ({ status }: Answer): number => status;

describe("a wait for a password is as long as Retry-After says", () => {
  const logins: [string, (w: Town, email: string) => Promise<Answer>][] = [
    ["the portal's login", (w, email) => portal(w).login(email, WRONG)],
    ["authenticate", (w, email) => portal(w).signIn(email, WRONG)],
    ["a tenant's login", (w, email) => tenantOf(w, "acme").login(email, WRONG)],
    ["portal/login", (w, email) => portals(w).login("acme", email, WRONG)],
    ["verify-2fa", (w, email) => portals(w).verify("000000", { email })],
  ];
  for (const [what, login] of logins) {
    for (const email of [ADA, "nobody@example.com"]) {
      test(`at ${what}, for ${email}`, async () => {
        await using w = await stopped({ LIMIT_IDENTIFY: "1000" });
        for (let i = 0; i < 5; i++) expect((await login(w, email)).status).toBe(401);
        await expectTrue(w, () => login(w, email), 30);
        await expectTrue(w, () => login(w, email), 60);
      });
    }
  }

  test("at oauth2/login", async () => {
    await using w = await stopped();
    const login = async (): Promise<Answer> => {
      const body = new URLSearchParams({ username: ADA, password: WRONG });
      const answer = await fetch(`${w.origin}/v1/oauth2/login`, { method: "POST", body });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    };
    for (let i = 0; i < 5; i++) expect((await login()).status).toBe(401);
    await expectTrue(w, login, 30);
  });

  test("at me/password", async () => {
    await using w = await stopped();
    const key = await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id });
    const body = { current_password: WRONG, new_password: "another horse battery" };
    const change = () => w.send("POST", "/api/v1/me/password", { key, body });
    for (let i = 0; i < 5; i++) expect((await change()).status).toBe(400);
    await expectTrue(w, change, 30);
  });

  test("also where account, address and instance forbid it at once: the longest is named", async () => {
    await using w = await stopped({
      LIMIT_ADDRESS_FAILURES: "6",
      LIMIT_INSTANCE_FAILURES: "7",
      LIMIT_FREE_FAILURES: "3",
      LIMIT_FIRST_WAIT: "3600",
    });
    const login = (email: string, address = "203.0.113.1") => portal(w, from(address)).login(email, WRONG);
    expect((await login("bob@example.com", "203.0.113.2")).status).toBe(401);
    w.clock.advance(100_000);
    for (let i = 0; i < 3; i++) expect((await login(ADA)).status).toBe(401);
    for (let i = 0; i < 3; i++) expect((await login(`nobody${i}@example.com`)).status).toBe(401);
    // The instance is full for 500 s, the address for 600 s and the account for an hour.
    expect((await login("new@example.com", "203.0.113.3")).headers.get("retry-after")).toBe("500");
    expect((await login("new@example.com")).headers.get("retry-after")).toBe("600");
    await expectTrue(w, () => login(ADA), 3600);
  });
});

/** Asks for a code by mail, each time in a sign-in of its own. */
async function codeSender(w: Town): Promise<() => Promise<Answer>> {
  await enrolTotp(w, w.userId);
  await enrolEmail(w, w.userId);
  return async () => {
    const { body } = await portal(w).login(ADA, PASSWORD, w.acme.id);
    return tenantOf(w, "acme").sendCode(body.detail.mfa_token, w.userId);
  };
}

describe("a wait for other things is as long as Retry-After says", () => {
  test("at identify", async () => {
    await using w = await stopped({ LIMIT_IDENTIFY: "2" });
    const identify = () => portal(w).identify(ADA);
    await identify();
    w.clock.advance(20_000);
    await identify();
    await expectTrue(w, identify, 40);
  });

  test("at mfa/verify, for an address", async () => {
    await using w = await stopped({ LIMIT_ADDRESS_FAILURES: "3" });
    await enrolTotp(w, w.userId);
    const mfa_token = async () => (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail.mfa_token;
    const token = await mfa_token();
    const verify = (mfa_token: unknown) =>
      portal(w).verify({ mfa_token, method: "totp", code: "000000", user_id: w.userId });
    for (let i = 0; i < 3; i++) expect((await verify(token)).status).toBe(401);
    w.clock.advance(100_000);
    expect((await verify(token)).headers.get("retry-after")).toBe("500");
    w.clock.advance(499_000);
    expect((await portal(w).login(ADA, PASSWORD, w.acme.id)).status).toBe(429);
    w.clock.advance(1000);
    expect((await verify(await mfa_token())).status).toBe(401);
  });

  test("at mfa/email/send, where the gap and the hour forbid it", async () => {
    await using w = await stopped({ LIMIT_MAILS_HOUR: "2" });
    const send = await codeSender(w);
    expect((await send()).status).toBe(200);
    await expectTrue(w, send, 60);
    await expectTrue(w, send, 3600 - 60);
  });

  test("where the day is over sooner than the hour", async () => {
    await using w = await stopped({ LIMIT_MAILS_DAY: "3", LIMIT_MAILS_HOUR: "2" });
    const send = await codeSender(w);
    expect((await send()).status).toBe(200);
    w.clock.advance(24 * HOUR - 100_000);
    expect((await send()).status).toBe(200);
    w.clock.advance(60_000);
    expect((await send()).status).toBe(200);
    await expectTrue(w, send, 3600 - 60);
  });

  test("for a superuser who sends a link, and for an owner who invites", async () => {
    await using w = await stopped();
    const admin = await makePerson(w, w.acme, { email: "root@example.com", isSuperuser: true });
    const key = await signInForKey(w.ctx, { userId: admin, tenantId: w.acme.id });
    const reset = () => w.send("POST", `/api/v1/admin/users/${w.userId}/password-reset`, { key });
    expect((await reset()).status).toBeLessThan(300);
    await expectTrue(w, reset, 60);
  });

  test("for a new code after five wrong ones, also when the clock was set back by a year", async () => {
    await using w = await stopped({ LIMIT_MAIL_GAP: "0" });
    let key = await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id });
    const enable = () => w.send("POST", "/api/v1/me/mfa/email/enable", { key });
    const confirm = () => w.send("POST", "/api/v1/me/mfa/email/confirm", { key, body: { code: "x" } });
    expect((await enable()).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await confirm()).status).toBe(400);
    const { status, headers } = await enable();
    expect([status, headers.get("retry-after")]).toEqual([429, "1200"]);
    w.clock.advance(-365 * 24 * HOUR);
    // A sign-in that lies ahead is not a fresh one.
    key = await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id });
    expect((await enable()).status).toBe(200);
    expect((await confirm()).status).toBe(400);
  });
});

describe("the tries of second factors are settings", () => {
  test("of one sign-in", async () => {
    await using w = await stopped({ LIMIT_CHALLENGE_TRIES: "2" });
    const secret = await enrolTotp(w, w.userId);
    const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const verify = async (code: string) =>
      (await portal(w).verify({ mfa_token, user_id, method: "totp", code })).body.code;
    const wrong = wrongCode(w.clock, secret);
    expect([await verify(wrong), await verify(wrong)]).toEqual(["INVALID_MFA_CODE", "INVALID_MFA_CODE"]);
    expect(await verify(totpCode(w.clock, secret))).toBe("INVALID_MFA_TOKEN");
  });

  test("in a row", async () => {
    await using w = await stopped({ LIMIT_FACTOR_FAILURES: "2" });
    const secret = await enrolTotp(w, w.userId);
    const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const verify = (code: string) => portal(w).verify({ mfa_token, user_id, method: "totp", code });
    const wrong = wrongCode(w.clock, secret);
    expect([statusOf(await verify(wrong)), statusOf(await verify(wrong))]).toEqual([401, 401]);
    expect(statusOf(await verify(totpCode(w.clock, secret)))).toBe(401);
  });
});

describe("mail that strangers cause is bounded for the instance", () => {
  const queued = async ({ ctx }: World) => (await ctx.db.all`select id from outbox`).length;

  test("whoever asks for whom, with accounts or without, and the answers are as ever", async () => {
    await using w = await stopped({ LIMIT_INSTANCE_MAILS: "4" });
    const emails = ["a@example.com", "b@example.com"];
    for (const email of emails) await makePerson(w, w.acme, { email });
    const ways: ((email: string, address: string) => Promise<Answer>)[] = [
      (email, address) => tenantOf(w, "acme", from(address)).forgot(email),
      (email, address) => portals(w, from(address)).magic("acme", email),
      (email, address) => tenantOf(w, "acme", from(address)).register({ email }),
    ];
    const shapes = ways.map(() => new Set<string>());
    let address = 0;
    for (const email of [...emails, "nobody@example.com", ADA]) {
      for (const [i, ask] of ways.entries()) {
        const { status, body } = await ask(email, `203.0.113.${++address}`);
        shapes[i]?.add(`${status} ${Object.keys(body).join()}`);
      }
    }
    expect(shapes.map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(await queued(w)).toBe(4);
    w.clock.advance(HOUR);
    await tenantOf(w, "acme", from("203.0.113.99")).forgot(ADA);
    expect(await queued(w)).toBe(5);
  });

  test("and does not hold up an owner at a known address, or past the password", async () => {
    await using w = await stopped({ LIMIT_INSTANCE_MAILS: "1" });
    await enrolEmail(w, w.userId);
    const home = portal(w, from("198.51.100.7"));
    await w.ctx.db.run`
      insert into known_addresses (user_id, address, last_at) values (${w.userId}, '198.51.100.7', ${w.ctx.now()})`;
    await tenantOf(w, "acme", from("203.0.113.1")).forgot("nobody@example.com");
    await tenantOf(w, "acme", from("203.0.113.2")).forgot(ADA);
    expect(await queued(w)).toBe(0);
    await tenantOf(w, "acme", from("198.51.100.7")).forgot(ADA);
    expect(await queued(w)).toBe(1);
    expect((await home.login(ADA, PASSWORD, w.acme.id)).status).toBe(403);
    expect(await queued(w)).toBe(2);
  });
});

describe("a mail that was asked for and is withheld leaves a row, as the answer does not tell:", () => {
  const asking: [string, string | undefined, (w: Town) => Promise<Answer>][] = [
    ["magic", undefined, (w) => portals(w).magic("acme", ADA)],
    ["reset", undefined, (w) => tenantOf(w, "acme").forgot(ADA)],
    ["verify_email", undefined, (w) => tenantOf(w, "acme").register({ email: "new@example.com" })],
    ["verify_email", "bob@example.com", (w) => tenantOf(w, "acme").login("bob@example.com", PASSWORD)],
    ["code", ADA, (w) => portal(w).login(ADA, PASSWORD, w.acme.id)],
  ];
  for (const [reason, whose, ask] of asking) {
    test(`${reason}${whose ? ` for ${whose}` : ""}`, async () => {
      await using w = await stopped();
      await enrolEmail(w, w.userId);
      await makePerson(w, w.acme, { email: "bob@example.com", isVerified: false });
      const limited = async () => (await audited(w)).filter((row) => row.startsWith("mail.limited"));
      await ask(w);
      expect(await limited()).toEqual([]);
      await ask(w);
      expect(await limited()).toEqual([`mail.limited: ${reason}`]);
    });
  }
});

test("the mail that tells of a sign-in from a new place leaves a row when its mailbox has had enough", async () => {
  await using w = await stopped();
  for (const address of ["198.51.100.1", "203.0.113.1", "203.0.113.2"])
    await portal(w, from(address)).login(ADA, PASSWORD, w.acme.id);
  expect((await audited(w)).filter((row) => row.startsWith("mail.limited"))).toEqual([
    "mail.limited: new_sign_in",
  ]);
});

test("the mail that warns of a sign-in that waits is not withheld for what its address had mailed before", async () => {
  await using w = await stopped({ LIMIT_ADDRESS_MAILS: "3" });
  await enrolTotp(w, w.userId);
  const thief = from("203.0.113.9");
  for (let i = 0; i < 4; i++) await tenantOf(w, "acme", thief).forgot(`nobody${i}@example.com`);
  await portals(w, thief).login();
  const kinds = await w.ctx.db.all<{ kind: string }>`select kind from outbox`;
  expect(kinds.map(({ kind }) => kind)).toContain("login_waiting");
  await portals(w, thief).login();
  expect(await audited(w)).toContain("mail.limited: login_waiting");
});

describe("a flood of what needs no guessing fills no audit log", () => {
  const FLOOD = 12;
  const floods: [string, number, (w: Town) => Promise<() => Promise<Answer>>][] = [
    [
      "made-up reset tokens",
      400,
      async (w) => () => tenantOf(w, "acme").reset("ost_rst_made_up", "another horse battery"),
    ],
    [
      "made-up invitations",
      400,
      async (w) => () =>
        w.send("POST", "/api/v1/auth/tenants/acme/invitations/accept", { body: { token: "made up" } }),
    ],
    ["registrations where there are none", 403, async (w) => () => tenantOf(w, "beta").register()],
    [
      "set-up without its token",
      403,
      async (w) => {
        await w.ctx.db.run`delete from users`;
        const body = { username: "admin", password: "mypassword" };
        return () => w.send("POST", "/api/v1/auth/setup/", { body, ...from("203.0.113.1") });
      },
    ],
    [
      "sign-ins that other sites cause",
      403,
      async (w) => () =>
        w.send("POST", "/v1/auth/consume-cli-token", {
          body: { exchange_code: "x" },
          headers: { origin: "https://evil.example" },
        }),
    ],
    [
      "a spent flow token",
      401,
      async (w) => {
        const { flow_token } = (await portal(w).identify(ADA)).body;
        await w.ctx.db.run`
          insert into known_addresses (user_id, address, last_at) values (${w.userId}, '127.0.0.1', ${w.ctx.now()})`;
        const spent = await portal(w).authenticate({ flow_token, password: PASSWORD, tenant_id: w.acme.id });
        expect(spent.status).toBe(200);
        return () => portal(w).authenticate({ flow_token, password: WRONG, tenant_id: w.acme.id });
      },
    ],
    [
      "an exchange code that was used",
      401,
      async (w) => {
        const key = await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id });
        const { exchange_code } = (await w.send("POST", "/v1/auth/cli-browser-token", { key })).body;
        const consume = () => w.send("POST", "/v1/auth/consume-cli-token", { body: { exchange_code } });
        expect((await consume()).status).toBe(200);
        return consume;
      },
    ],
  ];
  for (const [what, status, prepare] of floods) {
    test(`${what}: three are written down, the others are counted, and the answer is the same`, async () => {
      await using w = await stopped({ AUDIT_REFUSALS: "3" });
      const ask = await prepare(w);
      const before = (await audited(w)).length;
      const answers = [];
      for (let i = 0; i < FLOOD; i++) answers.push((await ask()).status);
      expect(answers).toEqual(Array(FLOOD).fill(status));
      const written = (await audited(w)).slice(before);
      expect(written.length).toBe(3);
      await tellSuppressed(w.ctx);
      expect((await audited(w)).at(-1)).toStartWith(`audit.suppressed: ${FLOOD - 3} refusals from 1 sources`);
      w.clock.advance(600_000);
      await ask();
      expect((await audited(w)).length).toBe(before + 5);
      // Nobody is held up by them who types a password.
      expect((await portal(w).login("nobody@example.com", WRONG)).status).toBe(401);
    });
  }
});

describe("what a thief signed in with", () => {
  const THIEF = "203.0.113.66";
  const HOME = "198.51.100.7";

  /** Signed in on a device at an address, and then not allowed a single failure more as a stranger. */
  async function robbed() {
    const w = await stopped();
    const granted = await portal(w, from(THIEF)).login(ADA, PASSWORD, w.acme.id);
    expect(granted.status).toBe(200);
    const device = cookieFrom(granted, "device");
    for (let i = 0; i < 5; i++) await portal(w, from(`203.0.113.${i}`)).login(ADA, WRONG, w.acme.id);
    const tryFrom = async (address: string, cookie?: string) => {
      const headers = {
        ...from(address).headers,
        ...(cookie === undefined ? {} : { cookie: `ostiary_device=${cookie}` }),
      };
      return (await portal(w, { headers }).login(ADA, WRONG, w.acme.id)).status;
    };
    return Object.assign(w, { device, tryFrom, tokens: granted.body as { access_token: string } });
  }

  test("has tries of its own while it stands", async () => {
    await using w = await robbed();
    expect([await w.tryFrom("203.0.113.9"), await w.tryFrom(THIEF)]).toEqual([429, 401]);
    expect(await w.tryFrom("203.0.113.9", w.device)).toBe(401);
  });

  test("has none after a reset of the password, and the owner who did it has", async () => {
    await using w = await robbed();
    const reset = { purpose: "reset", userId: w.userId, tenantId: w.acme.id } as const;
    const token = await transaction(w.ctx, (ctx) => secrets.create(ctx, reset));
    const { status } = await tenantOf(w, "acme", from(HOME)).reset(token, "another horse battery");
    expect(status).toBe(200);
    expect([await w.tryFrom(THIEF), await w.tryFrom("203.0.113.9", w.device)]).toEqual([429, 429]);
    expect((await portal(w, from(HOME)).login(ADA, "another horse battery", w.acme.id)).status).toBe(200);
  });

  test("has none after the owner changed the password, whose own device stays known", async () => {
    await using w = await robbed();
    const body = { current_password: PASSWORD, new_password: "another horse battery" };
    const owner = { ...from(HOME).headers, cookie: `ostiary_device=${w.device}` };
    const key = w.tokens.access_token;
    const changed = await w.send("POST", "/api/v1/me/password", { key, body, headers: owner });
    expect(changed.status).toBe(200);
    expect([await w.tryFrom(THIEF), await w.tryFrom("203.0.113.9", w.device)]).toEqual([429, 429]);
    expect(await w.tryFrom(HOME)).toBe(401);
    expect(await w.tryFrom("203.0.113.9", cookieFrom(changed, "device"))).toBe(401);
  });

  test("has none after a superuser ended all that the account was signed in with", async () => {
    await using w = await robbed();
    const admin = await makePerson(w, w.beta, { email: "root@example.com", isSuperuser: true });
    const key = await signInForKey(w.ctx, { userId: admin, tenantId: w.beta.id });
    const { status } = await w.send("DELETE", `/api/v1/admin/users/${w.userId}/mfa`, { key });
    expect(status).toBeLessThan(300);
    expect([await w.tryFrom(THIEF), await w.tryFrom("203.0.113.9", w.device)]).toEqual([429, 429]);
  });
});

test("a device stays known whatever owners of a tenant do to whom they only invited", async () => {
  await using w = await stopped();
  const device = cookieFrom(await portal(w).login(ADA, PASSWORD, w.acme.id), "device");
  const evil = await makeTenant(w, "evil");
  const owner = await makePerson(w, evil, { email: "eve@example.com", role: "owner" });
  const key = await signInForKey(w.ctx, { userId: owner, tenantId: evil.id });
  const secret = await enrolTotp(w, w.userId);
  const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
  const root = await superuserKey(w);
  const members = "/api/v1/admin/tenants/evil/members";
  const added = await w.send("POST", members, { key, body: { email: ADA, role: "member", invite: true } });
  expect([added.status, added.body.status]).toEqual([201, "invited"]);
  for (const disabled of [true, false])
    expect(
      (await w.send("PATCH", "/api/v1/admin/tenants/evil", { key: root, body: { disabled } })).status,
    ).toBe(200);
  const again = await signInForKey(w.ctx, { userId: owner, tenantId: evil.id });
  expect((await w.send("DELETE", `${members}/${w.userId}`, { key: again })).status).toBe(204);
  for (let i = 0; i < 5; i++) await portal(w, from(`203.0.113.${i}`)).login(ADA, WRONG, w.acme.id);
  const headers = { ...from("203.0.113.9").headers, cookie: `ostiary_device=${device}` };
  expect((await portal(w, { headers }).login(ADA, PASSWORD, w.acme.id)).status).toBe(403);
  // Nor do they end what she has begun.
  const shown = { mfa_token, user_id, method: "totp", code: totpCode(w.clock, secret, 0) };
  expect((await portal(w).verify(shown)).status).toBe(200);
  const invitation = await w.ctx.db.all`select id from one_time_secrets where tenant_id = ${evil.id}`;
  expect(invitation).toEqual([]);
});

test("an address is known for as many days as the setting says, and at 0 never", async () => {
  for (const [days, status] of [
    ["1", 401],
    ["0", 429],
  ] as const) {
    await using w = await stopped({ LIMIT_KNOWN_DAYS: days });
    const home = portal(w, from("198.51.100.7"));
    expect((await home.login(ADA, PASSWORD, w.acme.id)).status).toBe(200);
    for (let i = 0; i < 5; i++) await portal(w, from("203.0.113.1")).login(ADA, WRONG, w.acme.id);
    expect([days, (await home.login(ADA, WRONG, w.acme.id)).status]).toEqual([days, status]);
  }
});

test("one password for a thousand accounts: an address and the instance have had enough long before (A17)", async () => {
  await using w = await stopped({ LIMIT_ADDRESS_FAILURES: "50", LIMIT_INSTANCE_FAILURES: "120" });
  let sprayed = 0;
  const spray = async (address: string, count: number) => {
    const statuses = [];
    for (let i = 0; i < count; i++)
      statuses.push(
        (await portal(w, from(address)).login(`sprayed${sprayed++}@example.com`, "123456789")).status,
      );
    return [statuses.filter((status) => status === 401).length, statuses.at(-1)];
  };
  expect(await spray("2001:db8::1", 60)).toEqual([50, 429]);
  expect(await spray("2001:db8::ffff:1", 10)).toEqual([0, 429]);
  expect(await spray("2001:db8:0:1::1", 60)).toEqual([50, 429]);
  expect(await spray("203.0.113.1", 60)).toEqual([20, 429]);
  const home = "198.51.100.7";
  await w.ctx.db.run`
    insert into known_addresses (user_id, address, last_at) values (${w.userId}, ${home}, ${w.ctx.now()})`;
  expect((await portal(w, from(home)).login(ADA, PASSWORD, w.acme.id)).status).toBe(200);
});

/** Somebody else's account of Ada's email, in a tenant of its own, and a way to give it any password. */
async function namesake(w: Town) {
  const evil = await makeTenant(w, "evil", { identity: "isolated" });
  const userId = await makePerson(w, evil, { email: ADA, password: "their own password" });
  const setPassword = async (password: string) =>
    credentials.updatePassword(w.ctx, userId, await passwords.hash(w.ctx, password));
  return { evil, setPassword };
}

test("who gives a namesake's account each guess as its password does not guess for nothing at the other", async () => {
  await using w = await stopped();
  const { setPassword } = await namesake(w);
  const answers: string[] = [];
  for (let i = 0; i < 20; i++) {
    const guess = i === 19 ? PASSWORD : `guess number ${i}`;
    await setPassword(guess);
    const { status, body } = await portal(w, from(`203.0.113.${i}`)).login(ADA, guess);
    answers.push(`${status} ${body.code ?? ""}`);
  }
  // Right at both accounts it would ask which tenant is meant.
  expect(new Set(answers)).toEqual(new Set(["200 "]));
  // Its owner has not lost it, where they signed in before.
  const home = "198.51.100.7";
  await w.ctx.db.run`
    insert into known_addresses (user_id, address, last_at) values (${w.userId}, ${home}, ${w.ctx.now()})`;
  expect((await portal(w, from(home)).login(ADA, PASSWORD, w.acme.id)).status).toBe(200);
});

test("who has two accounts of one email uses both for a while without a failure at either", async () => {
  await using w = await stopped();
  const { evil } = await namesake(w);
  const [here, there] = ["203.0.113.1", "203.0.113.2"].map((address) => portal(w, from(address)));
  // Oftener than a password may be wrong, and nothing in between that would start the other account anew.
  for (let i = 0; i < 8; i++) expect((await here?.login(ADA, "their own password"))?.status).toBe(200);
  expect((await there?.login(ADA, PASSWORD, w.acme.id))?.status).toBe(200);
  for (let i = 0; i < 8; i++)
    expect((await here?.login(ADA, PASSWORD))?.body.code).toBe("TENANT_SELECTION_REQUIRED");
  expect((await there?.login(ADA, "their own password", evil.id))?.status).toBe(200);
});

test("a right password at one of two accounts takes back what was counted for both, wherever that was", async () => {
  await using w = await stopped();
  await namesake(w);
  const home = "198.51.100.7";
  const device = cookieFrom(await portal(w).login(ADA, PASSWORD, w.acme.id), "device");
  const headers = { "x-forwarded-for": home, cookie: `ostiary_device=${device}` };
  expect((await portal(w, { headers }).login(ADA, PASSWORD)).body.code).toBe("TENANT_SELECTION_REQUIRED");
  const counted = await w.ctx.db.all<{ scope: string }>`
    select scope from limits where scope in ('address', 'instance') and failures > 0`;
  expect(counted).toEqual([]);
});

test("counts are in the database: another process beside this one, and one after kill -9, know them", async () => {
  const directory = freshDirectory();
  const guess = async (origin: string) => {
    const body = { email: "nobody@example.com", password: WRONG };
    const { status } = await send(origin, "POST", "/api/v1/auth/login", { body });
    return status;
  };
  const first = await startProgram({ directory });
  for (let i = 0; i < 3; i++) expect(await guess(first.origin)).toBe(401);
  {
    await using second = await startProgram({ directory });
    expect([await guess(second.origin), await guess(second.origin)]).toEqual([401, 401]);
    expect([await guess(second.origin), await guess(first.origin)]).toEqual([429, 429]);
  }
  await first.end("SIGKILL");
  await using third = await startProgram({ directory });
  expect(await guess(third.origin)).toBe(429);
});
