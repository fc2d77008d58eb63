// What the owner of an account hears of sign-ins that succeeded (ASVS 6.3.5, 6.3.7).
import { describe, expect, test } from "bun:test";
import { BASE } from "../support/key-group.ts";
import { newAuthenticator, passkeyAlone, passkeysOf } from "../support/passkeys.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { cookieFrom, portal } from "../support/portal-group.ts";
import { portals, sendForm } from "../support/portals.ts";
import { ADA, enrolTotp, makeBackupCodes, type Town, town } from "../support/second-factors.ts";
import { signInForTokens } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";
import type { Answer } from "../support/world.ts";

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** Everyone comes from where they say. */
const anywhere = (settings: Parameters<typeof town>[0] = {}) =>
  town({ TRUSTED_PROXIES: "127.0.0.0/8", LIMIT_MAIL_GAP: "0", ...settings });
const from = (address: string, cookie?: string) => ({
  headers: { "x-forwarded-for": address, "user-agent": `agent of ${address}`, ...(cookie && { cookie }) },
});

const told = async ({ ctx }: Town): Promise<number> =>
  (await ctx.db.all`select id from outbox where kind = 'signed_in_elsewhere'`).length;

const HOME = "198.51.100.1";

/** Each way to sign in with a password. */
const WAYS: Record<string, (w: Town, address: string) => Promise<Pick<Answer, "status">>> = {
  "the portal's authenticate": (w, address) => portal(w, from(address)).signIn(ADA, PASSWORD, w.acme.id),
  "the portal's login": (w, address) => portal(w, from(address)).login(ADA, PASSWORD, w.acme.id),
  "the tenant's login": (w, address) => tenantOf(w, "acme", from(address)).login(ADA, PASSWORD),
  "portal/login": (w, address) => portals(w, from(address)).login(),
  "oauth2/login": (w, address) => sendForm(w, { username: ADA, password: PASSWORD }, from(address).headers),
  "token/": (w, address) =>
    w.send("POST", `${BASE}/token/`, { body: { username: "ada", password: PASSWORD }, ...from(address) }),
};

describe("a sign-in from a new address on a new device", () => {
  for (const [way, signIn] of Object.entries(WAYS)) {
    test(`is told to the owner, once for each address, whichever way it came: ${way}`, async () => {
      await using w = await anywhere();
      expect((await signIn(w, HOME)).status).toBe(200);
      expect((await signIn(w, HOME)).status).toBe(200);
      // The first of all is nothing new to whoever just made the account.
      expect(await told(w)).toBe(0);
      expect((await signIn(w, "203.0.113.9")).status).toBe(200);
      const mail = await w.mailbox.waitFor(ADA, "from a new place");
      expect(mail.text).toContain("203.0.113.9, agent of 203.0.113.9");
      expect((await signIn(w, "203.0.113.9")).status).toBe(200);
      expect((await signIn(w, HOME)).status).toBe(200);
      expect(await told(w)).toBe(1);
    });
  }

  test("is told of a passkey alone likewise", async () => {
    await using w = await anywhere();
    const { accessToken } = await signInForTokens(w.ctx, { userId: w.userId, tenantId: w.acme.id });
    const authenticator = newAuthenticator(w);
    await passkeysOf(w, accessToken).add(authenticator);
    for (const [address, letters] of [
      [HOME, 0],
      ["203.0.113.9", 1],
      ["203.0.113.9", 1],
      [HOME, 1],
    ] as const) {
      expect((await passkeyAlone(w, from(address)).signIn(authenticator)).status).toBe(200);
      expect([address, await told(w)]).toEqual([address, letters]);
    }
  });

  test("is told after a second factor, and not before it was right", async () => {
    await using w = await anywhere();
    await portal(w, from(HOME)).login(ADA, PASSWORD, w.acme.id);
    await enrolTotp(w, w.userId);
    const [code = ""] = await makeBackupCodes(w, w.userId);
    const elsewhere = portal(w, from("203.0.113.9"));
    const { mfa_token, user_id } = (await elsewhere.login(ADA, PASSWORD, w.acme.id)).body.detail;
    const shown = { mfa_token, user_id, method: "backup_code" };
    await elsewhere.verify({ ...shown, code: "wrong" });
    expect(await told(w)).toBe(0);
    expect((await elsewhere.verify({ ...shown, code })).status).toBe(200);
    expect(await told(w)).toBe(1);
  });

  test("is not told where the device is known, nor from the same /64", async () => {
    await using w = await anywhere();
    const first = await portal(w, from("2001:db8::1")).login(ADA, PASSWORD, w.acme.id);
    const cookie = `ostiary_device=${cookieFrom(first, "device")}`;
    await portal(w, from("203.0.113.9", cookie)).login(ADA, PASSWORD, w.acme.id);
    await portal(w, from("2001:db8::2")).login(ADA, PASSWORD, w.acme.id);
    expect(await told(w)).toBe(0);
  });

  test("is told where the device is somebody else's, and from an address last seen a month ago", async () => {
    await using w = await anywhere();
    await makePerson(w, w.acme, { email: "bob@example.com" });
    const bobs = await portal(w, from("203.0.113.9")).login("bob@example.com", PASSWORD, w.acme.id);
    await portal(w, from(HOME)).login(ADA, PASSWORD, w.acme.id);
    const cookie = `ostiary_device=${cookieFrom(bobs, "device")}`;
    await portal(w, from("203.0.113.10", cookie)).login(ADA, PASSWORD, w.acme.id);
    expect(await told(w)).toBe(1);
    w.clock.advance(31 * DAY);
    await portal(w, from(HOME)).login(ADA, PASSWORD, w.acme.id);
    expect(await told(w)).toBe(2);
  });

  test("is no flood, and cannot be kept quiet by using up what an address may cause", async () => {
    await using w = await anywhere({ LIMIT_ADDRESS_MAILS: "1" });
    await portal(w, from(HOME)).login(ADA, PASSWORD, w.acme.id);
    await portals(w, from("203.0.113.1")).magic("acme", "bob@example.com");
    for (let i = 1; i <= 8; i++) await portal(w, from(`203.0.113.${i}`)).login(ADA, PASSWORD, w.acme.id);
    // Five an hour to one mailbox.
    expect(await told(w)).toBe(5);
  });

  test("is told to no address that nobody has shown to be the owner's", async () => {
    await using w = await anywhere();
    await w.ctx.db.run`update users set email_verified_at = null`;
    await w.ctx.db.run`update tenants set settings = '{"email_verification":false}'`;
    for (const address of [HOME, "203.0.113.9"])
      expect((await portal(w, from(address)).login(ADA, PASSWORD, w.acme.id)).status).toBe(200);
    expect(await w.ctx.db.all`select id from outbox`).toEqual([]);
  });
});

