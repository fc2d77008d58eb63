// What one tenant gave out is worth nothing in another (A04–A06): neither to the same person there, nor to whoever has the same email
// in a realm of its own. And to those who administer one tenant, another looks exactly like none.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createApp } from "../src/server.ts";
import { accepted, CONSUMERS, refused } from "./support/consumers.ts";
import {
  eachOf,
  forgetTries,
  holderFor,
  type Held,
  type Holder,
  KINDS,
  type KindName,
  newHolder,
  openStage,
  type Stage,
  stateOf,
} from "./support/credential-kinds.ts";
import { claimsOf } from "./support/org-group.ts";
import { makeKey, signInForCookie, signInForKey, signInForTokens } from "./support/sessions.ts";
import { world } from "./support/world.ts";

let w: Stage;
beforeAll(async () => {
  w = await openStage();
});
afterAll(() => w[Symbol.asyncDispose]());

/** One of this kind, of tenant acme; the same person belongs to beta, and another with the same email and password to iso. */
async function own(name: KindName): Promise<{ holder: Holder; held: Held; someone: Holder }> {
  const kind = KINDS[name];
  const holder = await holderFor(w, kind, [w.acme, w.beta]);
  const held = await kind.obtain(w, holder);
  const someone = kind.who === undefined ? holder : await newHolder(w, [w.acme, w.beta]);
  await newHolder(w, w.iso, someone.email);
  await forgetTries(w);
  return { holder, held, someone };
}

const rows = Object.entries(CONSUMERS).filter(([, { isTenants }]) => isTenants);

test("there are rows to judge", () => {
  expect(rows.flatMap(([, { takes }]) => takes).length).toBeGreaterThan(10);
});

for (const [where, consumer] of rows) {
  for (const name of consumer.takes) {
    test(`${name} of one tenant at ${where} of another`, async () => {
      const { held, someone: holder } = await own(name);
      const extras = { ...(await consumer.prepare?.(w, holder)), ...held.extras };
      const offer = (at: string) => consumer.offer({ w, holder, secret: held.secret, extras, at, held });
      const before = stateOf(w);
      for (const at of ["beta", "iso", "nowhere"]) {
        const answer = await offer(at);
        const isRefused = at === "nowhere" ? [400, 404].includes(answer.status) : refused(consumer, answer);
        expect({ at, answer, isRefused }).toMatchObject({ isRefused: true });
      }
      expect(stateOf(w)).toEqual(before);
      await forgetTries(w);
      const answer = await offer("acme");
      expect({ answer, isAccepted: accepted(consumer, answer) }).toMatchObject({ isAccepted: true });
    });
  }
}

describe("what names its tenant by itself stays there, whoever else its user is:", () => {
  const pairs: KindName[] = ["refresh token", "exchange code", "approved login", "mfa token", "email code"];
  for (const name of pairs) {
    test(name, async () => {
      const { held, holder } = await own(name);
      const [consumer] = Object.values(CONSUMERS).filter(({ takes }) => takes.includes(name));
      const extras = { ...(await consumer?.prepare?.(w, holder)), ...held.extras };
      const answer = await consumer?.offer({ w, holder, secret: held.secret, extras, at: "acme", held });
      expect(claimsOf(answer?.body.access_token)).toMatchObject({ sub: holder.userId, tid: w.acme.id });
    });
  }

  test("codes of an account open none of the same email in another realm", async () => {
    const shared = await newHolder(w);
    const alone = await newHolder(w, w.iso, shared.email);
    const taken = await eachOf(["totp", "backup_code"], async (method) => {
      const name = method === "totp" ? "TOTP code" : "backup code";
      const { secret } = await KINDS[name].obtain(w, shared);
      const consumer = CONSUMERS[`mfa/verify.code by ${method}`];
      const extras = (await consumer?.prepare?.(w, alone)) ?? {};
      return (await consumer?.offer({ w, holder: alone, secret, extras, at: "iso" }))?.status;
    });
    expect(taken).toEqual([401, 401]);
  });
});

/** Routes with something of somebody in their path. */
const routes = await (async () => {
  await using w = await world();
  return createApp(w.ctx)
    .routes.filter(({ path }) => /^\/api\/v1\/(admin|me)\/.*:/.test(path))
    .map(({ method, path }) => ({ method, path }));
})();

