// TOTP by its owner: /api/v1/me/mfa/totp (me-mfa.md, decisions §2 me).
import { describe, expect, test } from "bun:test";
import jsQR from "jsqr";
import { totpCode, wrongCode } from "../../support/key-group.ts";
import {
  addEveryFactor,
  BACKUP_CODE,
  FACTOR_TABLES,
  factorTablesOf,
  MFA,
  mfaOf,
  MINUTE,
  withAda,
} from "../../support/me-group.ts";
import { makePerson } from "../../support/people.ts";
import { signInForCookie, signInForKey, signInForTokens } from "../../support/sessions.ts";
import { withCookie } from "../../support/tenant-group.ts";
import { audited, dump, world } from "../../support/world.ts";

const ada = async () => {
  const w = await withAda(await world());
  return Object.assign(w, { me: mfaOf(w, { key: w.key }) });
};

/** The image that a data: URI of ours holds, 6 pixels to a module, as a camera would see it. */
function picture(dataUri: string): { data: Uint8ClampedArray; size: number } {
  const [head = "", base64 = ""] = dataUri.split(",");
  expect(head).toBe("data:image/svg+xml;base64");
  const svg = Buffer.from(base64, "base64").toString();
  const modules = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const size = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  const scale = size / modules;
  const data = new Uint8ClampedArray(size * size * 4).fill(90);
  for (const [, fill, path = ""] of svg.matchAll(/<path (?:fill="(#fff)" )?d="([^"]*)"\/>/g)) {
    for (const [, x, y, width, height] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)[hH]-?\d+z/g)) {
      for (let row = Number(y) * scale; row < (Number(y) + Number(height)) * scale; row++) {
        const from = (row * size + Number(x) * scale) * 4;
        const color = fill === undefined ? [0, 0, 0, 255] : [255, 255, 255, 255];
        for (let at = 0; at < Number(width) * scale; at++) data.set(color, from + at * 4);
      }
    }
  }
  return { data, size };
}

