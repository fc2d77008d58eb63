// What handlers are given besides the body.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import { identifyBearer } from "../../flows/identify-bearer.ts";
import { clientBehind } from "./client.ts";

/** `client` for the routes added after it: who is asking. */
export const withClient = () =>
  new Elysia().derive({ as: "scoped" }, ({ request }) => ({ client: clientBehind(request) }));

/**
 * `identity` for the routes added after it: whose Bearer this is, or 401. A derive and not a resolve, so that it is asked
 * before the fields of the body are (decisions §1: syntax, then 401, then fields).
 */
export const withBearer = (ctx: Context) =>
  new Elysia().derive({ as: "scoped" }, async ({ request }) => ({
    // HEAD changes nothing, not even a key's expiry.
    identity: await identifyBearer(ctx, request.headers.get("authorization"), request.method !== "HEAD"),
  }));
