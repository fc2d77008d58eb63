// The pages that mailed links lead to, as they leave the server.
import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/server.ts";
import * as tenants from "../../src/core/tenants.ts";
import {
  askPage,
  deadLinkPage,
  disownedPage,
  verifiedPage,
  verifyEmailPage,
} from "../../src/pages/verify-email.ts";
import { invitationPage } from "../../src/pages/invitation.ts";
import { forgotPage } from "../../src/pages/forgot.ts";
import { readerOf } from "../../src/pages/reader.ts";
import { registerPage } from "../../src/pages/register.ts";
import { resetPage } from "../../src/pages/reset.ts";
import { instanceSignInPage, tenantSignInPage } from "../../src/pages/sign-in.ts";
import { type World, world } from "../support/world.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const READER = readerOf({ config: { language: "en" } }, new Request("http://localhost/"));
const PAGES = ["reset", "invitation", "verify-email", "login", "register", "forgot"];
/** Those on which a new password is chosen. */
const CHOOSING = ["reset", "invitation", "register"];
/** Breaks out of text, of an attribute in either quotes, and of a template of ours. */
const HOSTILE = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;\${x}$&$'`;

async function made(
  w: World,
  slug: string,
  name: string,
  settings: Partial<tenants.Tenant["settings"]> = {},
) {
  await tenants.create(w.ctx, { slug, name, identity: "shared", settings });
  const tenant = await tenants.find(w.ctx, slug);
  if (!tenant) throw new Error("the tenant was not made");
  return tenant;
}

/** What a browser would make of the page: each element with its attributes, and the text. */
async function parsed(markup: string) {
  const elements: { tag: string; attributes: Record<string, string> }[] = [];
  let text = "";
  await new HTMLRewriter()
    .on("*", {
      element: ({ tagName, attributes }) =>
        void elements.push({ tag: tagName, attributes: Object.fromEntries(attributes) }),
    })
    .onDocument({ text: (chunk) => void (text += chunk.text) })
    .transform(new Response(markup))
    .text();
  return { elements, text };
}

/** Every page there is, of one tenant. */
const all = async (tenant: tenants.Tenant, hostile = "") =>
  Promise.all(
    [
      resetPage(READER, tenant),
      invitationPage(READER, tenant),
      verifyEmailPage(READER, tenant),
      registerPage(READER, tenant),
      forgotPage(READER, tenant),
      tenantSignInPage({ reader: READER, hasSession: false }, tenant),
      instanceSignInPage({ reader: READER, hasSession: false }, tenant),
      askPage(READER, tenant, `ost_vfy_${hostile}`),
      verifiedPage(READER, tenant, `https://app.example.com/?${hostile}`),
      disownedPage(READER, tenant),
      deadLinkPage(READER, tenant),
    ].map((response) => response.text()),
  );

