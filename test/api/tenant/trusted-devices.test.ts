// Devices on which the second factor need not be shown again: decisions §2, spec/security.md A63.
import { describe, expect, test } from "bun:test";
import * as memberships from "../../../src/core/memberships.ts";
import { totpCode } from "../../support/key-group.ts";
import { tokenIn } from "../../support/mailbox.ts";
import { addPasskey } from "../../support/me-group.ts";
import { makePerson, PASSWORD } from "../../support/people.ts";
import { cookieFrom, portal } from "../../support/portal-group.ts";
import {
  ADA,
  enrolEmail,
  enrolTotp,
  mailedCode,
  superuserKey,
  type Town,
  town,
} from "../../support/second-factors.ts";
import { tenantOf } from "../../support/tenant-group.ts";
import { audited, dump } from "../../support/world.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Ada has an authenticator app, and has trusted a device at acme: its token, and an API key of hers. */
async function trusting(settings = {}) {
  const w = await town(settings);
  const secret = await enrolTotp(w, w.userId);
  const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
  const code = totpCode(w.clock, secret);
  const shown = { mfa_token, method: "totp", code, trust_device: true };
  const done = await tenantOf(w, "acme").verifyMfa(shown);
  if (done.status !== 200) throw new Error(`mfa/verify answered ${done.status}`);
  const token: string = done.body.data.trusted_device_token;
  return Object.assign(w, { secret, done, token });
}

/** Every way to show the token. */
const WAYS: Record<string, (w: Town, token: string, slug?: string, email?: string) => Promise<string>> = {
  "the token at a tenant": async (w, token, slug = "acme", email = ADA) =>
    (await tenantOf(w, slug).login(email, PASSWORD, { trusted_device_token: token })).body.data.status,
  "the cookie at a tenant": async (w, token, slug = "acme", email = ADA) =>
    (await tenantOf(w, slug, cookie(token)).login(email, PASSWORD)).body.data.status,
  "the cookie at the portal's authenticate": async (w, token, slug = "acme", email = ADA) => {
    const { id } = slug === "beta" ? w.beta : w.acme;
    return (await portal(w, cookie(token)).signIn(email, PASSWORD, id)).body.status;
  },
  "the cookie at the portal's login": async (w, token, slug = "acme", email = ADA) => {
    const { id } = slug === "beta" ? w.beta : w.acme;
    const { body } = await portal(w, cookie(token)).login(email, PASSWORD, id);
    return body.code ?? (body.access_token ? "SUCCESS" : "nothing");
  },
};
const cookie = (token: string) => ({ headers: { cookie: `ostiary_trusted=${token}` } });

async function outcomes(w: Town, token: string, slug?: string, email?: string): Promise<string[]> {
  const all: string[] = [];
  for (const show of Object.values(WAYS)) all.push(await show(w, token, slug, email));
  return all;
}

const SKIPPED = Object.keys(WAYS).map(() => "SUCCESS");
const ASKED = Object.keys(WAYS).map(() => "MFA_REQUIRED");

