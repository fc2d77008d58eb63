// From a command line to a browser: one minute, once, bound to what issued it (decisions §2 org; A47 to A49).
import { describe, expect, test } from "bun:test";
import * as secrets from "../../../src/core/one-time-secrets.ts";
import * as tenants from "../../../src/core/tenants.ts";
import { resetPassword } from "../../../src/flows/recover-password.ts";
import { claimsOf, org, saidBy } from "../../support/org-group.ts";
import { makePerson, makeTenant, suspend } from "../../support/people.ts";
import { client, DAY, HOUR, makeKey, MINUTE, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, dump, type World, world } from "../../support/world.ts";

async function place(settings: Parameters<typeof world>[0] = {}) {
  const w = await world(settings);
  const acme = await makeTenant(w, "acme");
  const userId = await makePerson(w, acme, { email: "ada@example.com" });
  const who = { userId, tenantId: acme.id };
  const signIn = (more = {}) => signInForTokens(w.ctx, { ...who, ...more });
  const issue = async (bearer: string): Promise<string> =>
    (await org(w, bearer).issueCode()).body.exchange_code;
  return Object.assign(w, { acme, userId, who, signIn, issue });
}

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

  test("is issued to a Bearer alone", async () => {
    await using w = await place();
    expect(saidBy(await org(w).issueCode())).toEqual([401, "NOT_AUTHENTICATED"]);
    const { accessToken, refreshToken } = await w.signIn();
    const code = await w.issue(accessToken);
    for (const bearer of [refreshToken, code, "x"])
      expect(saidBy(await org(w, bearer).issueCode())).toEqual([401, "INVALID_BEARER"]);
    await w.ctx.db.run`update sessions set restricted_at = 1`;
    expect(saidBy(await org(w, accessToken).issueCode())).toEqual([403, "MFA_ENROLMENT_REQUIRED"]);
    expect((await org(w).consumeCode({ code })).body).toEqual(INVALID);
  });
});

describe("one and the same 401 is for a code", () => {
  test("that was used, by whomever, and the session that it gave stays", async () => {
    await using w = await place();
    const code = await w.issue((await w.signIn()).accessToken);
    const { body } = await org(w).consumeCode({ code });
    const again = await org(w).consumeCode({ code });
    expect([again.status, again.body]).toEqual([401, INVALID]);
    expect(await sessionCount(w)).toBe(2);
    expect(await org(w, body.access_token).worth()).toBe(200);
    expect((await audited(w)).at(-1)).toBe("handoff.refused: code spent or expired");
  });

  test("that is a minute old", async () => {
    await using w = await place();
    const { accessToken } = await w.signIn();
    const [late, intime] = [await w.issue(accessToken), await w.issue(accessToken)];
    w.clock.advance(MINUTE - 5_000);
    expect((await org(w).consumeCode({ code: intime })).status).toBe(200);
    w.clock.advance(5_000);
    const answer = await org(w).consumeCode({ code: late });
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
      const answer = await org(w).consumeCode({ code: wrong });
      expect([answer.status, answer.body]).toEqual([401, INVALID]);
    }
    const { audit: __, ...after } = dump(w);
    expect(after).toEqual(before);
  });

  type Place = Awaited<ReturnType<typeof place>>;
  const ENDS: [string, (w: Place, bearer: string) => Promise<unknown>][] = [
    ["logged out", (w, bearer) => org(w, bearer).logout()],
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
    for (const kind of ["session", "key"] as const) {
      test(`whose issuer, a ${kind}, was ${what}`, async () => {
        await using w = await place();
        const bearer = kind === "key" ? await signInForKey(w.ctx, w.who) : (await w.signIn()).accessToken;
        const code = await w.issue(bearer);
        await end(w, bearer);
        const count = await sessionCount(w);
        const answer = await org(w).consumeCode({ code });
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
      expect((await org(w).consumeCode({ code })).body).toEqual(INVALID);
    }
  });
});

describe("another site", () => {
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
      const answer = await org(w).consumeCode({ code }, headers);
      expect([headers, ...saidBy(answer)]).toEqual([headers, 403, "CROSS_SITE"]);
    }
    const refused = (await audited(w)).filter((line) =>
      line.startsWith("session.cross_site_refused: origin"),
    );
    expect(refused).toHaveLength(foreign.length);
    expect((await org(w).consumeCode({ code })).status).toBe(200);
  });

  for (const headers of own) {
    test(`is not who sends ${JSON.stringify(headers)}`, async () => {
      await using w = await place({ URL: "https://auth.example.com" });
      const code = await w.issue((await w.signIn()).accessToken);
      expect((await org(w).consumeCode({ code }, headers)).status).toBe(200);
    });
  }
});
