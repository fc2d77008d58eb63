import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { newPasswordField } from "./form.ts";
import { linkPage } from "./link.ts";
import type { Reader } from "./reader.ts";

const MINUTE_MS = 60 * 1000;

/** Where the link of a forgotten password leads: a new one. */
export function resetPage(reader: Reader, tenant: Branded): Response {
  const brand = brandOf(tenant);
  const { reset } = reader.texts;
  return linkPage({
    reader,
    tenant,
    title: reset.title,
    intro: reset.intro(brand),
    fields: newPasswordField(reader, "new_password", reset.password, tenant.settings.password_min_length),
    submit: reset.submit,
    endpoint: "password/reset",
    done: reset.done(brand),
    dead: reset.dead(brand, LIFETIME_MS.reset / MINUTE_MS),
  });
}
