// Acting as another user (decisions §2 org; A50 to A52): who may act as whom, what it gives, and how it ends.
import { describe, expect, test } from "bun:test";
import * as secrets from "../../../src/core/one-time-secrets.ts";
import * as tenants from "../../../src/core/tenants.ts";
import { resetPassword } from "../../../src/flows/recover-password.ts";
import {
  type Acting,
  ACTORS,
  type Stage,
  stage,
  stored,
  type Target,
  TARGETS,
} from "../../support/acting.ts";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { cookieFrom } from "../../support/portal-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import {
  client,
  DAY,
  HOUR,
  makeKey,
  MINUTE,
  signInForCookie,
  signInForTokens,
} from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, worldWithMail } from "../../support/world.ts";

/** By target, in the order of ACTORS. An owner of another tenant sees nobody here, and a member is no administrator. */
const MATRIX: Record<Target, [number, number, number, number, number, number]> = {
  member: [200, 200, 200, 403, 200, 404],
  admin: [200, 200, 403, 403, 200, 404],
  owner: [200, 403, 403, 403, 200, 404],
  superuser: [403, 403, 403, 403, 403, 404],
  disabled: [403, 403, 403, 403, 403, 404],
  unverified: [403, 403, 403, 403, 403, 404],
  suspended: [403, 403, 403, 403, 403, 404],
  invited: [403, 403, 403, 403, 403, 404],
  "foreign member": [200, 404, 404, 403, 200, 200],
};

const started = async (w: Stage) =>
  (await audited(w)).filter((line) => line.startsWith("impersonation.started")).length;
const refused = async (w: Stage) =>
  (await audited(w)).filter((line) => line.startsWith("impersonation.refused"));

/** A token by a Bearer, or a second cookie beside the session cookie; the answer, and what shows as whom one is there then. */
const ASKED_BY = {
  token: async (w: Stage, actor: Acting) => {
    const client = org(w, await w.bearerOf(actor));
    return async (user_id: string) => {
      const answer = await client.loginAs({ user_id });
      return { answer, shown: { key: answer.body.access_token } };
    };
  },
  cookie: async (w: Stage, actor: Acting) => {
    const { cookie } = await w.cookieOf(actor);
    return async (user_id: string) => {
      const answer = await w.actInBrowser(cookie, { user_id });
      const acting = answer.status === 201 ? cookieFrom(answer, "acting") : undefined;
      return { answer, shown: withCookie(cookie, acting) };
    };
  },
};

describe.each(Object.entries(ASKED_BY))("who may act as whom, by %s:", (by, signIn) => {
  for (const target of TARGETS) {
    test(`a target who is ${target}`, async () => {
      await using w = await stage();
      for (const [i, actor] of ACTORS.entries()) {
        const expected = MATRIX[target][i] ?? 0;
        const ask = await signIn(w, actor);
        const before = stored(w);
        const [begun, no] = [await started(w), (await refused(w)).length];
        const { answer, shown } = await ask(w.targets[target]);
        const { status, body } = answer;
        expect([actor, status]).toEqual([actor, expected === 200 && by === "cookie" ? 201 : expected]);
        if (expected === 200) {
          expect((await w.send("GET", "/v1/auth/load", shown)).body.user.id).toBe(w.targets[target]);
          expect([await started(w), (await refused(w)).length]).toEqual([begun + 1, no]);
        } else {
          expect(body.code).toBe(expected === 403 ? "FORBIDDEN" : "NOT_FOUND");
          expect(answer.headers.getSetCookie()).toEqual([]);
          expect(stored(w)).toEqual(before);
          const last = (await refused(w)).at(-1);
          expect(last).toBe(`impersonation.refused: as ${w.targets[target]}: ${body.code}`);
        }
      }
    });
  }
});

