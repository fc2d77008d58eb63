// Time-based one-time passwords (RFC 6238): 30 s, 6 digits, SHA-1, as every authenticator app has them.
import { generateURI, ScureBase32Plugin, verifySync } from "otplib";
import type { Context } from "../context.ts";
import { open, seal } from "../crypto/seal.ts";
import type { TotpDeviceId, UserId } from "./ids.ts";

/** One step of network delay either way: T−1, T, T+1 (RFC 6238 §5.2). */
const TOLERANCE_S = 30;
const CODE = /^[0-9]{6}$/;
const base32 = new ScureBase32Plugin();

/** What codes are checked against. */
interface Device {
  id: TotpDeviceId;
  secretSealed: string;
}

/** Whether a confirmed device exists, even one that too many wrong codes switched off: off must not mean unprotected. */
export async function isEnabled(ctx: Context, userId: UserId): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found from totp_devices where user_id = ${userId} and confirmed_at is not null`;
  return row !== undefined;
}

/** A device as its owner sees it. */
export interface TotpDevice {
  id: TotpDeviceId;
  confirmedAt: number | null;
  lastUsedAt: number | null;
  createdAt: number;
}

/** The one that is on, or the one that waits to be confirmed. */
export async function find(ctx: Context, userId: UserId): Promise<TotpDevice | undefined> {
  return ctx.db.get<TotpDevice>`
    select id, confirmed_at as "confirmedAt", last_used_at as "lastUsedAt", created_at as "createdAt"
    from totp_devices where user_id = ${userId}`;
}

/** A new unconfirmed secret (160 bits, base32) in place of an earlier unconfirmed one. Undefined when TOTP is on already. */
export async function begin(
  ctx: Context,
  userId: UserId,
): Promise<{ id: TotpDeviceId; secret: string } | undefined> {
  const secret = base32.encode(ctx.random(20));
  const id = ctx.id("tot") as TotpDeviceId;
  const sealed = seal(ctx.keys.seal, ctx.random(12), boundTo(id, userId), secret);
  const begun = await ctx.db.run`
    insert into totp_devices (id, user_id, secret_sealed, last_step, failures, created_at)
    select ${id}, ${userId}, ${sealed}, 0, 0, ${ctx.now()}
    where not exists (select 1 from totp_devices where user_id = ${userId} and confirmed_at is not null)
    on conflict (user_id) where confirmed_at is null do update set
      id = excluded.id, secret_sealed = excluded.secret_sealed, last_step = 0, failures = 0,
      created_at = excluded.created_at`;
  return begun === 1 ? { id, secret } : undefined;
}

/** What an authenticator app scans (Key URI format). `account` is shown to the user there. */
export const provisioningUri = (issuer: string, account: string, secret: string): string =>
  generateURI({ issuer, label: account, secret });

/** Whether `begin` was called and not yet confirmed. */
export async function isPending(ctx: Context, userId: UserId): Promise<boolean> {
  const row = await ctx.db.get`
    select 1 as found from totp_devices where user_id = ${userId} and confirmed_at is null`;
  return row !== undefined;
}

/** Turns the pending device on. The code is spent by it: the next sign-in needs a later one. Run inside a transaction. */
export async function confirm(ctx: Context, userId: UserId, code: string): Promise<boolean> {
  const device = await ctx.db.get<Device>`
    update totp_devices set failures = failures + 1
    where user_id = ${userId} and confirmed_at is null and failures < ${ctx.config.limits.factorFailures}
    returning id, secret_sealed as "secretSealed"`;
  if (!device || !(await spendStep(ctx, userId, device, code))) return false;
  await ctx.db.run`update totp_devices set confirmed_at = ${ctx.now()} where id = ${device.id}`;
  return true;
}

/**
 * Spends one code of the confirmed device, counting the try before judging it. False when it is wrong, used, or older than
 * the last accepted one: a code works once, whichever endpoint asks (ASVS 6.5.1); and when so many in a row were wrong that the
 * device is off until it is enrolled again (NIST SP 800-63B-4 §3.2.2). Run inside a transaction that commits either way.
 */
export async function consume(ctx: Context, userId: UserId, code: string): Promise<boolean> {
  const device = await ctx.db.get<Device>`
    update totp_devices set failures = failures + 1
    where user_id = ${userId} and confirmed_at is not null and failures < ${ctx.config.limits.factorFailures}
    returning id, secret_sealed as "secretSealed"`;
  return device !== undefined && spendStep(ctx, userId, device, code);
}

async function spendStep(ctx: Context, userId: UserId, device: Device, code: string): Promise<boolean> {
  // otplib throws at anything else: the try would become a fault, and not stay counted.
  if (!CODE.test(code)) return false;
  const result = verifySync({
    secret: open(ctx.keys.seal, boundTo(device.id, userId), device.secretSealed),
    token: code,
    epoch: Math.floor(ctx.now() / 1000),
    epochTolerance: TOLERANCE_S,
  });
  if (!result.valid || !("timeStep" in result)) return false;
  // The library could compare with the last step too, but throws when the clock was set back behind it.
  const spent = await ctx.db.run`
    update totp_devices set last_step = ${result.timeStep}, failures = 0, last_used_at = ${ctx.now()}
    where id = ${device.id} and last_step < ${result.timeStep}`;
  return spent === 1;
}

/** Removes every device of the user, confirmed or not. */
export async function end(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from totp_devices where user_id = ${userId}`;
}

const boundTo = (id: TotpDeviceId, userId: UserId): string => `totp_devices/${id}/${userId}`;

/** Removes a device that was begun and not confirmed. */
export async function endPending(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from totp_devices where user_id = ${userId} and confirmed_at is null`;
}