describe("a page", () => {
  test("is HTML that runs, loads and frames nothing but our own, keeps out of caches and tells nobody its address", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd");
    for (const path of PAGES) {
      const { status, headers, body } = await w.send("GET", `/t/acme/${path}`);
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, "text/html; charset=utf-8"]);
      expect(headers.get("content-security-policy")).toBe(POLICY);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.has("set-cookie")).toBe(false);
      expect(body).toStartWith("<!doctype html>");
      expect(body).toContain("Acme Ltd</title>");
    }
  });

  test("has no inline script or style, and names no other server", async () => {
    await using w = await world();
    const tenant = await made(w, "acme", "Acme Ltd");
    for (const markup of await all(tenant)) {
      const { elements } = await parsed(markup);
      for (const { tag, attributes } of elements) {
        for (const name of Object.keys(attributes)) expect(name).not.toMatch(/^(style$|on)/);
        if (tag === "script")
          expect(attributes["src"]).toMatch(/^\/pages\/(link|sign-in|register|forgot)\.js$/);
        if (tag === "link") expect(attributes["href"]).toMatch(/^(data:,|\/pages\/[\w./]+)$/);
        expect(tag).not.toMatch(/^(style|base|iframe|object|embed)$/);
      }
    }
  });

  test("shows names, colours, tokens and addresses as text, whatever they hold", async () => {
    await using w = await world();
    const tenant = await made(w, "acme", HOSTILE.slice(0, 100), { brand_name: HOSTILE.slice(0, 100) });
    const settings = {
      ...tenant.settings,
      brand_color: HOSTILE,
      brand_logo_url: `https://x.example/${HOSTILE}`,
    };
    const plain = { ...tenant, name: "Acme", settings: { ...settings, brand_name: "Acme" } };
    const hostile = { ...tenant, name: HOSTILE, settings: { ...settings, brand_name: HOSTILE } };
    const [tame, wild] = [await all(plain), await all(hostile, HOSTILE)];
    for (const [i, markup] of wild.entries()) {
      const { elements } = await parsed(markup);
      const { elements: expected } = await parsed(tame[i] ?? "");
      const shape = (list: typeof elements) =>
        list.map(({ tag, attributes }) => [tag, Object.keys(attributes)]);
      expect(shape(elements)).toEqual(shape(expected));
      expect(markup).not.toMatch(/<script>|<img src=x/);
    }
    for (const path of PAGES) {
      expect((await w.send("GET", `/t/acme/${path}`)).body).not.toContain("<script>alert");
    }
  });

  test("is one and the same 404 for an unknown slug and a disabled tenant alike", async () => {
    await using w = await world();
    const tenant = await made(w, "acme", "Acme Ltd");
    await tenants.update(w.ctx, tenant, { disabled: true });
    const said = new Set<string>();
    for (const slug of ["nobody", "acme", "ACME", "%00", "..%2f..", tenant.id]) {
      for (const path of PAGES) {
        const { status, headers, body } = await w.send("GET", `/t/${slug}/${path}`);
        expect([slug, path, status, headers.get("content-security-policy")]).toEqual([
          slug,
          path,
          404,
          POLICY,
        ]);
        // The links to other languages name the address that was asked for.
        said.add(String(body).replaceAll(/href="[^"]*lang=/g, 'href="lang='));
      }
    }
    expect(said.size).toBe(1);
    expect([...said][0]).toContain("There is no such page");
    expect([...said][0]).not.toContain("Acme");
  });

  test("is the same by HEAD, without its text", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd");
    for (const path of PAGES) {
      const { status, headers, body } = await w.send("HEAD", `/t/acme/${path}`);
      expect([status, body, headers.get("content-security-policy")]).toEqual([200, "", POLICY]);
    }
  });

  test("asks for what people register with as password managers and phones know it", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd", { self_registration: true });
    const { elements } = await parsed((await w.send("GET", "/t/acme/register")).body);
    const asked = elements.flatMap(({ tag, attributes }) =>
      tag === "input" && attributes["name"]
        ? [[attributes["name"], attributes["autocomplete"], attributes["autocapitalize"]]]
        : [],
    );
    expect(asked).toEqual([
      ["email", "username", "none"],
      ["first_name", "given-name", "words"],
      ["last_name", "family-name", "words"],
      ["password", "new-password", "none"],
    ]);
  });

  test("tells password managers that a new password is wanted, and how long the tenant wants it", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd", { password_min_length: 13, self_registration: true });
    for (const path of CHOOSING) {
      const { elements, text } = await parsed((await w.send("GET", `/t/acme/${path}`)).body);
      const password = elements.find(({ attributes }) => attributes["type"] === "password");
      expect(password?.attributes["autocomplete"]).toBe("new-password");
      expect(password?.attributes).not.toHaveProperty("maxlength");
      expect(text).toContain("At least 13 characters");
    }
  });
});

