// A forgotten password at a portal: the mail, the link, the new one.
import { describe, expect, test } from "bun:test";
import { linkIn, tokenIn } from "../../support/mailbox.ts";
import { makePerson, makeTenant, PASSWORD, suspend } from "../../support/people.ts";
import { portals } from "../../support/portals.ts";
import { ADA, signedInWith, type Town, town } from "../../support/second-factors.ts";
import { signInForTokens } from "../../support/sessions.ts";
import { dump } from "../../support/world.ts";

const NEW = "another good password";
const DEAD = { status: 400, body: { detail: "Invalid or expired token", code: "INVALID_TOKEN" } };
const BROWSER = { accept: "text/html,application/xhtml+xml;q=0.9" };

async function mailed(portal = "acme"): Promise<Town & { token: string }> {
  const w = await town({ LIMIT_MAIL_GAP: "0" });
  await portals(w).forgot(portal);
  return Object.assign(w, { token: tokenIn(await w.mailbox.waitFor(ADA)) });
}

test("asking is 201 with the same words for everyone, everywhere", async () => {
  await using w = await town({ LIMIT_MAIL_GAP: "0" });
  const known = await portals(w).forgot();
  expect([known.status, known.body]).toEqual([201, { detail: expect.any(String) }]);
  for (const answer of [
    await portals(w).forgot("acme", "nobody@example.com"),
    await portals(w).forgot("nowhere"),
  ])
    expect([answer.status, answer.body]).toEqual([201, known.body]);
  expect(dump(w)["outbox"]).toHaveLength(1);
  expect(linkIn(await w.mailbox.waitFor(ADA)).href).toStartWith(`${w.ctx.config.url}/t/acme/reset#token=`);
});

test("a new password is set by either name, ends what was signed in, and works at once", async () => {
  for (const field of ["password", "new_password"]) {
    await using w = await mailed();
    await signInForTokens(w.ctx, { userId: w.userId, tenantId: w.acme.id });
    const { status, body } = await portals(w).reset({ token: w.token, [field]: NEW });
    expect([status, body]).toEqual([200, { detail: expect.any(String) }]);
    expect(await signedInWith(w, w.userId)).toEqual([]);
    expect((await portals(w).login("acme", ADA, PASSWORD)).status).toBe(401);
    expect((await portals(w).login("acme", ADA, NEW)).status).toBe(200);
    expect(await portals(w).reset({ token: w.token, [field]: NEW })).toMatchObject(DEAD);
  }
});

test("an isolated tenant's account has its own", async () => {
  await using w = await town();
  const iso = await makeTenant(w, "iso", { identity: "isolated" });
  await makePerson(w, iso, { email: "eve@example.com" });
  await portals(w).forgot(iso.id, "eve@example.com");
  const token = tokenIn(await w.mailbox.waitFor("eve@example.com"));
  expect(await portals(w).reset({ token, password: NEW })).toMatchObject(DEAD);
  expect((await portals(w).reset({ token, portal_id: "iso", password: NEW })).status).toBe(200);
  expect((await portals(w).login("iso", "eve@example.com", NEW)).status).toBe(200);
});

const poor: [string, object, string][] = [
  ["none", {}, "password"],
  ["a short one", { password: "short" }, "password"],
  ["a short one by its other name", { new_password: "short" }, "new_password"],
  ["two that differ", { password: NEW, new_password: `${NEW}!` }, "password"],
  ["a number", { password: 12345678 }, "password"],
];
for (const [what, body, field] of poor) {
  test(`${what} is a 422 that spends nothing`, async () => {
    await using w = await mailed();
    const answer = await portals(w).reset({ token: w.token, ...body });
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ["body", field]]);
    expect((await portals(w).reset({ token: w.token, password: NEW })).status).toBe(200);
  });
}

describe("reset-callback", () => {
  test("says that the link is good, as often as it is asked, and changes nothing", async () => {
    await using w = await mailed();
    // The mail is there before it is written down that it was sent.
    const queued = () => w.ctx.db.get`select id from outbox where status = 'queued'`;
    while (await queued()) await Bun.sleep(5);
    const before = dump(w);
    for (const portal of ["acme", w.acme.id]) {
      const { status, body } = await portals(w).callback(w.token, portal);
      expect([status, body]).toEqual([200, { valid: true, portal_id: w.acme.id }]);
    }
    const query = new URLSearchParams({ token: w.token, portal_id: "acme" }).toString();
    await w.send("HEAD", `/v1/auth/portal/reset-callback?${query}`);
    expect(dump(w)).toEqual(before);
    expect((await portals(w).reset({ token: w.token, password: NEW })).status).toBe(200);
  });

  test("sends a browser to the page of the tenant, the token in the fragment", async () => {
    await using w = await mailed();
    const { status, headers } = await portals(w).callback(w.token, "acme", BROWSER);
    expect([status, headers.get("location")]).toEqual([
      303,
      `${w.ctx.config.url}/t/acme/reset#token=${w.token}`,
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  for (const token of [
    "//evil.example",
    "x\r\nset-cookie: a=b",
    "a&b",
    "\ud800",
    "<script>",
    "x".repeat(4000),
  ]) {
    test(`repeats nothing to a browser that is no token: ${JSON.stringify(token).slice(0, 30)}`, async () => {
      await using w = await town();
      const { status, headers } = await portals(w).callback(token, "acme", BROWSER);
      expect([status, headers.get("location")]).toEqual([303, `${w.ctx.config.url}/t/acme/reset#token=`]);
      expect(headers.has("set-cookie")).toBe(false);
    });
  }

  const bad: [string, (w: Town & { token: string }) => Promise<{ token?: string; portal?: string }>][] = [
    ["another portal", async () => ({ portal: "beta" })],
    ["no portal", async () => ({ portal: "nowhere" })],
    ["another token", async () => ({ token: "ost_rst_x" })],
    ["a spent token", async (w) => (await portals(w).reset({ token: w.token, password: NEW }), {})],
    ["an expired one", async (w) => (w.clock.advance(30 * 60_000), {})],
    ["a suspended member", async (w) => (await suspend(w, w.userId, w.acme.id), {})],
    ["a disabled tenant", async (w) => (await w.ctx.db.run`update tenants set disabled_at = 1`, {})],
    ["a newer one", async (w) => (await portals(w).forgot(), {})],
  ];
  for (const [what, make] of bad) {
    test(`is 400 for ${what}, as setting the password is`, async () => {
      await using w = await mailed();
      const { token = w.token, portal = "acme" } = await make(w);
      expect(await portals(w).callback(token, portal)).toMatchObject(DEAD);
      const reset = await portals(w).reset({ token, portal_id: portal, password: NEW });
      expect(reset).toMatchObject(DEAD);
    });
  }
});
