// Acting as another user in a browser: a second cookie beside the administrator's own (README, "Acting as another user"). Who may act
// as whom, and what ends it, stands in test/api/org/impersonation.test.ts for both ways.
import { describe, expect, test } from "bun:test";
import { type Stage, stage, stored } from "../../support/acting.ts";
import { told } from "../../support/audit-log.ts";
import { org, saidBy } from "../../support/org-group.ts";
import { makePerson, PASSWORD } from "../../support/people.ts";
import { browserSession, cookieFrom, portal } from "../../support/portal-group.ts";
import {
  HOUR,
  makeKey,
  MINUTE,
  signInForCookie,
  signInForKey,
  signInForTokens,
} from "../../support/sessions.ts";
import { tenantOf, withCookie } from "../../support/tenant-group.ts";
import { type Answer, audited, dump, type SendOptions } from "../../support/world.ts";

const PATH = "/api/v1/me/impersonation";

/** An owner at work as a member, in one browser. */
async function acting(settings: Parameters<typeof stage>[0] = {}) {
  const w = await stage(settings);
  const { cookie: own, sessionId } = await w.cookieOf("owner");
  const answer = await w.actInBrowser(own, { user_id: w.targets.member });
  const second = cookieFrom(answer, "acting");
  return Object.assign(w, { own, sessionId, answer, second, both: withCookie(own, second) });
}

const whoIs = async (w: Stage, shown: SendOptions): Promise<unknown> =>
  (await w.send("GET", "/api/v1/me", shown)).body.id;
const actingSessions = ({ ctx }: Stage) =>
  ctx.db.all<{ id: string }>`select id from sessions where actor_id is not null`;
/** Names and values of the cookies that an answer sets; a value is shown as its prefix. */
const cookiesSet = ({ headers }: Answer) =>
  headers.getSetCookie().map((cookie) => cookie.replace(/(ost_[a-z]+_)[\w-]{43}/, "$1…"));
const CLEARED = ["session", "acting"].map(
  (name) => `ostiary_${name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`,
);

