// What is going on and what went on: sessions, the audit log, mail.
import type { Context } from "../../context.ts";
import * as audit from "../../core/audit.ts";
import * as outbox from "../../core/outbox.ts";
import * as sessions from "../../core/sessions.ts";
import * as tenants from "../../core/tenants.ts";
import { type Actor, scopeOf } from "../../flows/authority.ts";
import { describeEntry, describeMail, describeSession } from "../../flows/describe.ts";
import { endSession } from "../../flows/manage-sessions.ts";
import { done, operation, refusals } from "../http/operation.ts";
import { paginate } from "../http/page.ts";
import { instantOf } from "../http/fields.ts";
import { administrators } from "./administration.ts";
import { adminGroup } from "./group.ts";
import * as schemas from "./schemas.ts";

export const recordRoutes = (ctx: Context) =>
  adminGroup()
    .use(administrators(ctx))
    .get(
      "/sessions",
      async ({ identity, query }) => {
        const { user_id: userId, tenant, ...page } = query;
        const tenantId = await tenantFilter(ctx, identity, tenant);
        return paginate(
          page,
          (page) => sessions.list(ctx, { userId, tenantId }, page),
          ({ id }) => id,
          describeSession,
        );
      },
      {
        ...operation("adminListSessions", "Live sessions", "bearer", { evenActing: true }),
        query: schemas.SessionQuery,
        response: { 200: schemas.AdminSessionList, ...refusals(401, 403, 422) },
      },
    )
    .delete(
      "/sessions/:session_id",
      async ({ identity, params, client, set }) => {
        await endSession(ctx, identity, params.session_id, client);
        set.status = 204;
      },
      {
        ...operation("adminEndSession", "End a session with its tokens", "bearer"),
        response: { ...done(), ...refusals(401, 403, 404, 503) },
      },
    )
    .get(
      "/audit",
      async ({ identity, query }) => {
        const { user_id: userId, tenant, event, since, ...page } = query;
        const tenantId = await tenantFilter(ctx, identity, tenant);
        const filter = { userId, tenantId, event, since: instantOf(since, "since") };
        return paginate(
          page,
          (page) => audit.list(ctx, { ...filter, ...page }),
          ({ id }) => id,
          describeEntry,
        );
      },
      {
        ...operation("adminListAudit", "What happened", "bearer", { evenActing: true }),
        query: schemas.AuditQuery,
        response: { 200: schemas.AuditEntryList, ...refusals(401, 403, 422) },
      },
    )
    .get(
      "/outbox",
      ({ identity, query }) => {
        const { status, ...page } = query;
        return paginate(
          page,
          async (page) => (await outbox.list(ctx, { ...page, tenantId: scopeOf(identity), status })).entries,
          ({ id }) => id,
          describeMail,
        );
      },
      {
        ...operation("adminListOutbox", "Mail that waits, went out or failed", "bearer", {
          evenActing: true,
        }),
        query: schemas.OutboxQuery,
        response: { 200: schemas.OutboxEntryList, ...refusals(401, 403, 422) },
      },
    );

/**
 * Which tenant a list is about; undefined: every one. What is named and is not there, or is not the actor's, is a tenant in which
 * nothing happened. A deleted one is named by its id.
 */
async function tenantFilter(
  ctx: Context,
  actor: Actor,
  idOrSlug: string | undefined,
): Promise<string | undefined> {
  const scope = scopeOf(actor);
  if (idOrSlug === undefined) return scope;
  const id = (await tenants.find(ctx, idOrSlug))?.id ?? idOrSlug;
  return scope === undefined || id === scope ? id : "";
}