/** A body that is no reason to refuse it. */
const BODIES: Record<string, object> = {
  "PATCH /api/v1/admin/tenants/:tenant": { name: "Ours" },
  "POST /api/v1/admin/tenants/:tenant/members": { email: "mallory@example.com", role: "member" },
  "PATCH /api/v1/admin/tenants/:tenant/members/:user_id": { role: "member" },
  "PATCH /api/v1/admin/users/:user_id": { first_name: "Ours" },
};

describe.each(["owner", "admin"] as const)("to an %s of another tenant", (role) => {
  /** By the name of the parameter: what is there, and what never was. */
  let theirs: Record<string, string[]> = {};
  let key = "";
  beforeAll(async () => {
    const { beta, acme, ctx } = w;
    const theirOwn = await newHolder(w, beta);
    const { userId, authenticator } = theirOwn;
    const who = { userId, tenantId: beta.id };
    const { sessionId } = await signInForTokens(ctx, who);
    await signInForCookie(ctx, who);
    await makeKey(ctx, who);
    await KINDS["trusted-device token"].obtain(w, theirOwn);
    const ids = async (table: "api_keys" | "passkeys" | "trusted_devices") => {
      const rows = stateOf(w)[table] as { id: string; user_id: string }[];
      return rows.filter(({ user_id }) => user_id === userId).map(({ id }) => id);
    };
    expect(authenticator).toBeDefined();
    const id = [
      sessionId,
      ...(await ids("api_keys")),
      ...(await ids("passkeys")),
      ...(await ids("trusted_devices")),
    ];
    expect(id.length).toBeGreaterThan(3);
    theirs = { tenant: [beta.id, beta.slug], user_id: [userId], session_id: [sessionId], id };
    const mine = await newHolder(w, acme);
    await ctx.db.run`update memberships set role = ${role} where user_id = ${mine.userId}`;
    key = await signInForKey(ctx, { userId: mine.userId, tenantId: acme.id });
  });

  for (const { method, path } of routes) {
    test(`${method} ${path} says the same of what is there and of what is not`, async () => {
      const route = `${method} ${path}`;
      const params = path.match(/:\w+/g) ?? [];
      const fill = (pick: (name: string) => string) =>
        params.reduce((filled, param) => filled.replace(param, pick(param.slice(1))), path);
      const said = async (path: string) => {
        const body = method === "GET" ? {} : { body: BODIES[route] ?? {} };
        const answer = await w.send(method, path, { key, ...body });
        return { status: answer.status, body: answer.body };
      };
      const none = (name: string) => (name === "tenant" ? "nowhere" : "none_019ab");
      const before = stateOf(w);
      const most = Math.max(...params.map((param) => (theirs[param.slice(1)] ?? theirs["id"] ?? []).length));
      const missing = await said(fill(none));
      expect([403, 404]).toContain(missing.status);
      for (let i = 0; i < most; i++) {
        const real = (name: string) => {
          const known = theirs[name] ?? theirs["id"] ?? [];
          return known[i % known.length] ?? "";
        };
        expect(await said(fill(real))).toEqual(missing);
        // Theirs, under our own roof.
        if (params.length > 1) {
          const inside = (id: (name: string) => string) => (name: string) =>
            name === "tenant" ? "acme" : id(name);
          expect(await said(fill(inside(real)))).toEqual(await said(fill(inside(none))));
        }
      }
      expect(stateOf(w)).toEqual(before);
    });
  }

  test("lists show nothing of theirs", async () => {
    for (const path of ["/tenants", "/sessions", "/audit", "/outbox"]) {
      for (const query of ["", `?tenant=${w.beta.id}`, `?user_id=${theirs["user_id"]?.[0]}`]) {
        const { status, body } = await w.send("GET", `/api/v1/admin${path}${query}`, { key });
        expect([path, query, [200, 403, 404].includes(status)]).toEqual([path, query, true]);
        // Reasons repeat what these very askers have tried above.
        const text = JSON.stringify(body, (name, value: unknown) => (name === "reason" ? null : value));
        for (const id of Object.values(theirs).flat()) {
          if (id !== "beta") expect([path, query, text.includes(id)]).toEqual([path, query, false]);
        }
      }
    }
  });
});
