// People with second factors, enrolled by the nouns themselves, and what their sign-ins show.
import { transaction } from "../../src/context.ts";
import * as backupCodes from "../../src/core/backup-codes.ts";
import * as emailFactors from "../../src/core/email-factors.ts";
import type { PasskeyId, UserId } from "../../src/core/ids.ts";
import * as passkeys from "../../src/core/passkeys.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import * as totp from "../../src/core/totp.ts";
import type { SettingName } from "../../src/settings.ts";
import { totpCode } from "./key-group.ts";
import type { Mailbox } from "./mailbox.ts";
import { makePerson, makeTenant } from "./people.ts";
import { signInForKey } from "./sessions.ts";
import { type World, worldWithMail } from "./world.ts";

export const ADA = "ada@example.com";

export interface Town extends World {
  mailbox: Mailbox;
  acme: Tenant;
  beta: Tenant;
  userId: UserId;
}

/** Two tenants, and Ada who belongs to both; her email is verified. Nobody is held up for many wrong codes from one address. */
export async function town(
  settings: Partial<Record<SettingName, string>> = {},
  { policy = "optional" }: { policy?: "optional" | "required" } = {},
): Promise<Town> {
  const w = await worldWithMail({ LIMIT_ADDRESS_FAILURES: "100000", ...settings });
  const acme = await makeTenant(w, "acme", { mfa_policy: policy, self_registration: true });
  const beta = await makeTenant(w, "beta");
  const userId = await makePerson(w, [acme, beta], { email: ADA, username: "ada" });
  return Object.assign(w, { acme, beta, userId });
}

/** The API key of somebody else, who may do everything. */
export async function superuserKey(w: Town): Promise<string> {
  const options = { email: "root@example.com", password: null, isSuperuser: true } as const;
  const userId = await makePerson(w, w.beta, options);
  return signInForKey(w.ctx, { userId, tenantId: w.beta.id });
}

/** The secret. Codes of this step and the next are unspent. */
export async function enrolTotp({ ctx, clock }: World, userId: UserId): Promise<string> {
  const begun = await totp.begin(ctx, userId);
  if (!begun) throw new Error("TOTP is on already");
  const { secret } = begun;
  const confirm = () => transaction(ctx, (ctx) => totp.confirm(ctx, userId, totpCode(clock, secret, -1)));
  // Between making a code and showing it a step may have ended.
  if (!(await confirm()) && !(await confirm())) throw new Error("TOTP was not turned on");
  return secret;
}

export async function enrolEmail({ ctx }: World, userId: UserId): Promise<void> {
  await emailFactors.begin(ctx, userId);
  await emailFactors.confirm(ctx, userId);
}

/** A passkey that no authenticator holds: it can be asked for, not shown. */
export async function enrolPasskey({ ctx }: World, userId: UserId): Promise<void> {
  await passkeys.create(ctx, {
    id: ctx.id("psk") as PasskeyId,
    userId,
    credentialId: Buffer.from(`credential of ${userId}`).toString("base64url"),
    publicKey: "",
    signCount: 0,
    transports: "",
    backupEligible: 0,
    name: "key",
    backedUp: false,
    userVerified: true,
  });
}

/** Ten. They are asked for beside a factor, never by themselves. */
export const makeBackupCodes = ({ ctx }: World, userId: UserId): Promise<string[]> =>
  transaction(ctx, (ctx) => backupCodes.create(ctx, userId));

/** The digits of the oldest mail with a code that no call has returned yet. */
export async function mailedCode({ mailbox }: Pick<Town, "mailbox">, to = ADA): Promise<string> {
  const { subject } = await mailbox.waitFor(to, "your code for");
  return /\d{6}$/.exec(subject)?.[0] ?? "";
}

/** Six digits that no mail and no authenticator of these tests shows. */
export const otherThan = (...codes: string[]): string =>
  ["000000", "111111", "222222", "333333", "444444"].find((code) => !codes.includes(code)) ?? "";

export const codesMailed = async ({ ctx }: World): Promise<number> =>
  (await ctx.db.all`select id from outbox where kind = 'code'`).length;

/** What someone is signed in with: the ids of sessions and API keys. */
export const signedInWith = async ({ ctx }: World, userId: UserId): Promise<string[]> =>
  (
    await ctx.db.all<{ id: string }>`
      select id from sessions where user_id = ${userId} union all select id from api_keys where user_id = ${userId}`
  ).map(({ id }) => id);
