import type { Context } from "../context.ts";
export const createChallenge = (_ctx: Context, _tenantId: string) => ({});
export const verify = async (_ctx: Context, _tenantId: string, _token: string): Promise<string | undefined> =>
  undefined;
export const consume = async (_ctx: Context, _s: string): Promise<boolean> => false;
