import type { Tenant } from "../core/tenants.ts";
import { isRedirectUri } from "../core/tenant-settings.ts";
import { Invalid } from "../errors.ts";

/**
 * Throws Invalid unless the target is, to the letter, one of the tenant's (RFC 9700 §4.1.3). To be asked before any look-up, so
 * that the answer tells nothing about accounts.
 */
export function checkRedirect({ settings }: Tenant, uri: string | undefined): void {
  if (uri === undefined || settings.redirect_uris.includes(uri)) return;
  const msg = "URL is not one of the tenant's redirect URIs";
  throw new Invalid([{ loc: ["redirect_uri"], msg, type: "value_error" }]);
}

/** Where to go on: what was asked for when the mail was sent, if it still is one of the tenant's, or else the tenant's default. */
export const redirectAfter = (tenant: Tenant, uri: string | null): string | null =>
  uri !== null && tenant.settings.redirect_uris.includes(uri) && isRedirectUri(uri)
    ? uri
    : defaultRedirect(tenant);

/** Looked at again where it is handed out: a database may hold what no release of ours would have taken (spec/security.md A33). */
export function defaultRedirect({ settings }: Pick<Tenant, "settings">): string | null {
  const { default_redirect_uri: uri } = settings;
  return uri !== null && isRedirectUri(uri) ? uri : null;
}
