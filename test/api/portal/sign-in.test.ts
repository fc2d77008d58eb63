// identify → authenticate, and login: who gets in where, and what the others learn.
import { describe, expect, test } from "bun:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { makePerson, makeTenant, PASSWORD, suspend } from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
import { audited, dump, type World, world } from "../../support/world.ts";

const ADA = "ada@example.com";

async function town(settings = {}) {
  const w = await world(settings);
  const acme = await makeTenant(w, "acme");
  const beta = await makeTenant(w, "beta");
  return Object.assign(w, { acme, beta });
}

const refused = { status: 401, body: { detail: "Invalid credentials", code: "INVALID_CREDENTIALS" } };

describe("a person of one tenant", () => {
  test("identifies, authenticates, and gets tokens that are good everywhere", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: ADA, firstName: "Ada", lastName: "Lovelace" });
    const { identify, authenticate, isAlive } = portal(w);
    const first = await identify(" ADA@Example.com ");
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      flow_token: expect.any(String),
      tenants: [{ id: w.acme.id, slug: "acme", name: "acme" }],
      requires_tenant_selection: false,
    });
    const { status, body } = await authenticate({ flow_token: first.body.flow_token, password: PASSWORD });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: "SUCCESS",
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^ost_rt_[\w-]{43}$/),
      user: {
        id: userId,
        email: ADA,
        username: null,
        first_name: "Ada",
        last_name: "Lovelace",
        display_name: "Ada Lovelace",
        tenant_id: w.acme.id,
        role: "member",
        email_verified: true,
        mfa_enabled: false,
      },
    });
    expect(await isAlive(body.access_token)).toBe(true);
    expect(await audited(w)).toContain("login.succeeded: pwd");
  });

  test("gets an access token with the documented header and claims", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: ADA, role: "admin" });
    const { body } = await portal(w).login(ADA, PASSWORD);
    expect(decodeProtectedHeader(body.access_token)).toEqual({
      alg: "EdDSA",
      typ: "at+jwt",
      kid: expect.any(String),
    });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ iss: w.ctx.config.url, aud: w.ctx.config.url, sub: userId });
    expect(claims).toMatchObject({ tid: w.acme.id, org: w.acme.id, role: "admin", amr: ["pwd"] });
    expect(claims).toMatchObject({
      sid: expect.stringMatching(/^ses_/),
      jti: expect.stringMatching(/^jti_/),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    expect(claims["auth_time"]).toBe(claims.iat);
  });

  test("is known by the device afterwards, by a cookie that names nobody", async () => {
    await using w = await town();
    const userId = await makePerson(w, w.acme, { email: ADA });
    const answer = await portal(w).login(ADA, PASSWORD);
    const [header = ""] = answer.headers.getSetCookie();
    expect(header).toMatch(/^ostiary_device=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=34560000$/);
    expect(header).not.toContain(userId);
  });

  test("keeps their tries on a known device when a stranger has used up the account's", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const device = cookieFrom(await portal(w).login(ADA, PASSWORD), "device");
    await w.ctx.db.run`delete from known_addresses`;
    for (let i = 0; i < 5; i++) await portal(w).login(ADA, "wrong password");
    const late = await portal(w).login(ADA, PASSWORD);
    expect(late).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    const cookie = { headers: { cookie: `ostiary_device=${device}` } };
    expect((await portal(w, cookie).login(ADA, PASSWORD)).status).toBe(200);
  });
});

describe("a person of several tenants", () => {
  test("is shown them all, has to choose, and keeps the flow token until then", async () => {
    await using w = await town();
    await makePerson(w, [w.acme, w.beta], { email: ADA });
    const { identify, authenticate } = portal(w);
    const { body } = await identify(ADA);
    expect(body.requires_tenant_selection).toBe(true);
    expect(body.tenants.map(({ slug }: { slug: string }) => slug)).toEqual(["acme", "beta"]);
    const { flow_token } = body;
    for (let i = 0; i < 7; i++) {
      const undecided = await authenticate({ flow_token, password: PASSWORD });
      expect(undecided.status).toBe(400);
      expect(undecided.body).toMatchObject({ code: "TENANT_SELECTION_REQUIRED" });
    }
    const { status, body: entered } = await authenticate({
      flow_token,
      password: PASSWORD,
      tenant_id: w.beta.id,
    });
    expect(status).toBe(200);
    expect(entered.user.tenant_id).toBe(w.beta.id);
  });

  test("learns from login which tenants the password opens, after a right one only", async () => {
    await using w = await town();
    await makePerson(w, [w.acme, w.beta], { email: ADA });
    const { login } = portal(w);
    expect(await login(ADA, "wrong password")).toMatchObject(refused);
    const { status, body } = await login(ADA, PASSWORD);
    expect(status).toBe(400);
    expect(body).toEqual({
      detail: {
        code: "TENANT_SELECTION_REQUIRED",
        message: expect.any(String),
        tenants: [
          { id: w.acme.id, slug: "acme", name: "acme" },
          { id: w.beta.id, slug: "beta", name: "beta" },
        ],
      },
      code: "TENANT_SELECTION_REQUIRED",
    });
    expect((await login(ADA, PASSWORD, w.acme.id)).body.user.tenant_id).toBe(w.acme.id);
  });
});

