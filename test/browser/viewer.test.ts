// The API documentation in a real browser that reaches nothing but this server.
import { expect, test } from "bun:test";
import { setupToken } from "../../src/flows/setup.ts";
import { describeInBrowser, openView, until } from "../support/browser.ts";
import { ADMIN, BASE } from "../support/key-group.ts";
import { world } from "../support/world.ts";

describeInBrowser("the viewer at /swagger", () => {
  test("shows every operation, and asks no other server for anything", async () => {
    await using w = await world();
    await using view = openView();
    const complaints: string[] = [];
    await view.navigate("about:blank");
    await view.cdp("Log.enable");
    view.addEventListener("Log.entryAdded", (event) => {
      complaints.push(JSON.stringify((event as MessageEvent).data));
    });
    await view.navigate(`${w.origin}/swagger`);
    const { paths } = (await w.send("GET", "/swagger/json")).body as { paths: Record<string, object> };
    const operations = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    const shown = () => view.evaluate<number>("document.querySelectorAll('.opblock').length");
    expect(await until(shown, (count) => count === operations)).toBe(operations);
    expect(await view.evaluate<number>("document.querySelectorAll('.errors-wrapper').length")).toBe(0);
    const asked = await view.evaluate<string[]>(
      "performance.getEntriesByType('resource').map((entry) => entry.name)",
    );
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked.filter((url) => !url.startsWith(w.origin) && !url.startsWith("data:"))).toEqual([]);
    expect(complaints).toEqual([]);
  }, 30_000);

  test("makes the first admin with the token that the server printed, and not without", async () => {
    await using w = await world();
    await using view = openView({ width: 390, height: 844 });
    await view.navigate(`${w.origin}/swagger#/key/keySetup`);
    const field = ".opblock.is-open textarea";
    const answered = () =>
      view.evaluate<string>(
        "document.querySelector('.live-responses-table tbody .response-col_status')?.textContent ?? ''",
      );
    const execute = async (body: object) => {
      await until(
        () => view.evaluate<boolean>(`document.querySelector(${JSON.stringify(field)}) !== null`),
        Boolean,
      );
      await view.evaluate(`(() => {
        const field = document.querySelector(${JSON.stringify(field)});
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, ${JSON.stringify(JSON.stringify(body))});
        field.dispatchEvent(new Event("input", { bubbles: true }));
      })()`);
      await view.evaluate("document.querySelector('.opblock.is-open .execute').click()");
    };
    await execute(ADMIN);
    expect(await until(answered, (text) => text.includes("403"))).toContain("403");
    await execute({ ...ADMIN, setup_token: setupToken(w.ctx) });
    expect(await until(answered, (text) => text.includes("200"))).toContain("200");
    expect((await w.send("GET", `${BASE}/setup-status/`)).body).toEqual({ needs_setup: false });
  }, 30_000);
});
