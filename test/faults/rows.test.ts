// Rows that something damaged: whoever they belong to is refused or gets a fault, never let in; everybody else is served.
import { describe, expect, test } from "bun:test";
import { rotateSigningKeys } from "../../src/flows/rotate-signing-keys.ts";
import { BASE, totpCode } from "../support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { portals, sendForm } from "../support/portals.ts";
import { ADA, enrolTotp, makeBackupCodes, superuserKey, town, type Town } from "../support/second-factors.ts";
import { passwordOf } from "../support/passkeys.ts";
import { client, signInForKey } from "../support/sessions.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { until } from "../support/outbox.ts";
import type { Answer } from "../support/world.ts";

const BOB = "bob@example.com";

const everywhere = (w: Town, email: string, username: string): Promise<Pick<Answer, "status">>[] => [
  portal(w).login(email, PASSWORD, w.acme.id),
  portal(w).signIn(email, PASSWORD, w.acme.id),
  tenantOf(w, "acme").login(email, PASSWORD),
  portals(w).login("acme", email),
  sendForm(w, { username: email, password: PASSWORD }),
  w.send("POST", `${BASE}/token/`, { body: { username, password: PASSWORD } }),
];
const statuses = async (answers: Promise<Pick<Answer, "status">>[]) =>
  (await Promise.all(answers)).map(({ status }) => status);

describe("a password hash that is none", () => {
  const damaged = [
    "",
    "garbage",
    "$argon2id$",
    "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
    "$argon2id$v=19$m=x,t=1,p=1$c29tZXNhbHRzYWx0$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHRzYWx0$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzYWx0$",
    "$2b$10$abc",
    "\u0000",
  ];
  for (const hash of damaged) {
    test(`${JSON.stringify(hash)} is opened by no password: 401 in every group, and nobody else notices`, async () => {
      await using w = await town({ LIMIT_FREE_FAILURES: "50" });
      await makePerson(w, [w.acme, w.beta], { email: BOB, username: "bob" });
      const key = await signInForKey(w.ctx, { userId: w.userId, tenantId: w.acme.id });
      await w.ctx.db.run`update users set password_hash = ${hash} where id = ${w.userId}`;
      expect(await statuses(everywhere(w, ADA, "ada"))).toEqual([401, 401, 401, 401, 401, 401]);
      const body = { current_password: PASSWORD, new_password: "another horse battery" };
      expect((await w.send("POST", "/api/v1/me/password", { key, body })).status).toBe(400);
      expect(await statuses(everywhere(w, BOB, "bob"))).toEqual([200, 200, 200, 200, 200, 200]);
      expect(w.log.join("")).toContain('"event":"password hash unreadable"');
      expect(w.log.join("")).not.toContain('"event":"fault"');
      const [entry] = await w.ctx.db
        .all`select reason from audit where user_id = ${w.userId} and event = 'login.failed'`;
      expect(entry).toEqual({ reason: "password hash unreadable" });
      await tenantOf(w, "acme").forgot(ADA);
      expect(await w.mailbox.waitFor(ADA, "password")).toBeDefined();
    });
  }
});

