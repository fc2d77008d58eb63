// What a tenant may be called and set (decisions §1); redirect URIs above all (RFC 9700 §2.1, RFC 8252 §7.3).
import { describe, expect, test } from "bun:test";
import { isName } from "../../src/core/names.ts";
import { isRedirectUri, isSlug, type TenantSettings } from "../../src/core/tenant-settings.ts";
import { create, end, find, findLive, findLiveBySlug, list, update } from "../../src/core/tenants.ts";
import { Invalid } from "../../src/errors.ts";
import { type World, world } from "../support/world.ts";

const made = async ({ ctx }: World, slug: string, settings: Partial<TenantSettings> = {}) => {
  const id = await create(ctx, { slug, name: slug, identity: "shared", settings });
  const tenant = id && (await find(ctx, id));
  if (!tenant) throw new Error(`${slug} was not made`);
  return tenant;
};

/** The fields that are named as unusable. */
async function unusable(work: Promise<unknown>): Promise<unknown[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (error instanceof Invalid) return error.fields.map(({ loc }) => loc.join("."));
    throw error;
  }
}

describe("a slug", () => {
  for (const slug of ["a", "7", "acme", "a-b", "a-b-c-1", "0-0", "x".repeat(63)]) {
    test(`may be ${slug.slice(0, 20)}`, () => expect(isSlug(slug)).toBe(true));
  }
  for (const slug of [
    "",
    "-",
    "a-",
    "-a",
    "a--b",
    "A",
    "a_b",
    "a b",
    "a.b",
    "аcme",
    "a\n",
    "x".repeat(64),
    "tnt_1",
  ]) {
    test(`may not be ${JSON.stringify(slug.slice(0, 20))}`, () => expect(isSlug(slug)).toBe(false));
  }
});

describe("a name", () => {
  for (const name of ["A", "Ada Lovelace", "O'Brien & Söhne <x>", "نام\u200cها", "👩‍💻", "x".repeat(100)]) {
    test(`may be ${name.slice(0, 20)}`, () => expect(isName(name)).toBe(true));
  }
  const bad = [
    "",
    " ",
    "\u200b",
    "a\nb",
    "a\r\nBcc: x",
    "a\0",
    "a\u202eb",
    "\u2028",
    "\ud800",
    "a\tb",
    "x".repeat(101),
  ];
  for (const name of bad) {
    test(`may not be ${JSON.stringify(name.slice(0, 20))}`, () => expect(isName(name)).toBe(false));
  }
});

describe("a redirect URI", () => {
  const good = [
    "https://app.example.com/cb",
    "https://app.example.com",
    "https://app.example.com:8443/a?b=c",
    "http://localhost:3000/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:1234/",
    `https://a.example/${"x".repeat(2048 - 18)}`,
  ];
  for (const uri of good) test(`may be ${uri.slice(0, 40)}`, () => expect(isRedirectUri(uri)).toBe(true));

  const bad = `javascript:alert(1)   data:text/html,x   vbscript:x   file:///etc/passwd   ftp://a.example   //evil.example
    /\\evil.example   https:evil.example   https:/evil.example   https:///evil.example   https://good@evil.example
    https://:@evil.example   https://@evil.example   http://app.example.com   http://localhost.evil.example
    http://127.0.0.1.evil.example   http://localhost@evil.example   https://a.example/#x   https://a.example#
    https://a.example\\@evil.example   https://a.example/\\evil   https://   https://a:99999/   app.example.com   *
    https://*   https://*.example.com   JavaScript:x   myapp://cb   https://[::1   https://a%00b.example`;
  const odd = [
    "",
    " https://a.example",
    "https://a.example ",
    "https://a.ex\tample",
    "https://a.example\r\n/x",
  ];
  const long = `https://a.example/${"x".repeat(2048 - 17)}`;
  for (const uri of [...bad.split(/\s+/), ...odd, "https://a.example/\u202e", long]) {
    test(`may not be ${JSON.stringify(uri.slice(0, 40))}`, () => expect(isRedirectUri(uri)).toBe(false));
  }
});

