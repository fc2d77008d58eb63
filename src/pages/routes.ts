// The pages that mailed links lead to, and what they are dressed in.
import { Elysia } from "elysia";
import { notFound } from "../api/http/answers.ts";
import type { Context } from "../context.ts";
import { findLiveBySlug, type Tenant } from "../core/tenants.ts";
import { colorsFrom } from "./brand.ts";
import formScript from "./form-script.js" with { type: "text" };
import { invitationPage } from "./invitation.ts";
import style from "./page.css" with { type: "text" };
import { resetPage } from "./reset.ts";

/** They are no part of the API. */
const UNDOCUMENTED = { detail: { hide: true } };

export const pages = (ctx: Context) =>
  new Elysia({ name: "pages" })
    .get("/t/:tenant_slug/reset", ({ params }) => show(ctx, params.tenant_slug, resetPage), UNDOCUMENTED)
    .get(
      "/t/:tenant_slug/invitation",
      ({ params }) => show(ctx, params.tenant_slug, invitationPage),
      UNDOCUMENTED,
    )
    .get("/pages/form.js", () => served("text/javascript", formScript), UNDOCUMENTED)
    .get("/pages/page.css", () => served("text/css", style), UNDOCUMENTED)
    .get("/pages/colors/:color", ({ params }) => served("text/css", colorsFrom(params.color)), UNDOCUMENTED);

/** An unknown slug and a disabled tenant's are the same 404. */
async function show(ctx: Context, slug: string, page: (tenant: Tenant) => Response): Promise<Response> {
  const tenant = await findLiveBySlug(ctx, slug);
  return tenant ? page(tenant) : notFound();
}

const served = (type: string, text: string | undefined): Response =>
  text === undefined
    ? notFound()
    : new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