describe("TOTP", () => {
  test("is begun, confirmed with ten backup codes, listed, and turned off again", async () => {
    await using w = await ada();
    const begun = await w.me.post("/totp/enable");
    expect([begun.status, begun.body]).toEqual([
      200,
      {
        device_id: expect.stringMatching(/^tot_/),
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        provisioning_uri: `otpauth://totp/Ostiary:ada%40example.com?secret=${begun.body.secret}&issuer=Ostiary`,
        qr_code: expect.stringMatching(/^data:image\/svg\+xml;base64,/),
      },
    ]);
    const { device_id: id, secret } = begun.body;
    const listed = { id, type: "totp", name: "Authenticator app", created_at: expect.any(String) };
    expect(await w.me.overview()).toEqual({
      mfa_enabled: false,
      methods: [{ ...listed, confirmed: false, last_used_at: null }],
      backup_codes_remaining: 0,
    });
    const on = await w.me.post("/totp/confirm", { code: totpCode(w.clock, secret) });
    expect([on.status, on.body]).toEqual([
      200,
      { message: expect.any(String), backup_codes: Array(10).fill(expect.stringMatching(BACKUP_CODE)) },
    ]);
    expect(new Set(on.body.backup_codes).size).toBe(10);
    expect(await w.me.overview()).toEqual({
      mfa_enabled: true,
      methods: [{ ...listed, confirmed: true, last_used_at: expect.any(String) }],
      backup_codes_remaining: 10,
    });
    expect((await w.send("GET", "/api/v1/me", { key: w.key })).body.mfa_enabled).toBe(true);
    const off = await w.me.post("/totp/disable", { code: totpCode(w.clock, secret, 1) });
    expect([off.status, off.body]).toEqual([200, { message: expect.any(String) }]);
    expect(await w.me.overview()).toEqual({ mfa_enabled: false, methods: [], backup_codes_remaining: 0 });
    expect(await audited(w)).toEqual(["totp.begun", "totp.enabled", "backup_codes.made", "totp.disabled"]);
  });

  test("comes with a picture that a phone reads as the very same URI", async () => {
    await using w = await ada();
    const { provisioning_uri, qr_code } = (await w.me.post("/totp/enable")).body;
    const { data, size } = picture(qr_code);
    expect(jsQR(data, size, size)?.data).toBe(provisioning_uri);
    // ISO/IEC 18004: four modules of white all around, so that it can be told from a dark page.
    const quiet = [0, 12, 23].flatMap((at) => [data[at * 4], data[(at * size + 100) * 4]]);
    expect(quiet).toEqual([255, 255, 255, 255, 255, 255]);
  });

  test("that picture can be read for the longest name, and for one in no alphabet of ours", async () => {
    await using w = await ada();
    const longest = `${"a".repeat(64)}@${`${"b".repeat(59)}.`.repeat(3)}example`;
    for (const person of [{ email: longest }, { username: "Åda-Лавлейс-愛" }]) {
      const userId = await makePerson(w, w.acme, person);
      const { post } = mfaOf(w, { key: await signInForKey(w.ctx, { userId, tenantId: w.acme.id }) });
      const { provisioning_uri, qr_code } = (await post("/totp/enable")).body;
      const { data, size } = picture(qr_code);
      expect(jsQR(data, size, size)?.data).toBe(provisioning_uri);
    }
  });

  test.skipIf(!Bun.which("oathtool"))("works with another's implementation", async () => {
    await using w = await ada();
    const { secret } = (await w.me.post("/totp/enable")).body;
    const { stdout } = Bun.spawnSync(["oathtool", "--totp", "-b", secret]);
    expect((await w.me.post("/totp/confirm", { code: stdout.toString().trim() })).status).toBe(200);
  });

  test("is refused in the words of this group", async () => {
    await using w = await ada();
    const { said, post } = w.me;
    expect(await said("/totp/confirm", { code: "123456" })).toEqual([400, "Enrolment not started"]);
    expect(await said("/totp/disable", { code: "123456" })).toEqual([400, "MFA is not enabled"]);
    const { secret } = (await post("/totp/enable")).body;
    expect(await said("/totp/confirm", { code: wrongCode(w.clock, secret) })).toEqual([400, "Invalid code"]);
    const code = totpCode(w.clock, secret);
    expect(await said("/totp/disable", { code })).toEqual([400, "MFA is not enabled"]);
    expect((await post("/totp/confirm", { code })).status).toBe(200);
    expect(await said("/totp/disable", { code })).toEqual([400, "Invalid code"]);
    expect(await said("/totp/confirm", { code })).toEqual([400, "MFA is already enabled"]);
    expect(await said("/totp/enable")).toEqual([400, "MFA is already enabled"]);
    expect(await audited(w)).toContain("totp.refused: wrong or used code on disabling");
  });

  for (const code of [
    "",
    "12345",
    "1234567",
    "12345a",
    " 123456",
    "１２３４５６",
    "123456\n",
    "0x1234",
    "-12345",
  ]) {
    test(`the code ${JSON.stringify(code)} is no 422 but a wrong one`, async () => {
      await using w = await ada();
      await w.me.post("/totp/enable");
      expect(await w.me.said("/totp/confirm", { code })).toEqual([400, "Invalid code"]);
      await w.ctx.db.run`update totp_devices set confirmed_at = 1, failures = 0`;
      expect(await w.me.said("/totp/disable", { code })).toEqual([400, "Invalid code"]);
      expect(await w.me.methods()).toEqual(["totp"]);
    });
  }

  for (const body of [
    {},
    { code: 123456 },
    { code: null },
    { code: ["123456"] },
    { code: "1".repeat(257) },
    [],
  ]) {
    test(`the body ${JSON.stringify(body).slice(0, 30)} is a 422 and counts nowhere`, async () => {
      await using w = await ada();
      await w.me.post("/totp/enable");
      for (const path of [
        "/totp/confirm",
        "/totp/disable",
        "/email/confirm",
        "/email/disable",
        "/backup-codes/regenerate",
      ])
        expect([path, (await w.me.post(path, body)).status]).toEqual([path, 422]);
      expect(await w.ctx.db.get`select failures from totp_devices`).toEqual({ failures: 0 });
      expect(await w.ctx.db.all`select method from factor_failures`).toEqual([]);
    });
  }

  test("a repeat before confirming replaces secret and device", async () => {
    await using w = await ada();
    const first = (await w.me.post("/totp/enable")).body;
    const second = (await w.me.post("/totp/enable")).body;
    expect(first.device_id).not.toBe(second.device_id);
    const confirm = (secret: string) => w.me.said("/totp/confirm", { code: totpCode(w.clock, secret) });
    expect(await confirm(first.secret)).toEqual([400, "Invalid code"]);
    expect((await confirm(second.secret))[0]).toBe(200);
  });

  test("is turned off by a backup code too, whatever its case and dashes; the set goes with the last factor", async () => {
    await using w = await ada();
    const { codes } = await w.me.enableTotp();
    await w.me.post("/totp/disable", { code: (codes[0] ?? "").toUpperCase().replaceAll("-", " ") });
    expect(await w.me.methods()).toEqual([]);
    expect(await w.ctx.db.all`select code_hash from backup_codes`).toEqual([]);
    await w.me.enableTotp();
    expect(await w.me.said("/totp/disable", { code: codes[1] })).toEqual([400, "Invalid code"]);
  });

  test("a seed and a backup code stand nowhere in the database or the log", async () => {
    await using w = await ada();
    const { codes, secret } = await w.me.enableTotp();
    const written = JSON.stringify(dump(w)) + w.log.join("\n");
    for (const text of [secret, ...codes.flatMap((code) => [code, code.replaceAll("-", "")])]) {
      expect(written.toLowerCase()).not.toContain(text.toLowerCase());
    }
  });

  test("after a hundred wrong codes in a row it is off, even for the right one; a backup code still removes it", async () => {
    await using w = await ada();
    const { codes, secret } = await w.me.enableTotp();
    await w.ctx.db.run`update totp_devices set failures = 99`;
    expect(await w.me.said("/totp/disable", { code: wrongCode(w.clock, secret) })).toEqual([
      400,
      "Invalid code",
    ]);
    expect(await w.me.said("/totp/disable", { code: totpCode(w.clock, secret, 1) })).toEqual([
      400,
      "Invalid code",
    ]);
    expect(await w.me.said("/backup-codes/regenerate", { code: totpCode(w.clock, secret, 1) })).toEqual([
      400,
      "Invalid code",
    ]);
    expect((await w.send("GET", "/api/v1/me", { key: w.key })).body.mfa_enabled).toBe(true);
    expect((await w.me.said("/totp/disable", { code: codes[0] }))[0]).toBe(200);
  });
});

