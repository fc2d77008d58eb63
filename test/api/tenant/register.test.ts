// register → mail → verify-email → login, and what strangers can and cannot do with another's email.
import { describe, expect, test } from "bun:test";
import type { Email } from "../../../src/core/emails.ts";
import * as tenants from "../../../src/core/tenants.ts";
import type { Place } from "../../../src/crypto/argon2.ts";
import { register } from "../../../src/flows/register.ts";
import { tokenIn } from "../../support/mailbox.ts";
import { makePerson, makeTenant, PASSWORD, type TenantOptions } from "../../support/people.ts";
import { cookieFrom } from "../../support/portal-group.ts";
import { client, outcomeOf } from "../../support/sessions.ts";
import { tenantOf, withCookie } from "../../support/tenant-group.ts";
import { audited, dump, type World, worldWithMail } from "../../support/world.ts";
import { openBeside } from "../../support/beside.ts";

const ADA = "ada@example.com";
const BROWSER = { accept: "text/html,application/xhtml+xml" };

async function open(options: TenantOptions = {}) {
  const w = await worldWithMail({ LIMIT_MAIL_GAP: "0" });
  const acme = await makeTenant(w, "acme", { self_registration: true, ...options });
  return Object.assign(w, { acme });
}

/** During whose hashing the tenant goes. */
function slowPlace(w: World, change: string): Place {
  const place = w.ctx.hasher.reserve();
  const hash = (password: string) => {
    using database = openBeside(w.ctx.config.databasePath);
    database.run("pragma foreign_keys = on");
    database.run(change);
    return place.hash(password);
  };
  return { ...place, hash, [Symbol.dispose]: () => place[Symbol.dispose]() };
}

describe("a newcomer", () => {
  test("registers, is mailed, verifies, and signs in with a cookie", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    const { status, body } = await acme.register({ email: "Ada@Example.com", custom_data: { plan: "pro" } });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        user_id: expect.stringMatching(/^usr_[0-9a-f]{32}$/),
        status: "PENDING_VERIFICATION",
        message: expect.any(String),
      },
      meta: { request_id: expect.stringMatching(/^req_/), timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(await acme.login(ADA, PASSWORD)).toMatchObject({
      status: 403,
      body: { code: "EMAIL_NOT_VERIFIED" },
    });
    const mail = await w.mailbox.waitFor(ADA);
    const second = await w.mailbox.waitFor(ADA);
    expect((await acme.verifyEmail(tokenIn(mail))).status).toBe(400);
    const verified = await acme.verifyEmail(tokenIn(second));
    expect(verified).toMatchObject({ status: 200, body: { data: { status: "VERIFIED" } } });
    const signedIn = await acme.login(ADA, PASSWORD);
    expect(signedIn.status).toBe(200);
    expect(signedIn.body.data).toEqual({
      status: "SUCCESS",
      user_id: body.data.user_id,
      session_id: expect.stringMatching(/^ses_/),
      redirect_uri: null,
    });
    const cookie = cookieFrom(signedIn, "session");
    expect(JSON.stringify(signedIn.body)).not.toContain(cookie);
    const out = await w.send("POST", "/api/v1/auth/logout", { ...withCookie(cookie), body: {} });
    expect(out.status).toBe(200);
    expect(dump(w)["sessions"]).toEqual([]);
    expect(dump(w)["user_custom_data"]).toEqual([{ user_id: body.data.user_id, data: '{"plan":"pro"}' }]);
  });

  test("is in at once where the tenant asks for no verification, with an email that counts as unverified", async () => {
    await using w = await open({ email_verification: false });
    const acme = tenantOf(w, "acme");
    expect((await acme.register()).body.data.status).toBe("ACTIVE");
    expect((await acme.login(ADA, PASSWORD)).status).toBe(200);
    expect(dump(w)["outbox"]).toEqual([]);
    expect(await w.ctx.db.get`select email_verified_at from users`).toEqual({ email_verified_at: null });
  });

  test("goes on to the redirect URI that was registered with, or to the tenant's default", async () => {
    const uri = "https://app.example.com/welcome?x=1";
    await using w = await open({
      redirect_uris: [uri, "https://app.example.com/"],
      default_redirect_uri: uri,
    });
    const acme = tenantOf(w, "acme");
    await acme.register({ redirect_uri: "https://app.example.com/" });
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    expect((await acme.verifyEmail(token)).body.data.redirect_uri).toBe("https://app.example.com/");
    expect((await acme.login(ADA, PASSWORD)).body.data.redirect_uri).toBe(uri);
  });

  test("cannot give itself a role, a verified email, a tenant or superpowers", async () => {
    await using w = await open();
    const other = await makeTenant(w, "other");
    const more = { role: "owner", is_admin: true, superuser: true, email_verified: true, status: "ACTIVE" };
    await tenantOf(w, "acme").register({ ...more, tenant_id: other.id, tenant_slug: "other", id: "usr_1" });
    expect(await w.ctx.db.all`select tenant_id, role from memberships`).toEqual([
      { tenant_id: w.acme.id, role: "member" },
    ]);
    expect(await w.ctx.db.get`select email_verified_at, superuser_at, active_at from users`).toEqual({
      email_verified_at: null,
      superuser_at: null,
      active_at: null,
    });
  });
});