describe("a backup code that signs in", () => {
  test("is told to the owner, with how many are left; a wrong one is not", async () => {
    await using w = await town();
    await enrolTotp(w, w.userId);
    const codes = await makeBackupCodes(w, w.userId);
    const tenant = tenantOf(w, "acme");
    const atTheTenant = async (code: string) => {
      const { mfa_token } = (await tenant.login(ADA, PASSWORD)).body.data;
      return tenant.verifyMfa({ mfa_token, method: "backup_code", code });
    };
    const atThePortal = async (code: string) => {
      const { login_session_id } = (await portals(w).login()).body;
      return portals(w).verify(code, { login_session_id });
    };
    expect((await atTheTenant("wrong")).status).toBe(401);
    expect((await atThePortal("wrong")).status).toBe(401);
    const left = async () => (await w.mailbox.waitFor(ADA, "A backup code signed in")).text;
    expect((await atTheTenant(codes[0] ?? "")).status).toBe(200);
    expect(await left()).toContain("9 are left");
    expect((await atThePortal(codes[1] ?? "")).status).toBe(200);
    expect(await left()).toContain("8 are left");
    await w.ctx.db.run`update backup_codes set used_at = 1 where used_at is null and code_hash <> (
      select max(code_hash) from backup_codes where used_at is null)`;
    for (const code of codes.slice(2)) await atTheTenant(code);
    expect(await left()).toContain("It was the last one.");
    expect(await w.ctx.db.all`select id from outbox where kind = 'backup_code_used'`).toHaveLength(3);
  });
});

test("a mailbox that nobody has shown to be the owner's gets few notices, whatever happens to the account", async () => {
  for (const [isVerified, most] of [
    [false, 5],
    [true, 12],
  ] as const) {
    await using w = await anywhere();
    const noted = async () =>
      (await w.ctx.db.all`select id from outbox where kind = 'password_changed' or kind = 'key_created'`)
        .length;
    const open = await makeTenant(w, "open", { self_registration: true, email_verification: false });
    await tenantOf(w, "open").register({ email: "victim@example.com" });
    if (isVerified) await w.ctx.db.run`update users set email_verified_at = 1`;
    const { access_token: key } = (await portal(w).login("victim@example.com", PASSWORD, open.id)).body;
    for (let i = 0; i < 12; i++) {
      const current = i === 0 ? PASSWORD : `new horse battery ${i - 1}`;
      const body = { current_password: current, new_password: `new horse battery ${i}` };
      expect((await w.send("POST", "/api/v1/me/password", { key, body })).status).toBe(200);
    }
    expect([isVerified, await noted()]).toEqual([isVerified, most]);
  }
});