describe("acting as another user in a browser", () => {
  test("takes a second cookie, for 15 minutes, and nothing secret stands in the answer", async () => {
    await using w = await acting();
    const { status, body } = w.answer;
    expect([status, body]).toEqual([
      201,
      { user_id: w.targets.member, organization_id: w.acme.id, expires_at: expect.stringMatching(/Z$/) },
    ]);
    const left = Date.parse(body.expires_at) - w.clock.now();
    expect(left).toBeLessThanOrEqual(15 * MINUTE);
    expect(left).toBeGreaterThan(14 * MINUTE);
    const [cookie, ...others] = cookiesSet(w.answer);
    expect(others).toEqual([]);
    const [, age] =
      /^ostiary_acting=ost_act_…; Path=\/; HttpOnly; SameSite=Lax; Max-Age=(\d+)$/.exec(cookie ?? "") ?? [];
    expect(Number(age)).toBeLessThanOrEqual(900);
    expect(Number(age)).toBeGreaterThan(840);
    expect(JSON.stringify(dump(w))).not.toContain(w.second.slice(8));
    expect(w.log.join("\n")).not.toContain(w.second.slice(8));
  });

  test("lasts no longer than the session that it was opened from, its cookie neither", async () => {
    await using w = await stage();
    const { cookie } = await w.cookieOf("owner");
    await w.ctx.db.run`update sessions set expires_at = ${w.clock.now() + 5 * MINUTE}`;
    const answer = await w.actInBrowser(cookie, { user_id: w.targets.member });
    expect(Date.parse(answer.body.expires_at) - w.clock.now()).toBeLessThanOrEqual(5 * MINUTE);
    expect(Number(/acting=.*Max-Age=(\d+)/.exec(cookiesSet(answer).join())?.[1])).toBeLessThanOrEqual(300);
  });

  test("is seen in load, by the actor's own name, and leaves the actor's own session as it is", async () => {
    await using w = await acting();
    expect(await whoIs(w, w.both)).toBe(w.targets.member);
    const { body } = await w.send("GET", "/v1/auth/load", w.both);
    expect([body.user.id, body.impersonator]).toEqual([
      w.targets.member,
      { id: w.actors.owner, name: "owner" },
    ]);
    expect(await whoIs(w, withCookie(w.own))).toBe(w.actors.owner);
    expect((await w.send("GET", "/v1/auth/load", withCookie(w.own))).body.impersonator).toBeNull();
  });

  test("is as strong and as old as the actor's sign-in, and stands in the target's sessions", async () => {
    await using w = await stage();
    const authTime = w.clock.now() - HOUR;
    const who = { userId: w.actors.owner, tenantId: w.acme.id, authTime, amr: ["pwd", "otp", "mfa"] };
    const { cookie } = await signInForCookie(w.ctx, who);
    await w.actInBrowser(cookie, { user_id: w.targets.member, reason: " ticket 4711 " });
    const path = `/api/v1/admin/sessions?user_id=${w.targets.member}`;
    const { data } = (await w.send("GET", path, { key: await w.bearerOf("admin") })).body;
    expect(data).toEqual([
      expect.objectContaining({ kind: "cookie", actor_id: w.actors.owner, amr: ["pwd", "otp", "mfa"] }),
    ]);
    expect(Date.parse(data[0].auth_time)).toBe(authTime);
    expect(await audited(w)).toContain("impersonation.started: ticket 4711");
  });

  test("asks for a reason where the instance does", async () => {
    await using w = await stage({ IMPERSONATION_REASON: "on" });
    const { cookie } = await w.cookieOf("owner");
    const answer = await w.actInBrowser(cookie, { user_id: w.targets.member, reason: " " });
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ["body", "reason"]]);
    expect(await actingSessions(w)).toEqual([]);
  });

  test("is written down request by request", async () => {
    await using w = await acting();
    await w.send("GET", "/v1/auth/load", w.both);
    await w.send("PATCH", "/api/v1/me", { ...w.both, body: { first_name: "Eve" } });
    expect((await audited(w)).filter((line) => line.startsWith("impersonation.request"))).toEqual([
      "impersonation.request: GET /v1/auth/load",
      "impersonation.request: PATCH /api/v1/me: refused",
    ]);
  });

  test("is not for Bearers, which are told where to go; nothing changes, and it is written down", async () => {
    await using w = await stage();
    const { userId, tenantId } = { userId: w.actors.owner, tenantId: w.acme.id };
    for (const key of [
      await w.bearerOf("owner"),
      await signInForKey(w.ctx, { userId, tenantId }),
      await makeKey(w.ctx, { userId, tenantId }),
    ]) {
      const before = stored(w);
      const answer = await w.send("POST", PATH, { key, body: { user_id: w.targets.member } });
      expect([...saidBy(answer), answer.body.detail]).toEqual([
        403,
        "SESSION_COOKIE_REQUIRED",
        expect.stringContaining("/v1/auth/login-as-user"),
      ]);
      expect(stored(w)).toEqual(before);
      expect((await audited(w)).at(-1)).toBe(
        `impersonation.refused: as ${w.targets.member}: SESSION_COOKIE_REQUIRED`,
      );
    }
  });

  test("is not begun from within, nor by another site", async () => {
    await using w = await acting();
    const body = { user_id: w.targets.admin };
    expect(saidBy(await w.send("POST", PATH, { ...w.both, body }))).toEqual([403, "IMPERSONATION_FORBIDDEN"]);
    const elsewhere: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, {}];
    for (const more of elsewhere) {
      const headers = { cookie: w.both.headers["cookie"] ?? "", ...more };
      const answer = await w.send("POST", PATH, { headers, body });
      expect(saidBy(answer)).toEqual([403, "CROSS_SITE"]);
    }
    expect(await actingSessions(w)).toHaveLength(1);
  });

  test("is begun anew when the first time is over", async () => {
    await using w = await acting();
    w.clock.advance(15 * MINUTE);
    const answer = await w.send("POST", PATH, { ...w.both, body: { user_id: w.targets.admin } });
    expect(answer.status).toBe(201);
    expect(await whoIs(w, withCookie(w.own, cookieFrom(answer, "acting")))).toBe(w.targets.admin);
  });
});