describe("the link in the mail", () => {
  test("answers the same again while it lives, and 400 after a day", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    for (let i = 0; i < 2; i++) expect((await acme.verifyEmail(token)).status).toBe(200);
    w.clock.advance(24 * 60 * 60 * 1000);
    expect(await acme.verifyEmail(token)).toMatchObject({ status: 400, body: { code: "INVALID_TOKEN" } });
  });

  test("confirms nothing for HEAD, nor for a browser that has not pressed the button", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    for (const answer of ["", "&answer=confirm", "&answer=disown"]) {
      for (const headers of [{}, BROWSER]) {
        await w.send("HEAD", `/api/v1/auth/tenants/acme/verify-email?token=${token}${answer}`, { headers });
      }
    }
    const page = await acme.verifyEmail(token, BROWSER);
    expect(page.headers.get("content-type")).toStartWith("text/html");
    expect(await w.ctx.db.get`select email_verified_at from users`).toEqual({ email_verified_at: null });
    expect((await acme.verifyEmail(token, BROWSER, "&answer=confirm")).status).toBe(200);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(200);
  });

  test("removes the account when its owner says that this was not them", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    expect((await acme.verifyEmail(token, BROWSER, "&answer=disown")).status).toBe(200);
    expect(dump(w)["users"]).toEqual([]);
    expect((await acme.verifyEmail(token)).status).toBe(400);
  });

  test("removes it for a program that says so too", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    const { status, body } = await acme.verifyEmail(token, {}, "&answer=disown");
    expect([status, body.data.status]).toEqual([200, "DISOWNED"]);
    expect(dump(w)["users"]).toEqual([]);
  });

  test("leads nowhere that the tenant has taken from its list meanwhile", async () => {
    const [gone, home] = ["https://gone.example.com/", "https://app.example.com/"];
    await using w = await open({ redirect_uris: [gone, home], default_redirect_uri: home });
    const acme = tenantOf(w, "acme");
    await acme.register({ redirect_uri: gone });
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    await acme.forgot(ADA, { redirect_uri: gone });
    const reset = tokenIn(await w.mailbox.waitFor(ADA));
    await tenants.update(w.ctx, w.acme, { settings: { redirect_uris: [home] } });
    expect((await acme.verifyEmail(token)).body.data.redirect_uri).toBe(home);
    expect((await acme.reset(reset, "another horse battery")).body.data.redirect_uri).toBe(home);
  });

  test("is nothing at another tenant, and no other secret passes for it", async () => {
    await using w = await open();
    await makeTenant(w, "other", { self_registration: true });
    await tenantOf(w, "acme").register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    const nothing = await tenantOf(w, "other").verifyEmail("nonsense");
    expect((await tenantOf(w, "other").verifyEmail(token)).body).toEqual(nothing.body);
    expect(await tenantOf(w, "acme").reset(token, "another good password")).toMatchObject({
      status: 400,
      body: { code: "INVALID_TOKEN" },
    });
    expect((await tenantOf(w, "acme").verifyEmail(token)).status).toBe(200);
  });
});

describe("an email that is taken", () => {
  test("answers as a free one does, and its owner is mailed", async () => {
    await using w = await open();
    await makePerson(w, w.acme, { email: ADA, password: "the password of ada" });
    const acme = tenantOf(w, "acme");
    const free = await acme.register({ email: "free@example.com" });
    const taken = await acme.register();
    expect(taken.status).toBe(free.status);
    expect(Object.keys(taken.body.data)).toEqual(Object.keys(free.body.data));
    expect({ ...taken.body.data, user_id: "" }).toEqual({ ...free.body.data, user_id: "" });
    expect((await w.mailbox.waitFor(ADA)).text).not.toContain("token=");
    expect((await acme.login(ADA, "the password of ada")).status).toBe(200);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(401);
    expect(await w.ctx.db.all`select id from users where id = ${taken.body.data.user_id}`).toEqual([]);
    expect(await audited(w)).toContain("register.repeated");
  });

  test("but never verified belongs to whoever registers it next, and the older link is void", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register({ password: "the password of a thief", custom_data: { by: "thief" } });
    const older = tokenIn(await w.mailbox.waitFor(ADA));
    await acme.register({ first_name: "Augusta" });
    const newer = tokenIn(await w.mailbox.waitFor(ADA));
    expect((await acme.verifyEmail(older)).status).toBe(400);
    expect((await acme.verifyEmail(newer)).status).toBe(200);
    expect((await acme.login(ADA, "the password of a thief")).status).toBe(401);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(200);
    expect(dump(w)["user_custom_data"]).toEqual([]);
    expect(await w.ctx.db.all`select first_name from users`).toEqual([{ first_name: "Augusta" }]);
  });

  test("and never verified loses everything to a password reset by its owner", async () => {
    await using w = await open();
    const acme = tenantOf(w, "acme");
    await acme.register({ password: "the password of a thief", custom_data: { by: "thief" } });
    await w.mailbox.waitFor(ADA);
    await acme.forgot(ADA);
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    expect((await acme.reset(token, "a password of my own")).status).toBe(200);
    expect((await acme.login(ADA, "the password of a thief")).status).toBe(401);
    expect((await acme.login(ADA, "a password of my own")).status).toBe(200);
    expect(await w.ctx.db.get`select first_name, last_name from users`).toEqual({
      first_name: null,
      last_name: null,
    });
    expect(dump(w)["user_custom_data"]).toEqual([]);
  });

  test("and awaits an invitation is left alone, so that a stranger does not get the invited role", async () => {
    await using w = await open({ email_verification: false });
    await makePerson(w, w.acme, {
      email: ADA,
      password: null,
      isActive: false,
      isVerified: false,
      status: "invited",
      role: "admin",
    });
    const acme = tenantOf(w, "acme");
    expect((await acme.register()).status).toBe(200);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(401);
  });
});

