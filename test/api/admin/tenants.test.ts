// Tenants: GET|POST /tenants, GET|PATCH|DELETE /tenants/{tenant}.
import { describe, expect, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../../src/core/tenant-settings.ts";
import { A, place } from "../../support/admin-group.ts";
import { makePerson } from "../../support/people.ts";
import { signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { audited, dump } from "../../support/world.ts";

const SETTINGS = {
  self_registration: true,
  email_verification: false,
  captcha: true,
  mfa_policy: "required",
  password_min_length: 12,
  session_ttl: 3600,
  redirect_uris: ["https://app.example.com/cb", "http://localhost:3000/cb"],
  default_redirect_uri: "http://localhost:3000/cb",
  mail_from_name: "Acme & Söhne",
  mail_from_address: "no-reply@acme.example",
  brand_name: "Acme",
  brand_logo_url: "https://acme.example/logo.svg",
  brand_color: "#1a2B3c",
};

describe("a new tenant", () => {
  test("has the settings given, flat, and the defaults for the rest", async () => {
    await using w = await place();
    const bare = await w.ask("superuser", "POST", "/tenants", { slug: "bare", name: "Bare" });
    expect([bare.status, bare.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^tnt_[0-9a-f]{32}$/),
        slug: "bare",
        name: "Bare",
        status: "active",
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        identity: "shared",
        disabled: false,
        ...DEFAULT_SETTINGS,
      },
    ]);
    const body = { slug: "full", name: "Full", identity: "isolated", ...SETTINGS };
    const full = await w.ask("superuser", "POST", "/tenants", body);
    expect(full.body).toMatchObject({ ...body, status: "active" });
    expect((await w.ask("superuser", "GET", `/tenants/${full.body.id}`)).body).toEqual(full.body);
    expect(await audited(w)).toEqual(
      expect.arrayContaining(["tenant.created: bare", "tenant.created: full"]),
    );
  });

  test("needs a slug of its own", async () => {
    await using w = await place();
    const { status, body } = await w.ask("superuser", "POST", "/tenants", { slug: "acme", name: "A" });
    expect([status, body.code]).toEqual([409, "SLUG_TAKEN"]);
  });

  const unusable: [object, string][] = [
    [{ slug: "A" }, "slug"],
    [{ slug: "-a" }, "slug"],
    [{ slug: "а" }, "slug"],
    [{ name: "a\r\nBcc: x" }, "name"],
    [{ name: " " }, "name"],
    [{ identity: "both" }, "identity"],
    [{ session_ttl: "3600" }, "session_ttl"],
    [{ session_ttl: 1e9 }, "session_ttl"],
    [{ captcha: "true" }, "captcha"],
    [{ captcha: null }, "captcha"],
    [{ redirect_uris: ["javascript:alert(1)"] }, "redirect_uris"],
    [{ redirect_uris: "https://a.example" }, "redirect_uris"],
    [{ default_redirect_uri: "https://a.example" }, "default_redirect_uri"],
    [{ mfa_policy: "sometimes" }, "mfa_policy"],
    [{ brand_color: "url(x)" }, "brand_color"],
    [{ mail_from_address: "a@b\r\nBcc: c" }, "mail_from_address"],
  ];
  for (const [fault, field] of unusable) {
    test(`with ${JSON.stringify(fault)} is a 422 that names ${field}, and is not made`, async () => {
      await using w = await place();
      const made = await w.ask("superuser", "POST", "/tenants", { slug: "new", name: "New", ...fault });
      expect([made.status, made.body.detail]).toMatchObject([422, [{ loc: ["body", field] }]]);
      const changed = await w.ask("superuser", "PATCH", "/tenants/acme", fault);
      const isFixed = field === "identity";
      expect(changed.status).toBe(isFixed ? 200 : 422);
      expect(dump(w)["tenants"]).toHaveLength(4);
    });
  }

  test("takes nothing from the body that is not documented", async () => {
    await using w = await place();
    const body = { slug: "new", name: "New", id: "tnt_x", created_at: 1, disabled_at: 1, status: "disabled" };
    const { status, body: made } = await w.ask("superuser", "POST", "/tenants", {
      ...body,
      settings: { x: 1 },
    });
    expect([status, made.status, made.id === "tnt_x"]).toEqual([201, "active", false]);
    expect(await w.ctx.db.get`select settings, disabled_at from tenants where slug = 'new'`).toEqual({
      settings: "{}",
      disabled_at: null,
    });
  });
});

describe("a tenant that is changed", () => {
  test("keeps what is not named, and null clears what may be empty", async () => {
    await using w = await place();
    await w.ask("superuser", "PATCH", "/tenants/acme", SETTINGS);
    const { body } = await w.ask("owner", "PATCH", "/tenants/acme", { brand_color: null, captcha: false });
    expect(body).toMatchObject({ ...SETTINGS, brand_color: null, captcha: false });
    // The address is for superusers to change; sent back as it was it changes nothing.
    for (const nothing of [{}, { mail_from_address: SETTINGS.mail_from_address }]) {
      expect((await w.ask("owner", "PATCH", "/tenants/acme", nothing)).body).toEqual(body);
    }
  });

  test("cannot change its identity or id", async () => {
    await using w = await place();
    const { body } = await w.ask("superuser", "PATCH", "/tenants/acme", {
      identity: "isolated",
      id: "tnt_x",
    });
    expect([body.identity, body.id]).toEqual(["shared", w.acme.id]);
  });

  test("cannot take another's slug", async () => {
    await using w = await place();
    const { status, body } = await w.ask("superuser", "PATCH", "/tenants/acme", { slug: "other" });
    expect([status, body.code]).toEqual([409, "SLUG_TAKEN"]);
  });

  test("is found by its new slug and not by its old one", async () => {
    await using w = await place();
    await w.ask("owner", "PATCH", "/tenants/acme", { slug: "acme-2" });
    expect((await w.ask("owner", "GET", "/tenants/acme-2")).status).toBe(200);
    expect((await w.ask("owner", "GET", "/tenants/acme")).status).toBe(404);
  });
});

