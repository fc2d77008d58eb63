import type { Client, Context } from "../../context.ts";
import { judgeAssertion } from "../../flows/assert-passkey.ts";
import type { FactorMethod, Shown } from "../../flows/second-factor.ts";
import type { PendingSignIn } from "../../flows/sign-in-with-factor.ts";

interface FactorBody {
  method: FactorMethod;
  code?: string | null | undefined;
  challenge_id?: string | null | undefined;
  credential?: unknown;
}

/** What a client shows at an `mfa/verify`. A passkey's assertion is verified here, and taken by the sign-in, as a code is. */
export async function shownFactor(
  ctx: Context,
  pending: PendingSignIn,
  { method, code, challenge_id: challengeId, credential }: FactorBody,
  client: Client,
): Promise<Shown> {
  if (method !== "webauthn") return { method, code: code ?? "" };
  const shown = { challengeId: challengeId ?? "", credential };
  return { method, code: "", assertion: await judgeAssertion(ctx, pending, shown, client) };
}