describe("the same email in a shared and an isolated tenant", () => {
  async function both() {
    const w = await town();
    const island = await makeTenant(w, "island", { identity: "isolated" });
    const shared = await makePerson(w, w.acme, { email: ADA, password: "the shared password" });
    const isolated = await makePerson(w, island, { email: ADA, password: "the island password" });
    return Object.assign(w, { island, shared, isolated });
  }

  test("is two accounts with two passwords and no bridge", async () => {
    await using w = await both();
    const { login } = portal(w);
    expect((await login(ADA, "the shared password", w.acme.id)).body.user.id).toBe(w.shared);
    expect((await login(ADA, "the island password", w.island.id)).body.user.id).toBe(w.isolated);
    expect(await login(ADA, "the shared password", w.island.id)).toMatchObject(refused);
    expect(await login(ADA, "the island password", w.acme.id)).toMatchObject(refused);
  });

  test("is told apart by the password where no tenant is named", async () => {
    await using w = await both();
    const { login, identify } = portal(w);
    expect((await login(ADA, "the shared password")).body.user.tenant_id).toBe(w.acme.id);
    expect((await login(ADA, "the island password")).body.user.tenant_id).toBe(w.island.id);
    const { body } = await identify(ADA);
    expect(body.tenants.map(({ slug }: { slug: string }) => slug)).toEqual(["acme", "island"]);
  });

  test("does not wear out the tries of one account by signing in to the other", async () => {
    await using w = await both();
    for (let i = 0; i < 12; i++) expect((await portal(w).login(ADA, "the island password")).status).toBe(200);
    expect((await portal(w).login(ADA, "the shared password", w.acme.id)).status).toBe(200);
  });

  test("is not locked out of one account by what strangers do at the other, nor helped by that", async () => {
    await using w = await both();
    const atHome = async (password: string) => {
      const device = cookieFrom(await portal(w).login(ADA, password), "device");
      await w.ctx.db.run`delete from known_addresses`;
      return portal(w, { headers: { cookie: `ostiary_device=${device}` } });
    };
    const mine = await atHome("the shared password");
    for (let i = 0; i < 5; i++) await portal(w).login(ADA, "wrong password", w.island.id);
    expect((await mine.login(ADA, "the shared password")).status).toBe(200);
    expect((await mine.signIn(ADA, "the shared password")).status).toBe(200);
    // The other one stays unjudged, be the password right or wrong.
    for (const password of ["the island password", "wrong password"]) {
      const late = await mine.login(ADA, password);
      expect(late).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
      expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  });

  test("is held up by the bounds of an address at the account that does not know who asks", async () => {
    await using w = await both();
    const device = cookieFrom(await portal(w).login(ADA, "the island password"), "device");
    await w.ctx.db.run`delete from known_addresses`;
    const islander = portal(w, { headers: { cookie: `ostiary_device=${device}` } });
    for (let i = 0; i < 50; i++) await portal(w).login(`nobody${i}@example.com`, "wrong password");
    expect((await islander.login(ADA, "the shared password")).status).toBe(429);
    expect((await islander.login(ADA, "the island password")).status).toBe(200);
  });
});

describe("whoever is no living member", () => {
  const outsiders: [string, (w: World & Awaited<ReturnType<typeof town>>) => Promise<unknown>][] = [
    ["is unknown", async () => {}],
    ["has no password", (w) => makePerson(w, w.acme, { email: ADA, password: null })],
    ["belongs to another tenant", (w) => makePerson(w, w.beta, { email: ADA })],
    ["is invited only", (w) => makePerson(w, w.acme, { email: ADA, status: "invited" })],
    ["is suspended", async (w) => suspend(w, await makePerson(w, w.acme, { email: ADA }), w.acme.id)],
    [
      "is disabled",
      async (w) => {
        await makePerson(w, w.acme, { email: ADA });
        await w.ctx.db.run`update users set disabled_at = 1`;
      },
    ],
    [
      "belongs to a tenant that is disabled",
      async (w) => {
        await makePerson(w, w.acme, { email: ADA });
        await w.ctx.db.run`update tenants set disabled_at = 1 where slug = 'acme'`;
      },
    ],
  ];
  for (const [what, make] of outsiders) {
    test(`because he ${what} gets the same refusal at both steps, and no session`, async () => {
      await using w = await town();
      await make(w);
      await makePerson(w, w.acme, { email: "someone@else.example" });
      const { signIn, login } = portal(w);
      expect(await signIn(ADA, PASSWORD, w.acme.id)).toMatchObject(refused);
      expect(await login(ADA, PASSWORD, w.acme.id)).toMatchObject(refused);
      expect(dump(w)["sessions"]).toEqual([]);
    });
  }

  test("cannot tell a tenant that does not exist from one where the password is wrong", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const { login } = portal(w);
    for (const tenantId of ["tnt_0", "acme", "", w.beta.id]) {
      expect(await login(ADA, PASSWORD, tenantId)).toMatchObject(refused);
    }
  });

  test("with a right password but an unverified email is told so, and mailed again within the limits", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA, isVerified: false, isActive: false });
    const { login } = portal(w);
    expect(await login(ADA, "wrong password")).toMatchObject(refused);
    for (let i = 0; i < 3; i++) {
      expect(await login(ADA, PASSWORD)).toMatchObject({ status: 403, body: { code: "EMAIL_NOT_VERIFIED" } });
    }
    expect(dump(w)["outbox"]).toHaveLength(1);
    expect(dump(w)["sessions"]).toEqual([]);
  });
});

