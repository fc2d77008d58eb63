// Client portals: signing in with a password or a mailed code, and a second factor or an approval. A portal is a tenant.
import type { Context } from "../../context.ts";
import { approvalRoutes } from "./approval-routes.ts";
import { loginStatusRoute } from "./login-status-route.ts";
import { magicCodeRoutes } from "./magic-code-routes.ts";
import { recoverRoutes } from "./recover-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";

export const portalRoutes = (ctx: Context) => [
  ...signInRoutes(ctx),
  magicCodeRoutes(ctx),
  loginStatusRoute(ctx),
  recoverRoutes(ctx),
  approvalRoutes(ctx),
];