describe("what the pages are dressed in", () => {
  test("is served by this server, with its type", async () => {
    await using w = await world();
    for (const [path, type] of [
      ["/pages/link.js", "text/javascript"],
      ["/pages/page.css", "text/css"],
      ["/pages/colors/1f5fbf", "text/css"],
    ] as const) {
      const { status, headers } = await w.send("GET", path);
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, `${type}; charset=utf-8`]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    for (const color of ["red", "1F5FBF", "1f5fbf;}*{}", "%00", "1f5fbf0"]) {
      const { status, body } = await w.send("GET", `/pages/colors/${encodeURIComponent(color)}`);
      expect([color, status, body]).toEqual([color, 404, { detail: "Not Found" }]);
    }
  });

  test("stays out of the API's description, as the pages do", async () => {
    await using w = await world();
    const isOurs = (path: string) => /^\/($|(t|pages)\/|(account|approve|cli|login|setup)$)/.test(path);
    const ours = createApp(w.ctx).routes.filter(({ path }) => isOurs(path));
    expect(ours.length).toBeGreaterThan(5);
    const { body } = await w.send("GET", "/swagger/json");
    expect(Object.keys(body.paths).filter(isOurs)).toEqual([]);
  });
});

describe("the language of a page", () => {
  const languages: [string, string, Record<string, string>, string][] = [
    ["is English where nobody says otherwise", "", {}, "en"],
    ["is the browser's", "", { "accept-language": "de-AT,en;q=0.7" }, "de"],
    ["is what was chosen before", "", { "accept-language": "en", cookie: "ostiary_language=de" }, "de"],
    [
      "is not what is no language",
      "?lang=tlh",
      { "accept-language": "de", cookie: "ostiary_language=x" },
      "de",
    ],
    ["is what is chosen now", "?lang=de", { "accept-language": "en", cookie: "ostiary_language=en" }, "de"],
  ];
  for (const [what, query, asked, language] of languages) {
    test(what, async () => {
      await using w = await world();
      await made(w, "acme", "Acme Ltd");
      const { headers, body } = await w.send("GET", `/t/acme/reset${query}`, { headers: asked });
      expect(headers.get("content-language")).toBe(language);
      expect(body).toContain(`<html lang="${language}">`);
      expect(body).toContain(language === "de" ? "Neues Passwort wählen" : "Choose a new password");
      const kept =
        query === "?lang=de" ? "ostiary_language=de; Path=/; SameSite=Lax; Max-Age=31536000" : null;
      expect(headers.get("set-cookie")).toBe(kept);
    });
  }

  test("is the instance's where nobody says otherwise and it is set to another", async () => {
    await using w = await world({ LANGUAGE: "de" });
    await made(w, "acme", "Acme Ltd");
    expect((await w.send("GET", "/t/acme/reset")).headers.get("content-language")).toBe("de");
  });

  test("is chosen by a link that keeps what the page was asked", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd");
    const { elements } = await parsed((await w.send("GET", "/t/acme/reset?a=1%262&lang=de")).body);
    const links = elements.filter(({ attributes }) => "hreflang" in attributes);
    expect(links.map(({ attributes }) => attributes["href"])).toEqual(["/t/acme/reset?a=1%262&amp;lang=en"]);
  });
});

