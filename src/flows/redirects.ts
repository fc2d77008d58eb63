import type { Tenant } from "../core/tenants.ts";
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
export const redirectAfter = ({ settings }: Tenant, uri: string | null): string | null =>
  uri !== null && settings.redirect_uris.includes(uri) ? uri : settings.default_redirect_uri;
