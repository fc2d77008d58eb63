// Sessions, audit log, outbox.
import { describe, expect, test } from "bun:test";
import { place } from "../../support/admin-group.ts";
import { audited } from "../../support/world.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { signInForTokens } from "../../support/sessions.ts";

const DAY = 24 * 60 * 60 * 1000;

describe("sessions", () => {
  test("are listed with what they are and without their secrets, the newest first", async () => {
    await using w = await place();
    const { body } = await w.ask("superuser", "GET", "/sessions");
    expect(body).toEqual({
      data: [w.ownerSession, w.targetSession].map((id, i) => ({
        id: String(id),
        user_id: String(i === 0 ? w.secondOwner : w.target),
        tenant_id: w.acme.id,
        kind: "tokens",
        actor_id: null,
        amr: ["pwd"],
        auth_time: expect.any(String),
        address: expect.any(String),
        user_agent: "test",
        created_at: expect.any(String),
        last_seen_at: expect.any(String),
        expires_at: expect.any(String),
      })),
      next_cursor: null,
    });
    expect((await w.ask("superuser", "GET", "/sessions?tenant=other")).body.data).toEqual([]);
    expect((await w.ask("superuser", "GET", `/sessions?user_id=${w.target}`)).body.data).toHaveLength(1);
    const page = (await w.ask("superuser", "GET", "/sessions?limit=1")).body;
    const next = (await w.ask("superuser", "GET", `/sessions?limit=1&cursor=${page.next_cursor}`)).body;
    expect([page.data[0].id, next.data[0].id, next.next_cursor]).toEqual([
      String(w.ownerSession),
      String(w.targetSession),
      null,
    ]);
    w.clock.advance(31 * DAY);
    expect((await w.ask("superuser", "GET", "/sessions")).body.data).toEqual([]);
  });

  test("end at once with their tokens", async () => {
    await using w = await place();
    const opened = await signInForTokens(w.ctx, { userId: w.target, tenantId: w.acme.id });
    expect((await w.ask("admin", "DELETE", `/sessions/${opened.sessionId}`)).status).toBe(204);
    expect((await w.send("GET", "/api/v1/me", { key: opened.accessToken })).status).toBe(401);
    const body = { refresh_token: opened.refreshToken };
    expect((await w.send("POST", "/api/v1/auth/refresh", { body })).status).toBe(401);
    expect((await w.ask("admin", "DELETE", `/sessions/${opened.sessionId}`)).status).toBe(404);
    expect(await audited(w)).toContain("session.ended");
  });
});

