// Context → a running server: HTTP, mail delivery and upkeep, with start and stop. Tests start this very thing.
import { Elysia } from "elysia";
import { documentation } from "./api/http/documentation.ts";
import { catchAll, logFault } from "./api/http/errors.ts";
import { createFront } from "./api/http/front.ts";
import { health } from "./api/http/health.ts";
import { jwks } from "./api/http/jwks.ts";
import { invitation } from "./api/admin/invitation-route.ts";
import { admin } from "./api/admin/routes.ts";
import { key } from "./api/key/routes.ts";
import { org } from "./api/org/routes.ts";
import { portal } from "./api/portal/routes.ts";
import { tenant } from "./api/tenant/routes.ts";
import { me } from "./api/me/routes.ts";
import { SCHEMAS } from "./api/schemas.ts";
import type { Context } from "./context.ts";
import { startCheckpoints } from "./db/checkpoint.ts";
import { tellAudit } from "./flows/keep-audit.ts";
import { createUpkeep } from "./flows/upkeep.ts";
import { startDelivery } from "./mail/delivery.ts";
import { pages } from "./pages/routes.ts";

const IDLE_TIMEOUT_S = 30;
const UPKEEP_EVERY_MS = 60 * 60 * 1000;
/** How often the audit log is told what was only counted so far. */
const TELL_EVERY_MS = 60 * 1000;
/** Docker waits 10 s before it kills; whoever has not sent their request by now will not. */
const STOP_WITHIN_MS = 8_000;

export interface RunningServer {
  /** Where it really listens. */
  port: number;
  /** Resolves with the reason when the disk failed to keep what it moved to the database: the program is to end, and start anew. */
  broken: Promise<Error>;
  /** Stops accepting, and resolves when what was under way is answered; after 8 s the rest is cut off. */
  stop: () => Promise<void>;
}

/**
 * Every route of every group. A new group is one line here. Most are lists of instances that know the group's prefix and tag by
 * themselves: Elysia takes in all routes anew for each instance around them, which cost the start some milliseconds.
 */
export function createApp(ctx: Context) {
  // With the defaults, paths that differ in their last slash swap their handlers, and an odd Host moves the path
  // (design/stack-notes.md).
  const app = new Elysia({
    strictPath: true,
    systemRouter: false,
    handler: { standardHostname: false },
    // The default one makes an object of an array before it is checked, and [1] passes for {"0": 1}.
    normalize: "typebox",
  })
    .use(catchAll(ctx))
    .use(health(ctx))
    .use(jwks(ctx))
    .use(key(ctx))
    .use(portal(ctx))
    .use(tenant(ctx))
    .use(me(ctx))
    .use(org(ctx))
    .use(admin(ctx))
    .use(invitation(ctx))
    .use(pages(ctx));
  return ctx.config.docs ? app.use(documentation(app.routes, SCHEMAS)) : app;
}

/** Listens until stopped. Throws when the address is taken. */
export function startServer(ctx: Context): RunningServer {
  const stopping = new AbortController();
  const front = createFront(ctx, createApp(ctx), stopping.signal);
  const server = Bun.serve({
    hostname: ctx.config.host,
    port: ctx.config.port,
    idleTimeout: IDLE_TIMEOUT_S,
    development: false,
    // Implied by the line above unless said otherwise: a second server would share the port in silence.
    reusePort: false,
    // The front door judges sizes itself: the runtime's own 413 would lack our headers.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    error: (error) => logFault(ctx, "none", error),
    fetch: (request, server) => front(request, server.requestIP(request)?.address ?? ""),
  });
  const broken = Promise.withResolvers<Error>();
  const stopCheckpoints = startCheckpoints(ctx.config.databasePath, {
    failed: (reason) => ctx.log.error("checkpoint failed", { reason }),
    broken: broken.resolve,
  });
  const delivery = startDelivery(ctx);
  let keepingUp = Promise.resolve();
  const keepUp = createUpkeep(ctx, stopping.signal);
  const upkeep = setInterval(() => void (keepingUp = keepUp()), UPKEEP_EVERY_MS);
  const tell = () =>
    tellAudit(ctx).catch((error: unknown) => ctx.log.warn("audit failed", { reason: String(error) }));
  const telling = setInterval(() => void tell(), TELL_EVERY_MS);
  return {
    port: server.port ?? ctx.config.port,
    broken: broken.promise,
    async stop() {
      clearInterval(upkeep);
      clearInterval(telling);
      stopping.abort();
      const late = setTimeout(() => void server.stop(true), STOP_WITHIN_MS);
      await Promise.all([server.stop(), delivery.stop()]);
      clearTimeout(late);
      await keepingUp;
      await tell();
      await stopCheckpoints();
    },
  };
}