describe("nobody acts", () => {
  test("as themselves, nor as who does not exist", async () => {
    await using w = await stage();
    for (const actor of ["superuser", "owner", "admin", "far superuser"] as const) {
      const client = org(w, await w.bearerOf(actor));
      expect(saidBy(await client.loginAs({ user_id: w.actors[actor] }))).toEqual([403, "FORBIDDEN"]);
      for (const user_id of ["usr_nobody", "", "t-member@example.com"])
        expect(saidBy(await client.loginAs({ user_id }))).toEqual([404, "NOT_FOUND"]);
    }
    expect(saidBy(await org(w).loginAs({ user_id: w.targets.member }))).toEqual([401, "NOT_AUTHENTICATED"]);
  });

  test("whom one cannot see looks like nobody", async () => {
    await using w = await stage();
    const client = org(w, await w.bearerOf("owner"));
    const [real, none] = [
      await client.loginAs({ user_id: w.targets["foreign member"] }),
      await client.loginAs({ user_id: "usr_019ab00000000000000000000000000" }),
    ];
    expect([real.status, real.body]).toEqual([none.status, none.body]);
  });

  test("a body that is none is a 422", async () => {
    await using w = await stage();
    const client = org(w, await w.bearerOf("owner"));
    const user_id = w.targets.member;
    for (const body of [
      {},
      { user_id: 1 },
      { user_id, reason: "x".repeat(501) },
      { user_id, organization_id: 1 },
    ])
      expect([body, (await client.loginAs(body)).status]).toEqual([body, 422]);
  });
});

describe("in which organization:", () => {
  /** A member of acme and of beta, and a superuser of neither. */
  async function scattered() {
    const w = await stage();
    const userId = await makePerson(w, [w.acme, w.beta], { email: "both@example.com" });
    const gamma = await makeTenant(w, "gamma");
    const root = await makePerson(w, gamma, { username: "far-far", isSuperuser: true });
    const { accessToken } = await signInForTokens(w.ctx, { userId: root, tenantId: gamma.id });
    return Object.assign(w, { userId, gamma, root: org(w, accessToken) });
  }

  test("the caller's; a superuser from elsewhere names one where there are several", async () => {
    await using w = await scattered();
    const at = async (answer: Promise<{ body: { access_token?: string } }>) =>
      claimsOf((await answer).body.access_token)["org"];
    const home = org(w, await w.bearerOf("owner"));
    expect(await at(home.loginAs({ user_id: w.userId }))).toBe(w.acme.id);
    expect(await at(home.loginAs({ user_id: w.userId, organization_id: "acme" }))).toBe(w.acme.id);
    expect(await at(org(w, await w.bearerOf("superuser")).loginAs({ user_id: w.userId }))).toBe(w.acme.id);
    const unnamed = await w.root.loginAs({ user_id: w.userId });
    expect([unnamed.status, unnamed.body.detail[0].loc]).toEqual([422, ["body", "organization_id"]]);
    for (const organization_id of ["beta", w.beta.id])
      expect(await at(w.root.loginAs({ user_id: w.userId, organization_id }))).toBe(w.beta.id);
    expect(await at(w.root.loginAs({ user_id: w.targets.member }))).toBe(w.acme.id);
  });

  test("never another than the caller's for the others, nor one where the target is no member", async () => {
    await using w = await scattered();
    const { userId: user_id } = w;
    for (const organization_id of ["beta", w.beta.id, "nope", ""]) {
      const answer = await org(w, await w.bearerOf("owner")).loginAs({ user_id, organization_id });
      expect([organization_id, ...saidBy(answer)]).toEqual([organization_id, 404, "NOT_FOUND"]);
    }
    for (const organization_id of ["gamma", "nope"])
      expect((await w.root.loginAs({ user_id, organization_id })).status).toBe(404);
    // The rank counts in the organization that is meant.
    await w.ctx.db
      .run`update memberships set role = 'owner' where user_id = ${user_id} and tenant_id = ${w.beta.id}`;
    expect((await org(w, await w.bearerOf("owner")).loginAs({ user_id })).status).toBe(200);
    expect((await org(w, await w.bearerOf("foreign owner")).loginAs({ user_id })).status).toBe(403);
  });

  test("it shows no other of the target's organizations", async () => {
    await using w = await scattered();
    const { body } = await org(w, await w.bearerOf("owner")).loginAs({ user_id: w.userId });
    const loaded = (await org(w, body.access_token).load()).body;
    expect(loaded.organizations.map(({ slug }: { slug: string }) => slug)).toEqual(["acme"]);
    expect(JSON.stringify(loaded)).not.toContain("beta");
  });

  test("an account of an isolated tenant by its own admins, and by superusers", async () => {
    await using w = await scattered();
    const iso = await makeTenant(w, "iso", { identity: "isolated" });
    const userId = await makePerson(w, iso, { email: "far@example.com" });
    const admin = await makePerson(w, iso, { email: "boss@example.com", role: "admin" });
    const { accessToken } = await signInForTokens(w.ctx, { userId: admin, tenantId: iso.id });
    for (const one of [org(w, accessToken), w.root])
      expect((await one.loginAs({ user_id: userId })).status).toBe(200);
  });
});

