import type { Sender } from "../core/outbox.ts";
import type { Tenant } from "../core/tenants.ts";

/** In whose name a tenant's mail goes out and how it looks; what the tenant leaves open is the instance's. */
export const senderOf = ({ name, settings }: Tenant): Sender => ({
  name: settings.mail_from_name,
  address: settings.mail_from_address,
  brand: settings.brand_name ?? name,
  color: settings.brand_color,
  logoUrl: settings.brand_logo_url,
});