describe("the second cookie is worth nothing", () => {
  test("alone, as a session cookie, and as a Bearer", async () => {
    await using w = await acting();
    const { cookie: both, ...browser } = w.both.headers;
    const alone = both?.split("; ")[1] ?? "";
    for (const shown of [
      { headers: { ...browser, cookie: alone } },
      withCookie(w.second),
      withCookie(w.second, w.second),
      { key: w.second },
    ])
      expect((await w.send("GET", "/api/v1/me", shown)).status).toBe(401);
    const refused = await w.send("GET", "/api/v1/me", withCookie(w.second));
    expect((await told(w))(refused).map(({ reason }) => reason)).toEqual([
      "GET /api/v1/me: NOT_AUTHENTICATED (cookie of no session, or of one that has ended)",
    ]);
    // Nor is the first worth anything as the second.
    expect(await whoIs(w, withCookie(w.own, w.own))).toBe(w.actors.owner);
  });

  test("beside any session but the one that it was opened from", async () => {
    await using w = await acting();
    const { userId, tenantId } = { userId: w.targets.member, tenantId: w.acme.id };
    for (const { cookie, is } of [
      { cookie: (await w.cookieOf("owner")).cookie, is: w.actors.owner },
      { cookie: (await w.cookieOf("superuser")).cookie, is: w.actors.superuser },
      { cookie: (await w.cookieOf("member")).cookie, is: w.actors.member },
      { cookie: (await signInForCookie(w.ctx, { userId, tenantId })).cookie, is: userId },
    ])
      expect(await whoIs(w, withCookie(cookie, w.second))).toBe(is);
  });

  test("where a Bearer is shown, which decides alone", async () => {
    await using w = await acting();
    expect(await whoIs(w, { ...w.both, key: await w.bearerOf("admin") })).toBe(w.actors.admin);
  });

  test("when its time is over, or it is another: the session cookie counts then", async () => {
    await using w = await acting();
    for (const wrong of [`${w.second}x`, w.second.slice(0, -1), "x", ""])
      expect(await whoIs(w, withCookie(w.own, wrong))).toBe(w.actors.owner);
    expect(await whoIs(w, w.both)).toBe(w.targets.member);
    w.clock.advance(15 * MINUTE);
    expect(await whoIs(w, w.both)).toBe(w.actors.owner);
  });

  test("to change anything from another site", async () => {
    await using w = await acting();
    const headers = { cookie: w.both.headers["cookie"] ?? "", origin: "https://evil.example" };
    expect(saidBy(await w.send("DELETE", PATH, { headers }))).toEqual([403, "CROSS_SITE"]);
    expect(saidBy(await portal(w, { headers }).logout())).toEqual([403, "CROSS_SITE"]);
    expect(await whoIs(w, w.both)).toBe(w.targets.member);
  });
});