describe("what it gives", () => {
  test("is an access token that names the actor, for 15 minutes, and nothing to refresh", async () => {
    await using w = await stage();
    const { userId, tenantId } = { userId: w.actors.owner, tenantId: w.acme.id };
    const authTime = w.clock.now() - HOUR;
    const own = await signInForTokens(w.ctx, { userId, tenantId, authTime, amr: ["pwd", "otp", "mfa"] });
    const { status, headers, body } = await org(w, own.accessToken).loginAs({ user_id: w.targets.member });
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), refresh_token: "", token_type: "bearer" },
    ]);
    expect(headers.getSetCookie()).toEqual([]);
    const claims = claimsOf(body.access_token);
    expect(claims).toMatchObject({
      sub: w.targets.member,
      act: { sub: w.actors.owner },
      org: w.acme.id,
      role: "member",
      auth_time: Math.floor(authTime / 1000),
      amr: ["pwd", "otp", "mfa"],
    });
    expect(Number(claims["exp"]) - Number(claims["iat"])).toBe(15 * 60);
    expect(claimsOf(own.accessToken)).not.toHaveProperty("act");
    const { accessToken } = await signInForTokens(w.ctx, { userId: w.targets.member, tenantId });
    expect(claimsOf(accessToken)).not.toHaveProperty("act");
    const rows = await w.ctx.db.all`
      select expires_at - created_at as lives from sessions where actor_id is not null`;
    expect(rows).toEqual([{ lives: 15 * MINUTE }]);
    const tokens = await w.ctx.db.all`
      select token_hash from refresh_tokens r join sessions s on s.id = r.session_id where s.actor_id is not null`;
    expect(tokens).toEqual([]);
    expect((await org(w).refresh("")).status).toBe(401);
    w.clock.advance(15 * MINUTE - 2000);
    expect(await org(w, body.access_token).worth()).toBe(200);
    w.clock.advance(2000);
    expect(await org(w, body.access_token).worth()).toBe(401);
  });

  test("load says who acts, under their own name", async () => {
    await using w = await stage();
    const { body } = await org(w, await w.act("owner", "member")).load();
    expect(body.user.username).toBe("t-member");
    expect(body.impersonator).toEqual({ id: w.actors.owner, name: "owner" });
  });

  test("stands in the session lists of target and administrators", async () => {
    await using w = await stage();
    await w.act("owner", "member");
    const own = await signInForTokens(w.ctx, { userId: w.targets.member, tenantId: w.acme.id });
    const actorsIn = async (path: string, key: string) =>
      (await w.send("GET", path, { key })).body.data.map(
        ({ actor_id }: { actor_id: string | null }) => actor_id,
      );
    expect(await actorsIn("/api/v1/me/sessions", own.accessToken)).toEqual([null, w.actors.owner]);
    const list = await actorsIn(
      `/api/v1/admin/sessions?user_id=${w.targets.member}`,
      await w.bearerOf("admin"),
    );
    expect(list).toEqual([null, w.actors.owner]);
  });

  test("is given to a key too, made by hand or by a login", async () => {
    await using w = await stage();
    const key = await makeKey(w.ctx, { userId: w.actors.owner, tenantId: w.acme.id });
    const { status, body } = await org(w, key).loginAs({ user_id: w.targets.member });
    expect([status, claimsOf(body.access_token)["auth_time"]]).toEqual([200, 0]);
    await makeKey(w.ctx, { userId: w.actors.owner, tenantId: w.acme.id });
    expect(await org(w, body.access_token).worth()).toBe(200);
    await w.ctx.db.run`update api_keys set expires_at = 1 where id = (select min(id) from api_keys)`;
    expect(await org(w, body.access_token).worth()).toBe(401);
  });
});

