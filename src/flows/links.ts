// The links in mails that carry a secret. Built from the configured URL and from nothing that a request brings (CVE-2023-49097).
import type { Context } from "../context.ts";

// To pages that ask before anything happens: a mail scanner that follows a link, in whatever way, changes nothing. The token stands in
// the fragment, which no server and no log sees.

export const verifyEmailLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/t/${slug}/verify-email#token=${token}`;

export const resetLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/t/${slug}/reset#token=${token}`;

export const invitationLink = ({ config }: Context, slug: string, token: string): string =>
  `${config.url}/t/${slug}/invitation#token=${token}`;