describe("something sealed that does not open", () => {
  test("as a TOTP seed is a fault for its owner, who still has the backup codes, and for nobody else", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "50" });
    const bob = await makePerson(w, w.acme, { email: BOB });
    const [secret, bobs] = [await enrolTotp(w, w.userId), await enrolTotp(w, bob)];
    const [backup = ""] = await makeBackupCodes(w, w.userId);
    await w.ctx.db.run`
      update totp_devices set secret_sealed = (select secret_sealed from totp_devices where user_id = ${bob})
      where user_id = ${w.userId}`;
    const pending = await passwordOf(w, ADA, w.acme.id);
    for (const code of [totpCode(w.clock, secret), totpCode(w.clock, bobs)])
      expect((await portal(w).verify({ ...pending, method: "totp", code })).status).toBe(500);
    expect((await portal(w).verify({ ...pending, method: "backup_code", code: backup })).status).toBe(200);
    const theirs = await passwordOf(w, BOB, w.acme.id);
    expect(
      (await portal(w).verify({ ...theirs, method: "totp", code: totpCode(w.clock, bobs) })).status,
    ).toBe(200);
  });

  test("as the signing key is a fault where access tokens are made, and nowhere else; a new key mends it", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "50" });
    await w.ctx.db.run`update signing_keys set private_jwk_sealed = 'AAAA', kid = 'x' || substr(kid, 2)`;
    expect(await statuses(everywhere(w, ADA, "ada"))).toEqual([500, 500, 200, 500, 500, 200]);
    await rotateSigningKeys(w.ctx, { atOnce: true }, client());
    expect(await statuses(everywhere(w, ADA, "ada"))).toEqual([200, 200, 200, 200, 200, 200]);
  });

  test("as the body of a mail holds up that mail only", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "50" });
    await makePerson(w, w.acme, { email: BOB });
    w.mailbox.mode = { do: "reject", code: 451 };
    await tenantOf(w, "acme").forgot(ADA);
    await w.ctx.db.run`update outbox set body_sealed = 'AAAA'`;
    w.mailbox.mode = { do: "accept" };
    await tenantOf(w, "acme").forgot(BOB);
    await w.mailbox.waitFor(BOB);
    w.clock.advance(10_000);
    await until(() =>
      w.log.some((line) => line.includes("mail delayed") && line.includes('"reason":"Error"')),
    );
    expect(w.mailbox.mails.map(({ to }) => to)).toEqual([BOB]);
  });
});

describe("settings of a tenant that are no JSON", () => {
  for (const settings of ["", "{", "null", "[]", "5"]) {
    test(`(${settings}) let nobody in there, by defaults that it did not choose; other tenants, and lists of them, go on`, async () => {
      await using w = await town({ LIMIT_FREE_FAILURES: "50" });
      const gamma = await makeTenant(w, "gamma", { mfa_policy: "required" });
      await makePerson(w, gamma, { email: "eve@example.com", username: "eve" });
      const root = await superuserKey(w);
      await w.ctx.db.run`update tenants set settings = ${settings} where id = ${gamma.id}`;
      expect(await statuses(everywhere(w, ADA, "ada"))).toEqual([200, 200, 200, 200, 200, 200]);
      const eves = [
        portal(w).login("eve@example.com", PASSWORD, gamma.id),
        tenantOf(w, "gamma").login("eve@example.com", PASSWORD),
        portals(w).login("gamma", "eve@example.com"),
        w.send("POST", `${BASE}/token/`, { body: { username: "eve", password: PASSWORD } }),
      ];
      for (const status of await statuses(eves)) expect(status).toBeGreaterThanOrEqual(400);
      const listed = await w.send("GET", "/api/v1/admin/tenants", { key: root });
      expect([listed.status, listed.body.data.map(({ slug }: { slug: string }) => slug)]).toEqual([
        200,
        ["acme", "beta"],
      ]);
      expect(w.log.join("")).toContain("settings unreadable");
    });
  }

  test("take no page of the instance along where it is the tenant default's", async () => {
    await using w = await town();
    await makeTenant(w, "default", { brand_name: "Acme Rockets" });
    await w.ctx.db.run`update tenants set settings = '{' where slug = 'default'`;
    for (const path of ["/login", "/account", "/approve", "/cli", "/setup"]) {
      const { status, body } = await w.send("GET", path);
      expect([path, status]).toEqual([path, 200]);
      expect(body).toContain("Ostiary");
    }
    expect(w.log.join("")).toContain("settings unreadable");
  });

  test("are left out of lists without ending them early", async () => {
    await using w = await town({ LIMIT_FREE_FAILURES: "50" });
    const root = await superuserKey(w);
    for (const slug of ["c1", "c2", "c3", "c4", "c5"]) await makeTenant(w, slug);
    await w.ctx.db.run`update tenants set settings = '{' where slug in ('acme', 'c1', 'c2', 'c5')`;
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = `?limit=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await w.send("GET", `/api/v1/admin/tenants${query}`, { key: root });
      seen.push(...body.data.map(({ slug }: { slug: string }) => slug));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(["beta", "c3", "c4"]);
  });
});
