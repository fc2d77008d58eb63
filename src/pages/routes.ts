// The pages, and what they are dressed in.
import { Elysia } from "elysia";
import { notFound } from "../api/http/answers.ts";
import { readCookie } from "../api/http/cookies.ts";
import type { Context } from "../context.ts";
import { findLiveBySlug, type Tenant } from "../core/tenants.ts";
import { colorsFrom, instanceBrand } from "./brand.ts";
import { bundle } from "./bundle.ts" with { type: "macro" };
import { forgotPage } from "./forgot.ts";
import { invitationPage } from "./invitation.ts";
import style from "./page.css" with { type: "text" };
import { type Reader, readerOf } from "./reader.ts";
import { registerPage } from "./register.ts";
import { resetPage } from "./reset.ts";
import { instanceSignInPage, tenantSignInPage, type Visitor } from "./sign-in.ts";
import { verifyEmailPage } from "./verify-email.ts";

/** They are no part of the API. */
const UNDOCUMENTED = { detail: { hide: true } };

/** The browser's part of the pages, by name. */
const SCRIPTS: Record<string, string> = {
  link: bundle("browser/link.ts"),
  "sign-in": bundle("browser/sign-in.ts"),
  register: bundle("browser/register.ts"),
  forgot: bundle("browser/forgot.ts"),
};

export const pages = (ctx: Context) =>
  new Elysia({ name: "pages" })
    .get(
      "/login",
      async ({ request }) => instanceSignInPage(visitorOf(ctx, request), await instanceBrand(ctx)),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/login",
      ({ params, request }) =>
        show(ctx, params, request, (_, tenant) => tenantSignInPage(visitorOf(ctx, request), tenant)),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/reset",
      ({ params, request }) => show(ctx, params, request, resetPage),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/invitation",
      ({ params, request }) => show(ctx, params, request, invitationPage),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/register",
      ({ params, request }) => show(ctx, params, request, registerPage),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/forgot",
      ({ params, request }) => show(ctx, params, request, forgotPage),
      UNDOCUMENTED,
    )
    .get(
      "/t/:tenant_slug/verify-email",
      ({ params, request }) => show(ctx, params, request, verifyEmailPage),
      UNDOCUMENTED,
    )
    .get("/pages/page.css", () => served("text/css", style), UNDOCUMENTED)
    .get("/pages/colors/:color", ({ params }) => served("text/css", colorsFrom(params.color)), UNDOCUMENTED)
    .use(scripts());

/** Each by its own name: a pattern would take other spellings of the other files for one of them. */
function scripts() {
  const app = new Elysia();
  for (const [name, text] of Object.entries(SCRIPTS))
    app.get(`/pages/${name}.js`, () => served("text/javascript", text), UNDOCUMENTED);
  return app;
}

/** An unknown slug and a disabled tenant's are the same 404. */
async function show(
  ctx: Context,
  { tenant_slug: slug }: { tenant_slug: string },
  request: Request,
  page: (reader: Reader, tenant: Tenant) => Response,
): Promise<Response> {
  const tenant = await findLiveBySlug(ctx, slug);
  return tenant ? page(readerOf(request), tenant) : notFound();
}

/** `?again`: whoever is asked to sign in again is not offered to stay as they are. */
function visitorOf(ctx: Context, request: Request): Visitor {
  const reader = readerOf(request);
  const hasSession = readCookie(ctx, request, "session") !== null && !reader.url.searchParams.has("again");
  return { reader, hasSession };
}

const served = (type: string, text: string | undefined): Response =>
  text === undefined
    ? notFound()
    : new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
