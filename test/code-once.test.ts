// One TOTP code, offered to everything that takes one: accepted once (RFC 6238 §5.2, ASVS 6.5.1; issue 4, acceptance 4).
import { describe, expect, test } from "bun:test";
import { BASE, signIn, totpCode } from "./support/key-group.ts";
import { PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { ADA, enrolEmail, enrolTotp, type Town, town } from "./support/second-factors.ts";
import { signInForTokens } from "./support/sessions.ts";
import { tenantOf } from "./support/tenant-group.ts";
import type { Answer } from "./support/world.ts";

const ME = "/api/v1/me/mfa";

interface Scene {
  w: Town;
  /** Sign-ins that wait for a factor: each consumer has its own. */
  atPortal: string;
  atTenant: string;
  /** An access token of a fresh login. */
  key: string;
}

const CONSUMERS: Record<string, (s: Scene, code: string) => Promise<Answer>> = {
  "the portal's mfa/verify": ({ w, atPortal }, code) =>
    portal(w).verify({ mfa_token: atPortal, user_id: w.userId, method: "totp", code }),
  "the tenant's mfa/verify": ({ w, atTenant }, code) =>
    tenantOf(w, "acme").verifyMfa({ mfa_token: atTenant, method: "totp", code }),
  "mfa/login-verify/": ({ w }, code) =>
    w.send("POST", `${BASE}/mfa/login-verify/`, { body: { username: ADA, code } }),
  "mfa/disable/": ({ w, key }, code) => w.send("POST", `${BASE}/mfa/disable/`, { key, body: { code } }),
  "me/mfa/totp/disable": ({ w, key }, code) => w.send("POST", `${ME}/totp/disable`, { key, body: { code } }),
  "me/mfa/backup-codes/regenerate": ({ w, key }, code) =>
    w.send("POST", `${ME}/backup-codes/regenerate`, { key, body: { code } }),
  "me/mfa/email/disable": ({ w, key }, code) =>
    w.send("POST", `${ME}/email/disable`, { key, body: { code } }),
  "mfa/verify/": ({ w, key }, code) => w.send("POST", `${BASE}/mfa/verify/`, { key, body: { code } }),
  "me/mfa/totp/confirm": ({ w, key }, code) => w.send("POST", `${ME}/totp/confirm`, { key, body: { code } }),
};

const CONFIRMING = ["mfa/verify/", "me/mfa/totp/confirm"];

/** Email is on, so that everything waits for a factor, whether TOTP is on or about to be. */
async function scene(isBeingConfirmed: boolean): Promise<Scene & { secret: string }> {
  const w = await town({ LIMIT_MAIL_GAP: "0" });
  await enrolEmail(w, w.userId);
  const who = { userId: w.userId, tenantId: w.acme.id, amr: ["pwd", "mca", "mfa"] };
  const { accessToken: key } = await signInForTokens(w.ctx, who);
  const secret = isBeingConfirmed
    ? (await w.send("POST", `${ME}/totp/enable`, { key })).body.secret
    : await enrolTotp(w, w.userId);
  const atPortal = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body.detail.mfa_token;
  const atTenant = (await tenantOf(w, "acme").login(ADA, PASSWORD)).body.data.mfa_token;
  await signIn(w, { username: ADA, password: PASSWORD });
  return { w, atPortal, atTenant, key, secret };
}

describe("one code", () => {
  for (const [first, consume] of Object.entries(CONSUMERS)) {
    test(`that ${first} took is taken by nothing else, nor there again`, async () => {
      const s = await scene(CONFIRMING.includes(first));
      await using _ = s.w;
      const code = totpCode(s.w.clock, s.secret);
      expect([first, (await consume(s, code)).status]).toEqual([first, 200]);
      for (const [name, offer] of [...Object.entries(CONSUMERS), [first, consume] as const]) {
        const { status } = await offer(s, code);
        expect([name, status, [400, 401].includes(status)]).toEqual([name, status, true]);
      }
    });
  }

  test("of the step before is not taken after a later one, and that of the next step is", async () => {
    const s = await scene(false);
    await using _ = s.w;
    const [before, now, next] = [-1, 0, 1].map((step) => totpCode(s.w.clock, s.secret, step));
    const regenerate = CONSUMERS["me/mfa/backup-codes/regenerate"];
    const statuses: (number | undefined)[] = [];
    for (const code of [now, before, now, next, now])
      statuses.push((await regenerate?.(s, code ?? ""))?.status);
    expect(statuses).toEqual([200, 400, 400, 200, 400]);
  });
});
