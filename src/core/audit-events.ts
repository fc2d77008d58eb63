// The vocabulary of the audit log.

/** What happened. Named noun.verb; a refusal carries its precise reason, which the wire does not. */
export type AuditEvent =
  | "setup.completed"
  | "setup.refused"
  | "login.succeeded"
  | "login.failed"
  | "login.limited"
  /** A mail that was asked for was not sent. */
  | "mail.limited"
  | "login.second_factor_due"
  | "login.approved"
  | "login.approval_refused"
  | "login.rejected"
  | "magic_code.requested"
  | "totp.begun"
  | "totp.enabled"
  | "totp.disabled"
  | "totp.refused"
  | "mfa.reset"
  | "code.sent"
  | "email_factor.begun"
  | "email_factor.enabled"
  | "email_factor.disabled"
  | "email_factor.refused"
  | "backup_codes.made"
  | "backup_codes.refused"
  | "passkey.begun"
  | "passkey.added"
  | "passkey.removed"
  | "passkey.refused"
  | "trusted_device.added"
  | "trusted_device.removed"
  | "mfa.reset_refused"
  | "logout"
  | "session.ended"
  | "session.switched"
  | "session.switch_refused"
  | "handoff.issued"
  | "handoff.consumed"
  | "handoff.refused"
  | "impersonation.started"
  | "impersonation.refused"
  | "impersonation.request"
  | "impersonation.ended"
  | "session.refresh_reused"
  | "session.cross_site_refused"
  | "register.completed"
  | "register.repeated"
  | "register.refused"
  | "email.verified"
  | "email.disowned"
  | "password.reset_requested"
  | "password.reset"
  | "password.reset_refused"
  | "password.changed"
  | "password.change_refused"
  | "invitation.sent"
  | "invitation.accepted"
  | "invitation.refused"
  | "tenant.created"
  | "tenant.updated"
  | "tenant.deleted"
  | "member.added"
  | "member.updated"
  | "member.removed"
  | "user.created"
  | "user.updated"
  | "user.deleted"
  | "profile.updated"
  | "key.created"
  | "key.deleted"
  | "signing_key.rotated"
  | "admin.refused"
  /** Every refusal that none of the others tells (api/http/refusals.ts). */
  | "request.refused"
  /** Refusals that were counted and not written down one by one (core/audit-flood.ts). */
  | "audit.suppressed"
  /** The rows before this one are from before there was a chain (core/audit.ts). */
  | "audit.chained"
  /** The head of the chain was missing or forged: nobody knows what came before this row. */
  | "audit.broken"
  /** Rows that the retention setting does not keep are gone. */
  | "audit.trimmed";

/** Whether the event is somebody's being refused. */
export const isRefusal = (event: AuditEvent): boolean =>
  /\b(failed|limited|rejected)$|refused$|_reused$/.test(event);

const PLAIN = /^([a-z]{2,4}_[\da-f]{32}|[a-z\d]{1,32}(-[a-z\d]{1,32}){0,8})$/;

/** An id or a slug as somebody sent it; of anything else, which may be a secret put in the wrong place, no more than that it was there. */
export const shownId = (text: string): string => (PLAIN.test(text) ? text : "…");
