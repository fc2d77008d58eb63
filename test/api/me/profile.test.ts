// One's own account: GET|PATCH /api/v1/me, POST /api/v1/me/password.
import { describe, expect, test } from "bun:test";
import { enableTotp, signIn } from "../../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD, type PersonOptions } from "../../support/people.ts";
import { signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, dump, type World, world } from "../../support/world.ts";

const ME = "/api/v1/me";
const NEXT = "staple horse battery";
const ADA = { email: "ada@example.com", username: "Ada", firstName: "Ada", lastName: "Lovelace" };

async function signedIn(person: PersonOptions = ADA) {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const userId = await makePerson(w, acme, person);
  const who = { userId, tenantId: acme.id };
  return Object.assign(w, { acme, userId, who, key: await signInForKey(w.ctx, who) });
}
type SignedIn = Awaited<ReturnType<typeof signedIn>>;

const change = (w: SignedIn, current_password: string, new_password: string, key = w.key) =>
  w.send("POST", `${ME}/password`, { key, body: { current_password, new_password } });
const alive = async (w: World, key: string) => (await w.send("GET", ME, { key })).status === 200;

describe("me", () => {
  test("is the user as every group shows it, by key, token or cookie", async () => {
    await using w = await signedIn();
    const { accessToken } = await signInForTokens(w.ctx, w.who);
    const { cookie } = await signInForCookie(w.ctx, w.who);
    const answers = await Promise.all([
      w.send("GET", ME, { key: w.key }),
      w.send("GET", ME, { key: accessToken }),
      w.send("GET", ME, { headers: { cookie: `ostiary_session=${cookie}` } }),
    ]);
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([
        200,
        {
          id: String(w.userId),
          email: "ada@example.com",
          username: "Ada",
          first_name: "Ada",
          last_name: "Lovelace",
          display_name: "Ada Lovelace",
          tenant_id: w.acme.id,
          role: "member",
          email_verified: true,
          mfa_enabled: false,
        },
      ]);
    }
    await enableTotp(w, w.key);
    expect((await w.send("GET", ME, { key: w.key })).body.mfa_enabled).toBe(true);
    expect((await w.send("GET", ME)).status).toBe(401);
  });

  test("takes new names, and nothing else from the body", async () => {
    await using w = await signedIn();
    const row = () => w.ctx.db.get<object>`select * from users where id = ${w.userId}`;
    const member = () => w.ctx.db.get<object>`select * from memberships where user_id = ${w.userId}`;
    const before = { user: await row(), member: await member() };
    const body = {
      first_name: "Augusta",
      last_name: null,
      id: "usr_x",
      email: "evil@example.com",
      username: "root",
      role: "owner",
      superuser: true,
      email_verified: false,
      tenant_id: "tnt_x",
      password: NEXT,
      disabled: true,
      status: "active",
    };
    const { status, body: answer } = await w.send("PATCH", ME, { key: w.key, body });
    expect([status, answer.first_name, answer.last_name]).toEqual([200, "Augusta", null]);
    expect(await row()).toEqual({ ...before.user, first_name: "Augusta", last_name: null });
    expect(await member()).toEqual(before.member);
    expect(await audited(w)).toEqual(["profile.updated"]);
    for (const first_name of ["", "a\r\nb", "\u202ea", 1, "x".repeat(101)]) {
      const { status } = await w.send("PATCH", ME, { key: w.key, body: { first_name } });
      expect([first_name, status]).toEqual([first_name, 422]);
    }
  });
});

describe("a new password", () => {
  test("replaces the old one, ends the other sign-ins, and tells the owner", async () => {
    await using w = await signedIn();
    const other = await signInForKey(w.ctx, w.who);
    const { accessToken } = await signInForTokens(w.ctx, w.who);
    expect((await change(w, PASSWORD, NEXT)).status).toBe(200);
    expect(await Promise.all([w.key, other, accessToken].map((key) => alive(w, key)))).toEqual([
      true,
      false,
      false,
    ]);
    const login = async (password: string) =>
      (await signIn(w, { username: "ada@example.com", password })).status;
    expect([await login(PASSWORD), await login(NEXT)]).toEqual([401, 200]);
    expect(await w.ctx.db.all`select kind, user_id from outbox`).toEqual([
      { kind: "password_changed", user_id: w.who.userId },
    ]);
    expect(await audited(w)).toContain("password.changed");
  });

  test("voids a mailed reset link", async () => {
    await using w = await signedIn();
    const forgot = { body: { email: ADA.email } };
    await w.send("POST", "/api/v1/auth/tenants/acme/forgot-password", forgot);
    expect(dump(w)["one_time_secrets"]).toHaveLength(1);
    await change(w, PASSWORD, NEXT);
    expect(dump(w)["one_time_secrets"]).toEqual([]);
  });

  test("with a wrong old one is a 400, changes nothing and counts at the account", async () => {
    await using w = await signedIn();
    const before = dump(w)["users"];
    for (let i = 0; i < 5; i++) {
      const { status, body } = await change(w, `wrong ${i} password`, NEXT);
      expect([status, body.code]).toEqual([400, "WRONG_PASSWORD"]);
    }
    const sixth = await change(w, PASSWORD, NEXT);
    expect([sixth.status, sixth.body.code, sixth.headers.has("retry-after")]).toEqual([
      429,
      "RATE_LIMITED",
      true,
    ]);
    expect(dump(w)["users"]).toEqual(before);
    expect((await signIn(w, { username: ADA.email, password: PASSWORD })).status).toBe(401);
    w.clock.advance(31_000);
    expect((await change(w, PASSWORD, NEXT)).status).toBe(200);
    expect(await audited(w)).toContain("password.change_refused: wrong password");
  });

  test("is guessed at most 5 times, however many try at the same moment", async () => {
    await using w = await signedIn();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => change(w, `wrong ${i} password`, NEXT)),
    );
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  test("that the policy refuses is a 422 before anything counts", async () => {
    await using w = await signedIn();
    await w.ctx.db.run`update tenants set settings = '{"password_min_length":12}'`;
    for (const next of ["short", "eleven char", "ada@example.com", "x".repeat(257)]) {
      const { status, body } = await change(w, "wrong password", next);
      expect([next, status, body.detail?.[0].loc]).toEqual([next, 422, ["body", "new_password"]]);
    }
    expect(dump(w)["limits"]).toEqual([]);
  });

  test("cannot be set where there is none yet: that takes the mailed link", async () => {
    await using w = await signedIn({ ...ADA, password: null });
    expect((await change(w, "anything at all", NEXT)).body.code).toBe("WRONG_PASSWORD");
  });

  test("with the cookie of a browser needs a page of ours", async () => {
    await using w = await signedIn();
    const { cookie } = await signInForCookie(w.ctx, w.who);
    const send = (headers: Record<string, string>) =>
      w.send("POST", `${ME}/password`, {
        headers: { cookie: `ostiary_session=${cookie}`, ...headers },
        body: { current_password: PASSWORD, new_password: NEXT },
      });
    const foreign: Record<string, string>[] = [
      {},
      { origin: "null" },
      { origin: "https://evil.example" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) {
      const { status, body } = await send(headers);
      expect([headers, status, body.code]).toEqual([headers, 403, "CROSS_SITE"]);
    }
    expect((await send({ "sec-fetch-site": "same-origin" })).status).toBe(200);
  });
});