describe("it ends in that browser", () => {
  test("when the actor says so, who is themselves again", async () => {
    await using w = await acting();
    const answer = await w.send("DELETE", PATH, w.both);
    expect([answer.status, cookiesSet(answer)]).toEqual([204, CLEARED.slice(1)]);
    expect(await actingSessions(w)).toEqual([]);
    expect(await whoIs(w, w.both)).toBe(w.actors.owner);
    expect(saidBy(await w.send("DELETE", PATH, w.both))).toEqual([404, "NOT_FOUND"]);
    const entries = await w.ctx.db.all`
      select actor_id, user_id from audit where event = 'impersonation.ended'`;
    expect(entries).toEqual([{ actor_id: w.actors.owner, user_id: w.targets.member }]);
  });

  test("by logging out, which ends both sessions and clears both cookies, and is the actor's own doing", async () => {
    await using w = await acting();
    const token = (
      await w.send("POST", "/v1/auth/login-as-user", {
        ...withCookie(w.own),
        body: { user_id: w.targets.admin },
      })
    ).body.access_token;
    const answer = await portal(w, w.both).logout();
    expect([answer.status, answer.body, cookiesSet(answer)]).toEqual([
      200,
      { message: "Logged out" },
      CLEARED,
    ]);
    for (const shown of [w.both, withCookie(w.own)])
      expect((await w.send("GET", "/api/v1/me", shown)).status).toBe(401);
    expect(await org(w, token).worth()).toBe(401);
    expect(await actingSessions(w)).toEqual([]);
    const entries = await w.ctx.db.all`
      select event, actor_id as actor, user_id as "user", tenant_id as tenant from audit
      where event in ('impersonation.ended', 'logout') order by seq`;
    const { owner: actor } = w.actors;
    const tenant = w.acme.id;
    expect(entries).toEqual([
      { event: "impersonation.ended", actor, user: w.targets.member, tenant },
      { event: "impersonation.ended", actor, user: w.targets.admin, tenant },
      { event: "logout", actor, user: actor, tenant },
    ]);
  });

  const ends: [string, (w: Awaited<ReturnType<typeof acting>>) => Promise<Answer>][] = [
    [
      "their own list",
      async (w) => w.send("DELETE", `/api/v1/me/sessions/${w.sessionId}`, { key: await w.bearerOf("owner") }),
    ],
    [
      "an administrator's",
      async (w) =>
        w.send("DELETE", `/api/v1/admin/sessions/${w.sessionId}`, { key: await w.bearerOf("superuser") }),
    ],
  ];
  for (const [how, end] of ends) {
    test(`when the sign-in of the actor is ended from ${how}, and that is written down`, async () => {
      await using w = await acting();
      expect((await end(w)).status).toBe(204);
      expect(await actingSessions(w)).toEqual([]);
      expect(await audited(w)).toContain("impersonation.ended");
    });
  }

  test("but other sign-ins of the actor, and whom they act as there, stay", async () => {
    await using w = await acting();
    const other = await w.cookieOf("owner");
    const second = cookieFrom(await w.actInBrowser(other.cookie, { user_id: w.targets.admin }), "acting");
    await portal(w, w.both).logout();
    expect(await whoIs(w, withCookie(other.cookie, second))).toBe(w.targets.admin);
  });

  test("by signing in anew there, by whatever sets a session cookie", async () => {
    await using w = await acting();
    const email = "new@example.com";
    const userId = await makePerson(w, w.acme, { email });
    const { accessToken: key } = await signInForTokens(w.ctx, { userId, tenantId: w.acme.id });
    const code = (await org(w, key).issueCode()).body.exchange_code;
    for (const answer of [
      await tenantOf(w, "acme", w.both).login(email, PASSWORD),
      await browserSession(w, code, w.both),
    ]) {
      expect(answer.status).toBe(200);
      expect(cookiesSet(answer)).toContain(CLEARED[1] ?? "");
      // Also in a browser that keeps it.
      expect(await whoIs(w, withCookie(cookieFrom(answer, "session"), w.second))).toBe(userId);
    }
  });

  test("whichever comes first, beginning or logging out: nobody acts as anybody afterwards", async () => {
    await using w = await stage();
    let begun = 0;
    for (let round = 0; round < 8; round++) {
      const { cookie } = await w.cookieOf("owner");
      const begin = async (after: number) => {
        await Bun.sleep(after);
        const { status } = await w.actInBrowser(cookie, { user_id: w.targets.member });
        expect([201, 401]).toContain(status);
        if (status === 201) begun++;
      };
      const leave = async () => {
        await Bun.sleep(round);
        expect((await portal(w, withCookie(cookie)).logout()).status).toBe(200);
      };
      await Promise.all([...Array.from({ length: 8 }, (_, i) => begin(i)), leave()]);
      expect(await actingSessions(w)).toEqual([]);
    }
    expect(begun).toBeGreaterThan(0);
  });
});
