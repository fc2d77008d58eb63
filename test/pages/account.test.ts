// The account page as it leaves the server, which knows nobody then.
import { describe, expect, test } from "bun:test";
import { DEFAULT_SETTINGS } from "../../src/core/tenant-settings.ts";
import * as tenants from "../../src/core/tenants.ts";
import { accountPage } from "../../src/pages/account.ts";
import { PAGE_POLICY } from "../../src/pages/layout.ts";
import { readerOf } from "../../src/pages/reader.ts";
import { LANGUAGES } from "../../src/texts/texts.ts";
import { makePerson, makeTenant } from "../support/people.ts";
import { signInForCookie } from "../support/sessions.ts";
import { withCookie } from "../support/tenant-group.ts";
import { type World, world } from "../support/world.ts";

interface Parsed {
  tag: string;
  attributes: Record<string, string>;
}

async function parsed(markup: string): Promise<Parsed[]> {
  const elements: Parsed[] = [];
  await new HTMLRewriter()
    .on("*", {
      element: ({ tagName, attributes }) =>
        void elements.push({ tag: tagName, attributes: Object.fromEntries(attributes) }),
    })
    .transform(new Response(markup))
    .text();
  return elements;
}

const pageIn = async (w: World, language: string) =>
  parsed((await w.send("GET", `/account?lang=${language}`)).body);

describe("the account page", () => {
  test("is the same for everybody, whoever they are, under the policy of all pages", async () => {
    await using w = await world();
    const acme = await makeTenant(w, "acme");
    const userId = await makePerson(w, acme, { email: "ada@example.com" });
    const { cookie } = await signInForCookie(w.ctx, { userId, tenantId: acme.id });
    const stranger = await w.send("GET", "/account");
    const ada = await w.send("GET", "/account", withCookie(cookie));
    expect([stranger.status, ada.status]).toEqual([200, 200]);
    expect(ada.body).toBe(stranger.body);
    expect(stranger.body).not.toContain("ada@example.com");
    for (const { headers } of [stranger, ada]) {
      expect(headers.get("content-security-policy")).toBe(PAGE_POLICY);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.has("set-cookie")).toBe(false);
    }
    const head = await w.send("HEAD", "/account");
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  test("wears the brand of the tenant `default`, and without one the plain name, whatever it holds", async () => {
    await using w = await world();
    expect((await w.send("GET", "/account")).body).toContain("<bdi>Ostiary</bdi>");
    const hostile = `"><script>alert(1)</script>`;
    const home = await makeTenant(w, "default", { brand_name: hostile, brand_color: "#c2410c" });
    const { body } = await w.send("GET", "/account");
    expect(body).toContain("<bdi>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</bdi>");
    expect(body).toContain("/pages/colors/c2410c");
    expect(body).not.toContain("<script>alert");
    await tenants.update(w.ctx, home, { disabled: true });
    expect((await w.send("GET", "/account")).body).toContain("<bdi>Ostiary</bdi>");
  });

  test("has no inline script or style, and names no other server", async () => {
    await using w = await world();
    for (const { tag, attributes } of await pageIn(w, "en")) {
      for (const name of Object.keys(attributes)) expect(name).not.toMatch(/^(style$|on)/);
      if (tag === "script") expect(attributes["src"]).toBe("/pages/account.js");
      for (const name of ["href", "src"])
        expect(attributes[name] ?? "").toMatch(/^($|data:,|#[\w-]+$|\/[\w./?=]*$)/);
      expect(tag).not.toMatch(/^(style|base|iframe|object|embed)$/);
    }
  });

  test("has each id once, and all that is referred to", async () => {
    await using w = await world();
    for (const language of LANGUAGES) {
      const elements = await pageIn(w, language);
      const ids = elements.flatMap(({ attributes: { id } }) => (id === undefined ? [] : [id]));
      expect(ids).toEqual([...new Set(ids)]);
      const references = elements.flatMap(({ attributes }) =>
        ["for", "aria-labelledby", "aria-describedby", "data-copies", "data-shows"].flatMap(
          (name) => attributes[name]?.split(" ") ?? [],
        ),
      );
      expect(references.filter((id) => !ids.includes(id))).toEqual([]);
      const inside = elements.flatMap(({ tag, attributes: { href = "" } }) =>
        tag === "a" && href.startsWith("#") ? [href.slice(1)] : [],
      );
      expect(inside).toHaveLength(6);
      expect(inside.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  test("tells password managers and phones what its fields are for", async () => {
    await using w = await world();
    const fields = (await pageIn(w, "en")).filter(({ tag }) => tag === "input");
    const said = fields.map(({ attributes: { id, type, name, autocomplete, inputmode } }) =>
      [id ?? type, name, autocomplete, inputmode].filter((part) => part !== undefined).join(" "),
    );
    for (const field of [
      "password-owner username",
      "current_password current_password current-password text",
      "new_password new_password new-password text",
      "first_name first_name given-name text",
      "totp-code code one-time-code numeric",
      "totp-off-code code one-time-code text",
      "email-code code one-time-code numeric",
      "number number off numeric",
    ])
      expect(said).toContain(field);
  });

  test("has every word of its script in every language, with the same gaps", async () => {
    const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).toSorted();
    const brand = { name: "Ostiary", slug: "default", settings: DEFAULT_SETTINGS };
    const words = await Promise.all(
      LANGUAGES.map(async (language) => {
        const reader = readerOf(
          { config: { language: "en" } },
          new Request(`http://localhost/account?lang=${language}`),
        );
        const [body] = (await parsed(await accountPage(reader, brand).text())).filter(
          ({ tag }) => tag === "body",
        );
        const text = (body?.attributes["data-texts"] ?? "{}")
          .replaceAll("&quot;", '"')
          .replaceAll("&amp;", "&");
        return JSON.parse(text) as Record<string, string>;
      }),
    );
    const [first = {}, ...others] = words;
    expect(Object.keys(first).length).toBeGreaterThan(60);
    for (const other of others) {
      expect(Object.keys(other).toSorted()).toEqual(Object.keys(first).toSorted());
      for (const [name, text] of Object.entries(first))
        expect([name, gaps(other[name] ?? "")]).toEqual([name, gaps(text)]);
    }
  });
});
