// Leaving: what the caller signed in with ends, and every token that hangs on it.
import { type Client, type Context, transaction } from "../context.ts";
import * as apiKeys from "../core/api-keys.ts";
import * as audit from "../core/audit.ts";
import * as sessions from "../core/sessions.ts";
import type { Identity } from "./identify.ts";
import { endActingBy } from "./impersonate.ts";

/**
 * Without an identity, or with an API key made by hand, which is no sign-in, nothing happens. Whoever acts as another by this
 * sign-in does so no more.
 */
export async function logOut(ctx: Context, identity: Identity | undefined, client: Client): Promise<void> {
  if (!identity) return;
  const { userId, tenantId, credential, actorId } = identity;
  await transaction(ctx, async (ctx) => {
    const hasEnded =
      credential.kind === "session"
        ? await sessions.end(ctx, credential.id)
        : await apiKeys.endLogin(ctx, userId, credential.id);
    if (!hasEnded) return;
    await endActingBy(ctx, { actorId: userId, credential: credential.id }, client);
    await audit.append(ctx, client, { event: "logout", actorId: actorId ?? userId, userId, tenantId });
  });
}
