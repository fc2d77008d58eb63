// Sessions, by those who administer their tenant.
import type { Client, Context } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as memberships from "../core/memberships.ts";
import * as sessions from "../core/sessions.ts";
import { Refused } from "../errors.ts";
import { endActingBy } from "./impersonate.ts";
import { type Actor, administer, requireOwner, scopeOf } from "./authority.ts";

/** Ends a session with the tokens that hang on it. Throws Refused NOT_FOUND; FORBIDDEN for an admin and the session of an owner. */
export function endSession(ctx: Context, actor: Actor, sessionId: string, client: Client): Promise<void> {
  return administer(ctx, actor, client, `end session ${sessionId}`, async (ctx) => {
    const scope = scopeOf(actor);
    const session = await sessions.find(ctx, sessionId);
    if (!session || (scope !== undefined && session.tenantId !== scope)) throw new Refused("NOT_FOUND");
    const { id, userId, tenantId } = session;
    if ((await memberships.find(ctx, tenantId, userId))?.role === "owner") requireOwner(actor);
    await sessions.end(ctx, id);
    await endActingBy(ctx, { actorId: userId, credential: id }, client);
    await audit.append(ctx, client, { event: "session.ended", actorId: actor.userId, userId, tenantId });
  });
}
