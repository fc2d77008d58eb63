// One's own sessions and keys: /api/v1/me/sessions, /api/v1/me/keys.
import { describe, expect, test } from "bun:test";
import { openBody } from "../../../src/core/outbox.ts";
import { BASE } from "../../support/key-group.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, dump, world } from "../../support/world.ts";

const ME = "/api/v1/me";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

async function twoPeople() {
  const w = await world();
  const acme = await makeTenant(w, "acme");
  const [ada, bob] = [
    await makePerson(w, acme, { email: "ada@example.com", password: null }),
    await makePerson(w, acme, { email: "bob@example.com", password: null }),
  ];
  const who = (userId: typeof ada) => ({ userId, tenantId: acme.id });
  return Object.assign(w, {
    acme,
    ada: who(ada),
    bob: who(bob),
    adaKey: await signInForKey(w.ctx, who(ada)),
    bobKey: await signInForKey(w.ctx, who(bob)),
  });
}

describe("sessions", () => {
  test("are one's own only, the newest first, and one is the current", async () => {
    await using w = await twoPeople();
    const first = await signInForTokens(w.ctx, w.ada);
    const second = await signInForCookie(w.ctx, w.ada);
    await signInForTokens(w.ctx, w.bob);
    const { status, body } = await w.send("GET", `${ME}/sessions`, { key: first.accessToken });
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { id: String(second.sessionId), kind: "cookie", current: false },
      { id: String(first.sessionId), kind: "tokens", current: true, tenant_id: w.acme.id, amr: ["pwd"] },
    ]);
    expect(body.data[0]).not.toHaveProperty("user_id");
    expect(JSON.stringify(body)).not.toContain(second.cookie);
  });

  test("end by their id, another's looks like none", async () => {
    await using w = await twoPeople();
    const mine = await signInForTokens(w.ctx, w.ada);
    const theirs = await signInForTokens(w.ctx, w.bob);
    const end = (id: string) => w.send("DELETE", `${ME}/sessions/${id}`, { key: w.adaKey });
    const [foreign, unknown] = [await end(theirs.sessionId), await end("ses_nope")];
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect((await w.send("GET", ME, { key: theirs.accessToken })).status).toBe(200);
    expect([(await end(mine.sessionId)).status, (await end(mine.sessionId)).status]).toEqual([204, 404]);
    expect((await w.send("GET", ME, { key: mine.accessToken })).status).toBe(401);
    expect(await audited(w)).toEqual(["session.ended"]);
  });
});

describe("a key made by hand", () => {
  const make = (w: Awaited<ReturnType<typeof twoPeople>>, name: string, key = w.adaKey) =>
    w.send("POST", `${ME}/keys`, { key, body: { name } });

  test("is shown once, works as its maker, and the owner is told", async () => {
    await using w = await twoPeople();
    const { status, body } = await make(w, "backup <script>");
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^key_/),
        name: "backup <script>",
        key: expect.stringMatching(/^ost_key_[\w-]{43}$/),
      },
    ]);
    expect((await w.send("GET", ME, { key: body.key })).body.email).toBe("ada@example.com");
    const list = (await w.send("GET", `${ME}/keys`, { key: body.key })).body;
    expect(list.data).toEqual([
      {
        id: body.id,
        tenant_id: w.acme.id,
        kind: "manual",
        name: "backup <script>",
        current: true,
        created_at: expect.any(String),
        last_used_at: expect.any(String),
        expires_at: expect.any(String),
      },
      expect.objectContaining({ kind: "login", name: null, current: false }),
    ]);
    expect(JSON.stringify([list, dump(w)])).not.toContain(body.key);
    const row = await w.ctx.db.get<Parameters<typeof openBody>[1]>`
      select id, kind, body_sealed as "bodySealed" from outbox`;
    expect(row && openBody(w.ctx, row)).toMatchObject({
      to: "ada@example.com",
      content: { kind: "key_created", keyName: "backup <script>" },
    });
    expect(await audited(w)).toEqual(["key.created: backup <script>"]);
  });

  test("needs a login of the last 15 minutes, which no such key is", async () => {
    await using w = await twoPeople();
    const { body } = await make(w, "one");
    const byKey = await make(w, "two", body.key);
    expect([byKey.status, byKey.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
    const factor = await w.send("POST", `${BASE}/mfa/setup/`, { key: body.key });
    expect([factor.status, factor.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
    w.clock.advance(15 * MINUTE);
    expect((await make(w, "three")).status).toBe(403);
    expect((await make(w, "four", await signInForKey(w.ctx, w.ada))).status).toBe(201);
  });

  test("is one of at most 10, also when 32 are asked for at once; another login takes none away", async () => {
    await using w = await twoPeople();
    const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => make(w, `key ${i}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 22 }, () => [409, "KEY_LIMIT_REACHED"]),
    );
    for (let i = 0; i < 12; i++) await signInForKey(w.ctx, w.ada);
    const made = answers.find(({ status }) => status === 201)?.body;
    const key = await signInForKey(w.ctx, w.ada);
    expect((await w.send("GET", ME, { key: made.key })).status).toBe(200);
    expect((await w.send("DELETE", `${ME}/keys/${made.id}`, { key })).status).toBe(204);
    expect((await make(w, "again", key)).status).toBe(201);
    expect((await make(w, "bob's", w.bobKey)).status).toBe(201);
  });

  test("dies when deleted, 90 days after its last use, and by nobody else's hand", async () => {
    await using w = await twoPeople();
    const [one, two] = [(await make(w, "one")).body, (await make(w, "two")).body];
    const foreign = await w.send("DELETE", `${ME}/keys/${one.id}`, { key: w.bobKey });
    const unknown = await w.send("DELETE", `${ME}/keys/key_nope`, { key: w.bobKey });
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect((await w.send("DELETE", `${ME}/keys/${one.id}`, { key: w.adaKey })).status).toBe(204);
    expect((await w.send("GET", ME, { key: one.key })).status).toBe(401);
    w.clock.advance(89 * DAY);
    expect((await w.send("GET", ME, { key: two.key })).status).toBe(200);
    await Bun.sleep(50);
    w.clock.advance(89 * DAY);
    expect((await w.send("GET", ME, { key: two.key })).status).toBe(200);
    await Bun.sleep(50);
    w.clock.advance(91 * DAY);
    expect((await w.send("GET", ME, { key: two.key })).status).toBe(401);
  });

  test("has a name that can be printed", async () => {
    await using w = await twoPeople();
    for (const name of ["", " ", "a\nb", "x".repeat(101)]) {
      expect([name, (await make(w, name)).status]).toEqual([name, 422]);
    }
  });

  test("takes nothing else from the body", async () => {
    await using w = await twoPeople();
    const more = {
      user_id: w.bob.userId,
      tenant_id: "tnt_x",
      auth_time: 9e15,
      kind: "login",
      expires_at: 9e15,
      amr: "mfa",
    };
    const { body } = await w.send("POST", `${ME}/keys`, { key: w.adaKey, body: { name: "n", ...more } });
    const row = await w.ctx.db.get`
      select user_id, tenant_id, kind, auth_time, amr from api_keys where id = ${body.id}`;
    expect(row).toEqual({
      user_id: w.ada.userId,
      tenant_id: w.acme.id,
      kind: "manual",
      auth_time: null,
      amr: "pwd",
    });
  });
});
