// From a command line to a browser: one minute, once, bound to what issued it (decisions §2 org; A47 to A49).
import { describe, expect, test } from "bun:test";
import * as secrets from "../../../src/core/one-time-secrets.ts";
import * as tenants from "../../../src/core/tenants.ts";
import { resetPassword } from "../../../src/flows/recover-password.ts";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import { browserSession } from "../../support/portal-group.ts";
import {
  client,
  DAY,
  HOUR,
  makeKey,
  MINUTE,
  signInForCookie,
  signInForKey,
  signInForTokens,
} from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { type Answer, audited, dump, type SendOptions, type World, world } from "../../support/world.ts";

async function place(settings: Parameters<typeof world>[0] = {}) {
  const w = await world(settings);
  const acme = await makeTenant(w, "acme");
  const userId = await makePerson(w, acme, { email: "ada@example.com" });
  const who = { userId, tenantId: acme.id };
  const signIn = (more = {}) => signInForTokens(w.ctx, { ...who, ...more });
  const issue = (bearer: string): Promise<string> => issueBy({ key: bearer });
  /** Or by whatever else. */
  const issueBy = async (options: SendOptions): Promise<string> =>
    (await w.send("POST", "/v1/auth/cli-browser-token", options)).body.exchange_code;
  return Object.assign(w, { acme, userId, who, signIn, issue, issueBy });
}
type Place = Awaited<ReturnType<typeof place>>;

/** Where a code is spent: for tokens, or for a browser's session. */
const SPENT_AT: Record<
  string,
  (w: World, code: string, headers?: Record<string, string>) => Promise<Answer>
> = {
  "consume-cli-token": (w, code, headers) => org(w).consumeCode({ code }, headers),
  "browser-session": (w, code, headers = {}) => browserSession(w, code, { headers }),
};

const INVALID = { detail: "Invalid or expired exchange code", code: "INVALID_EXCHANGE_CODE" };
const sessionCount = async ({ ctx }: World) => (await ctx.db.all`select id from sessions`).length;

