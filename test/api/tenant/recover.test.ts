// forgot-password → mail → password/reset, and what a reset ends.
import { describe, expect, test } from "bun:test";
import { BASE } from "../../support/key-group.ts";
import { linkIn, tokenIn } from "../../support/mailbox.ts";
import { makePerson, makeTenant, PASSWORD, suspend } from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
import { tenantOf, withCookie } from "../../support/tenant-group.ts";
import { audited, dump, worldWithMail } from "../../support/world.ts";

const ADA = "ada@example.com";
const NEW = "another good password";

async function town(settings = {}) {
  const w = await worldWithMail({ LIMIT_MAIL_GAP: "0", ...settings });
  const acme = await makeTenant(w, "acme", { redirect_uris: ["https://app.example.com/"] });
  const userId = await makePerson(w, acme, { email: ADA, firstName: "Ada" });
  return Object.assign(w, { acme, userId });
}

const deadLink = { status: 400, body: { code: "INVALID_TOKEN" } };

describe("a forgotten password", () => {
  test("is replaced by way of a mailed link, which signs nobody in and works once", async () => {
    await using w = await town();
    const acme = tenantOf(w, "acme");
    const answer = await acme.forgot(ADA, { redirect_uri: "https://app.example.com/" });
    expect(answer.status).toBe(200);
    const mail = await w.mailbox.waitFor(ADA);
    expect(linkIn(mail).href).toStartWith(`${w.ctx.config.url}/t/acme/reset#token=`);
    const reset = await acme.reset(tokenIn(mail), NEW);
    expect(reset.status).toBe(200);
    expect(reset.body.data.redirect_uri).toBe("https://app.example.com/");
    expect(reset.headers.getSetCookie()).toEqual([]);
    expect((await acme.login(ADA, PASSWORD)).status).toBe(401);
    expect((await acme.login(ADA, NEW)).status).toBe(200);
    expect(await acme.reset(tokenIn(mail), NEW)).toMatchObject(deadLink);
    expect((await w.mailbox.waitFor(ADA, "password")).text).not.toContain("token=");
    expect(await audited(w)).toContain("password.reset");
  });

  test("is asked for under two paths with one limit", async () => {
    await using w = await town({ LIMIT_MAIL_GAP: "60" });
    const acme = tenantOf(w, "acme");
    const [one, other] = [await acme.forgot(ADA), await acme.passwordForgot(ADA)];
    expect({ ...other.body, meta: null }).toEqual({ ...one.body, meta: null });
    expect(dump(w)["outbox"]).toHaveLength(1);
    w.clock.advance(61_000);
    await acme.passwordForgot(ADA);
    expect(dump(w)["outbox"]).toHaveLength(2);
  });

  test("asked for again voids the older link, unless the limit forbids the mail", async () => {
    await using w = await town({ LIMIT_MAILS_HOUR: "2" });
    const acme = tenantOf(w, "acme");
    await acme.forgot(ADA);
    const first = tokenIn(await w.mailbox.waitFor(ADA));
    await acme.forgot(ADA);
    const second = tokenIn(await w.mailbox.waitFor(ADA));
    expect(await acme.reset(first, NEW)).toMatchObject(deadLink);
    expect((await acme.forgot(ADA)).status).toBe(200);
    expect((await acme.reset(second, NEW)).status).toBe(200);
  });

  const strangers: [string, (w: Awaited<ReturnType<typeof town>>) => Promise<unknown>][] = [
    ["who is unknown", (w) => w.ctx.db.run`delete from users`],
    ["who is disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    ["who is suspended", (w) => suspend(w, w.userId, w.acme.id)],
    ["of another tenant", (w) => w.ctx.db.run`update memberships set status = 'invited'`],
  ];
  for (const [who, make] of strangers) {
    test(`of somebody ${who} gets the same answer and no mail`, async () => {
      await using w = await town();
      const known = await tenantOf(w, "acme").forgot(ADA);
      await w.mailbox.waitFor(ADA);
      await make(w);
      const answer = await tenantOf(w, "acme").forgot(ADA);
      expect({ ...answer.body, meta: null }).toEqual({ ...known.body, meta: null });
      expect(dump(w)["outbox"]).toHaveLength(1);
    });
  }

  test("links to the configured URL, whatever the request says of itself", async () => {
    await using w = await town();
    const forged = {
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "host=evil.example",
      origin: "https://evil.example",
      referer: "https://evil.example/",
    };
    const { status } = await w.send("POST", "/api/v1/auth/tenants/acme/forgot-password", {
      body: { email: ADA },
      headers: forged,
    });
    expect(status).toBe(200);
    const mail = await w.mailbox.waitFor(ADA);
    expect(mail.raw).not.toContain("evil.example");
    const other = await w.send("POST", "/api/v1/auth/tenants/acme/forgot-password", {
      body: { email: ADA },
      headers: { host: "evil.example" },
    });
    expect(other.status).toBe(421);
  });

  const redirects = [
    "https://evil.example/",
    "https://app.example.com",
    "https://app.example.com/?",
    "https://app.example.com/#",
    "HTTPS://app.example.com/",
    "https://app.example.com.evil.example/",
    "https://app.example.com@evil.example/",
    "//app.example.com/",
    "/\\evil.example",
    "https:app.example.com/",
    "https://app.example.com/\t",
    " https://app.example.com/",
    "https://app.example.com/%2f%2fevil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
  ];
  for (const redirect_uri of redirects) {
    test(`with the redirect ${JSON.stringify(redirect_uri)} is a 422 before anything is looked up`, async () => {
      await using w = await town();
      const before = dump(w);
      const { status, body } = await tenantOf(w, "acme").forgot(ADA, { redirect_uri });
      expect(status).toBe(422);
      expect(body.detail[0].loc).toEqual(["body", "redirect_uri"]);
      expect(JSON.stringify(body)).not.toContain("evil");
      expect(dump(w)).toEqual(before);
    });
  }
});

describe("a reset", () => {
  test("ends every session, token, key, pending sign-in and mailed link of the user, and of nobody else", async () => {
    await using w = await town();
    const acme = tenantOf(w, "acme");
    await makePerson(w, w.acme, { email: "bob@example.com" });
    const bob = (await portal(w).login("bob@example.com", PASSWORD)).body.access_token;
    const { access_token, refresh_token } = (await portal(w).login(ADA, PASSWORD)).body;
    const cookie = cookieFrom(await acme.login(ADA, PASSWORD), "session");
    const { key } = (await w.send("POST", `${BASE}/token/`, { body: { username: ADA, password: PASSWORD } }))
      .body;
    await acme.forgot(ADA);
    expect((await acme.reset(tokenIn(await w.mailbox.waitFor(ADA)), NEW)).status).toBe(200);
    const { isAlive, refresh } = portal(w);
    expect(await isAlive(access_token)).toBe(false);
    expect((await refresh(refresh_token)).status).toBe(401);
    expect(await isAlive(key)).toBe(false);
    expect((await w.send("POST", "/api/v1/auth/logout", { ...withCookie(cookie), body: {} })).status).toBe(
      200,
    );
    expect(await isAlive(bob)).toBe(true);
    const left = dump(w);
    for (const table of ["api_keys", "refresh_tokens", "one_time_secrets", "login_challenges"]) {
      const rows = (left[table] ?? []) as { user_id?: string }[];
      expect(rows.filter(({ user_id }) => user_id === w.userId)).toEqual([]);
    }
    expect(left["sessions"]).toHaveLength(1);
  });

  test("refuses a poor password without spending the link", async () => {
    await using w = await town();
    const acme = tenantOf(w, "acme");
    await acme.forgot(ADA);
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    for (const poor of ["short", "password1", "ada@example.com", "acme1234", "x".repeat(257)]) {
      const { status, body } = await acme.reset(token, poor);
      expect(status).toBe(422);
      expect(body.detail[0].loc).toEqual(["body", "new_password"]);
    }
    expect((await acme.reset(token, NEW)).status).toBe(200);
  });

  test("of 16 at once with one link happens once", async () => {
    await using w = await town();
    const acme = tenantOf(w, "acme");
    await acme.forgot(ADA);
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => acme.reset(token, `${NEW} ${i}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(15);
  });

  const tokens: [string, (token: string) => string][] = [
    ["a cut one", (token) => token.slice(0, -1)],
    ["a longer one", (token) => `${token}A`],
    ["one in other letters", (token) => token.toUpperCase()],
    ["none", () => ""],
    ["one with a NUL", (token) => `${token}\u0000`],
  ];
  for (const [what, change] of tokens) {
    test(`takes no token but its own: ${what}`, async () => {
      await using w = await town();
      const acme = tenantOf(w, "acme");
      await acme.forgot(ADA);
      const token = tokenIn(await w.mailbox.waitFor(ADA));
      expect(await acme.reset(change(token), NEW)).toMatchObject(deadLink);
    });
  }

  test("takes no token after half an hour, of another tenant, or of an account that was disabled meanwhile", async () => {
    await using w = await town();
    await makeTenant(w, "other");
    const acme = tenantOf(w, "acme");
    await acme.forgot(ADA);
    const token = tokenIn(await w.mailbox.waitFor(ADA));
    expect(await tenantOf(w, "other").reset(token, NEW)).toMatchObject(deadLink);
    await w.ctx.db.run`update users set disabled_at = 1`;
    expect(await acme.reset(token, NEW)).toMatchObject(deadLink);
    await w.ctx.db.run`update users set disabled_at = null`;
    w.clock.advance(30 * 60 * 1000);
    expect(await acme.reset(token, NEW)).toMatchObject(deadLink);
  });
});