describe("a trusted device", () => {
  test("is asked for no second factor by either group, and without its token is", async () => {
    await using w = await trusting();
    expect(await outcomes(w, w.token)).toEqual(SKIPPED);
    expect(await outcomes(w, "")).toEqual(ASKED);
    expect(await audited(w)).toContain("login.succeeded: pwd");
  });

  test("has its token in the answer and in a cookie for 30 days, hashed in the database, and in the audit log by its id", async () => {
    await using w = await trusting();
    expect(w.token).toMatch(/^ost_td_[\w-]{43}$/);
    expect(w.done.headers.getSetCookie()).toContain(
      `ostiary_trusted=${w.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000`,
    );
    const [row] = dump(w)["trusted_devices"] as [{ id: string; user_id: string; tenant_id: string }];
    expect(row).toMatchObject({ user_id: w.userId, tenant_id: w.acme.id });
    expect(JSON.stringify(dump(w))).not.toContain(w.token);
    expect(await audited(w)).toContain(`trusted_device.added: ${row.id}`);
  });

  for (const asked of ["trust_device", "remember_device"]) {
    test(`is made by ${asked} at a tenant, and not without`, async () => {
      await using w = await trusting();
      const verify = async (more: object) => {
        w.clock.advance(MINUTE);
        const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
        const code = totpCode(w.clock, w.secret);
        return tenantOf(w, "acme").verifyMfa({ mfa_token, method: "totp", code, ...more });
      };
      const without = await verify({ [asked]: false });
      expect(without.body.data.trusted_device_token).toBeNull();
      expect(without.headers.getSetCookie().join()).not.toContain("ostiary_trusted");
      const { body } = await verify({ [asked]: true });
      expect(await outcomes(w, body.data.trusted_device_token)).toEqual(SKIPPED);
      // The first one is another device, and stays.
      expect(await outcomes(w, w.token)).toEqual(SKIPPED);
    });
  }

  test("is made at the portal by a cookie alone", async () => {
    await using w = await trusting();
    w.clock.advance(MINUTE);
    const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const code = totpCode(w.clock, w.secret);
    const done = await portal(w).verify({ mfa_token, user_id, method: "totp", code, trust_device: true });
    const token = cookieFrom(done, "trusted");
    expect(JSON.stringify(done.body)).not.toContain(token);
    expect(await outcomes(w, token)).toEqual(SKIPPED);
  });

  test("is none when the code was wrong", async () => {
    await using w = await trusting();
    w.clock.advance(MINUTE);
    const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
    const wrong = { mfa_token, method: "totp", code: totpCode(w.clock, w.secret, -8), trust_device: true };
    expect((await tenantOf(w, "acme").verifyMfa(wrong)).status).toBe(401);
    expect(dump(w)["trusted_devices"]).toHaveLength(1);
  });

  test("is known by its cookie also where the app sends the token of another", async () => {
    await using w = await trusting();
    for (const trusted_device_token of ["ost_td_old", ""]) {
      const { body } = await tenantOf(w, "acme", cookie(w.token)).login(ADA, PASSWORD, {
        trusted_device_token,
      });
      expect(body.data.status).toBe("SUCCESS");
    }
  });

  test("keeps what its client calls it for the audit log only", async () => {
    await using w = await trusting();
    w.clock.advance(MINUTE);
    const { mfa_token } = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data;
    const code = totpCode(w.clock, w.secret);
    const device_fingerprint = 'a"b\nc';
    const shown = { mfa_token, method: "totp", code, trust_device: true, device_fingerprint };
    const { body } = await tenantOf(w, "acme").verifyMfa(shown);
    expect(await audited(w)).toContain(`login.succeeded: pwd otp mfa, device fingerprint "a\\"b\\nc"`);
    const { audit: _, ...rest } = dump(w);
    expect(JSON.stringify([rest, body])).not.toContain("b\\nc");
    // It proves nothing: the token works without it.
    expect(await outcomes(w, body.data.trusted_device_token)).toEqual(SKIPPED);
  });

  test("spares no password, and says nothing to those who do not know it", async () => {
    await using w = await trusting();
    const wrong = await tenantOf(w, "acme").login(ADA, "wrong password", { trusted_device_token: w.token });
    expect([wrong.status, wrong.body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });
});

describe("the second factor is asked for", () => {
  test("in another tenant, of another user, and by a token that only looks like one", async () => {
    await using w = await trusting();
    const bob = await makePerson(w, w.acme, { email: "bob@example.com" });
    await enrolEmail(w, bob);
    expect(await outcomes(w, w.token, "beta")).toEqual(ASKED);
    expect(await outcomes(w, w.token, "acme", "bob@example.com")).toEqual(ASKED);
    expect(await outcomes(w, `${w.token}x`)).toEqual(ASKED);
    expect(await outcomes(w, `${w.token}; ostiary_trusted=${w.token}`)).toEqual(
      // Two cookies of one name: nobody can tell which is ours.
      Object.keys(WAYS).map(() => "MFA_REQUIRED"),
    );
  });

  test("after 30 days, however often it was used, and though no upkeep ran", async () => {
    await using w = await trusting();
    w.clock.advance(30 * DAY - MINUTE);
    expect(await outcomes(w, w.token)).toEqual(SKIPPED);
    w.clock.advance(MINUTE);
    expect(await outcomes(w, w.token)).toEqual(ASKED);
  });

  const bearer = async (w: Awaited<ReturnType<typeof trusting>>): Promise<string> =>
    (await portal(w, cookie(w.token)).login(ADA, PASSWORD, w.acme.id)).body.access_token;
  const shown = async (w: Awaited<ReturnType<typeof trusting>>): Promise<string> => {
    w.clock.advance(MINUTE);
    const { mfa_token, user_id } = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail;
    const code = totpCode(w.clock, w.secret);
    return (await portal(w).verify({ mfa_token, user_id, method: "totp", code })).body.access_token;
  };
  const admin = async (w: Town, method: string, path: string, body: object, key?: string) => {
    const root = key ?? (await superuserKey(w));
    const { status } = await w.send(method, `/api/v1/admin${path}`, { key: root, body });
    if (status >= 300) throw new Error(`${path} answered ${status}`);
    return root;
  };
  /** What takes the trust away, for good: also once the account is as it was before. */
  const ends: [string, (w: Awaited<ReturnType<typeof trusting>>) => Promise<unknown>][] = [
    [
      "its owner took the trust back",
      async (w) => {
        const key = await bearer(w);
        const { data } = (await w.send("GET", "/api/v1/me/devices", { key })).body;
        const { status } = await w.send("DELETE", `/api/v1/me/devices/${data[0].id}`, { key });
        expect(status).toBe(204);
      },
    ],
    [
      "the password was changed",
      async (w) => {
        const key = await bearer(w);
        const change = async (current_password: string, new_password: string) =>
          w.send("POST", "/api/v1/me/password", { key, body: { current_password, new_password } });
        expect((await change(PASSWORD, "another good one")).status).toBe(200);
        expect((await change("another good one", PASSWORD)).status).toBe(200);
      },
    ],
    [
      "the password was reset",
      async (w) => {
        await tenantOf(w, "acme").forgot(ADA);
        const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
        expect((await tenantOf(w, "acme").reset(token, PASSWORD)).status).toBe(200);
      },
    ],
    [
      "another factor was enrolled",
      async (w) => {
        const key = await shown(w);
        await w.send("POST", "/api/v1/me/mfa/email/enable", { key });
        const body = { code: await mailedCode(w) };
        expect((await w.send("POST", "/api/v1/me/mfa/email/confirm", { key, body })).status).toBe(200);
      },
    ],
    [
      "the factor was replaced by another",
      async (w) => {
        const key = await bearer(w);
        w.clock.advance(MINUTE);
        const body = { code: totpCode(w.clock, w.secret) };
        expect((await w.send("POST", "/api/v1/me/mfa/totp/disable", { key, body })).status).toBe(200);
        await enrolTotp(w, w.userId);
      },
    ],
    [
      "the account was disabled and enabled again",
      async (w) => {
        const key = await admin(w, "PATCH", `/users/${w.userId}`, { disabled: true });
        await admin(w, "PATCH", `/users/${w.userId}`, { disabled: false }, key);
      },
    ],
    [
      "the membership was suspended and is active again",
      async (w) => {
        const path = `/tenants/acme/members/${w.userId}`;
        const key = await admin(w, "PATCH", path, { status: "suspended" });
        await admin(w, "PATCH", path, { status: "active" }, key);
      },
    ],
    [
      "the tenant was disabled and enabled again",
      async (w) => {
        const key = await admin(w, "PATCH", "/tenants/acme", { disabled: true });
        await admin(w, "PATCH", "/tenants/acme", { disabled: false }, key);
      },
    ],
    [
      "the membership was removed and made anew",
      async (w) => {
        await memberships.end(w.ctx, w.acme.id, w.userId);
        const member = { tenantId: w.acme.id, userId: w.userId, role: "member", status: "active" } as const;
        await memberships.create(w.ctx, member);
      },
    ],
    [
      "a superuser took all factors away and another was enrolled",
      async (w) => {
        const key = await superuserKey(w);
        const { status } = await w.send("DELETE", `/api/v1/admin/users/${w.userId}/mfa`, { key });
        expect(status).toBe(204);
        await enrolTotp(w, w.userId);
      },
    ],
  ];
  for (const [what, end] of ends) {
    test(`when ${what}`, async () => {
      await using w = await trusting();
      expect(await outcomes(w, w.token)).toEqual(SKIPPED);
      await end(w);
      expect(await outcomes(w, w.token)).toEqual(ASKED);
      expect(dump(w)["trusted_devices"]).toEqual([]);
    });
  }
});

describe("a login that was spared the second factor", () => {
  const spared = async () => {
    const w = await trusting();
    const passkey = await addPasskey(w, w.userId);
    w.clock.advance(MINUTE);
    const { body } = await portal(w, cookie(w.token)).login(ADA, PASSWORD, w.acme.id);
    return Object.assign(w, { passkey, key: body.access_token as string });
  };
  const factorsOf = (w: Town) => ({ ...dump(w), trusted_devices: [], audit: [] });
  const changes: [string, (passkey: string) => [string, string, object?]][] = [
    ["adds no passkey", () => ["POST", "/mfa/webauthn/register/begin"]],
    ["removes none", (passkey) => ["DELETE", `/mfa/webauthn/${passkey}`]],
    ["turns no codes by email on", () => ["POST", "/mfa/email/enable"]],
    ["makes no key, as token/ makes none", () => ["POST", "/keys", { name: "backdoor" }]],
  ];
  for (const [what, change] of changes) {
    test(`${what}, and the next one is asked for it`, async () => {
      await using w = await spared();
      const before = factorsOf(w);
      const [method, path, body] = change(w.passkey);
      const refused = await w.send(method, `/api/v1/me${path}`, { key: w.key, ...(body && { body }) });
      expect([refused.status, refused.body.code]).toEqual([403, "REAUTH_REQUIRED"]);
      expect(factorsOf(w)).toEqual(before);
      expect(await outcomes(w, w.token)).toEqual(ASKED);
      expect(await audited(w)).toContain("trusted_device.removed: all, to have a factor shown again");
    });
  }

  test("adds no authenticator app beside a passkey", async () => {
    await using w = await spared();
    await w.ctx.db.run`delete from totp_devices`;
    const { body } = await w.send("POST", "/api/v1/me/mfa/totp/enable", { key: w.key });
    expect(body.code).toBe("REAUTH_REQUIRED");
  });

  test("is told first what would be refused anyway, and stays trusted then", async () => {
    await using w = await spared();
    for (const [method, path] of [
      ["POST", "/totp/enable"],
      ["DELETE", "/webauthn/pky_nobodys"],
    ] as const) {
      const { body } = await w.send(method, `/api/v1/me/mfa${path}`, { key: w.key });
      expect(["MFA_ALREADY_ENABLED", "NOT_FOUND"]).toContain(body.code);
    }
    expect(await outcomes(w, w.token)).toEqual(SKIPPED);
  });
});