describe("the audit log", () => {
  test("is read by event, account, tenant and time, the latest first, page by page", async () => {
    await using w = await place();
    await w.ask("owner", "PATCH", "/tenants/acme", { name: "Two" });
    w.clock.advance(DAY);
    await w.ask("owner", "PATCH", "/tenants/acme", { name: "Three" });
    await w.ask("member", "GET", "/tenants");
    const read = async (query: string) => (await w.ask("superuser", "GET", `/audit?${query}`)).body;
    const updates = await read("event=tenant.updated&limit=1");
    expect(updates.data).toEqual([
      {
        id: expect.stringMatching(/^aud_/),
        at: new Date(Date.parse(updates.data[0].at)).toISOString(),
        event: "tenant.updated",
        actor_id: String(w.ids.owner),
        user_id: null,
        tenant_id: w.acme.id,
        address: "127.0.0.1",
        user_agent: expect.any(String),
        request_id: expect.stringMatching(/^req_/),
        reason: "name",
      },
    ]);
    const older = await read(`event=tenant.updated&limit=1&cursor=${updates.next_cursor}`);
    expect([older.data.length, older.next_cursor]).toEqual([1, null]);
    const since = encodeURIComponent(new Date(w.clock.now() - DAY / 2).toISOString());
    expect((await read(`event=tenant.updated&since=${since}`)).data).toHaveLength(1);
    expect((await read(`tenant=acme&event=tenant.updated`)).data).toHaveLength(2);
    const [refused] = (await read(`user_id=${w.ids.member}`)).data;
    expect(refused).toMatchObject({
      event: "admin.refused",
      actor_id: String(w.ids.member),
      reason: "GET /api/v1/admin/tenants: FORBIDDEN",
    });
  });

  test("takes a day or an RFC 3339 time for since, and nothing else", async () => {
    await using w = await place();
    for (const since of ["2026-01-31", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00.5%2B01:00"]) {
      expect([since, (await w.ask("superuser", "GET", `/audit?since=${since}`)).status]).toEqual([
        since,
        200,
      ]);
    }
    for (const since of ["yesterday", "1", "2026-13-01", "2026-01-31T08:00", "1e3"]) {
      const { status, body } = await w.ask("superuser", "GET", `/audit?since=${since}`);
      expect([since, status, body.detail[0].loc]).toEqual([since, 422, ["query", "since"]]);
    }
  });
});

test("a tenant's administrators see what its members are refused, and nothing of who has an account elsewhere", async () => {
  await using w = await place();
  const tenant = await makeTenant(w, "open", { self_registration: true });
  const owner = await makePerson(w, tenant, { email: "boss@example.com", role: "owner", password: null });
  const member = await makePerson(w, tenant, { email: "ada@example.com" });
  const { accessToken: key } = await signInForTokens(w.ctx, { userId: owner, tenantId: tenant.id });
  const here = tenantOf(w, "open");
  const shown = async (email: string) => {
    const since = encodeURIComponent(new Date(w.clock.now()).toISOString());
    w.clock.advance(1000);
    await here.login(email, "wrong");
    await here.forgot(email);
    await here.register({ email });
    const { body } = await w.send("GET", `/api/v1/admin/audit?since=${since}`, { key });
    return body.data.map((row: { event: string; user_id: string }) => `${row.event} ${row.user_id}`);
  };
  const mailed = async () =>
    (await w.send("GET", "/api/v1/admin/outbox", { key })).body.data.map(
      (mail: { kind: string; user_id: string }) => `${mail.kind} ${mail.user_id}`,
    );
  // "target" is a member of acme, and "nobody" of nothing.
  expect(await shown("target@example.com")).toEqual([]);
  expect(await mailed()).toEqual([]);
  expect(await shown("nobody@example.com")).toEqual([expect.stringMatching(/^register.completed usr_/)]);
  expect(await shown("ada@example.com")).toEqual([
    `register.repeated ${member}`,
    `password.reset_requested ${member}`,
    `login.failed ${member}`,
  ]);
  expect(await mailed()).toEqual([
    `already_registered ${member}`,
    `reset_password ${member}`,
    expect.stringMatching(/^verify_email usr_/),
  ]);
});

test("the outbox shows mail by status, never its words or address", async () => {
  await using w = await place();
  await w.ask("owner", "POST", "/tenants/acme/members", { email: "new@example.com", invite: true });
  const { body } = await w.ask("owner", "GET", "/outbox");
  expect(body.data).toEqual([
    {
      id: expect.stringMatching(/^mail_/),
      kind: "invitation",
      tenant_id: w.acme.id,
      user_id: expect.any(String),
      status: expect.stringMatching(/^(queued|sent)$/),
      attempts: expect.any(Number),
      next_attempt_at: expect.any(String),
      last_error: null,
      created_at: expect.any(String),
      finished_at: body.data[0].finished_at,
    },
  ]);
  expect(JSON.stringify(body)).not.toContain("new@example.com");
  expect((await w.ask("foreign owner", "GET", "/outbox")).body.data).toEqual([]);
  expect((await w.ask("superuser", "GET", "/outbox?status=failed")).body.data).toEqual([]);
  expect((await w.ask("superuser", "GET", "/outbox?status=lost")).status).toBe(422);
});
