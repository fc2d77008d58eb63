// The link in the mail. Programs verify by it; browsers are asked first, so that a mail scanner confirms nothing.
import { Elysia } from "elysia";
import type { Context } from "../../context.ts";
import type { Tenant } from "../../core/tenants.ts";
import { Refused } from "../../errors.ts";
import { disownEmail, isVerifiable, verifyEmail } from "../../flows/verify-email.ts";
import { readerOf } from "../../pages/reader.ts";
import { askPage, deadLinkPage, disownedPage, verifiedPage } from "../../pages/verify-email.ts";
import { clientBehind } from "../http/client.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { tellRefusal } from "../http/refusals.ts";
import { wrap } from "./envelope.ts";
import * as schemas from "./schemas.ts";
import { withTenant } from "./tenant.ts";

export const verifyEmailRoute = (ctx: Context) =>
  new Elysia()
    .use(withClient())
    .use(withTenant(ctx))
    .onBeforeHandle(({ query, tenant, request }) => {
      const { token, answer } = query as (typeof schemas.VerifyEmailQuery)["static"];
      if (!isBrowser(request)) return undefined;
      return answerBrowser(ctx, { tenant, token }, isLook(request) ? undefined : answer, request);
    })
    .get(
      "/verify-email",
      async ({ query, tenant, client, request }) => {
        const link = { tenant, token: query.token };
        if (isLook(request)) return wrap(ctx, client, { status: "UNCHANGED", message: "" });
        if (query.answer === "disown") {
          await disownEmail(ctx, link, client);
          return wrap(ctx, client, { status: "DISOWNED", message: "Nothing was confirmed" });
        }
        const { redirectUri } = await verifyEmail(ctx, link, client);
        const message = "Email address verified; you can sign in now";
        return wrap(ctx, client, { status: "VERIFIED", message, redirect_uri: redirectUri });
      },
      {
        ...operation("tenantVerifyEmail", "Show with a mailed token that the email is one's own"),
        query: schemas.VerifyEmailQuery,
        response: { 200: schemas.ApiResponse_VerifyEmailResponse_, ...refusals(400, 404, 422, 503) },
      },
    );

/** HEAD runs what GET runs, and changes nothing. */
const isLook = ({ method }: Request): boolean => method === "HEAD";

const isBrowser = ({ headers }: Request): boolean => /\btext\/html\b/i.test(headers.get("accept") ?? "");

type Answer = "confirm" | "disown" | undefined;

async function answerBrowser(
  ctx: Context,
  link: { tenant: Tenant; token: string },
  answer: Answer,
  request: Request,
): Promise<Response> {
  const { tenant, token } = link;
  const reader = readerOf(ctx, request);
  const client = clientBehind(request);
  try {
    if (answer === "confirm")
      return verifiedPage(reader, tenant, (await verifyEmail(ctx, link, client)).redirectUri);
    if (answer === undefined) {
      return (await isVerifiable(ctx, tenant, token))
        ? askPage(reader, tenant, token)
        : deadLinkPage(reader, tenant);
    }
    await disownEmail(ctx, link, client);
    return disownedPage(reader, tenant);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await tellRefusal(ctx, request, error);
    return deadLinkPage(reader, tenant);
  }
}
