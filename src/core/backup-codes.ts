// Codes to print: ten at a time, each good once, for whoever lost every other factor (NIST SP 800-63B-4 §4.2).
import { ScureBase32Plugin } from "otplib";
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { UserId } from "./ids.ts";

const HOW_MANY = 10;
/** 120 bits, above the 112 from which on a hash without salt will do (ASVS 6.5.2). */
const CODE_BYTES = 15;
const base32 = new ScureBase32Plugin();

/** Ten new codes, shown this once; the old set is void. Run inside a transaction. */
export async function create(ctx: Context, userId: UserId): Promise<string[]> {
  await end(ctx, userId);
  const codes = Array.from({ length: HOW_MANY }, () => newCode(ctx));
  for (const code of codes) {
    await ctx.db.run`
      insert into backup_codes (user_id, code_hash, created_at)
      values (${userId}, ${digest(normalise(code))}, ${ctx.now()})`;
  }
  return codes;
}

/** How many are left. */
export async function count(ctx: Context, userId: UserId): Promise<number> {
  const row = await ctx.db.get<{ left: number | string }>`
    select count(*) as "left" from backup_codes where user_id = ${userId} and used_at is null`;
  // PostgreSQL counts in text.
  return Number(row?.left ?? 0);
}

/** Spends one code. False when it is unknown or spent; of any number of parallel calls exactly one gets true (ASVS 6.5.1). */
export async function consume(ctx: Context, userId: UserId, code: string): Promise<boolean> {
  const spent = await ctx.db.run`
    update backup_codes set used_at = ${ctx.now()}
    where user_id = ${userId} and code_hash = ${digest(normalise(code))} and used_at is null`;
  return spent === 1;
}

/** Voids all of a user's. */
export async function end(ctx: Context, userId: UserId): Promise<void> {
  await ctx.db.run`delete from backup_codes where user_id = ${userId}`;
}

/** Lower case in groups of four: abcd-efgh-ijkl-mnop-qrst-uvwx. */
const newCode = (ctx: Context): string =>
  base32
    .encode(ctx.random(CODE_BYTES))
    .toLowerCase()
    .replaceAll(/(.{4})(?=.)/g, "$1-");

/** Dashes, spaces and case do not count. */
const normalise = (code: string): string => code.replaceAll(/[\s-]/g, "").toLowerCase();
