// Client portals: signing in with a password or a mailed code, and a second factor or an approval.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";

export const portalRoutes = (_ctx: Context) => new Elysia();
