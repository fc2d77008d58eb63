// Facts about this installation as a whole.
import type { Context } from "../context.ts";
import { hmac } from "../crypto/digest.ts";

/** Whether setup was completed, ever. Stays true when all users are deleted (CVE-2023-46249 was the opposite). */
export async function isSetUp(ctx: Context): Promise<boolean> {
  return (await ctx.db.get`select 1 as found from instance where name = 'setup_completed_at'`) !== undefined;
}

/** Whether anyone has an account: then setup is closed to all but whoever holds the data directory. */
export const hasUsers = async (ctx: Context): Promise<boolean> =>
  (await ctx.db.get`select 1 as found from users limit 1`) !== undefined;

/** Closes setup for good. Of any number of parallel calls exactly one gets true. `evenWithUsers`: also where accounts were made before it. */
export async function completeSetup(
  ctx: Context,
  { evenWithUsers }: { evenWithUsers: boolean },
): Promise<boolean> {
  const claimed = await ctx.db.run`
    insert into instance (name, value) select 'setup_completed_at', ${String(ctx.now())}
    where cast(${evenWithUsers ? 1 : 0} as bigint) = 1 or not exists (select 1 from users)
    on conflict (name) do nothing`;
  return claimed === 1;
}

/** Whether this database was made with our master secret. The first caller decides: it leaves a mark that later ones compare. */
export async function isOurSecret(ctx: Context): Promise<boolean> {
  const mark = hmac(ctx.keys.check, "ostiary");
  await ctx.db.run`
    insert into instance (name, value) values ('secret_check', ${mark}) on conflict (name) do nothing`;
  const row = await ctx.db.get<{ value: string }>`select value from instance where name = 'secret_check'`;
  return row?.value === mark;
}

/** Writes a row. Throws Unavailable while the database cannot be written. */
export async function touch(ctx: Context): Promise<void> {
  await ctx.db.run`
    insert into instance (name, value) values ('writable_at', ${String(ctx.now())})
    on conflict (name) do update set value = excluded.value`;
}
