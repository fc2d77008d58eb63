// Asking for the six digits of a sign-in by mail: the first, or another.
import { type Client, type Context, transaction } from "../context.ts";
import { Refused } from "../errors.ts";
import { mailLoginCode } from "./mail-code.ts";
import { refuse } from "./prove-password.ts";
import { factorsDue } from "./second-factor.ts";
import { giveTryBack, resume, type ResumeRequest } from "./sign-in-with-factor.ts";

/**
 * Mails a code to the account's address, which voids the last one of the same sign-in and keeps its count of tries. Throws
 * Refused INVALID_MFA_TOKEN as `signInWithFactor` does, also where email is none of the factors that are asked for, and that
 * counts as a try; RATE_LIMITED, then the last code stays good.
 */
export async function sendCode(ctx: Context, request: ResumeRequest, client: Client): Promise<void> {
  const { pending } = request;
  const refused = await transaction(ctx, async (ctx): Promise<Refused | undefined> => {
    const entrance = await resume(ctx, request, client);
    if (entrance instanceof Refused) return entrance;
    const due = await factorsDue(ctx, entrance);
    if (due.kind !== "factor" || !due.methods.includes("email"))
      return refuse(ctx, client, pending.userId, "email is not asked for", "INVALID_MFA_TOKEN");
    await giveTryBack(ctx, pending, entrance);
    const { user, tenant } = entrance;
    await mailLoginCode(ctx, { user, tenant, binding: pending.jti }, client);
    return undefined;
  });
  if (refused) throw refused;
}