describe("disabling a tenant", () => {
  test("ends every sign-in there at once, and enabling brings none back", async () => {
    await using w = await place();
    const { target: userId, acme } = w;
    const { accessToken } = await signInForTokens(w.ctx, { userId, tenantId: acme.id });
    const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
    const { cookie } = await signInForCookie(w.ctx, { userId, tenantId: acme.id });
    const bearers = [accessToken, key];
    const alive = async () => [
      ...(await Promise.all(bearers.map(async (key) => (await w.send("GET", "/api/v1/me", { key })).status))),
      (await w.send("GET", "/api/v1/me", { headers: { cookie: `ostiary_session=${cookie}` } })).status,
    ];
    expect(await alive()).toEqual([200, 200, 200]);
    expect((await w.ask("superuser", "PATCH", "/tenants/acme", { disabled: true })).body.status).toBe(
      "disabled",
    );
    expect(await alive()).toEqual([401, 401, 401]);
    await w.ask("superuser", "PATCH", "/tenants/acme", { disabled: false });
    expect(await alive()).toEqual([401, 401, 401]);
    expect((await w.ask("foreign owner", "GET", "/tenants/other")).status).toBe(200);
  });

  test("and deleting are refused where no superuser could sign in any more", async () => {
    await using w = await place();
    const before = dump(w)["tenants"];
    for (const [method, body] of [["PATCH", { disabled: true }], ["DELETE"]] as const) {
      const answer = await w.ask("superuser", method, "/tenants/default", body);
      expect([answer.status, answer.body.code]).toEqual([409, "LAST_SUPERUSER"]);
    }
    expect(dump(w)["tenants"]).toEqual(before);
  });
});

describe("deleting a tenant", () => {
  test("ends all that hangs on it, but no shared account and no audit entry", async () => {
    await using w = await place();
    expect((await w.ask("superuser", "DELETE", "/tenants/acme")).status).toBe(204);
    const { users = [], sessions, memberships = [], api_keys, audit = [] } = dump(w);
    expect([users.length, sessions]).toEqual([7, []]);
    expect(memberships).toHaveLength(2);
    expect(api_keys).toHaveLength(2);
    expect(audit.length).toBeGreaterThan(1);
    for (const who of ["owner", "admin", "member"] as const) {
      expect((await w.ask(who, "GET", "/tenants")).status).toBe(401);
    }
    const { body } = await w.ask("superuser", "GET", `/audit?tenant=${w.acme.id}`);
    expect(body.data[0]).toMatchObject({ event: "tenant.deleted", reason: "acme" });
    expect((await w.ask("superuser", "DELETE", "/tenants/acme")).status).toBe(404);
  });

  test("that is isolated deletes its accounts too, and no other of the same email", async () => {
    await using w = await place();
    await makePerson(w, w.iso, { email: "target@example.com", password: null });
    await w.ask("superuser", "DELETE", "/tenants/iso");
    expect(await w.ctx.db.all`select realm from users where email = 'target@example.com'`).toEqual([
      { realm: "instance" },
    ]);
  });
});

describe("the list of tenants", () => {
  test("comes in pages, each tenant once", async () => {
    await using w = await place();
    const seen: string[] = [];
    for (let cursor = ""; ;) {
      const { body } = await w.ask("superuser", "GET", `/tenants?limit=3${cursor}`);
      seen.push(...body.data.map(({ slug }: { slug: string }) => slug));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(["default", "acme", "other", "iso"]);
  });

  test("takes a limit from 1 to 200", async () => {
    await using w = await place();
    for (const limit of ["1", "99", "200"]) {
      expect((await w.ask("superuser", "GET", `/tenants?limit=${limit}`)).status).toBe(200);
    }
    for (const limit of ["0", "201", "-1", "1e2", "01", "", "x", "1.5"]) {
      const { status, body } = await w.ask("superuser", "GET", `/tenants?limit=${limit}`);
      expect([limit, status, body.detail[0].loc]).toEqual([limit, 422, ["query", "limit"]]);
    }
  });
});

test("a session cookie works for administration, and only from our own pages", async () => {
  await using w = await place();
  const { cookie } = await signInForCookie(w.ctx, { userId: w.ids.owner, tenantId: w.acme.id });
  const send = (method: string, headers: Record<string, string>, body?: object) =>
    w.send(method, `${A}/tenants/acme`, {
      headers: { cookie: `ostiary_session=${cookie}`, ...headers },
      ...(body ? { body } : {}),
    });
  expect((await send("GET", {})).status).toBe(200);
  const foreign = await send("PATCH", { origin: "https://evil.example" }, { name: "Evil" });
  expect([foreign.status, foreign.body.code]).toEqual([403, "CROSS_SITE"]);
  expect((await send("PATCH", { "sec-fetch-site": "same-origin" }, { name: "Acme 3" })).status).toBe(200);
});
