// A refresh token → its successor and a new access token.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as refreshTokens from "../core/refresh-tokens.ts";
import * as sessions from "../core/sessions.ts";
import { refusedAs } from "../errors.ts";
import { accessToken, grantOf } from "./open-session.ts";

export interface Refreshed {
  accessToken: string;
  refreshToken: string;
}

/**
 * Throws Refused INVALID_REFRESH_TOKEN for a token that is unknown, expired or used, or whose session, user, membership or
 * tenant is not alive. A used one ends the session (RFC 9700 §4.14.2), unless it is a repeat within the grace.
 */
export async function refresh(ctx: Context, token: string, client: Client): Promise<Refreshed> {
  const outcome = await transaction(ctx, async (ctx) => {
    const rotation = await refreshTokens.rotate(ctx, token, client);
    if (!rotation) return undefined;
    if (rotation.status === "reused") return endFamily(ctx, rotation, client);
    const holder = await sessions.findLive(ctx, rotation.sessionId);
    // Thrown, so that nothing is spent: a suspension may be lifted.
    if (!holder) {
      const { userId, tenantId } = (await sessions.find(ctx, rotation.sessionId)) ?? {};
      const because = { reason: "account, membership or tenant is not active", userId, tenantId };
      throw refusedAs("INVALID_REFRESH_TOKEN", because);
    }
    await sessions.touch(ctx, holder);
    return { grant: grantOf(holder), refreshToken: rotation.successor };
  });
  if (!outcome)
    throw refusedAs("INVALID_REFRESH_TOKEN", { reason: "unknown, or expired, or its session has ended" });
  return { accessToken: await accessToken(ctx, outcome.grant), refreshToken: outcome.refreshToken };
}

/** An outcome and not an exception: the end must be committed. */
async function endFamily(
  ctx: Context,
  { sessionId }: { sessionId: refreshTokens.Rotation["sessionId"] },
  client: Client,
): Promise<undefined> {
  const session = await sessions.find(ctx, sessionId);
  await sessions.end(ctx, sessionId);
  await audit.append(ctx, client, {
    event: "session.refresh_reused",
    userId: session?.userId,
    tenantId: session?.tenantId,
    reason: sessionId,
  });
}