describe("the first factor", () => {
  test("ends the user's other sign-ins, lifts the restriction of this one, and the second does neither", async () => {
    await using w = await ada();
    const [session, other] = [await signInForTokens(w.ctx, w.who), await signInForTokens(w.ctx, w.who)];
    await w.ctx.db.run`update sessions set restricted_at = 1`;
    const { cookie } = await signInForCookie(w.ctx, w.who);
    const status = async (options: object) => (await w.send("GET", "/api/v1/me/sessions", options)).status;
    expect(await status({ key: session.accessToken })).toBe(403);
    const { secret } = await mfaOf(w, { key: session.accessToken }).enableTotp();
    expect(await status({ key: session.accessToken })).toBe(200);
    for (const options of [{ key: other.accessToken }, { key: w.key }, withCookie(cookie)])
      expect(await status(options)).toBe(401);
    const later = await signInForKey(w.ctx, { ...w.who, amr: ["pwd", "otp", "mfa"] });
    await w.ctx.db
      .run`insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_1', ${w.userId}, 1, 1)`;
    w.clock.advance(MINUTE);
    const { post } = mfaOf(w, { key: later });
    expect((await post("/totp/disable", { code: totpCode(w.clock, secret) })).status).toBe(200);
    await mfaOf(w, { key: later }).enableTotp();
    expect(await status({ key: session.accessToken })).toBe(200);
  });
});

