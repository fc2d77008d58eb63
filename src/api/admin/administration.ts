// What every route of the admin API stands on.
import { Elysia } from "elysia";
import type { Client, Context } from "../../context.ts";
import { Refused } from "../../errors.ts";
import { type Actor, inspect, requireAdministrator, requireSuperuser } from "../../flows/authority.ts";
import type { Identity } from "../../flows/identify.ts";
import { wording } from "../http/errors.ts";
import { withClient, withIdentity } from "../http/identity.ts";
import { ADMIN } from "./wording.ts";

/** Identity and client of somebody who administers something; anyone else is a 403 before the fields are looked at. */
export const administrators = (ctx: Context) => guarded(ctx, requireAdministrator);

/** The same for superusers only. */
export const superusers = (ctx: Context) => guarded(ctx, requireSuperuser);

const guarded = (ctx: Context, require: (actor: Actor) => void) =>
  new Elysia()
    .use(wording(ADMIN))
    .use(withClient())
    .use(withIdentity(ctx))
    .derive({ as: "scoped" }, ({ identity, client, request }) =>
      check(ctx, require, identity, client, request),
    )
    .as("scoped");

async function check(
  ctx: Context,
  require: (actor: Actor) => void,
  identity: Identity | undefined,
  client: Client | undefined,
  { method, url }: Request,
): Promise<Record<string, never>> {
  if (!identity || !client) throw new Refused("NOT_AUTHENTICATED");
  // The path as it was sent, without its query.
  const [subject = ""] = url.replace(/^https?:\/\/[^/]*/, "").split("?");
  await inspect(ctx, identity, client, `${method} ${subject.slice(0, 200)}`, async () => require(identity));
  return {};
}
