// The policy for every path that sets a password (decisions §3): one place, so that no sibling is laxer.
import type { Email } from "../core/emails.ts";
import * as passwords from "../core/passwords.ts";
import type { Tenant } from "../core/tenants.ts";

/** Whose password it is to be. */
export interface Owner {
  email?: Email | null;
  username?: string | null;
  firstName?: string | null;
  lastName?: string | null;
}

/** Throws Invalid, naming `field`, unless the policy of the tenant takes the password. */
export function checkNewPassword(password: string, field: string, tenant: Tenant, owner: Owner): void {
  const { name, slug, settings } = tenant;
  const { email, username, firstName, lastName } = owner;
  const context = [email, username, firstName, lastName, name, slug, settings.brand_name];
  passwords.checkPolicy(password, field, { minLength: settings.password_min_length, context });
}
