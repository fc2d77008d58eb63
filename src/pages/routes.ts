// The pages that mailed links lead to, and what they are dressed in.
import { Elysia } from "elysia";
import { notFound } from "../api/http/answers.ts";
import type { Context } from "../context.ts";
import { findLiveBySlug, type Tenant } from "../core/tenants.ts";
import { colorsFrom } from "./brand.ts";
import { bundle } from "./bundle.ts" with { type: "macro" };
import { invitationPage } from "./invitation.ts";
import style from "./page.css" with { type: "text" };
import { type Reader, readerOf } from "./reader.ts";
import { resetPage } from "./reset.ts";

/** They are no part of the API. */
const UNDOCUMENTED = { detail: { hide: true } };

/** The browser's part of the pages, by name. */
const SCRIPTS: Record<string, string> = { link: bundle("browser/link.ts") };

export const pages = (ctx: Context) =>
  new Elysia({ name: "pages" })
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

const served = (type: string, text: string | undefined): Response =>
  text === undefined
    ? notFound()
    : new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
