import type { Context } from "../context.ts";
import { Refused } from "../errors.ts";
import type { Identity } from "./identify.ts";

/** How old a sign-in may be that changes factors or makes keys (ASVS 7.5.1): a stolen session must not outlive itself. */
const FRESH_FOR_MS = 15 * 60 * 1000;

/** Throws Refused REAUTH_REQUIRED. */
export function requireFreshLogin(ctx: Context, { authTime }: Identity): void {
  if (authTime === null || authTime <= ctx.now() - FRESH_FOR_MS) throw new Refused("REAUTH_REQUIRED");
}
