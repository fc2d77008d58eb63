// Every page, and what they are dressed in.
import { Elysia } from "elysia";
import { notFound } from "../api/http/answers.ts";
import { readCookie } from "../api/http/cookies.ts";
import type { Context } from "../context.ts";
import { findLiveBySlug, type Tenant } from "../core/tenants.ts";
import { needsSetup } from "../flows/setup.ts";
import { accountPage } from "./account.ts";
import { approvePage } from "./approve.ts";
import { type Branded, colorsFrom, instanceBrand } from "./brand.ts";
import { bundle } from "./bundle.ts" with { type: "macro" };
import { cliPage } from "./cli.ts";
import { forgotPage } from "./forgot.ts";
import { invitationPage } from "./invitation.ts";
import { messagePage } from "./layout.ts";
import style from "./page.css" with { type: "text" };
import { type Reader, readerOf } from "./reader.ts";
import { registerPage } from "./register.ts";
import { resetPage } from "./reset.ts";
import { setupPage, setUpPage } from "./setup.ts";
import { instanceSignInPage, tenantSignInPage, type Visitor } from "./sign-in.ts";
import { verifyEmailPage } from "./verify-email.ts";

/** They are no part of the API. */
const UNDOCUMENTED = { detail: { hide: true } };

/** The browser's part of the pages, by name. */
const SCRIPTS: Record<string, string> = {
  account: bundle("browser/account.ts"),
  approve: bundle("browser/approve.ts"),
  cli: bundle("browser/cli.ts"),
  link: bundle("browser/link.ts"),
  setup: bundle("browser/setup.ts"),
  "sign-in": bundle("browser/sign-in.ts"),
  register: bundle("browser/register.ts"),
  forgot: bundle("browser/forgot.ts"),
};

export const pages = (ctx: Context) =>
  new Elysia({ name: "pages" })
    .get("/", () => beginHere(ctx), UNDOCUMENTED)
    .get("/setup", ({ request }) => showSetup(ctx, request), UNDOCUMENTED)
    .get("/cli", ({ request }) => showOwn(ctx, request, cliPage), UNDOCUMENTED)
    .get("/account", ({ request }) => showOwn(ctx, request, accountPage), UNDOCUMENTED)
    .get("/approve", ({ request }) => showOwn(ctx, request, approvePage), UNDOCUMENTED)
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

/**
 * Where somebody begins who knows the address of the server and no more, which is all that a first start and an operator tell people.
 * No page of its own: it would only say what the other two do.
 */
async function beginHere(ctx: Context): Promise<Response> {
  const location = (await needsSetup(ctx)) ? "/setup" : "/login";
  return new Response(null, { status: 303, headers: { location } });
}

async function showSetup(ctx: Context, request: Request): Promise<Response> {
  const [reader, brand] = [readerOf(ctx, request), await instanceBrand(ctx)];
  return (await needsSetup(ctx)) ? setupPage(reader, brand, ctx.config.setupToken) : setUpPage(reader, brand);
}

/** A page of the whole instance. */
const showOwn = async (
  ctx: Context,
  request: Request,
  page: (reader: Reader, brand: Branded) => Response,
): Promise<Response> => page(readerOf(ctx, request), await instanceBrand(ctx));

/** An unknown slug and a disabled tenant's are the same 404, for people to read. */
async function show(
  ctx: Context,
  { tenant_slug: slug }: { tenant_slug: string },
  request: Request,
  page: (reader: Reader, tenant: Tenant) => Response,
): Promise<Response> {
  const reader = readerOf(ctx, request);
  const tenant = await findLiveBySlug(ctx, slug);
  if (tenant) return page(reader, tenant);
  return messagePage(reader, await instanceBrand(ctx), reader.texts.frame.notFound, { status: 404 });
}

/** `?again`: whoever is asked to sign in again is not offered to stay as they are. */
function visitorOf(ctx: Context, request: Request): Visitor {
  const reader = readerOf(ctx, request);
  const hasSession = readCookie(ctx, request, "session") !== null && !reader.url.searchParams.has("again");
  return { reader, hasSession };
}

const served = (type: string, text: string | undefined): Response =>
  text === undefined
    ? notFound()
    : new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
