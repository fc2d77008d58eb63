// The link in the mail. Programs verify by it; browsers are asked first, so that a mail scanner confirms nothing.
import { Elysia } from "elysia";
import type { Client, Context } from "../../context.ts";
import type { Tenant } from "../../core/tenants.ts";
import { Refused } from "../../errors.ts";
import { disownEmail, isVerifiable, verifyEmail } from "../../flows/verify-email.ts";
import { askPage, deadLinkPage, disownedPage, verifiedPage } from "../../pages/verify-email.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import * as shared from "../http/schemas.ts";
import { wrap } from "./envelope.ts";
import * as schemas from "./schemas.ts";
import { withTenant } from "./tenant.ts";

export const verifyEmailRoute = (ctx: Context) =>
  new Elysia()
    .model({ ...shared, ...schemas })
    .use(withClient())
    .use(withTenant(ctx))
    .onBeforeHandle(({ query, tenant, client, request }) => {
      const { token, answer } = query as (typeof schemas.VerifyEmailQuery)["static"];
      return isBrowser(request) ? answerBrowser(ctx, { tenant, token }, answer, client) : undefined;
    })
    .get(
      "/verify-email",
      async ({ query, tenant, client, request }) => {
        const link = { tenant, token: query.token };
        // HEAD runs this handler too: it looks, and verifies nothing.
        if (request.method === "HEAD") return wrap(ctx, client, { status: "UNCHANGED", message: "" });
        const { redirectUri } = await verifyEmail(ctx, link, client);
        const message = "Email address verified; you can sign in now";
        return wrap(ctx, client, { status: "VERIFIED", message, redirect_uri: redirectUri });
      },
      {
        ...operation("tenantVerifyEmail", "Show with a mailed token that the email is one's own"),
        query: "VerifyEmailQuery",
        response: { 200: "ApiResponse_VerifyEmailResponse_", ...refusals(400, 404, 422) },
      },
    );

const isBrowser = ({ headers }: Request): boolean => /\btext\/html\b/i.test(headers.get("accept") ?? "");

type Answer = "confirm" | "disown" | undefined;

async function answerBrowser(
  ctx: Context,
  link: { tenant: Tenant; token: string },
  answer: Answer,
  client: Client,
): Promise<Response> {
  const { tenant, token } = link;
  try {
    if (answer === "confirm") return verifiedPage(tenant, (await verifyEmail(ctx, link, client)).redirectUri);
    if (answer === undefined) {
      return (await isVerifiable(ctx, tenant, token)) ? askPage(tenant, token) : deadLinkPage(tenant);
    }
    await disownEmail(ctx, link, client);
    return disownedPage(tenant);
  } catch (error) {
    if (error instanceof Refused) return deadLinkPage(tenant);
    throw error;
  }
}
