// No refusal goes unwritten: what the flow that refused has not told itself is told here (ASVS 16.3.1 to 16.3.3).
import type { Context } from "../../context.ts";
import { append, isTold } from "../../core/audit.ts";
import type { TenantId, UserId } from "../../core/ids.ts";
import type { Refused } from "../../errors.ts";
import { noteOf } from "./client.ts";

/**
 * By the route as it is registered and never as it was sent, which may hold anything. Before the answer; but where the database cannot
 * be written the refusal stands all the same, and the program's log has it.
 */
export async function tellRefusal(ctx: Context, request: Request, refused: Refused): Promise<void> {
  const { client, pattern, identity, tenantId } = noteOf(request);
  const { reason, ...who } = refused.because ?? {};
  const what = `${request.method} ${pattern}: ${refused.code}${reason === undefined ? "" : ` (${reason})`}`;
  try {
    if (await isTold(ctx, client)) return;
    await append(ctx, client, {
      event: "request.refused",
      actorId: identity?.actorId ?? identity?.userId,
      userId: (who.userId as UserId | undefined) ?? identity?.userId,
      tenantId: (who.tenantId as TenantId | undefined) ?? tenantId ?? identity?.tenantId,
      reason: what,
    });
  } catch (error) {
    ctx.log.warn("refusal not audited", {
      requestId: client.requestId,
      refusal: what,
      reason: String(error),
    });
  }
}