describe("settings", () => {
  const refused: [Partial<TenantSettings>, string][] = [
    [{ password_min_length: 7 }, "password_min_length"],
    [{ password_min_length: 8.5 }, "password_min_length"],
    [{ password_min_length: Number.NaN }, "password_min_length"],
    [{ session_ttl: 59 }, "session_ttl"],
    [{ session_ttl: 2_592_001 }, "session_ttl"],
    [{ redirect_uris: ["https://a.example", "javascript:x"] }, "redirect_uris"],
    [{ redirect_uris: Array.from({ length: 51 }, (_, i) => `https://a.example/${i}`) }, "redirect_uris"],
    [{ default_redirect_uri: "https://a.example" }, "default_redirect_uri"],
    [
      { redirect_uris: ["https://a.example"], default_redirect_uri: "https://a.example/" },
      "default_redirect_uri",
    ],
    [{ mail_from_name: "a\r\nBcc: b@c.example" }, "mail_from_name"],
    [{ mail_from_address: "no address" }, "mail_from_address"],
    [{ brand_name: "" }, "brand_name"],
    [{ brand_color: "red" }, "brand_color"],
    [{ brand_color: "#12345g" }, "brand_color"],
    [{ brand_logo_url: "http://localhost/x.png" }, "brand_logo_url"],
    [{ brand_logo_url: "data:image/png;base64,AAAA" }, "brand_logo_url"],
  ];
  for (const [settings, field] of refused) {
    test(`may not be ${JSON.stringify(settings).slice(0, 60)}, at creation or later`, async () => {
      await using w = await world();
      const tenant = { slug: "a", name: "A", identity: "shared" as const };
      expect(await unusable(create(w.ctx, { ...tenant, settings }))).toEqual([field]);
      const before = await made(w, "a");
      expect(await unusable(update(w.ctx, before, { settings }))).toEqual([field]);
      expect(await find(w.ctx, "a")).toEqual(before);
    });
  }

  test("that were not given are the instance's, and what is changed back is not stored", async () => {
    await using w = await world();
    const tenant = await made(w, "a", { captcha: true });
    expect(tenant.settings).toMatchObject({ captcha: true, session_ttl: 86_400, mfa_policy: "optional" });
    const changed = { captcha: false, brand_color: "#0a0B0c", mail_from_address: "No-Reply@Example.com" };
    expect(await update(w.ctx, tenant, { settings: changed })).toBe(true);
    expect(await w.ctx.db.get`select settings from tenants`).toEqual({
      settings: '{"mail_from_address":"no-reply@example.com","brand_color":"#0a0B0c"}',
    });
  });

  test("a default that leaves the list is refused with the list", async () => {
    await using w = await world();
    const [redirect_uris, default_redirect_uri] = [["https://a.example/"], "https://a.example/"];
    const tenant = await made(w, "a", { redirect_uris, default_redirect_uri });
    expect(await unusable(update(w.ctx, tenant, { settings: { redirect_uris: [] } }))).toEqual([
      "default_redirect_uri",
    ]);
  });
});

describe("a tenant", () => {
  test("is found by id and by slug, and as live only until it is disabled", async () => {
    await using w = await world();
    const tenant = await made(w, "acme");
    expect(await find(w.ctx, "acme")).toEqual(tenant);
    expect(await findLive(w.ctx, tenant.id)).toEqual(tenant);
    expect(await findLiveBySlug(w.ctx, "acme")).toEqual(tenant);
    expect(await update(w.ctx, tenant, { disabled: true })).toBe(true);
    expect(await find(w.ctx, "acme")).toMatchObject({ disabledAt: expect.any(Number) });
    expect(await findLive(w.ctx, tenant.id)).toBeUndefined();
    expect(await findLiveBySlug(w.ctx, "acme")).toBeUndefined();
    expect(await end(w.ctx, tenant.id)).toBe(true);
    expect(await find(w.ctx, tenant.id)).toBeUndefined();
    expect(await end(w.ctx, tenant.id)).toBe(false);
  });

  test("cannot have the slug of another, also when 32 ask for it at once", async () => {
    await using w = await world();
    const tenant = { slug: "a", name: "A", identity: "shared" as const, settings: {} };
    const ids = await Promise.all(Array.from({ length: 32 }, () => create(w.ctx, tenant)));
    expect(ids.filter((id) => id !== undefined)).toHaveLength(1);
    const other = await made(w, "b");
    expect(await update(w.ctx, other, { slug: "a" })).toBe(false);
    expect(await update(w.ctx, other, { slug: "b", name: "Bee" })).toBe(true);
  });

  test("is listed page by page, each once", async () => {
    await using w = await world();
    for (const slug of ["c", "b", "a"]) await made(w, slug);
    const first = await list(w.ctx, { limit: 2 });
    const rest = await list(w.ctx, { limit: 2, cursor: first.at(-1)?.id ?? "" });
    expect([first, rest].map((page) => page.map(({ slug }) => slug))).toEqual([["c", "b"], ["a"]]);
    const only = first[1]?.id;
    expect((await list(w.ctx, { limit: 2, only })).map(({ slug }) => slug)).toEqual(["b"]);
  });
});