describe("the reason", () => {
  const reasons = ({ ctx }: Stage) =>
    ctx.db.all<{ session: string | null; audit: string | null }>`
      select s.actor_reason as session, a.reason as audit
      from sessions s join audit a on a.user_id = s.user_id and a.event = 'impersonation.started'
      where s.actor_id is not null`;

  test("is kept with the session and in the audit log, where it is given", async () => {
    await using w = await stage();
    await w.act("owner", "member", { reason: "  ticket 4711 " });
    expect(await reasons(w)).toEqual([{ session: "ticket 4711", audit: "ticket 4711" }]);
    await w.act("owner", "admin", { reason: null });
    expect(await reasons(w)).toContainEqual({ session: null, audit: null });
  });

  test("has to be given where the instance asks for it", async () => {
    await using w = await stage({ IMPERSONATION_REASON: "on" });
    const client = org(w, await w.bearerOf("owner"));
    const user_id = w.targets.member;
    for (const body of [
      { user_id },
      { user_id, reason: "" },
      { user_id, reason: " \t" },
      { user_id, reason: null },
    ]) {
      const { status, body: said } = await client.loginAs(body);
      expect([body, status, said.detail]).toEqual([
        body,
        422,
        [{ loc: ["body", "reason"], msg: "Field required", type: "missing" }],
      ]);
    }
    expect((await client.loginAs({ user_id, reason: "ticket 4711" })).status).toBe(200);
  });
});

test("the target is told by mail who it is and when, and the audit log says who acts as whom", async () => {
  await using w = await worldWithMail();
  const acme = await makeTenant(w, "acme", { brand_name: "Acme Ltd" });
  const actorId = await makePerson(w, acme, { email: "boss@example.com", role: "owner" });
  const userId = await makePerson(w, acme, { email: "ada@example.com" });
  const { accessToken } = await signInForTokens(w.ctx, { userId: actorId, tenantId: acme.id });
  await org(w, accessToken).loginAs({ user_id: userId, reason: "ticket 4711" });
  const { subject, text } = await w.mailbox.waitFor("ada@example.com");
  expect(subject).toBe("An administrator looked into your account at Acme Ltd");
  const day = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(w.clock.now());
  expect(text.replaceAll("\n", " ")).toMatch(
    new RegExp(`On ${day} at \\d\\d:\\d\\d UTC, "boss@example.com" began to act as you`),
  );
  const [entry] = await w.ctx.db.all`
    select event, actor_id, user_id, tenant_id, address, reason from audit where event = 'impersonation.started'`;
  expect(entry).toEqual({
    event: "impersonation.started",
    actor_id: actorId,
    user_id: userId,
    tenant_id: acme.id,
    address: "127.0.0.1",
    reason: "ticket 4711",
  });
});