describe("both groups", () => {
  const key = "/api/v1/auth/mfa";

  test("turn on and off one and the same TOTP", async () => {
    await using w = await ada();
    const { secret } = (await w.send("POST", `${key}/setup/`, { key: w.key })).body;
    expect(await w.me.methods()).toEqual(["totp?"]);
    expect((await w.me.post("/totp/confirm", { code: totpCode(w.clock, secret) })).status).toBe(200);
    expect((await w.send("GET", `${key}/status/`, { key: w.key })).body).toEqual({ mfa_enabled: true });
    const off = { key: w.key, body: { code: totpCode(w.clock, secret, 1) } };
    expect((await w.send("POST", `${key}/disable/`, off)).body).toEqual({ mfa_enabled: false });
    expect(await w.me.overview()).toMatchObject({ methods: [], backup_codes_remaining: 0 });
  });

  test("take one code once: confirmed here, it is worth nothing there or anywhere", async () => {
    await using w = await ada();
    const { secret } = (await w.me.post("/totp/enable")).body;
    const code = totpCode(w.clock, secret);
    expect((await w.me.post("/totp/confirm", { code })).status).toBe(200);
    expect((await w.send("POST", `${key}/disable/`, { key: w.key, body: { code } })).status).toBe(400);
    for (const path of ["/totp/disable", "/backup-codes/regenerate"])
      expect(await w.me.said(path, { code })).toEqual([400, "Invalid code"]);
  });

  test("TOTP confirmed by a key makes no backup codes, and leaves those that are there", async () => {
    await using w = await ada();
    const viaKey = async () => {
      const { secret } = (await w.send("POST", `${key}/setup/`, { key: w.key })).body;
      const body = { code: totpCode(w.clock, secret) };
      expect((await w.send("POST", `${key}/verify/`, { key: w.key, body })).status).toBe(200);
      return secret;
    };
    const secret = await viaKey();
    expect(await w.me.overview()).toMatchObject({ mfa_enabled: true, backup_codes_remaining: 0 });
    await w.ctx.db
      .run`insert into email_factors (id, user_id, confirmed_at, created_at) values ('emf_1', ${w.userId}, ${w.ctx.now()}, 1)`;
    const code = totpCode(w.clock, secret, 1);
    const { backup_codes } = (await w.me.post("/backup-codes/regenerate", { code })).body;
    w.clock.advance(MINUTE);
    const off = { key: w.key, body: { code: totpCode(w.clock, secret) } };
    expect((await w.send("POST", `${key}/disable/`, off)).body).toEqual({ mfa_enabled: true });
    expect(await w.me.overview()).toMatchObject({ backup_codes_remaining: 10 });
    await viaKey();
    expect(await w.me.overview()).toMatchObject({ backup_codes_remaining: 10 });
    expect((await w.me.post("/totp/disable", { code: backup_codes[0] })).status).toBe(200);
  });

  test("the way out at the machine itself removes every factor of every kind", async () => {
    await using w = await ada();
    await addEveryFactor(w, w.who);
    const userId = await makePerson(w, w.acme, { email: "bob@example.com" });
    await addEveryFactor(w, { userId, tenantId: w.acme.id });
    const answer = await w.send("POST", `${key}/reset/`, { key: w.key });
    expect([answer.status, answer.body]).toEqual([200, { mfa_enabled: false }]);
    expect(await w.me.overview()).toEqual({ mfa_enabled: false, methods: [], backup_codes_remaining: 0 });
    expect(factorTablesOf(w, w.userId)).toEqual([]);
    expect(factorTablesOf(w, userId)).toEqual(FACTOR_TABLES);
  });

  test("show to nobody what is another's", async () => {
    await using w = await ada();
    await w.me.enableTotp();
    const userId = await makePerson(w, w.acme, { email: "bob@example.com" });
    const bob = mfaOf(w, { key: await signInForKey(w.ctx, { userId, tenantId: w.acme.id }) });
    expect(await bob.overview()).toEqual({ mfa_enabled: false, methods: [], backup_codes_remaining: 0 });
    expect((await w.send("GET", MFA)).status).toBe(401);
  });
});
