// The links in mails that carry a secret. Built from the configured URL and from nothing that a request brings (CVE-2023-49097).
import type { Context } from "../context.ts";

/** Asks before it confirms: a mail scanner that follows it changes nothing. */
export const verifyEmailLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/api/v1/auth/tenants/${slug}/verify-email?token=${token}`;

/** The token stands in the fragment, which no server and no log sees. */
export const resetLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/t/${slug}/reset#token=${token}`;

export const invitationLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/t/${slug}/invitation#token=${token}`;