describe("it ends", () => {
  test("when the actor says so, and then it is over", async () => {
    await using w = await stage();
    const token = await w.act("owner", "member");
    const answer = await org(w, token).stopActing();
    expect([answer.status, answer.body]).toEqual([204, ""]);
    expect(await org(w, token).worth()).toBe(401);
    expect((await org(w, token).stopActing()).status).toBe(401);
    const entries = await w.ctx.db.all`
      select actor_id, user_id from audit where event = 'impersonation.ended'`;
    expect(entries).toEqual([{ actor_id: w.actors.owner, user_id: w.targets.member }]);
  });

  test("and for those who act as nobody there is nothing to end", async () => {
    await using w = await stage();
    for (const key of [
      await w.bearerOf("owner"),
      await makeKey(w.ctx, { userId: w.actors.owner, tenantId: w.acme.id }),
    ]) {
      expect(saidBy(await org(w, key).stopActing())).toEqual([404, "NOT_FOUND"]);
      expect(await org(w, key).worth()).toBe(200);
    }
    const { cookie } = await signInForCookie(w.ctx, { userId: w.actors.owner, tenantId: w.acme.id });
    const own = withCookie(cookie);
    expect((await w.send("DELETE", "/api/v1/me/impersonation", own)).status).toBe(404);
    expect((await w.send("GET", "/api/v1/me", own)).status).toBe(200);
  });

  test("by logging out, of either group, which is the actor's doing", async () => {
    await using w = await stage();
    const [one, two] = [await w.act("owner", "member"), await w.act("owner", "member")];
    expect((await org(w, one).logout()).status).toBe(204);
    expect((await w.send("POST", "/api/v1/auth/logout", { key: two, body: {} })).status).toBe(200);
    expect([await org(w, one).worth(), await org(w, two).worth()]).toEqual([401, 401]);
    const entries = await w.ctx.db.all`select actor_id, user_id from audit where event = 'logout'`;
    const entry = { actor_id: w.actors.owner, user_id: w.targets.member };
    expect(entries).toEqual([entry, entry]);
  });

  test("when the target ends it, who sees it in their sessions", async () => {
    await using w = await stage();
    const token = await w.act("owner", "member");
    const own = await signInForTokens(w.ctx, { userId: w.targets.member, tenantId: w.acme.id });
    const path = `/api/v1/me/sessions/${String(claimsOf(token)["sid"])}`;
    expect((await w.send("DELETE", path, { key: own.accessToken })).status).toBe(204);
    expect(await org(w, token).worth()).toBe(401);
  });
});

/** What takes from under an impersonation what it stands on. */
const reset = async (w: Stage, userId: Stage["actors"]["owner"], tenant: tenants.Tenant) => {
  const token = await secrets.create(w.ctx, { purpose: "reset", userId, tenantId: tenant.id });
  await resetPassword(w.ctx, { tenant, token, password: "quite another secret" }, client());
};
interface Own {
  logOut: () => Promise<unknown>;
  sessionId: string;
}
const LOSSES: [string, Acting, (w: Stage, own: Own) => Promise<unknown>][] = [
  ["the actor logs out", "owner", (_, own) => own.logOut()],
  ["a superuser logs out", "far superuser", (_, own) => own.logOut()],
  [
    "the actor's session is ended",
    "owner",
    (w, { sessionId }) => w.ctx.db.run`delete from sessions where id = ${sessionId}`,
  ],
  [
    "the actor is disabled",
    "owner",
    (w) => w.ctx.db.run`update users set disabled_at = 1 where id = ${w.actors.owner}`,
  ],
  [
    "a superuser is disabled",
    "far superuser",
    (w) => w.ctx.db.run`update users set disabled_at = 1 where id = ${w.actors["far superuser"]}`,
  ],
  [
    "the actor is demoted to the target's rank",
    "admin",
    (w) => w.ctx.db.run`update memberships set role = 'member' where user_id = ${w.actors.admin}`,
  ],
  ["the actor is suspended", "owner", (w) => suspend(w, w.actors.owner, w.acme.id)],
  [
    "the actor is removed",
    "owner",
    (w) => w.ctx.db.run`delete from memberships where user_id = ${w.actors.owner}`,
  ],
  ["the actor is deleted", "owner", (w) => w.ctx.db.run`delete from users where id = ${w.actors.owner}`],
  [
    "a superuser is one no more",
    "far superuser",
    (w) => w.ctx.db.run`update users set superuser_at = null where id = ${w.actors["far superuser"]}`,
  ],
  ["the actor has a new password", "owner", (w) => reset(w, w.actors.owner, w.acme)],
  ["a superuser has a new password", "far superuser", (w) => reset(w, w.actors["far superuser"], w.beta)],
  [
    "the superuser's own tenant is disabled over HTTP",
    "far superuser",
    async (w) => {
      const key = await w.bearerOf("superuser");
      const answer = await w.send("PATCH", "/api/v1/admin/tenants/beta", { key, body: { disabled: true } });
      expect(answer.status).toBe(200);
    },
  ],
  ["the tenant is disabled", "owner", (w) => tenants.update(w.ctx, w.acme, { disabled: true })],
  [
    "the target is disabled",
    "owner",
    (w) => w.ctx.db.run`update users set disabled_at = 1 where id = ${w.targets.member}`,
  ],
  ["the target is suspended", "owner", (w) => suspend(w, w.targets.member, w.acme.id)],
  [
    "the target is removed",
    "owner",
    (w) => w.ctx.db.run`delete from memberships where user_id = ${w.targets.member}`,
  ],
  [
    "the target is promoted to the actor's rank",
    "admin",
    (w) => w.ctx.db.run`update memberships set role = 'admin' where user_id = ${w.targets.member}`,
  ],
  [
    "the target becomes a superuser",
    "owner",
    (w) => w.ctx.db.run`update users set superuser_at = 1 where id = ${w.targets.member}`,
  ],
  ["the target has a new password", "owner", (w) => reset(w, w.targets.member, w.acme)],
];

