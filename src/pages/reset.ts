import { LIFETIME_MS } from "../core/one-time-secrets.ts";
import { type Branded, brandOf } from "./brand.ts";
import { formPage, newPasswordField } from "./form.ts";
import { RESET } from "./texts.ts";

const MINUTE_MS = 60 * 1000;

/** Where the link of a forgotten password leads: a new one. */
export const resetPage = (tenant: Branded): Response => {
  const brand = brandOf(tenant);
  return formPage({
    tenant,
    title: RESET.title,
    intro: RESET.intro(brand),
    fields: newPasswordField("new_password", RESET.password, tenant),
    submit: RESET.submit,
    endpoint: "password/reset",
    done: RESET.done(brand),
    dead: RESET.dead(brand, LIFETIME_MS.reset / MINUTE_MS),
  });
};
