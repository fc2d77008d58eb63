// The pages that belong to no tenant, as they leave the server.
import { describe, expect, test } from "bun:test";
import * as tenants from "../../src/core/tenants.ts";
import { PAGE_POLICY } from "../../src/pages/layout.ts";
import { setUpAdmin } from "../support/key-group.ts";
import { dump, world } from "../support/world.ts";

describe("the address of the server itself", () => {
  test("leads to the first account while there is none, and to signing in from then on", async () => {
    await using w = await world();
    const lead = async () => {
      const { status, headers, body } = await w.send("GET", "/");
      return [status, headers.get("location"), body];
    };
    expect(await lead()).toEqual([303, "/setup", ""]);
    await setUpAdmin(w);
    expect(await lead()).toEqual([303, "/login", ""]);
  });
});

describe("a page of the instance", () => {
  const titles: [string, string][] = [
    ["/setup", "Make the first account"],
    ["/approve", "Approve a sign-in"],
    ["/cli", "Sign in on your command line"],
  ];
  for (const [path, title] of titles) {
    test(`${path} is HTML of our own, in the reader's language, and shows nothing of anybody`, async () => {
      await using w = await world();
      const { status, headers, body } = await w.send("GET", path);
      expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(headers.get("content-security-policy")).toBe(PAGE_POLICY);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(body).toContain(`<title>${title} · Ostiary</title>`);
      expect(body).not.toMatch(/ost_[a-z]+_|<script>| style=/);
      expect(body).toContain(`src="/pages${path}.js"`);
      const script = await w.send("GET", `/pages${path}.js`);
      expect([script.status, script.headers.get("content-type")]).toEqual([
        200,
        "text/javascript; charset=utf-8",
      ]);
      const german = await w.send("GET", path, { headers: { "accept-language": "de" } });
      expect(german.body).toContain('<html lang="de">');
      expect(german.body).not.toContain(title);
    });
  }

  test("wears the brand of the tenant default, and the program's name where that has none", async () => {
    await using w = await world();
    await setUpAdmin(w);
    expect((await w.send("GET", "/cli")).body).toContain("· Ostiary</title>");
    const tenant = await tenants.find(w.ctx, "default");
    if (!tenant) throw new Error("no tenant");
    await tenants.update(w.ctx, tenant, { settings: { brand_name: "Acme Rockets", brand_color: "#c2410c" } });
    for (const path of ["/cli", "/approve", "/setup"]) {
      const { body } = await w.send("GET", path);
      expect(body).toContain("· Acme Rockets</title>");
      expect(body).toContain("/pages/colors/c2410c");
    }
  });
});

describe("/setup", () => {
  test("asks password managers to keep the email and a new password, and nothing else", async () => {
    await using w = await world();
    const { body } = await w.send("GET", "/setup");
    const kept = [...String(body).matchAll(/name="(\w+)"[^>]*?autocomplete="([\w-]+)"/g)];
    expect(kept.map(([, name, autocomplete]) => [name, autocomplete])).toEqual([
      ["setup_token", "off"],
      ["email", "username"],
      ["username", "off"],
      ["password", "new-password"],
    ]);
  });

  test("has no form once somebody is set up, and changes nothing by being read", async () => {
    await using w = await world();
    const { audit: _, ...before } = dump(w);
    await w.send("GET", "/setup");
    const { audit: __, ...after } = dump(w);
    expect(after).toEqual(before);
    await setUpAdmin(w);
    const { status, body } = await w.send("GET", "/setup");
    expect(status).toBe(200);
    expect(body).toContain("This server is set up");
    expect(body).not.toContain("<form");
    expect(body).not.toContain("<script");
  });
});
