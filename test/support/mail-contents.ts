// Every mail that there is.
import type { FactorChange, MailContent } from "../../src/core/outbox.ts";
import { LINK } from "./outbox.ts";

/** One mail of each kind. */
export const EVERY: { [K in MailContent["kind"]]: Extract<MailContent, { kind: K }> } = {
  verify_email: { kind: "verify_email", link: LINK },
  already_registered: { kind: "already_registered", tenantSlug: "acme" },
  reset_password: { kind: "reset_password", link: LINK, minutes: 30 },
  password_changed: { kind: "password_changed" },
  invitation: {
    kind: "invitation",
    link: LINK,
    tenantName: "Acme Ltd",
    role: "member",
    invitedBy: "Grace Hopper",
  },
  key_created: { kind: "key_created", keyName: "backup script" },
  code: { kind: "code", code: "012345", purpose: "login", minutes: 10 },
  magic_code: { kind: "magic_code", code: "012345", minutes: 10 },
  login_waiting: {
    kind: "login_waiting",
    id: "lrq_019ab0000000700080000000000000ab",
    address: "198.51.100.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    minutes: 5,
  },
  factor_changed: { kind: "factor_changed", change: "passkey_added" },
  backup_code_used: { kind: "backup_code_used", left: 9 },
  signed_in_elsewhere: {
    kind: "signed_in_elsewhere",
    address: "198.51.100.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    at: Date.parse("2026-01-31T08:00:59.999Z"),
  },
  impersonated: { kind: "impersonated", by: "admin", at: Date.parse("2026-01-31T08:00:59.999Z") },
};

const EVERY_CHANGE: Record<FactorChange, true> = {
  totp_enabled: true,
  totp_disabled: true,
  email_enabled: true,
  email_disabled: true,
  passkey_added: true,
  passkey_removed: true,
  backup_codes_made: true,
  all_removed: true,
};

/** One of each kind, and those that say something else. */
export const CONTENTS: MailContent[] = [
  ...Object.values(EVERY),
  { ...EVERY.invitation, invitedBy: null, role: "owner" },
  { ...EVERY.code, purpose: "enrol" },
  { ...EVERY.code, purpose: "disable" },
  { ...EVERY.login_waiting, userAgent: null },
  ...(Object.keys(EVERY_CHANGE) as FactorChange[]).map((change) => ({ ...EVERY.factor_changed, change })),
  { ...EVERY.backup_code_used, left: 1 },
  { ...EVERY.backup_code_used, left: 0 },
];