describe("a hand-off", () => {
  test("gives a new session of the same user in the same tenant, as old and as strong as the one that issued it", async () => {
    await using w = await place();
    const authTime = w.clock.now() - HOUR;
    const { accessToken } = await w.signIn({ authTime, amr: ["pwd", "otp", "mfa"] });
    const issued = await org(w, accessToken).issueCode();
    expect([issued.status, issued.body]).toEqual([
      200,
      { exchange_code: expect.stringMatching(/^ost_xch_[\w-]{43}$/), expires_in: 60 },
    ]);
    const { exchange_code } = issued.body;
    const { status, headers, body } = await org(w).consumeCode({ exchange_code });
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), refresh_token: expect.any(String), token_type: "bearer" },
    ]);
    // In the body alone: it never takes the place of a browser's session by itself (A49).
    expect(headers.getSetCookie()).toEqual([]);
    const { sid, jti: _, iat: __, exp: ___, ...same } = claimsOf(accessToken);
    expect(claimsOf(body.access_token)).toMatchObject(same);
    expect(claimsOf(body.access_token)["sid"]).not.toBe(sid);
    expect(await org(w, body.access_token).worth()).toBe(200);
    expect((await org(w).refresh(body.refresh_token)).status).toBe(200);
    expect(await audited(w)).toEqual(["handoff.issued", "handoff.consumed"]);
  });

  test("is kept as a hash, and stands in no log", async () => {
    await using w = await place();
    const code = await w.issue((await w.signIn()).accessToken);
    await org(w).consumeCode({ exchange_code: code });
    expect(JSON.stringify(dump(w))).not.toContain(code.slice(8));
    expect(w.log.join("\n")).not.toContain(code.slice(8));
  });

  test("from a key gives a session that stems from the key's login, or from none", async () => {
    await using w = await place();
    const authTime = w.clock.now() - HOUR;
    const login = await signInForKey(w.ctx, { ...w.who, authTime, amr: ["pwd", "otp", "mfa"] });
    const byLogin = await org(w).consumeCode({ code: await w.issue(login) });
    const seconds = Math.floor(authTime / 1000);
    expect(claimsOf(byLogin.body.access_token)).toMatchObject({
      auth_time: seconds,
      amr: ["pwd", "otp", "mfa"],
    });
    const byHand = await org(w).consumeCode({ code: await w.issue(await makeKey(w.ctx, w.who)) });
    expect(claimsOf(byHand.body.access_token)).toMatchObject({ auth_time: 0, amr: ["pwd"] });
  });

  test("lasts no longer than what it came from", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    w.clock.advance(7 * DAY - HOUR);
    const next = await org(w).refresh(refreshToken);
    expect(claimsOf(next.body.access_token)["sid"]).toBe(claimsOf(accessToken)["sid"]);
    await org(w).consumeCode({ code: await w.issue(next.body.access_token) });
    const ends = await w.ctx.db.all<{ ends: number }>`select distinct expires_at as ends from sessions`;
    expect(ends).toHaveLength(1);
  });

  test("to a browser lasts as long as the tenant wants that, and no longer than what it came from", async () => {
    await using w = await place();
    const { accessToken } = await w.signIn();
    const lives = async () => {
      const rows = await w.ctx.db.all<{ lives: number }>`
        select expires_at - created_at as lives from sessions where kind = 'cookie' order by id`;
      return rows.at(-1)?.lives;
    };
    await browserSession(w, await w.issue(accessToken));
    expect(await lives()).toBe(DAY);
    await w.ctx.db.run`update sessions set expires_at = ${w.clock.now() + HOUR} where kind = 'tokens'`;
    await browserSession(w, await w.issue(accessToken));
    expect(await lives()).toBeLessThanOrEqual(HOUR);
  });

  for (const name of ["exchange_code", "code", "token"]) {
    test(`takes the code as ${name}`, async () => {
      await using w = await place();
      const code = await w.issue((await w.signIn()).accessToken);
      expect((await org(w).consumeCode({ [name]: code })).status).toBe(200);
    });
  }

  test("takes one name: none, or two that differ, are a 422 and spend nothing", async () => {
    await using w = await place();
    const code = await w.issue((await w.signIn()).accessToken);
    for (const body of [
      {},
      { exchange_code: null },
      { code: 1 },
      { code, token: "x" },
      { exchangecode: code },
    ])
      expect([body, (await org(w).consumeCode(body)).status]).toEqual([body, 422]);
    expect((await org(w).consumeCode({ code, token: code })).status).toBe(200);
  });

  test("is issued to who is signed in, to everything", async () => {
    await using w = await place();
    expect(saidBy(await org(w).issueCode())).toEqual([401, "NOT_AUTHENTICATED"]);
    const { accessToken, refreshToken } = await w.signIn();
    const code = await w.issue(accessToken);
    for (const bearer of [refreshToken, code, "x"])
      expect(saidBy(await org(w, bearer).issueCode())).toEqual([401, "INVALID_BEARER"]);
    const second = await w.issue(accessToken);
    await w.ctx.db.run`update sessions set restricted_at = 1`;
    expect(saidBy(await org(w, accessToken).issueCode())).toEqual([403, "MFA_ENROLMENT_REQUIRED"]);
    expect((await org(w).consumeCode({ code })).body).toEqual(INVALID);
    expect((await browserSession(w, second)).body).toEqual(INVALID);
  });
});

const ISSUERS: Record<string, (w: Place) => Promise<SendOptions>> = {
  session: async (w) => ({ key: (await w.signIn()).accessToken }),
  "browser's session": async (w) => withCookie((await signInForCookie(w.ctx, w.who)).cookie),
  key: async (w) => ({ key: await signInForKey(w.ctx, w.who) }),
};