describe("registering", () => {
  test("is refused where the tenant does not offer it", async () => {
    await using w = await open({ self_registration: false });
    expect(await tenantOf(w, "acme").register()).toMatchObject({
      status: 403,
      body: { detail: "Self-registration is disabled", code: "REGISTRATION_DISABLED" },
    });
  });

  test("is a 404 at a tenant that is unknown or disabled, alike", async () => {
    await using w = await open();
    await w.ctx.db.run`update tenants set disabled_at = 1`;
    const [disabled, unknown] = [
      await tenantOf(w, "acme").register(),
      await tenantOf(w, "nowhere").register(),
    ];
    expect(disabled).toMatchObject({ status: 404, body: { detail: "Tenant not found" } });
    expect(unknown.body).toEqual(disabled.body);
  });

  test("makes nothing in a tenant that goes while the password is hashed", async () => {
    for (const gone of ["delete from tenants", "update tenants set disabled_at = 1"]) {
      await using w = await open();
      const slow = { ...w.ctx, hasher: { ...w.ctx.hasher, reserve: () => slowPlace(w, gone) } };
      const given = {
        tenant: w.acme,
        email: ADA as Email,
        password: PASSWORD,
        firstName: "A",
        lastName: "L",
      };
      const nothing = { captchaToken: undefined, redirectUri: undefined, customData: undefined };
      expect(await outcomeOf(register(slow, { ...given, ...nothing }, client()))).toBe("TENANT_NOT_FOUND");
      expect(dump(w)["users"]).toEqual([]);
    }
  });

  const bad: [string, object, string][] = [
    ["a short password", { password: "1234567" }, "password"],
    ["a common password", { password: "password123" }, "password"],
    ["the tenant's name as password", { password: "acme2026!" }, "password"],
    ["the own name as password", { password: "Lovelace1" }, "password"],
    ["a name with a line end", { first_name: "Ada\r\nBcc: eve@example.com" }, "first_name"],
    ["a name that turns around", { last_name: "\u202eecalevoL" }, "last_name"],
    ["an empty name", { first_name: "  " }, "first_name"],
    ["no email", { email: "nobody" }, "email"],
    ["a foreign redirect", { redirect_uri: "https://evil.example" }, "redirect_uri"],
    ["too much data", { custom_data: { a: "x".repeat(9000) } }, "custom_data"],
    ["data that is no object", { custom_data: [1] }, "custom_data"],
  ];
  for (const [what, part, field] of bad) {
    test(`with ${what} is a 422 that names the field and changes nothing`, async () => {
      await using w = await open();
      const before = dump(w);
      const { status, body } = await tenantOf(w, "acme").register(part);
      expect(status).toBe(422);
      expect(body.detail.map(({ loc }: { loc: string[] }) => loc.slice(0, 2))).toContainEqual([
        "body",
        field,
      ]);
      expect(dump(w)).toEqual(before);
    });
  }

  test("past the limit of mails answers as ever, mails nothing and changes nothing", async () => {
    await using w = await worldWithMail();
    await makeTenant(w, "acme", { self_registration: true });
    const acme = tenantOf(w, "acme");
    await acme.register();
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    const again = await acme.register({ password: "the password of a thief" });
    expect(again).toMatchObject({ status: 200, body: { data: { status: "PENDING_VERIFICATION" } } });
    await acme.verifyEmail(token);
    expect((await acme.login(ADA, "the password of a thief")).status).toBe(401);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(200);
    expect(dump(w)["outbox"]).toHaveLength(1);
  });
});