describe("a flow token", () => {
  test("is good for one success, whatever comes after", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const { identify, authenticate } = portal(w);
    const { flow_token } = (await identify(ADA)).body;
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => authenticate({ flow_token, password: PASSWORD })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401]);
    expect(await authenticate({ flow_token, password: PASSWORD })).toMatchObject({
      status: 401,
      body: { code: "INVALID_FLOW_TOKEN" },
    });
  });

  test("dies by five wrong passwords, also when they come at once with the right one last", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "100" });
    await makePerson(w, w.acme, { email: ADA });
    const { identify, authenticate } = portal(w);
    const { flow_token } = (await identify(ADA)).body;
    await Promise.all(Array.from({ length: 5 }, () => authenticate({ flow_token, password: "wrong one" })));
    expect((await authenticate({ flow_token, password: PASSWORD })).body.code).toBe("INVALID_FLOW_TOKEN");
  });

  test("loses none of its five tries to those that a limit leaves unjudged", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const { identify, authenticate, login } = portal(w);
    const { flow_token } = (await identify(ADA)).body;
    for (let i = 0; i < 5; i++) await login(ADA, "wrong password");
    for (let i = 0; i < 7; i++) {
      expect((await authenticate({ flow_token, password: PASSWORD })).body.code).toBe("RATE_LIMITED");
    }
    w.clock.advance(31_000);
    expect((await authenticate({ flow_token, password: PASSWORD })).body.status).toBe("SUCCESS");
  });

  test("lives for ten minutes and belongs to one email", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    await makePerson(w, w.acme, { email: "bob@example.com", password: "the password of bob" });
    const { identify, authenticate } = portal(w);
    const { flow_token } = (await identify(ADA)).body;
    expect(await authenticate({ flow_token, password: "the password of bob" })).toMatchObject(refused);
    w.clock.advance(10 * 60 * 1000 + 1000);
    expect((await authenticate({ flow_token, password: PASSWORD })).body.code).toBe("INVALID_FLOW_TOKEN");
  });
});

describe("identify", () => {
  test("writes nothing", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const before = dump(w);
    for (const email of [ADA, "nobody@example.com"]) await portal(w).identify(email);
    expect(dump(w)).toEqual(before);
  });

  test("answers for unknown emails as for known ones", async () => {
    await using w = await town();
    await makePerson(w, w.acme, { email: ADA });
    const [known, unknown] = [await portal(w).identify(ADA), await portal(w).identify("eve@example.com")];
    expect(unknown.body).toEqual({ ...known.body, flow_token: expect.any(String) });
    expect(unknown.body.flow_token.length).toBe(known.body.flow_token.length);
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()]);
  });

  test("shows nobody's tenants when told to hide them", async () => {
    await using w = await town({ IDENTIFY_TENANTS: "hidden" });
    await makePerson(w, w.acme, { email: ADA });
    expect((await portal(w).identify(ADA)).body).toMatchObject({
      tenants: [],
      requires_tenant_selection: false,
    });
    expect((await portal(w).signIn(ADA, PASSWORD)).status).toBe(200);
  });

  test("is refused after 60 within a minute from one address, and goes on after it", async () => {
    await using w = await town();
    const { identify } = portal(w);
    for (let i = 0; i < 60; i++) expect((await identify(`u${i}@example.com`)).status).toBe(200);
    const late = await identify("u@example.com");
    expect(late).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    w.clock.advance(61_000);
    expect((await identify("u@example.com")).status).toBe(200);
  });

  test("takes no text that is no email", async () => {
    await using w = await town();
    for (const email of ["", "ada", "ada@", "@b", "a@b@c", "a b@c.de", "ad\u200ba@example.com"]) {
      const { status, body } = await portal(w).identify(email);
      expect(status).toBe(422);
      expect(body.detail[0].loc).toEqual(["body", "email"]);
    }
  });
});
