// Whose second factors survive when an account changes hands, or gets a new password (CVE-2026-53516, decisions §2 tenant).
import { describe, expect, test } from "bun:test";
import { transaction } from "../../src/context.ts";
import type { Purpose } from "../../src/core/one-time-secrets.ts";
import * as secrets from "../../src/core/one-time-secrets.ts";
import { addEveryFactor, ADA, factorTablesOf } from "../support/me-group.ts";
import { makePerson, makeTenant } from "../support/people.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { world } from "../support/world.ts";

/** Ada's account, with every second factor that there is, and a mailed link. */
async function enrolled({ isVerified, purpose }: { isVerified: boolean; purpose: Purpose }) {
  const w = await world();
  const acme = await makeTenant(w, "acme", { email_verification: false });
  const status = purpose === "invitation" ? "invited" : "active";
  const userId = await makePerson(w, acme, { email: ADA, isVerified, status });
  await addEveryFactor(w, { userId, tenantId: acme.id });
  const token = await transaction(w.ctx, (ctx) =>
    secrets.create(ctx, { purpose, userId, tenantId: acme.id }),
  );
  return Object.assign(w, { userId, token, acme });
}

const PASSWORD = "another good password";

describe("factors of someone who never showed that the email is theirs", () => {
  test("are gone, each of them, when its owner sets a new password", async () => {
    await using w = await enrolled({ isVerified: false, purpose: "reset" });
    expect((await tenantOf(w, "acme").reset(w.token, PASSWORD)).status).toBe(200);
    expect(factorTablesOf(w, w.userId)).toEqual([]);
  });

  test("are gone, each of them, when its owner accepts an invitation", async () => {
    await using w = await enrolled({ isVerified: false, purpose: "invitation" });
    const body = { token: w.token, password: PASSWORD };
    const path = "/api/v1/auth/tenants/acme/invitations/accept";
    expect((await w.send("POST", path, { body })).status).toBe(200);
    expect(factorTablesOf(w, w.userId)).toEqual([]);
  });
});

test("a verified owner keeps every factor past a new password, and loses what was under way", async () => {
  await using w = await enrolled({ isVerified: true, purpose: "reset" });
  expect((await tenantOf(w, "acme").reset(w.token, PASSWORD)).status).toBe(200);
  expect(factorTablesOf(w, w.userId)).toEqual([
    "totp_devices",
    "email_factors",
    "passkeys",
    "backup_codes",
    "factor_failures",
  ]);
});