describe("behind the link that confirms an address", () => {
  test("is a question that works without a script and spends nothing by itself", async () => {
    await using w = await world();
    const tenant = await made(w, "acme", "Acme Ltd");
    const response = askPage(READER, tenant, "ost_vfy_token");
    expect([response.status, response.headers.get("content-security-policy")]).toEqual([200, POLICY]);
    const { elements, text } = await parsed(await response.text());
    expect(text).toContain("Acme Ltd");
    expect(elements.map(({ tag }) => tag)).not.toContain("script");
    const form = elements.find(({ tag }) => tag === "form");
    expect(form?.attributes).toEqual({ method: "get" });
    const sent = elements.flatMap(({ attributes: { name, value } }) => (value ? [[name, value]] : []));
    expect(sent).toEqual([
      ["token", "ost_vfy_token"],
      ["answer", "confirm"],
      ["answer", "disown"],
    ]);
    for (const { tag, attributes } of elements) {
      if (tag === "img" || tag === "link") expect(JSON.stringify(attributes)).not.toContain("token");
    }
  });

  test("are outcomes with their status, and a way on only to the web", async () => {
    await using w = await world();
    const tenant = await made(w, "acme", "Acme Ltd");
    expect(
      [verifiedPage(READER, tenant, null), disownedPage(READER, tenant), deadLinkPage(READER, tenant)].map(
        ({ status }) => status,
      ),
    ).toEqual([200, 200, 400]);
    const linksOf = async (uri: string | null) => {
      const { elements } = await parsed(await verifiedPage(READER, tenant, uri).text());
      return elements
        .filter(({ tag, attributes }) => tag === "a" && !("hreflang" in attributes))
        .map(({ attributes }) => attributes["href"]);
    };
    expect(await linksOf("https://app.example.com/in")).toEqual(["https://app.example.com/in"]);
    for (const uri of [
      null,
      "javascript:alert(1)",
      "data:text/html,x",
      "javascript://a/%0aalert(1)",
      "//example.com",
      "https://[",
    ]) {
      expect(await linksOf(uri)).toEqual([]);
    }
  });
});

describe("the sign-in pages", () => {
  test("weigh at most 60 KB in all, as they are sent", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd", { self_registration: true });
    for (const path of ["/login", "/t/acme/login"]) {
      const { body } = await w.send("GET", path);
      const { elements } = await parsed(body);
      const parts = elements.flatMap(({ tag, attributes: { src, href = "" } }) =>
        tag === "script" ? [src ?? ""] : tag === "link" && href.startsWith("/") ? [href] : [],
      );
      expect(parts).toHaveLength(3);
      const texts = [
        body,
        ...(await Promise.all(parts.map(async (part) => (await w.send("GET", part)).body))),
      ];
      const weights = texts.map((text: string) => Bun.gzipSync(text).length);
      expect(weights.reduce((sum, weight) => sum + weight)).toBeLessThanOrEqual(60_000);
    }
  });

  test("can be filled in before the script runs, and send nothing then", async () => {
    await using w = await world();
    await made(w, "acme", "Acme Ltd", { self_registration: true });
    for (const path of ["/login", "/t/acme/login", "/t/acme/register", "/t/acme/forgot"]) {
      const { elements } = await parsed((await w.send("GET", path)).body);
      const [form] = elements.filter(({ tag }) => tag === "form");
      expect([path, form?.attributes["method"], form?.attributes["action"]]).toEqual([
        path,
        "dialog",
        undefined,
      ]);
      const [fieldset] = elements.filter(({ tag }) => tag === "fieldset");
      expect(fieldset?.attributes).not.toHaveProperty("disabled");
      const [button] = elements.filter(
        ({ tag, attributes }) => tag === "button" && attributes["type"] === "submit",
      );
      expect(button?.attributes).toHaveProperty("disabled");
    }
  });

  test("ask whether to trust the device before the code, which is sent with its last digit", async () => {
    await using w = await world();
    const { elements } = await parsed((await w.send("GET", "/login")).body);
    const names = elements.flatMap(({ tag, attributes: { name } }) =>
      tag === "input" && name ? [name] : [],
    );
    for (const code of ["totp_code", "email_code", "backup_code"]) {
      const place = names.indexOf(code);
      expect(names.slice(place - 1, place + 1)).toEqual(["trust_device", code]);
    }
  });

  test("wear the brand of the tenant `default`, else none", async () => {
    await using w = await world();
    expect((await w.send("GET", "/login")).body).toContain("Sign in · Ostiary</title>");
    const tenant = await made(w, "default", "Home", { brand_name: "Hooli", brand_color: "#c2410c" });
    const { body } = await w.send("GET", "/login");
    expect(body).toContain("Sign in · Hooli</title>");
    expect(body).toContain("/pages/colors/c2410c");
    await tenants.update(w.ctx, tenant, { disabled: true });
    expect((await w.send("GET", "/login")).body).toContain("Sign in · Ostiary</title>");
  });
});