describe.each(Object.entries(SPENT_AT))("at %s one and the same 401 is for a code", (_at, spend) => {
  test("that was used, by whomever, and the session that it gave stays", async () => {
    await using w = await place();
    const code = await w.issue((await w.signIn()).accessToken);
    expect((await spend(w, code)).status).toBe(200);
    // At either of the two.
    for (const again of Object.values(SPENT_AT)) {
      const answer = await again(w, code);
      expect([answer.status, answer.body, answer.headers.getSetCookie()]).toEqual([401, INVALID, []]);
      expect((await audited(w)).at(-1)).toBe("handoff.refused: code spent or expired");
    }
    expect(await sessionCount(w)).toBe(2);
  });

  test("that is a minute old", async () => {
    await using w = await place();
    const { accessToken } = await w.signIn();
    const [late, intime] = [await w.issue(accessToken), await w.issue(accessToken)];
    w.clock.advance(MINUTE - 5_000);
    expect((await spend(w, intime)).status).toBe(200);
    w.clock.advance(5_000);
    const answer = await spend(w, late);
    expect([answer.status, answer.body]).toEqual([401, INVALID]);
  });

  test("that is another secret, or none of ours; nothing else is written of it", async () => {
    await using w = await place();
    const { accessToken, refreshToken } = await w.signIn();
    const key = await signInForKey(w.ctx, w.who);
    const code = await w.issue(accessToken);
    const { audit: _, ...before } = dump(w);
    for (const wrong of [
      accessToken,
      refreshToken,
      key,
      "",
      "x",
      `${code}x`,
      code.slice(0, -1),
      code.toUpperCase(),
    ]) {
      const answer = await spend(w, wrong);
      expect([answer.status, answer.body]).toEqual([401, INVALID]);
    }
    const { audit: __, ...after } = dump(w);
    expect(after).toEqual(before);
  });

  const ENDS: [string, (w: Place, shown: SendOptions) => Promise<unknown>][] = [
    ["logged out", (w, shown) => w.send("POST", "/api/v1/auth/logout", { ...shown, body: {} })],
    ["disabled", (w) => w.ctx.db.run`update users set disabled_at = 1`],
    ["suspended", (w) => suspend(w, w.userId, w.acme.id)],
    ["removed from the tenant", (w) => w.ctx.db.run`delete from memberships`],
    ["deleted", (w) => w.ctx.db.run`delete from users`],
    ["in a tenant that was disabled", (w) => tenants.update(w.ctx, w.acme, { disabled: true })],
    ["in a tenant that was deleted", (w) => tenants.end(w.ctx, w.acme.id)],
    [
      "given a new password by mail",
      async (w) => {
        const token = await secrets.create(w.ctx, {
          purpose: "reset",
          userId: w.userId,
          tenantId: w.acme.id,
        });
        return resetPassword(w.ctx, { tenant: w.acme, token, password: "quite another secret" }, client());
      },
    ],
  ];
  for (const [what, end] of ENDS) {
    for (const [kind, signIn] of Object.entries(ISSUERS)) {
      test(`whose issuer, a ${kind}, was ${what}`, async () => {
        await using w = await place();
        const shown = await signIn(w);
        const code = await w.issueBy(shown);
        expect(code).toStartWith("ost_xch_");
        await end(w, shown);
        const count = await sessionCount(w);
        const answer = await spend(w, code);
        expect([answer.status, answer.body]).toEqual([401, INVALID]);
        expect(await sessionCount(w)).toBe(count);
      });
    }
  }

  test("whose issuer is a key that was deleted, or whose time is over", async () => {
    await using w = await place();
    const key = await makeKey(w.ctx, w.who);
    for (const end of [
      () => w.ctx.db.run`update api_keys set expires_at = 1`,
      () => w.ctx.db.run`delete from api_keys`,
    ]) {
      await w.ctx.db.run`update api_keys set expires_at = ${w.clock.now() + DAY}`;
      const code = await w.issue(key);
      await end();
      expect((await spend(w, code)).body).toEqual(INVALID);
    }
  });
});

describe.each(Object.entries(SPENT_AT))("another site, at %s,", (_at, spend) => {
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://auth.example.com" },
    { origin: "https://auth.example.com.evil.example" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  const own: Record<string, string>[] = [
    {},
    { origin: "https://auth.example.com" },
    { origin: "https://auth.example.com", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ];

  test("cannot make a browser take over a sign-in, and spends nothing by trying", async () => {
    await using w = await place({ URL: "https://auth.example.com" });
    const code = await w.issue((await w.signIn()).accessToken);
    for (const headers of foreign) {
      const answer = await spend(w, code, headers);
      expect([headers, ...saidBy(answer)]).toEqual([headers, 403, "CROSS_SITE"]);
    }
    const refused = (await audited(w)).filter((line) =>
      line.startsWith("session.cross_site_refused: origin"),
    );
    expect(refused).toHaveLength(foreign.length);
    expect((await spend(w, code)).status).toBe(200);
  });

  for (const headers of own) {
    test(`is not who sends ${JSON.stringify(headers)}`, async () => {
      await using w = await place({ URL: "https://auth.example.com" });
      const code = await w.issue((await w.signIn()).accessToken);
      expect((await spend(w, code, headers)).status).toBe(200);
    });
  }
});