describe("at once it is worth nothing when", () => {
  for (const [what, actor, lose] of LOSSES) {
    test(what, async () => {
      await using w = await stage();
      const bearer = await w.bearerOf(actor);
      // What else the actor is signed in with carries nothing of this.
      await w.bearerOf(actor);
      const { body } = await org(w, bearer).loginAs({ user_id: w.targets.member });
      const token: string = body.access_token;
      expect(await org(w, token).worth()).toBe(200);
      await lose(w, { logOut: () => org(w, bearer).logout(), sessionId: String(claimsOf(bearer)["sid"]) });
      expect(await org(w, token).worth()).toBe(401);
      expect((await w.send("GET", "/api/v1/auth/me/", { key: token })).status).toBe(401);
    });

    test(`${what}, in a browser`, async () => {
      await using w = await stage();
      const { cookie, sessionId } = await w.cookieOf(actor);
      await w.cookieOf(actor);
      const acting = cookieFrom(await w.actInBrowser(cookie, { user_id: w.targets.member }), "acting");
      const whoAmI = async () => (await w.send("GET", "/api/v1/me", withCookie(cookie, acting))).body.id;
      expect(await whoAmI()).toBe(w.targets.member);
      const logOut = () => w.send("POST", "/api/v1/auth/logout", { ...withCookie(cookie), body: {} });
      await lose(w, { logOut, sessionId });
      // The actor is themselves, if that.
      expect([undefined, String(w.actors[actor])]).toContain(await whoAmI());
    });
  }

  test("the actor's own session is over by its time", async () => {
    await using w = await stage();
    const bearer = await w.bearerOf("owner");
    await w.ctx.db.run`update sessions set expires_at = ${w.clock.now() + 5 * MINUTE}`;
    const { body } = await org(w, bearer).loginAs({ user_id: w.targets.member });
    w.clock.advance(5 * MINUTE);
    expect(await org(w, body.access_token).worth()).toBe(401);
    w.clock.advance(DAY);
  });

  test("but not because the actor signs out somewhere else", async () => {
    await using w = await stage();
    const other = await w.bearerOf("owner");
    const token = await w.act("owner", "member");
    await org(w, other).logout();
    expect(await org(w, token).worth()).toBe(200);
  });
});
